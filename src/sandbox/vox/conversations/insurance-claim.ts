import {
  agent,
  type Conversation,
  type Line,
  type Scenario,
  type Setting,
  tool,
  user,
} from '../../conversation.ts';
import { withParticle, won } from '../../korean.ts';
import { seoulDay } from '../../seoul-calendar.ts';
import { badLine, giveDigits, goodbye, holdOn } from './phrases.ts';

const GREETING =
  '안녕하세요, 든든채손해보험 사고 접수 AI 상담원입니다. 먼저 다치신 분은 없으신지요? 어떤 사고인지 말씀해 주세요.';

const CROSSINGS = ['너울사거리', '가람마루역 앞 교차로', '새솔초등학교 앞', '느루대로 고가 밑'] as const;

/** The insurer's line: accidents are reported. Every course of it fills the extraction fields of its agent. */
export const insuranceClaim: Scenario = {
  name: 'insurance_claim',
  topic: '사고 접수',
  greeting: GREETING,
  branches: [
    { weight: 4, tell: scratchedCar },
    { weight: 3, tell: rearEnded },
    { weight: 2, tell: waterDamage },
  ],
};

function identify({ dice, customer }: Setting, birthDigits: string, policy: string): Line[] {
  return [
    agent('접수를 위해 성함과 생년월일 여섯 자리를 말씀해 주시겠어요?'),
    ...giveDigits(dice, birthDigits, `${withParticle(customer, '이고/고')}요, `),
    agent(holdOn(dice)),
    tool(
      'find_policy',
      { insured_name: customer, birth_date: birthDigits },
      { policy_no: policy, status: 'active', deductible_krw: 200_000 },
    ),
  ];
}

function birthDigitsOf({ dice }: Setting): string {
  const two = (value: number) => String(value).padStart(2, '0');
  return `${two(dice.int(65, 99))}${two(dice.int(1, 12))}${two(dice.int(1, 28))}`;
}

function scratchedCar(setting: Setting): Conversation {
  const { dice, callAtMs, customer } = setting;
  const place = dice.pick(['회사 지하 주차장', '새솔마트 주차장', '아파트 지상 주차장']);
  const part = dice.pick(['앞 범퍼', '뒤 범퍼', '운전석 문짝']);
  const cost = dice.int(30, 90) * 10_000;
  const claim = `A${seoulDay(callAtMs).iso.replaceAll('-', '')}-${dice.digits(5)}`;
  return {
    lines: [
      agent(GREETING),
      user(`아, 다친 건 아니고요. ${place}에서 주차하다가 기둥을 긁었어요.`, {
        accident_place: place,
        injured: false,
      }),
      agent('다치신 곳이 없으시다니 다행입니다. 혼자 사고가 나신 건가요, 상대 차량이 있나요?'),
      user('상대 차는 없어요. 저 혼자요.', { accident_type: '단독 사고' }),
      ...identify(setting, birthDigitsOf(setting), `DC-${dice.digits(8)}`),
      agent(`${customer} 님, 자동차 보험 확인되었습니다. 차량은 어느 부분이 파손되었나요?`),
      user(
        `${withParticle(part, '이/가')} 꽤 깊게 긁혔고요, 정비소에서는 한 ${cost / 10_000}만 원 나올 거라고 하더라고요.`,
        { estimated_cost_krw: cost },
      ),
      agent(`${part}, 예상 수리비 ${won(cost)} 맞으실까요?`),
      user('네.'),
      tool(
        'create_claim',
        { accident_type: 'single_vehicle', place, injured: false, estimated_cost_krw: cost },
        { claim_no: claim, status: 'received' },
      ),
      agent(`접수가 완료되었습니다. 자기 부담금은 200,000원이고, 담당자가 두 시간 안에 연락드리겠습니다.`),
      user(dice.pick(['보험료가 많이 오를까요?', '자차 처리하면 할증되죠?'])),
      agent('할증 여부는 수리비가 확정된 뒤에 담당자가 정확히 안내해 드릴 거예요.'),
      ...goodbye(dice),
    ],
    summary:
      `${customer} 고객이 ${place}에서 주차 중 기둥에 ${withParticle(part, '을/를')} 긁은 단독 사고를 접수함. ` +
      `부상 없음, 예상 수리비 ${won(cost)}.`,
    sentiment: 'neutral',
  };
}

