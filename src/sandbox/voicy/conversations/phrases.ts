import { agent, type Line, user } from '../../conversation.ts';
import type { Dice } from '../../dice.ts';

const DIGITS = ['אפס', 'אחת', 'שתיים', 'שלוש', 'ארבע', 'חמש', 'שש', 'שבע', 'שמונה', 'תשע'] as const;

/** Digits as they are read out one by one: `482` gives `ארבע שמונה שתיים`. */
function readOut(digits: string): string {
  return [...digits].map((digit) => DIGITS[Number(digit)] ?? digit).join(' ');
}

/** `1,250 שקלים`. */
export function shekels(amount: number): string {
  return `${amount.toLocaleString('en-US')} שקלים`;
}

/** What an agent says before it looks something up. */
export function holdOn(dice: Dice): string {
  return dice.pick([
    'רק רגע, אני בודקת.',
    'שנייה אחת, אני בודקת במערכת.',
    'אין בעיה, בודקת עכשיו.',
    'נא להמתין רגע על הקו, אני בודקת.',
  ]);
}

/** A listener's short yes. */
export function yes(dice: Dice): string {
  return dice.pick(['כן.', 'כן, נכון.', 'כן כן.', 'נכון.', 'אה, כן.']);
}

/** How a customer says goodbye, and the agent's answer. */
export function goodbye(dice: Dice): Line[] {
  return [
    user(dice.pick(['תודה רבה, להתראות.', 'מעולה, תודה.', 'תודה, יום טוב.', 'סבבה, תודה רבה.'])),
    agent(dice.pick(['בשמחה. יום נעים!', 'תודה שפנית אלינו, להתראות.', 'תודה ויום טוב!'])),
  ];
}

/** The customer gives digits; now and then the agent mishears the last one and is corrected. */
export function giveDigits(dice: Dice, digits: string, lead = ''): Line[] {
  const spoken = readOut(digits);
  const given = user(`${lead}${dice.pick(['', '', 'אה... ', 'רגע, '])}${spoken}.`);
  if (!dice.chance(0.3)) return [given];
  const last = Number(digits.slice(-1));
  const misheard = `${digits.slice(0, -1)}${(last + dice.int(1, 8)) % 10}`;
  return [
    given,
    agent(`${misheard}, נכון?`),
    user(`לא, הספרה האחרונה היא ${DIGITS[last] ?? last}.`),
    agent(`סליחה. רשמתי ${digits}.`),
  ];
}

/** Sometimes the line is bad for a moment and the agent has to say it again. */
export function badLine(dice: Dice, again: string, share = 0.2): Line[] {
  if (!dice.chance(share)) return [];
  return [
    user(dice.pick(['הלו? לא שומעים טוב.', 'מה? סליחה, יש פה רעש, לא שמעתי.'])),
    agent(`${dice.pick(['סליחה, אחזור על זה.', 'אין בעיה, אגיד שוב.'])} ${again}`),
  ];
}
