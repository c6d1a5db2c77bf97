import { type Finding, findingsOf, type Line } from '../conversation.ts';
import { Dice } from '../dice.ts';
import { firstName } from './conversations/people.ts';
import type { CallPlan } from './plan.ts';

const NONE_SHARE = 0.02;
const EMPTY_SHARE = 0.2;
const ODD_SHARE = 0.12;
const ARRAY_SHARE = 0.05;

/** What came with the request for the call: texts by the book, anything in practice. Calls that came in often carry nothing. */
export function providedVariables(plan: CallPlan, customer: string): Record<string, unknown> | null {
  const dice = new Dice(plan.stream, 'provided');
  if (dice.chance(NONE_SHARE)) return null;
  if (plan.line !== 'outgoing' && dice.chance(EMPTY_SHARE)) return {};
  const plain = {
    customer_name: customer,
    firstName: firstName(customer),
    'crm-id': `C-${dice.digits(6)}`,
    topic: plan.agent.scenario.topic,
  };
  if (!dice.chance(ODD_SHARE)) return plain;
  return {
    ...plain,
    'מספר לקוח': dice.int(10_000, 99_999),
    'mood 🙂': dice.pick(['רגוע', null]),
    is_vip: dice.chance(0.5),
    balance: dice.int(-90_000, 90_000) / 100,
    history: [{ 'שיחה קודמת': { reason: null, minutes: dice.int(1, 9) } }, []],
    '': 'מפתח ריק',
  };
}

/** What came up during the call: by name, or in a few calls as a list of entries. */
export function collectedVariables(
  plan: CallPlan,
  heard: readonly Line[],
): Record<string, unknown> | Record<string, unknown>[] {
  const dice = new Dice(plan.stream, 'collected');
  const findings = findingsOf(heard);
  if (!dice.chance(ARRAY_SHARE)) return findings;
  const entries = Object.entries(findings);
  if (dice.chance(0.5)) {
    return entries.map(([name, value]) => ({ name, type: value === null ? 'null' : typeof value, value }));
  }
  return entries.map((_, position) => ({ question: position + 1, score: dice.int(1, 10), weight: 0.5 }));
}

/** What the analysis draws out of the whole conversation: texts, or null for what it does not find. */
export function extractedVariables(plan: CallPlan, lines: readonly Line[]): Record<string, string | null> {
  const findings = findingsOf(lines);
  return Object.fromEntries(plan.agent.fields.map((name) => [name, asAnswer(findings[name])]));
}

function asAnswer(value: Finding | undefined): string | null {
  if (value === undefined || value === null) return null;
  if (typeof value === 'boolean') return value ? 'כן' : 'לא';
  return String(value);
}
