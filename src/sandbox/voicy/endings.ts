import {
  agent,
  type Branch,
  type Conversation,
  type Line,
  type Scenario,
  type Setting,
  user,
} from '../conversation.ts';
import type { Dice } from '../dice.ts';
import { firstName } from './conversations/people.ts';

/** How a connected call comes to its end, whatever it is about. */
export type Ending = 'whole' | 'cut' | 'person' | 'voicemail' | 'silence' | 'breakdown';

/** The share of the conversation that is held before the ending sets in. */
const SHARE_HELD = { cut: 0.45, person: 0.5, breakdown: 0.35 } as const;

/** What is said in a call that takes this branch and ends this way, with a summary that fits to it. */
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
  const held = told.lines.slice(0, Math.max(2, Math.round(told.lines.length * SHARE_HELD[ending])));
  return {
    lines: [...held, ...lastWords(ending, setting.dice)],
    summary: summaryOf(ending, scenario.topic),
    sentiment: 'negative',
  };
}

function lastWords(ending: keyof typeof SHARE_HELD, dice: Dice): Line[] {
  switch (ending) {
    case 'person':
      return [
        user(dice.pick(['תקשיבי, אפשר לדבר עם בן אדם?', 'אני רוצה נציג אנושי, בבקשה.'])),
        agent('אין בעיה. נציג יחזור אליך בהקדם. תודה ולהתראות.'),
      ];
    case 'cut':
      return dice.chance(0.5)
        ? [user(dice.pick(['רגע, נכנסת לי שיחה. אתקשר אחר כך.', 'סליחה, קוראים לי. נדבר אחר כך.']))]
        : [];
    case 'breakdown':
      return [];
  }
}

function summaryOf(ending: keyof typeof SHARE_HELD, topic: string): string {
  switch (ending) {
    case 'person':
      return `שיחה בנושא ${topic}. התבקש נציג אנושי, והובטחה שיחה חוזרת.`;
    case 'cut':
      return `שיחה בנושא ${topic} נותקה לפני שהטיפול הושלם.`;
    case 'breakdown':
      return `שיחה בנושא ${topic} נקטעה בגלל תקלה, והטיפול לא הושלם.`;
  }
}

function voicemail({ topic }: Scenario, { customer }: Setting): Conversation {
  return {
    lines: [
      user('הגעתם לתא הקולי. נא להשאיר הודעה לאחר הצליל.'),
      agent(`שלום ${firstName(customer)}, התקשרנו בנושא ${topic}. ננסה שוב בהמשך. יום טוב.`),
    ],
    summary: `השיחה נענתה בתא קולי. נותרה הודעה בנושא ${topic}.`,
    sentiment: 'neutral',
  };
}

function silence({ greeting }: Scenario, dice: Dice): Conversation {
  return {
    lines: [
      agent(greeting),
      agent('הלו? שומעים אותי?'),
      ...(dice.chance(0.4) ? [user('...')] : []),
      agent('לא נשמעת תשובה, ולכן אסיים את השיחה. אפשר להתקשר שוב בכל עת.'),
    ],
    summary: 'לא נשמעה תשובה מהצד השני, והשיחה הסתיימה.',
    sentiment: 'neutral',
  };
}
