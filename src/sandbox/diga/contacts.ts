import { DAY } from '../../clock.ts';
import { Dice } from '../dice.ts';

/** Somebody at the other end, who may well call again. */
export interface Contact {
  id: string;
  /** When the vendor first saw it: unix ms, long before the calls of the sandbox. */
  firstSeenMs: number;
  /** A number with its country, or what identifies a browser. */
  identifier: string;
  channel: 'call' | 'web';
}

interface ContactRules {
  seed: number;
  originMs: number;
  historyDays: number;
}

const CALLERS = 400;
const BROWSERS = 60;
const FOREIGN_SHARE = 0.05;

/** One of the contacts of this world. Only Spanish numbers can be dialled; callers may come from elsewhere. */
export function drawContact(
  { seed, originMs, historyDays }: ContactRules,
  dice: Dice,
  channel: 'call' | 'web',
): Contact {
  const number = dice.int(1, channel === 'web' ? BROWSERS : CALLERS);
  const own = new Dice(seed, 'contact', channel, number);
  return {
    id: own.uuid(),
    firstSeenMs: originMs - historyDays * DAY - own.int(1, 400 * DAY),
    identifier: channel === 'web' ? `browser-${own.uuid().slice(0, 18)}` : phoneNumber(own),
    channel,
  };
}

/** Whether the vendor could dial this number. */
export function isSpanish({ identifier }: Contact): boolean {
  return identifier.startsWith('+34');
}

function phoneNumber(dice: Dice): string {
  return dice.chance(FOREIGN_SHARE) ? `+3363998${dice.digits(4)}` : `+3460012${dice.digits(4)}`;
}
