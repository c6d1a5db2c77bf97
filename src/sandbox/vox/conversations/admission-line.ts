import { agent, type Conversation, type Scenario, type Setting, tool, user } from '../../conversation.ts';
import { withParticle } from '../../korean.ts';
import { clockTime, seoulDay, workday } from '../../seoul-calendar.ts';
import { badLine, giveDigits, goodbye, holdOn } from './phrases.ts';

const GREETING =
  '안녕하세요, 새늘대학교 입학 상담을 맡고 있는 AI 상담원입니다. 궁금한 점을 편하게 말씀해 주세요.';

const DEPARTMENTS = ['컴퓨터공학과', '간호학과', '국어국문학과', '시각디자인학과', '경영학부'] as const;

/** The university's admission line: documents, interviews, dormitory. */
export const admissionLine: Scenario = {
  name: 'admission_line',
  topic: '입학 전형',
  greeting: GREETING,
  branches: [
    { weight: 4, tell: documents },
    { weight: 3, tell: interview },
    { weight: 2, tell: dormitory },
  ],
};

function documents({ dice, callAtMs }: Setting): Conversation {
  const deadline = workday(callAtMs, dice.int(3, 12));
  const department = dice.pick(DEPARTMENTS);
  return {
    lines: [
      agent(GREETING),
      user(`네, 저 ${department} 지원하려고 하는데요. 서류는 언제까지 내야 돼요?`),
      agent(holdOn(dice)),
      tool(
        'get_admission_schedule',
        { department, step: 'documents' },
        { deadline: `${deadline.iso}T17:00:00+09:00`, method: ['online', 'registered_mail'] },
      ),
      agent(
        `${department} 서류 제출 마감은 ${deadline.spoken} 오후 5시입니다. 온라인이나 등기 우편으로 내시면 됩니다.`,
      ),
      user('우편은 그날까지 도착해야 하는 거예요? 아니면 보내기만 하면 돼요?'),
      agent('마감일 소인까지 인정됩니다. 그날 보내셔도 괜찮아요.'),
      ...badLine(dice, '마감일에 우편으로 보내셔도 괜찮습니다.'),
      user(dice.pick(['검정고시로 졸업했는데 그럼 뭘 내야 하나요?', '자기소개서도 있어야 되나요?'])),
      agent('제출하실 서류 목록은 전형마다 조금씩 다릅니다. 안내 주소를 문자로 보내 드릴까요?'),
      user('네, 보내 주세요.'),
      tool('send_sms_guide', { topic: 'required_documents', department }, { status: 'sent' }),
      agent('방금 보내 드렸습니다. 문자에 있는 주소에서 확인하실 수 있어요.'),
      ...goodbye(dice),
    ],
    summary: `지원자가 ${department} 서류 제출 마감일을 문의하여 ${deadline.monthDay} 오후 5시까지임을 안내하고 서류 목록을 문자로 발송함.`,
    sentiment: 'positive',
  };
}

function interview({ dice, callAtMs, customer }: Setting): Conversation {
  const day = workday(callAtMs, dice.int(4, 15));
  const time = clockTime(dice.pick([9, 10, 13, 14]), dice.pick([0, 30]));
  const application = dice.digits(6);
  const room = `${dice.pick(['이음관', '바른관', '늘봄관'])} ${dice.int(2, 5)}0${dice.int(1, 9)}호`;
  return {
    lines: [
      agent(GREETING),
      user('면접 시간을 확인하고 싶어서 전화했어요. 홈페이지가 계속 안 열려서요.'),
      agent('불편을 드려 죄송합니다. 수험 번호 여섯 자리를 말씀해 주시면 확인해 드리겠습니다.'),
      ...giveDigits(dice, application),
      agent('지원자 성함도 말씀해 주세요.'),
      user(`${withParticle(customer, '이에요/예요')}. 제 딸이 지원했거든요.`),
      tool(
        'find_applicant',
        { application_no: application, name: customer },
        { found: true, interview: { date: day.iso, time: time.iso, room } },
      ),
      agent(
        `네, ${customer} 지원자의 면접은 ${day.spoken} ${time.spoken}, ${room}입니다. 30분 전까지 대기실로 와 주세요.`,
      ),
      user(`${day.monthDay}, ${time.spoken}… 네, 적었어요. 준비물은요?`),
      agent('수험표와 신분증을 꼭 가져오셔야 합니다. 학생증도 괜찮습니다.'),
      user('부모도 같이 들어갈 수 있나요?'),
      agent('보호자분은 1층 로비에서 기다리실 수 있어요. 면접장에는 지원자만 들어갑니다.'),
      ...goodbye(dice),
    ],
    summary: `보호자가 ${customer} 지원자의 면접 일정을 문의하여 ${day.monthDay} ${time.spoken} ${room}임을 안내하고 준비물을 설명함.`,
    sentiment: 'neutral',
  };
}

function dormitory({ dice, callAtMs }: Setting): Conversation {
  const opens = seoulDay(callAtMs, dice.int(10, 25));
  return {
    lines: [
      agent(GREETING),
      user('기숙사도 여기서 물어보면 되나요?'),
      agent('네, 신입생 기숙사 신청은 제가 안내해 드릴 수 있습니다.'),
      user('지방에서 올라가는 거라 꼭 들어가야 하거든요. 다 들어갈 수 있어요?'),
      agent(holdOn(dice)),
      tool(
        'get_dormitory_info',
        { applicant_type: 'freshman' },
        { capacity_share: 0.6, opens_on: opens.iso, priority: 'distance' },
      ),
      agent(
        `신입생의 60퍼센트 정도가 들어갈 수 있고, 집이 먼 순서로 먼저 배정됩니다. 신청은 ${opens.spoken}부터예요.`,
      ),
      user('60퍼센트요? 그럼 떨어지면 어떡해요…'),
      agent('걱정되시죠. 떨어지더라도 대기 순번이 있고, 학교 근처 제휴 숙소도 소개해 드리고 있습니다.'),
      user(dice.pick(['그것도 미리 신청해야 돼요?', '아, 그건 얼마나 하는데요?'])),
      agent('기숙사 결과가 나온 다음에 생활관 행정실에서 한꺼번에 안내해 드립니다.'),
      ...goodbye(dice),
    ],
    summary: `지원자가 신입생 기숙사 입사 가능 여부를 문의하여 ${opens.monthDay}부터 신청하며 거리순으로 배정됨을 안내함.`,
    sentiment: 'neutral',
  };
}