function rearEnded(setting: Setting): Conversation {
  const { dice, callAtMs, customer } = setting;
  const place = dice.pick(CROSSINGS);
  const plate = `${dice.int(10, 69)}${dice.pick(['가', '나', '도', '무', '소', '허'])} ${dice.digits(4)}`;
  const hurt = dice.chance(0.6);
  const body = dice.pick(['목이', '허리가']);
  const claim = `A${seoulDay(callAtMs).iso.replaceAll('-', '')}-${dice.digits(5)}`;
  return {
    lines: [
      agent(GREETING),
      user('아, 지금 막 사고가 났는데요, 뒤차가 제 차를 박았어요.', { accident_type: '추돌' }),
      agent('많이 놀라셨겠습니다. 지금 안전한 곳에 계신가요? 다치신 데는 없으세요?'),
      user(
        hurt
          ? `갓길에 세웠어요. ${body} 좀 뻐근하긴 한데…`
          : '네, 갓길에 세웠고요. 다친 데는 없는 것 같아요.',
        { injured: hurt },
      ),
      agent(
        hurt
          ? '무리해서 움직이지 마시고, 통증이 심해지면 바로 119에 연락해 주세요. 사고 장소는 어디인가요?'
          : '다행입니다. 사고 장소는 어디인가요?',
      ),
      ...badLine(dice, '사고가 난 장소를 말씀해 주세요.', 0.4),
      user(`${withParticle(place, '이요/요')}. 신호 대기 중이었어요.`, { accident_place: place }),
      ...identify(setting, birthDigitsOf(setting), `DC-${dice.digits(8)}`),
      agent(`${customer} 님, 확인되었습니다. 상대 차량 번호를 알고 계신가요?`),
      user(`네, 적어 놨어요. ${withParticle(plate, '이요/요')}.`, { other_vehicle_number: plate }),
      agent(`${plate}, 맞습니까?`),
      user('네, 맞아요. 그쪽에서도 보험사 불렀다고 하네요.'),
      tool(
        'create_claim',
        { accident_type: 'rear_end', place, injured: hurt, other_vehicle: plate },
        { claim_no: claim, status: 'received', dispatch: true },
      ),
      tool('dispatch_adjuster', { claim_no: claim, place }, { eta_minutes: dice.pick([15, 20, 25, 30]) }),
      agent(
        '접수되었고, 현장 출동 담당자가 30분 안에 도착할 예정입니다. 현장 사진을 여러 장 찍어 두시면 도움이 됩니다.',
      ),
      user(dice.pick(['네, 빨리 좀 와 주세요.', '아이고, 네. 알겠습니다.'])),
      agent('네, 안전한 곳에서 기다려 주세요. 담당자가 곧 전화드리겠습니다.'),
    ],
    summary:
      `${customer} 고객이 ${place}에서 신호 대기 중 뒤차에 추돌당한 사고를 접수함. ` +
      `${hurt ? `고객이 ${body} 뻐근하다고 호소함.` : '부상은 없다고 함.'} 상대 차량 ${plate}, 현장 출동을 요청함.`,
    sentiment: 'negative',
  };
}

function waterDamage(setting: Setting): Conversation {
  const { dice, callAtMs, customer } = setting;
  const room = dice.pick(['거실', '안방', '주방']);
  const noticed = seoulDay(callAtMs, -dice.int(1, 3));
  const cost = dice.int(8, 30) * 100_000;
  const claim = `H${seoulDay(callAtMs).iso.replaceAll('-', '')}-${dice.digits(5)}`;
  return {
    lines: [
      agent(GREETING),
      user(`사고라기보다는… 윗집에서 물이 새서 ${room} 천장이 다 젖었어요.`, {
        accident_type: '누수',
        accident_place: `자택 ${room}`,
      }),
      agent('많이 속상하셨겠어요. 누수 피해 접수해 드리겠습니다. 언제 발견하셨나요?'),
      user(`${noticed.monthDay}에 봤어요. 벽지도 다 들떴고요.`),
      ...identify(setting, birthDigitsOf(setting), `HM-${dice.digits(8)}`),
      agent(`${customer} 님, 주택 보험 확인되었습니다. 수리 견적은 받아 보셨을까요?`),
      user(`네, 도배랑 천장까지 하면 ${cost / 10_000}만 원 정도 든대요.`, { estimated_cost_krw: cost }),
      agent(`${won(cost)}, 네. 윗집과는 이야기해 보셨나요?`),
      user('했는데 자꾸 미루더라고요. 그래서 그냥 보험으로 먼저 하려고요.'),
      tool(
        'create_claim',
        { accident_type: 'water_leak', place: `자택 ${room}`, injured: false, estimated_cost_krw: cost },
        { claim_no: claim, status: 'received' },
      ),
      agent('접수되었습니다. 젖은 곳 사진과 견적서를 문자로 보내 드리는 주소에 올려 주세요.'),
      user('사진은 이미 찍어 놨어요. 보상까지는 얼마나 걸려요?'),
      agent('서류가 다 들어오면 보통 영업일 기준 닷새에서 이레 정도 걸립니다.'),
      ...goodbye(dice),
    ],
    summary:
      `${customer} 고객이 윗집 누수로 ${room} 천장과 벽지가 젖은 피해를 접수함. 견적 ${won(cost)}, ` +
      '사진과 견적서를 제출하기로 함.',
    sentiment: 'neutral',
  };
}
