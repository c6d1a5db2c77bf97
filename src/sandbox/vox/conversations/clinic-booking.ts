import {
  agent,
  type Conversation,
  type Line,
  type Scenario,
  type Setting,
  tool,
  user,
} from '../../conversation.ts';
import { readOut, withParticle } from '../../korean.ts';
import { clockTime, seoulDay, workday } from '../../seoul-calendar.ts';
import { badLine, giveDigits, goodbye, holdOn, yes } from './phrases.ts';

const GREETING = '안녕하세요, 달고래의원 예약을 도와드리는 AI 상담원입니다. 무엇을 도와드릴까요?';

const COMPLAINTS = [
  { department: '정형외과', complaint: '어깨가 한 달째 계속 아파서요' },
  { department: '정형외과', complaint: '계단에서 발목을 좀 접질렀거든요' },
  { department: '내과', complaint: '기침이 이 주 넘게 안 떨어져서요' },
  { department: '내과', complaint: '건강 검진에서 혈압이 높게 나왔다고 해서요' },
  { department: '피부과', complaint: '팔에 두드러기 같은 게 자꾸 올라와서요' },
] as const;

const URGENT = COMPLAINTS.filter(({ complaint }) => !complaint.includes('검진'));

/** The clinic's line: appointments are made, moved and asked about. */
export const clinicBooking: Scenario = {
  name: 'clinic_booking',
  topic: '진료 예약',
  greeting: GREETING,
  branches: [
    { weight: 5, tell: bookVisit },
    { weight: 3, tell: moveVisit },
    { weight: 2, tell: askHours },
    { weight: 2, tell: joinWaitingList },
  ],
};

function bookVisit({ dice, callAtMs, customer, phone }: Setting): Conversation {
  const { department, complaint } = dice.pick(COMPLAINTS);
  const day = workday(callAtMs, dice.int(1, 6));
  const early = clockTime(14);
  const late = clockTime(dice.pick([15, 16]), 30);
  const tail = phone.slice(-4);
  const reservation = `DG-${dice.code(6)}`;
  return {
    lines: [
      agent(GREETING),
      user(dice.pick(['아, 네. 진료 예약 좀 하려고 하는데요.', '여보세요, 예약 좀 할 수 있을까요?'])),
      agent('네, 진료 예약 도와드리겠습니다. 내과, 정형외과, 피부과 중에 어느 과를 원하세요?'),
      user(`음… ${department}요. ${complaint}.`),
      agent('네, 그러셨군요. 예약하실 분 성함이 어떻게 되세요?'),
      user(withParticle(customer, '이요/요').concat('.')),
      agent(`${customer} 님, 연락처 끝 네 자리도 말씀해 주시겠어요?`),
      ...giveDigits(dice, tail),
      agent('감사합니다. 원하시는 날짜가 있으신가요?'),
      user(`${day.spoken} 오후에 혹시 자리 있어요?`),
      agent(holdOn(dice)),
      tool(
        'check_availability',
        { department, date: day.iso, part_of_day: 'afternoon' },
        { date: day.iso, slots: [early.iso, late.iso] },
      ),
      agent(`${day.spoken}에는 ${early.spoken}와 ${late.spoken} 자리가 있습니다. 어느 쪽이 편하세요?`),
      user(`${late.spoken.replace(' 30분', ' 반')}${dice.pick(['으로 해 주세요.', '이 좋을 것 같아요.'])}`),
      tool(
        'book_appointment',
        { patient_name: customer, phone_tail: tail, department, date: day.iso, time: late.iso },
        { status: 'confirmed', reservation_id: reservation },
      ),
      agent(
        `${customer} 님, ${day.spoken} ${late.spoken} ${withParticle(department, '으로/로')} 예약되었습니다. ` +
          '오실 때 신분증을 꼭 챙겨 주세요.',
      ),
      ...parkingQuestion(dice.chance(0.5)),
      ...goodbye(dice),
    ],
    summary: `${customer} 고객이 ${department} 진료를 문의하여 ${day.monthDay} ${late.spoken}에 예약을 완료함.`,
    sentiment: 'positive',
  };
}

function parkingQuestion(asked: boolean): Line[] {
  if (!asked) return [];
  return [
    user('아, 그리고 주차도 되나요?'),
    agent('네, 건물 지하 주차장을 두 시간까지 무료로 이용하실 수 있습니다.'),
  ];
}

