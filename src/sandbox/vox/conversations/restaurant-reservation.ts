import { agent, type Conversation, type Scenario, type Setting, tool, user } from '../../conversation.ts';
import { counted, withParticle } from '../../korean.ts';
import { clockTime, seoulDay, seoulHour } from '../../seoul-calendar.ts';
import { badLine, goodbye, holdOn, yes } from './phrases.ts';

const GREETING = '안녕하세요, 여우별식당입니다. 예약을 도와드리는 AI 상담원이에요. 무엇을 도와드릴까요?';

/** The restaurant's line: reservations are moved, made larger and called off. */
export const restaurantReservation: Scenario = {
  name: 'restaurant_reservation',
  topic: '식당 예약 변경',
  greeting: GREETING,
  branches: [
    { weight: 4, tell: moveTable },
    { weight: 3, tell: morePeople },
    { weight: 2, tell: callOff },
  ],
};

function moveTable({ dice, callAtMs, customer }: Setting): Conversation {
  const day = seoulDay(callAtMs, dice.int(1, 8));
  const people = dice.int(2, 6);
  const before = clockTime(18);
  const wanted = clockTime(19);
  const offered = clockTime(19, 30);
  const room = dice.pick(['창가 자리', '룸', '홀 자리']);
  const reservation = dice.int(1_000, 9_999);
  return {
    lines: [
      agent(GREETING),
      user(`네, ${withParticle(day.monthDay, '으로/로')} 예약했는데요, 시간을 한 시간만 늦출 수 있을까요?`),
      agent('네, 확인해 드릴게요. 예약하신 분 성함이 어떻게 되세요?'),
      user(`${withParticle(customer, '이에요/예요')}.`),
      tool(
        'find_reservation',
        { name: customer, date: day.iso },
        { reservation_no: reservation, time: before.iso, party_size: people, seat: room },
      ),
      agent(
        `${customer} 님, ${day.spoken} ${before.spoken}, ${counted(people, '분')} ${room}로 예약되어 있네요. 맞으세요?`,
      ),
      user(yes(dice)),
      agent(`${withParticle(wanted.spoken, '으로/로')} 바꿀 수 있는지 볼게요. 잠시만요.`),
      tool(
        'check_tables',
        { date: day.iso, time: wanted.iso, party_size: people },
        { available: false, alternatives: [offered.iso] },
      ),
      agent(`죄송해요. ${wanted.spoken}는 만석이고, ${offered.spoken}에는 자리가 있습니다. 괜찮으실까요?`),
      user(
        dice.pick([
          '어… 잠깐만요. 네, 그럼 일곱 시 반으로 해 주세요.',
          '아, 네. 삼십 분 정도야 뭐 괜찮아요.',
        ]),
      ),
      tool(
        'update_reservation',
        { reservation_no: reservation, time: offered.iso },
        { status: 'updated', reservation_no: reservation, time: offered.iso },
      ),
      agent(`네, ${day.spoken} ${offered.spoken}으로 변경했습니다. 인원과 자리는 그대로 준비해 둘게요.`),
      ...goodbye(dice),
    ],
    summary:
      `${customer} 고객이 ${day.monthDay} 저녁 예약 시간을 늦춰 달라고 요청하여 ` +
      `${offered.spoken}으로 변경함(${people}명).`,
    sentiment: 'positive',
  };
}

function morePeople({ dice, callAtMs, customer }: Setting): Conversation {
  const day = seoulDay(callAtMs, dice.int(2, 12));
  const time = clockTime(dice.pick([12, 18, 19]), dice.pick([0, 30]));
  const before = dice.int(3, 5);
  const after = before + dice.int(2, 4);
  const reservation = dice.int(1_000, 9_999);
  return {
    lines: [
      agent(GREETING),
      user('예약 인원이 좀 늘어서요. 바꿀 수 있어요?'),
      agent('네, 가능합니다. 성함과 예약 날짜를 알려 주시겠어요?'),
      user(`${withParticle(customer, '이고/고')}요, ${day.spoken}이요.`),
      agent(holdOn(dice)),
      tool(
        'find_reservation',
        { name: customer, date: day.iso },
        { reservation_no: reservation, time: time.iso, party_size: before },
      ),
      agent(
        `${day.spoken} ${time.spoken}에 ${counted(before, '분')} 예약하신 것 확인했습니다. 총 몇 분으로 바꿔 드릴까요?`,
      ),
      ...badLine(dice, '모두 몇 분이신가요?'),
      user(`${counted(after, '명')}이요. 아이도 하나 있는데 아기 의자 있나요?`),
      agent(`총 ${counted(after, '분')}, 아기 의자 하나 맞으시죠?`),
      user(yes(dice)),
      tool(
        'update_reservation',
        { reservation_no: reservation, party_size: after, requests: ['high_chair'] },
        { status: 'updated', reservation_no: reservation, party_size: after, seat: '룸' },
      ),
      agent('네, 인원이 많으셔서 룸으로 옮겨 드렸어요. 아기 의자도 준비해 두겠습니다.'),
      user('룸은 따로 돈 더 내는 거 아니죠?'),
      agent('네, 추가 요금은 없습니다. 다만 당일에 인원이 바뀌면 미리 전화 부탁드려요.'),
      ...goodbye(dice),
    ],
    summary:
      `${customer} 고객이 ${day.monthDay} 예약 인원을 ${before}명에서 ${after}명으로 변경하고 ` +
      '아기 의자를 요청하여 룸으로 배정함.',
    sentiment: 'positive',
  };
}

function callOff({ dice, callAtMs, customer }: Setting): Conversation {
  const day = seoulDay(callAtMs, dice.int(seoulHour(callAtMs) < 17 ? 0 : 1, 3));
  const people = dice.int(2, 8);
  const reason = dice.pick([
    '아이가 갑자기 열이 나서요',
    '모임이 다음 달로 밀렸어요',
    '출장이 잡혀 버렸어요',
  ]);
  const sameDay = day.iso === seoulDay(callAtMs).iso;
  const reservation = dice.int(1_000, 9_999);
  return {
    lines: [
      agent(GREETING),
      user(`죄송한데 예약을 좀 취소해야 할 것 같아요. ${reason}.`),
      agent('아, 그러셨군요. 예약하신 분 성함과 날짜를 말씀해 주시겠어요?'),
      user(`${customer}, ${sameDay ? '오늘 저녁이요' : withParticle(day.spoken, '이요/요')}.`),
      tool(
        'find_reservation',
        { name: customer, date: day.iso },
        { reservation_no: reservation, time: '18:30', party_size: people },
      ),
      agent(
        `${day.spoken} 오후 6시 30분, ${counted(people, '분')} 예약이 있네요. 이 예약을 취소해 드릴까요?`,
      ),
      user('네. 혹시 위약금 있나요?'),
      tool('cancel_reservation', { reservation_no: reservation }, { status: 'canceled', fee_krw: 0 }),
      agent('위약금 없이 취소되었습니다. 다음에 꼭 다시 찾아 주세요.'),
      user(dice.pick(['네, 죄송합니다. 다음에 갈게요.', '아, 다행이다. 감사합니다.'])),
      agent('네, 감사합니다.'),
    ],
    summary: `${customer} 고객이 개인 사정으로 ${day.monthDay} 예약(${people}명) 취소를 요청하여 위약금 없이 취소함.`,
    sentiment: 'neutral',
  };
}
