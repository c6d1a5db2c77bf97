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
import { seoulMonth } from '../../seoul-calendar.ts';
import { badLine, giveDigits, goodbye, holdOn } from './phrases.ts';

const GREETING =
  '안녕하세요, 별무리통신 고객센터 AI 상담원입니다. 요금제나 사용량에 대해 궁금하신 점을 말씀해 주세요.';

const PLANS = [
  { name: '별무리 라이트', fee: 33_000, data: '7기가' },
  { name: '별무리 베이직', fee: 49_000, data: '30기가' },
  { name: '별무리 플러스', fee: 62_000, data: '100기가' },
  { name: '별무리 무제한', fee: 79_000, data: '무제한' },
] as const;

/** The phone company's line: plans go up, plans go down, customers want to leave. */
export const telecomPlan: Scenario = {
  name: 'telecom_plan',
  topic: '요금제 변경',
  greeting: GREETING,
  branches: [
    { weight: 4, tell: cheaperPlan },
    { weight: 3, tell: moreData },
    { weight: 2, tell: wantsToLeave },
  ],
};

function verify({ dice, phone, customer }: Setting, plan: (typeof PLANS)[number], usedGb: number): Line[] {
  return [
    agent('네, 본인 확인을 위해 성함과 휴대 전화 번호 끝 네 자리를 말씀해 주세요.'),
    ...giveDigits(dice, phone.slice(-4), `${customer}, `),
    agent(holdOn(dice)),
    tool(
      'get_subscription',
      { name: customer, phone_tail: phone.slice(-4) },
      { plan: plan.name, monthly_fee_krw: plan.fee, used_gb: usedGb },
    ),
  ];
}

function cheaperPlan(setting: Setting): Conversation {
  const { dice, callAtMs, customer } = setting;
  const [from, to] = dice.pick([
    [PLANS[3], PLANS[1]],
    [PLANS[2], PLANS[1]],
    [PLANS[1], PLANS[0]],
  ] as const);
  const usedGb = to === PLANS[0] ? dice.int(2, 5) : dice.int(9, 24);
  const { month } = seoulMonth(callAtMs, 1);
  return {
    lines: [
      agent(GREETING),
      user('요금이 너무 많이 나와서요. 좀 싼 걸로 바꿀 수 있을까요?'),
      ...verify(setting, from, usedGb),
      agent(
        `${customer} 님, 지금 월 ${won(from.fee)}인 ${from.name} 요금제를 쓰고 계시고, ` +
          `지난달 데이터는 ${usedGb}기가 사용하셨어요. ${to.name} 요금제면 월 ${won(to.fee)}에 ${to.data}까지 쓰실 수 있습니다.`,
      ),
      user(`그럼 한 달에 얼마 아끼는 거예요?`),
      agent(`매달 ${won(from.fee - to.fee)} 절약하실 수 있습니다.`),
      ...badLine(dice, `매달 ${won(from.fee - to.fee)}씩 덜 내시게 됩니다.`),
      user(dice.pick(['오, 그럼 바꿔 주세요.', '그 정도면 바꿔야죠. 해 주세요.']), {
        '희망 요금제': to.name,
      }),
      agent('변경은 다음 달 1일부터 적용됩니다. 진행할까요?'),
      user(dice.pick(['네, 진행해 주세요.', '네네, 해 주세요.'])),
      tool(
        'change_plan',
        { plan: to.name, effective: 'next_month' },
        { status: 'scheduled', plan: to.name, monthly_fee_krw: to.fee },
      ),
      agent(`네, ${month}월 1일부터 ${to.name} 요금제로 변경됩니다. 확인 문자를 보내 드렸어요.`, {
        '상담 결과': '변경 완료',
      }),
      ...goodbye(dice),
    ],
    summary:
      `${customer} 고객이 요금 부담을 이유로 ${from.name}에서 ${withParticle(to.name, '으로/로')} 요금제 변경을 신청함. ` +
      `${month}월 1일부터 적용, 월 ${won(from.fee - to.fee)} 절감.`,
    sentiment: 'positive',
  };
}

