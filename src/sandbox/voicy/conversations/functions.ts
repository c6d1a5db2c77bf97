import { agent, type Line, tool } from '../../conversation.ts';
import type { Dice } from '../../dice.ts';

/** How the call of a function can go wrong, in the vendor's words. */
const ERROR_CLASSES = ['timeout', 'network', 'ssrf_blocked', 'invalid_url'] as const;

/** The result of a function that never reached its server. */
export class Unreached {
  readonly errorClass: string;

  constructor(errorClass: string) {
    this.errorClass = errorClass;
  }
}

const FAILURE_SHARE = 0.05;

/** A use of a function. Now and then it takes a second attempt, and the agent has to say so. */
export function consult(dice: Dice, name: string, args: Record<string, unknown>, result: unknown): Line[] {
  const success = tool(name, args, result);
  if (!dice.chance(FAILURE_SHARE)) return [success];
  return [
    tool(name, args, new Unreached(dice.pick(ERROR_CLASSES))),
    agent('המערכת קצת איטית היום, אני מנסה שוב.'),
    success,
  ];
}