function moveVisit({ dice, callAtMs, customer, phone }: Setting): Conversation {
  const department = dice.pick(['정형외과', '내과', '피부과']);
  const before = workday(callAtMs, dice.int(1, 2));
  const after = workday(callAtMs, dice.int(5, 9));
  const time = clockTime(dice.pick([10, 11, 15, 16]), dice.pick([0, 30]));
  const tail = phone.slice(-4);
  const reservation = `DG-${dice.code(6)}`;
  return {
    lines: [
      agent(GREETING),
      user('저기, 예약해 둔 게 있는데 날짜를 좀 바꾸고 싶어서요.'),
      agent('네, 예약 변경 도와드리겠습니다. 성함과 연락처 끝 네 자리를 말씀해 주시겠어요?'),
      ...giveDigits(dice, tail, `${withParticle(customer, '이고/고')}요, `),
      agent(holdOn(dice)),
      tool(
        'find_appointment',
        { patient_name: customer, phone_tail: tail },
        { reservation_id: reservation, department, date: before.iso, time: time.iso },
      ),
      agent(`${before.spoken} ${time.spoken} ${department} 예약이 확인됩니다. 이 예약이 맞으신가요?`),
      user(`${yes(dice)} 그날 갑자기 회사에 일이 생겨서요.`),
      agent('그러셨군요. 언제로 옮겨 드릴까요?'),
      user(`${after.spoken} 같은 시간에 될까요?`),
      tool(
        'change_appointment',
        { reservation_id: reservation, date: after.iso, time: time.iso },
        { status: 'changed', reservation_id: reservation, date: after.iso, time: time.iso },
      ),
      agent(`네, 가능합니다. ${after.spoken} ${withParticle(time.spoken, '으로/로')} 변경해 드렸습니다.`),
      ...badLine(dice, `${after.spoken} ${time.spoken}입니다.`),
      agent('변경된 내용은 문자로도 보내 드리겠습니다.'),
      ...goodbye(dice),
    ],
    summary:
      `${customer} 고객이 업무 사정으로 ${before.monthDay} ${department} 예약 변경을 요청하여 ` +
      `${after.monthDay} ${withParticle(time.spoken, '으로/로')} 변경함.`,
    sentiment: 'neutral',
  };
}

function askHours({ dice, callAtMs }: Setting): Conversation {
  const holiday = seoulDay(callAtMs, dice.int(1, 5));
  const asksWeekday = !holiday.isSunday && !holiday.isSaturday;
  const answer = holiday.isSunday
    ? '일요일은 휴진입니다'
    : holiday.isSaturday
      ? '토요일은 오전 9시부터 오후 1시까지 진료합니다'
      : '평일은 오전 9시부터 오후 6시 반까지 진료합니다';
  return {
    lines: [
      agent(GREETING),
      user(`뭐 하나만 여쭤볼게요. ${holiday.spoken}에 진료하나요?`),
      agent(`네, ${holiday.weekday} 진료 시간을 안내해 드릴게요. ${answer}.`),
      user('점심시간도 있죠?'),
      agent(
        asksWeekday
          ? '네, 오후 1시부터 2시까지는 점심시간이라 접수만 가능합니다.'
          : '평일에는 오후 1시부터 2시까지가 점심시간입니다.',
      ),
      user(dice.pick(['아, 그렇구나. 예약 안 하고 그냥 가도 돼요?', '예약 없이 가면 많이 기다려요?'])),
      agent('예약 없이 오셔도 되지만 대기 시간이 길어질 수 있어 예약을 권해 드립니다. 지금 예약해 드릴까요?'),
      user('아니에요, 일정 보고 다시 전화할게요.'),
      agent('네, 언제든지 연락 주세요. 감사합니다.'),
    ],
    summary: `고객이 ${holiday.monthDay} 진료 여부와 점심시간을 문의하여 안내함. 예약은 진행하지 않음.`,
    sentiment: 'neutral',
  };
}

function joinWaitingList({ dice, callAtMs, customer, phone }: Setting): Conversation {
  const { department, complaint } = dice.pick(URGENT);
  const day = workday(callAtMs, 1);
  const tail = phone.slice(-4);
  return {
    lines: [
      agent(GREETING),
      user(`${complaint}, 내일이라도 좀 볼 수 있을까 해서요.`),
      agent(`네, ${department} 진료가 필요하시겠네요. ${holdOn(dice)}`),
      tool('check_availability', { department, date: day.iso }, { date: day.iso, slots: [] }),
      agent(`죄송합니다. 가장 빠른 진료일인 ${day.spoken}은 예약이 모두 찼습니다.`),
      user('하… 그래요? 많이 불편한데. 취소되는 자리라도 없을까요?'),
      agent('취소 자리가 나면 바로 연락드리도록 대기자 명단에 올려 드릴 수 있습니다. 올려 드릴까요?'),
      user('네, 그렇게 해 주세요.'),
      agent('성함과 연락처 끝 네 자리 부탁드립니다.'),
      user(`${customer}, ${withParticle(readOut(tail), '이요/요')}.`),
      tool(
        'add_to_waiting_list',
        { patient_name: customer, phone_tail: tail, department, date: day.iso },
        { status: 'waiting', position: dice.int(1, 4) },
      ),
      agent(
        '대기자 명단에 올려 드렸습니다. 많이 불편하시면 당일 오전 9시에 오셔서 현장 접수를 하실 수도 있습니다.',
      ),
      user('알겠습니다. 자리 나면 꼭 좀 연락 주세요.'),
      agent('네, 꼭 연락드리겠습니다. 빨리 나으시길 바랍니다.'),
    ],
    summary: `${customer} 고객이 ${department} 진료를 희망하였으나 ${day.monthDay} 예약이 마감되어 대기자 명단에 등록함.`,
    sentiment: 'negative',
  };
}