function moreData(setting: Setting): Conversation {
  const { dice, customer } = setting;
  const [from, to] = dice.pick([
    [PLANS[0], PLANS[1]],
    [PLANS[1], PLANS[2]],
  ] as const);
  const usedGb = from === PLANS[0] ? 7 : 30;
  return {
    lines: [
      agent(GREETING),
      user('데이터를 벌써 다 썼다고 문자가 왔는데요. 지금 인터넷이 너무 느려요.'),
      ...verify(setting, from, usedGb),
      agent(
        `이번 달 기본 데이터 ${withParticle(from.data, '을/를')} 모두 사용하셨네요. 데이터를 추가하거나 요금제를 올리실 수 있습니다.`,
      ),
      user('추가하는 건 얼만데요?'),
      agent('2기가 추가에 5,500원입니다.'),
      user('음… 요금제를 올리면요?'),
      agent(
        `${to.name} 요금제는 월 ${won(to.fee)}에 ${to.data}입니다. 지금보다 ${won(to.fee - from.fee)} 더 내시게 돼요.`,
      ),
      user('아, 고민되네. 일단 이번 달은 추가만 하고 다음 달에 생각해 볼게요.', { '희망 요금제': to.name }),
      tool('add_data', { amount_gb: 2 }, { status: 'added', charged_krw: 5_500 }),
      agent('네, 2기가 추가해 드렸습니다. 휴대 전화를 껐다 켜시면 바로 적용돼요.', {
        '상담 결과': '상담만 진행',
      }),
      ...goodbye(dice),
    ],
    summary: `${customer} 고객이 데이터 소진으로 문의하여 2기가를 추가함(5,500원). ${to.name} 요금제 변경은 다음 달에 검토하기로 함.`,
    sentiment: 'neutral',
  };
}

function wantsToLeave(setting: Setting): Conversation {
  const { dice, customer } = setting;
  const plan = dice.pick(PLANS);
  const months = dice.int(2, 9);
  const fee = months * 11_000;
  return {
    lines: [
      agent(GREETING),
      user('해지하려고요. 어떻게 하면 돼요?', { '상담 결과': '해지 문의' }),
      agent('해지를 원하시는군요. 혹시 어떤 점이 불편하셨는지 여쭤봐도 될까요?'),
      user(
        dice.pick([
          '집에서 통화가 자꾸 끊겨요. 몇 번을 말해도 안 고쳐지잖아요.',
          '지하철만 타면 안 터지는데 요금은 그대로잖아요.',
        ]),
      ),
      agent('그동안 많이 불편하셨겠습니다. 정말 죄송합니다. 먼저 약정 기간을 확인해 드리겠습니다.'),
      ...verify(setting, plan, dice.int(1, 6)),
      tool('get_contract', { name: customer }, { months_left: months, early_termination_fee_krw: fee }),
      agent(`약정이 ${months}개월 남아 있어서, 지금 해지하시면 위약금 ${won(fee)}이 발생합니다.`),
      user('아니, 안 터져서 해지하는 건데 위약금을 왜 내요?'),
      agent(
        '말씀하신 부분은 통화 품질 점검 후에 위약금 면제가 가능한지 담당 부서에서 판단합니다. 점검을 신청해 드릴까요?',
      ),
      user('하… 네, 그럼 일단 신청해 주세요.'),
      tool('request_line_check', { name: customer, reason: 'call_drop' }, { ticket: `LN${dice.digits(7)}` }),
      agent('신청되었습니다. 사흘 안에 담당자가 직접 연락드리겠습니다.'),
      user('네, 꼭 좀 전화 주세요.'),
      agent('네, 불편을 드려 다시 한번 죄송합니다.'),
    ],
    summary:
      `${customer} 고객이 통화 품질 불만으로 해지를 요청함. 남은 약정 ${months}개월, 위약금 ${won(fee)}을 안내하고 ` +
      '통화 품질 점검을 접수함.',
    sentiment: 'negative',
  };
}
