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
import { seoulDay, seoulMonth, workday } from '../../seoul-calendar.ts';
import { badLine } from './phrases.ts';

const GREETING = '안녕하세요, 물마루에너지 요금 안내 AI 상담원입니다.';

/** Calls made to remind of a bill that is due or late. */
export const utilityBill: Scenario = {
  name: 'utility_bill',
  topic: '요금 납부 안내',
  greeting: GREETING,
  branches: [
    { weight: 4, tell: willPay },
    { weight: 2, tell: paidAlready },
    { weight: 2, tell: inInstalments },
    { weight: 1, tell: wrongPerson },
  ],
};

function billOf({ dice, callAtMs }: Setting): { amount: number; month: number; billId: string } {
  const { year, month } = seoulMonth(callAtMs, -1);
  return {
    amount: dice.int(180, 1_490) * 100 + dice.int(0, 9) * 10,
    month,
    billId: `${year}${String(month).padStart(2, '0')}-${dice.digits(6)}`,
  };
}

function open({ dice, customer }: Setting): Line[] {
  return [
    agent(`${GREETING} ${customer} 고객님 맞으십니까?`),
    user(dice.pick(['네, 전데요. 무슨 일이시죠?', '네, 맞는데요.', '네, 말씀하세요.'])),
  ];
}

function willPay(setting: Setting): Conversation {
  const { dice, callAtMs, customer } = setting;
  const { amount, month, billId } = billOf(setting);
  const due = workday(callAtMs, dice.int(2, 5));
  return {
    lines: [
      ...open(setting),
      agent(
        `${month}월분 도시가스 요금 ${won(amount)}의 납부 기한이 ${withParticle(due.spoken, '이라/라')} 안내 전화드렸습니다.`,
      ),
      user(dice.pick(['아, 맞다. 깜빡하고 있었네요.', '어, 고지서를 못 받았는데요?'])),
      agent('괜찮습니다. 원하시면 지금 납부하실 수 있는 가상 계좌를 문자로 보내 드릴까요?'),
      ...badLine(dice, '가상 계좌를 문자로 보내 드릴까요?'),
      user('네, 그렇게 해 주세요. 오늘 바로 낼게요.'),
      tool(
        'send_virtual_account',
        { bill_id: billId, amount_krw: amount },
        { status: 'sent', expires_on: due.iso },
      ),
      agent(`방금 문자로 보내 드렸습니다. ${due.monthDay}까지만 입금하시면 됩니다.`),
      user('자동 이체로 바꾸면 할인 같은 것도 있어요?'),
      agent('네, 자동 이체를 신청하시면 매달 200원 할인됩니다. 신청 방법도 문자로 함께 보내 드릴게요.'),
      tool('send_guide', { topic: 'auto_debit' }, { status: 'sent' }),
      user('네, 고맙습니다.'),
      agent('감사합니다. 좋은 하루 보내세요.'),
    ],
    summary: `${customer} 고객에게 ${month}월분 요금 ${won(amount)}(${due.monthDay} 기한)을 안내하고 가상 계좌를 발송함. 당일 납부하기로 함.`,
    sentiment: 'positive',
  };
}

function paidAlready(setting: Setting): Conversation {
  const { dice, callAtMs, customer } = setting;
  const { amount, month, billId } = billOf(setting);
  const paid = seoulDay(callAtMs, -1);
  return {
    lines: [
      ...open(setting),
      agent(`${month}월분 요금 ${won(amount)}이 아직 납부되지 않은 것으로 나와서 연락드렸습니다.`),
      user('네? 그거 어제 냈는데요. 은행 앱으로요.'),
      agent('그러셨군요. 바로 확인해 보겠습니다. 잠시만요.'),
      tool(
        'check_payment',
        { bill_id: billId },
        { status: 'paid', paid_on: paid.iso, amount_krw: amount, reflected: false },
      ),
      agent(
        `네, ${paid.spoken}에 납부하신 내역이 확인됩니다. 반영에 하루 정도 걸려서 안내가 나갔습니다. 죄송합니다.`,
      ),
      user(dice.pick(['아휴, 깜짝 놀랐잖아요.', '네, 그럼 더 안 내도 되는 거죠?'])),
      agent('네, 추가로 납부하실 금액은 없습니다. 번거롭게 해 드려 죄송합니다.'),
      user('네, 알겠습니다.'),
    ],
    summary: `${customer} 고객이 ${month}월분 요금을 이미 납부했다고 하여 ${paid.monthDay} 납부 내역을 확인하고 추가 금액이 없음을 안내함.`,
    sentiment: 'neutral',
  };
}

function inInstalments(setting: Setting): Conversation {
  const { dice, customer } = setting;
  const { month, billId } = billOf(setting);
  const part = dice.int(40, 130) * 1_000;
  const months = dice.pick([2, 3]);
  const amount = part * months;
  return {
    lines: [
      ...open(setting),
      agent(
        `${month}월분까지 미납 요금이 ${won(amount)} 있어서 연락드렸습니다. 이번 주 안에 납부가 가능하실까요?`,
      ),
      user('그게… 요즘 가게가 어려워서 한 번에 내기가 좀 힘들어요.'),
      agent('네, 사정이 어려우시군요. 나누어 내시는 방법도 있습니다. 안내해 드릴까요?'),
      user(dice.pick(['네, 어떻게 하면 되는데요?', '그래요? 몇 번까지 나눌 수 있어요?'])),
      agent(`${months}개월로 나누면 매달 ${won(part)}씩 납부하시면 됩니다. 이자는 없습니다.`),
      user('그 정도면 낼 수 있을 것 같아요.'),
      agent(`${months}개월 분할 납부로 신청해 드리겠습니다. 동의하시나요?`),
      user(dice.pick(['네, 동의합니다.', '네네, 그렇게 해 주세요.'])),
      tool(
        'request_instalments',
        { bill_id: billId, months, amount_krw: amount },
        { status: 'approved', monthly_krw: part },
      ),
      agent('신청되었습니다. 그동안 공급이 중단되는 일은 없으니 안심하셔도 됩니다.'),
      user('아… 정말 감사합니다. 걱정했는데.'),
      agent('네, 힘내시길 바랍니다. 감사합니다.'),
    ],
    summary: `${customer} 고객이 미납 요금 ${won(amount)}의 일시 납부가 어렵다고 하여 ${months}개월 분할 납부(월 ${won(part)})를 신청함.`,
    sentiment: 'positive',
  };
}

function wrongPerson({ dice, customer, phone }: Setting): Conversation {
  return {
    lines: [
      agent(`${GREETING} ${customer} 고객님 맞으십니까?`),
      user(dice.pick(['아닌데요. 전화 잘못 거셨어요.', '누구요? 저 그런 사람 아니에요.'])),
      agent('아, 실례했습니다. 혹시 이 번호를 최근에 새로 받으셨나요?'),
      user('네, 두 달 됐어요. 자꾸 이 사람 찾는 전화가 오네요.'),
      tool('report_wrong_number', { phone_tail: phone.slice(-4) }, { status: 'removed' }),
      agent('불편을 드려 죄송합니다. 이 번호로는 다시 연락드리지 않도록 처리했습니다.'),
      user('네, 부탁드려요.'),
    ],
    summary:
      '수신자가 고객 본인이 아니며 두 달 전 새로 받은 번호라고 하여 연락처에서 삭제함. 요금 안내는 하지 않음.',
    sentiment: 'neutral',
  };
}
