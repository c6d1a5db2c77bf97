import { agent, type Conversation, type Scenario, type Setting, tool, user } from '../../conversation.ts';
import { withParticle } from '../../korean.ts';
import { clockTime, seoulDay } from '../../seoul-calendar.ts';
import { badLine, giveDigits, goodbye, holdOn, yes } from './phrases.ts';

const GREETING =
  '안녕하세요, 해든터부동산입니다. 매물 문의와 방문 예약을 도와드리는 AI 상담원입니다. 말씀해 주세요.';

const HOMES = [
  { kind: '투룸 전세', area: '새솔동', deposit: '보증금 1억 8천만 원', monthly: null, fee: 7 },
  { kind: '원룸 월세', area: '너울동', deposit: '보증금 1천만 원', monthly: 55, fee: 6 },
  { kind: '오피스텔 월세', area: '가람마루역 근처', deposit: '보증금 2천만 원', monthly: 80, fee: 12 },
  { kind: '쓰리룸 전세', area: '새솔동', deposit: '보증금 2억 4천만 원', monthly: null, fee: 9 },
] as const;

type Home = (typeof HOMES)[number];

/** The estate agency's line: homes are asked about and viewings arranged. */
export const propertyViewing: Scenario = {
  name: 'property_viewing',
  topic: '매물 방문 예약',
  greeting: GREETING,
  branches: [
    { weight: 4, tell: arrangeViewing },
    { weight: 2, tell: alreadyTaken },
    { weight: 2, tell: moveViewing },
  ],
};

function priceOf(home: Home): string {
  return home.monthly === null ? home.deposit : `${home.deposit}에 월 ${home.monthly}만 원`;
}

function arrangeViewing({ dice, callAtMs, customer, phone }: Setting): Conversation {
  const home = dice.pick(HOMES);
  const listing = `HD-${dice.digits(5)}`;
  const day = seoulDay(callAtMs, dice.int(1, 5));
  const time = clockTime(dice.pick([11, 14, 17]), dice.pick([0, 30]));
  const tail = phone.slice(-4);
  return {
    lines: [
      agent(GREETING),
      user(`네, 인터넷에 올라온 ${home.area} ${home.kind} 보고 전화드렸는데요. 아직 있나요?`),
      agent(holdOn(dice)),
      tool(
        'search_listings',
        { area: home.area, type: home.kind },
        { listings: [{ listing_id: listing, available: true, maintenance_fee_krw: home.fee * 10_000 }] },
      ),
      agent(`네, 아직 계약 가능합니다. ${priceOf(home)}이고 관리비는 ${home.fee}만 원이에요.`),
      user(dice.pick(['관리비에 뭐가 포함돼 있어요?', '반려동물은 키울 수 있나요? 고양이 한 마리요.'])),
      agent('그 부분은 집주인분께 확인이 필요해서, 방문하실 때 담당 중개사가 정확히 안내해 드리겠습니다.'),
      user('아, 네. 그럼 집은 언제 볼 수 있어요?'),
      agent('원하시는 날짜와 시간을 말씀해 주시면 예약해 드리겠습니다.'),
      ...badLine(dice, '언제 방문하고 싶으세요?'),
      user(`${day.spoken}, 음… ${time.spoken.replace(' 30분', ' 반')}쯤이요.`),
      agent('네, 방문하실 분 성함과 연락처 끝 네 자리 부탁드립니다.'),
      ...giveDigits(dice, tail, `${withParticle(customer, '이고/고')}요, `),
      tool(
        'schedule_viewing',
        { listing_id: listing, visitor: customer, phone_tail: tail, at: `${day.iso}T${time.iso}:00+09:00` },
        { status: 'scheduled', meeting_point: '사무실 앞' },
      ),
      agent(
        `${customer} 님, ${day.spoken} ${withParticle(time.spoken, '으로/로')} 예약되었습니다. ` +
          '저희 사무실 앞에서 담당 중개사와 만나시면 됩니다.',
      ),
      ...goodbye(dice),
    ],
    summary:
      `${customer} 고객이 ${home.area} ${home.kind} 매물(${listing})을 문의하여 ` +
      `${day.monthDay} ${time.spoken} 방문 예약을 잡음.`,
    sentiment: 'positive',
  };
}

function alreadyTaken({ dice }: Setting): Conversation {
  const home = dice.pick(HOMES);
  const listing = `HD-${dice.digits(5)}`;
  return {
    lines: [
      agent(GREETING),
      user(`${home.area}에 ${home.kind} 나온 거요, 그거 볼 수 있을까요?`),
      agent('네, 매물 번호를 아시면 말씀해 주시겠어요?'),
      user('번호는 모르겠고요, 어제 앱에서 봤는데 남향이라고 써 있었어요.'),
      agent(holdOn(dice)),
      tool(
        'search_listings',
        { area: home.area, type: home.kind, direction: 'south' },
        { listings: [{ listing_id: listing, available: false, contracted: true }] },
      ),
      agent('확인해 보니 그 집은 오늘 오전에 계약이 되었습니다. 죄송합니다.'),
      user(dice.pick(['아… 벌써요? 아직 광고에는 있던데요.', '에이, 그럼 광고를 내려야죠. 괜히 전화했네.'])),
      agent(
        '네, 광고가 늦게 내려간 것 같습니다. 불편을 드려 죄송합니다. 비슷한 조건의 집이 나오면 연락드릴까요?',
      ),
      user('아니요, 됐어요. 다른 데 알아볼게요.'),
      agent('네, 알겠습니다. 감사합니다.'),
    ],
    summary: `고객이 ${home.area} ${home.kind} 매물을 문의하였으나 이미 계약된 집이라 방문 예약 없이 종료함. 광고가 남아 있던 점에 불만을 표함.`,
    sentiment: 'negative',
  };
}

function moveViewing({ dice, callAtMs, customer }: Setting): Conversation {
  const before = seoulDay(callAtMs, 1);
  const after = seoulDay(callAtMs, dice.int(3, 6));
  const time = clockTime(dice.pick([10, 14, 16]));
  const viewing = dice.int(10_000, 99_999);
  return {
    lines: [
      agent(GREETING),
      user('내일 집 보러 가기로 했는데, 시간이 안 될 것 같아서요.'),
      agent('네, 방문 일정을 바꿔 드리겠습니다. 예약하신 분 성함이 어떻게 되세요?'),
      user(`${withParticle(customer, '이요/요')}.`),
      tool(
        'find_viewing',
        { visitor: customer },
        { viewing_id: viewing, at: `${before.iso}T${time.iso}:00+09:00`, broker_on_site: true },
      ),
      agent(`${before.spoken} ${time.spoken} 예약 맞으신가요?`),
      user(yes(dice)),
      agent('언제가 편하세요?'),
      user(
        `${withParticle(after.weekday, '이요/요')}. 아, 잠깐만요. ${after.monthDay} 맞죠? 시간은 똑같이요.`,
      ),
      agent(`네, ${after.spoken} ${time.spoken}에 가능한지 보겠습니다.`),
      tool(
        'move_viewing',
        { viewing_id: viewing, at: `${after.iso}T${time.iso}:00+09:00` },
        { status: 'moved', viewing_id: viewing },
      ),
      agent('네, 변경되었습니다. 전날에 문자로 다시 알려 드릴게요.'),
      ...goodbye(dice),
    ],
    summary: `${customer} 고객이 ${before.monthDay} 매물 방문을 ${after.monthDay} ${withParticle(time.spoken, '으로/로')} 변경함.`,
    sentiment: 'neutral',
  };
}
