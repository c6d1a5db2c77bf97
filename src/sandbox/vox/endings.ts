import type { Scenario, Setting } from '../conversation.ts';
import { agent, type Branch, type Conversation, type Line, tool, user } from '../conversation.ts';
import type { Dice } from '../dice.ts';

/** How a connected call comes to its end, whatever it is about. */
export type Ending =
  | 'whole'
  | 'agent_closes'
  | 'cut'
  | 'transfer'
  | 'operator'
  | 'voicemail'
  | 'silence'
  | 'time_up'
  | 'breakdown';

/** The share of the conversation that is held before the ending sets in. */
const SHARE_HELD: Readonly<Record<Ending, number>> = {
  whole: 1,
  agent_closes: 1,
  cut: 0.45,
  transfer: 0.45,
  operator: 0.45,
  voicemail: 0,
  silence: 0,
  time_up: 0.45,
  breakdown: 0.35,
};

/** What is said in a call that takes this branch and ends this way, with the notes that fit to it. */
export function conversationWith(
  ending: Ending,
  scenario: Scenario,
  branch: Branch,
  setting: Setting,
): Conversation {
  if (ending === 'voicemail') return voicemail(scenario, setting);
  if (ending === 'silence') return silence(scenario, setting.dice);
  const told = branch.tell(setting);
  if (ending === 'whole') return told;
  if (ending === 'agent_closes') return { ...told, lines: [...told.lines, hangUp('conversation_finished')] };
  const held = told.lines.slice(0, Math.max(2, Math.round(told.lines.length * SHARE_HELD[ending])));
  return {
    lines: [...held, ...lastWords(ending, setting)],
    summary: summaryOf(ending, scenario.topic),
    sentiment: ending === 'time_up' ? 'neutral' : setting.dice.pick(['neutral', 'negative']),
  };
}

function hangUp(reason: string): Line {
  return tool('end_call', { reason }, { status: 'ok' });
}

function lastWords(ending: Ending, { dice, customer }: Setting): Line[] {
  switch (ending) {
    case 'transfer':
      return [
        ...asksForPerson(dice),
        tool('transfer_call', { destination: '상담팀' }, { status: 'transferred' }),
      ];
    case 'operator':
      return [
        ...asksForPerson(dice),
        tool('request_operator', { queue: '상담팀' }, { status: 'joined' }),
        agent(
          `네, ${customer} 고객님. 전화 바꿨습니다. 상담팀입니다. 말씀하신 내용은 제가 이어서 도와드리겠습니다.`,
        ),
        user('네, 아까 말씀드린 거 그대로예요.'),
        agent('네, 내용 확인했고요. 처리해서 오늘 중으로 제가 직접 전화드리겠습니다.'),
        user('네, 알겠습니다.'),
      ];
    case 'time_up':
      return [
        agent(
          '죄송합니다. 통화 가능한 시간이 다 되어 통화를 마치겠습니다. 다시 전화 주시면 이어서 도와드리겠습니다.',
        ),
      ];
    case 'cut':
      return dice.chance(0.5)
        ? [user(dice.pick(['아, 잠깐만요. 나중에 다시 걸게요.', '어, 죄송해요. 지금 급한 전화가 와서요.']))]
        : [];
    default:
      return [];
  }
}

function asksForPerson(dice: Dice): Line[] {
  return [
    user(dice.pick(['저기, 그냥 사람하고 통화할 수 없나요?', '아, 답답하네. 상담원 연결해 주세요.'])),
    agent('네, 상담팀으로 연결해 드리겠습니다. 끊지 말고 잠시만 기다려 주세요.'),
  ];
}

function summaryOf(ending: Ending, topic: string): string {
  switch (ending) {
    case 'transfer':
      return `고객이 ${topic} 상담 중 상담원 연결을 요청하여 상담팀으로 연결함.`;
    case 'operator':
      return `고객이 ${topic} 상담 중 상담원 연결을 요청함. 상담원이 이어받아 당일 중 직접 연락하기로 하고 종료함.`;
    case 'time_up':
      return `${topic} 상담이 길어져 최대 통화 시간에 도달하여 종료됨. 처리는 완료되지 않음.`;
    case 'breakdown':
      return `${topic} 상담 중 시스템 오류로 통화가 중단되어 처리가 완료되지 않음.`;
    default:
      return `${topic} 상담 중 고객이 전화를 끊어 처리가 완료되지 않음.`;
  }
}

function voicemail({ topic }: Scenario, { customer }: Setting): Conversation {
  return {
    lines: [
      user('연결이 되지 않아 음성 사서함으로 연결됩니다. 삐 소리 후에는 통화료가 부과됩니다.'),
      agent(`${customer} 고객님, ${topic} 건으로 전화드렸습니다. 다시 연락드리겠습니다. 감사합니다.`),
      hangUp('voicemail_detected'),
    ],
    summary: `음성 사서함으로 연결되어 ${topic} 건으로 연락했다는 메시지를 남김.`,
    sentiment: 'neutral',
  };
}

function silence({ greeting }: Scenario, dice: Dice): Conversation {
  return {
    lines: [
      agent(greeting),
      agent('여보세요? 고객님, 제 말씀 들리시나요?'),
      ...(dice.chance(0.4) ? [user('…')] : []),
      agent('말씀이 없으셔서 통화를 종료하겠습니다. 다시 전화 주시면 도와드리겠습니다.'),
    ],
    summary: '고객의 응답이 없어 통화를 종료함.',
    sentiment: 'neutral',
  };
}
