import { agent, type Conversation, type Scenario, type Setting, tool, user } from '../../conversation.ts';
import { badLine } from './phrases.ts';

const GREETING = '안녕하세요, 별무리통신입니다. 최근 받으신 상담에 대해 만족도를 여쭤보려고 전화드렸습니다.';

const DONE = { '상담 결과': '설문 완료' } as const;

/** Calls made after a contact with the phone company, to ask how it went. */
export const satisfactionSurvey: Scenario = {
  name: 'satisfaction_survey',
  topic: '만족도 조사',
  greeting: GREETING,
  branches: [
    { weight: 4, tell: contented },
    { weight: 2, tell: discontented },
    { weight: 2, tell: noTime },
  ],
};

function contented({ dice, customer }: Setting): Conversation {
  const score = dice.pick([8, 9, 9, 10]);
  const solved = dice.pick(['요금제 변경', '데이터 로밍 신청', '명의 변경']);
  return {
    lines: [
      agent(GREETING),
      agent(`${customer} 고객님 맞으신가요? 일 분 정도면 되는데, 지금 통화 괜찮으세요?`),
      user(dice.pick(['네, 맞아요. 짧게 해 주세요.', '아, 네. 괜찮습니다.'])),
      agent('감사합니다. 얼마 전에 문의하신 내용은 잘 해결되셨나요?'),
      user(`네, ${solved} 때문에 전화했었는데 바로 처리됐어요.`),
      agent('다행입니다. 상담 전반에 대해 1점부터 10점 사이로 점수를 주신다면 몇 점일까요?'),
      ...badLine(dice, '1점부터 10점 중에 몇 점을 주시겠어요?', 0.3),
      user(`음… ${score}점이요.`, { '만족도 점수': score }),
      tool('save_survey', { question: 'overall', score }, { saved: true }),
      agent(`${score}점 감사합니다. 특별히 좋았던 점이나 아쉬웠던 점이 있으세요?`),
      user(
        dice.pick([
          '상담하신 분이 설명을 쉽게 해 주셔서 좋았어요.',
          '기다리는 시간이 생각보다 짧아서 좋았습니다.',
        ]),
      ),
      tool('save_survey', { question: 'comment', topic: solved }, { saved: true }),
      agent('소중한 의견 감사합니다. 앞으로도 더 나은 상담으로 보답하겠습니다.', DONE),
      user('네, 수고하세요.'),
    ],
    summary: `${customer} 고객이 ${solved} 상담에 ${score}점을 주고 처리와 응대에 만족한다고 답함.`,
    sentiment: 'positive',
  };
}

function discontented({ dice, customer }: Setting): Conversation {
  const score = dice.int(2, 4);
  const calls = dice.int(3, 5);
  return {
    lines: [
      agent(GREETING),
      agent(`${customer} 고객님, 잠시 통화 가능하실까요?`),
      user('네, 말씀하세요.'),
      agent('감사합니다. 최근에 문의하신 내용은 해결되셨나요?'),
      user(`아니요. ${calls}번이나 전화했는데 매번 담당자가 바뀌어서 처음부터 다시 설명했어요.`),
      agent(
        '그러셨군요. 번거롭게 해 드려 정말 죄송합니다. 상담 점수는 1점부터 10점 중에 몇 점을 주시겠어요?',
      ),
      user(
        dice.pick([`솔직히 ${score}점도 많이 준 거예요. ${score}점이요.`, `${score}점이요. 더는 못 드려요.`]),
        { '만족도 점수': score },
      ),
      tool('save_survey', { question: 'overall', score }, { saved: true }),
      agent('솔직하게 말씀해 주셔서 감사합니다. 담당 부서에서 다시 연락드리도록 전달해도 될까요?'),
      user('네, 이번에는 좀 제대로 해 주세요.'),
      tool(
        'request_callback',
        { customer_name: customer, reason: 'unresolved' },
        { queued: true, within_days: 1 },
      ),
      agent('네, 내일까지 담당자가 전화드리겠습니다. 불편을 드려 죄송합니다.', DONE),
      user('네.'),
    ],
    summary:
      `${customer} 고객이 문의를 ${calls}번이나 했으나 ` +
      `해결되지 않았다며 ${score}점을 줌. 담당자 재연락을 요청함.`,
    sentiment: 'negative',
  };
}

function noTime({ dice, customer, phone }: Setting): Conversation {
  return {
    lines: [
      agent(GREETING),
      agent(`${customer} 고객님 맞으신가요?`),
      user(dice.pick(['네, 그런데 지금 운전 중이에요.', '네, 근데 제가 지금 회의 들어가야 해서요.'])),
      agent('아, 바쁘신데 죄송합니다. 나중에 다시 전화드려도 괜찮을까요?'),
      user(dice.pick(['아니요, 이런 전화 안 하셔도 돼요.', '괜찮아요. 그냥 안 할게요.'])),
      tool('opt_out_survey', { phone_tail: phone.slice(-4) }, { status: 'opted_out' }),
      agent(`네, 끝자리 ${phone.slice(-4)} 번호로는 앞으로 설문 전화를 드리지 않겠습니다. 감사합니다.`, {
        '상담 결과': '설문 거절',
      }),
    ],
    summary: `${customer} 고객이 통화가 어렵다며 설문을 거절하여 조사 대상에서 제외함.`,
    sentiment: 'neutral',
  };
}
