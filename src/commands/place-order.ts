import type { CallOrder, CallPlacing } from '../source.ts';
import { PLACEMENT_MARK } from '../sync/find-placed.ts';

/** What `place` is told of the call, as it was typed. */
export interface TypedOrder {
  from: string | null;
  to: string | null;
  agentId: string | null;
  presentation: string | null;
  /** `name=value` each. */
  variables: readonly string[];
  metadata: readonly string[];
}

const FLAGS: Readonly<Record<keyof CallOrder, string>> = {
  fromNumber: '--from',
  toNumber: '--to',
  agentId: '--agent',
  presentationNumber: '--presentation',
  variables: '--var',
  metadata: '--meta',
};

/** The order that was typed, with its mark. What is wrong with it is added to `problems`. */
export function readOrder(typed: TypedOrder, placement: string, problems: string[]): CallOrder {
  return {
    fromNumber: typed.from ?? '',
    toNumber: typed.to ?? '',
    agentId: typed.agentId,
    presentationNumber: typed.presentation,
    variables: readPairs('--var', typed.variables, [], problems),
    metadata: {
      ...readPairs('--meta', typed.metadata, [PLACEMENT_MARK], problems),
      [PLACEMENT_MARK]: placement,
    },
  };
}

function readPairs(
  flag: string,
  texts: readonly string[],
  reserved: readonly string[],
  problems: string[],
): Record<string, string> {
  const pairs = new Map<string, string>();
  for (const text of texts) {
    const split = text.indexOf('=');
    const name = text.slice(0, Math.max(0, split)).trim();
    if (name === '') problems.push(`${flag} '${text}' wants a name and a value, such as name=value`);
    else if (reserved.includes(name)) problems.push(`${flag} ${name}: callhouse sets it by itself`);
    else if (pairs.has(name)) problems.push(`${flag} ${name} is given twice`);
    else pairs.set(name, text.slice(split + 1));
  }
  return Object.fromEntries(pairs);
}

/** The order as the vendor spells it. What it would not take is added to `problems`. */
export function spellOrder(placing: CallPlacing, order: CallOrder, problems: string[]): CallOrder {
  const checked = placing.checkOrder(order);
  if ('order' in checked) return checked.order;
  for (const { part, reason } of checked.problems) {
    const given = order[part];
    problems.push(given === '' ? `${FLAGS[part]} is missing` : `${FLAGS[part]} '${given}' ${reason}`);
  }
  return order;
}

/** What is sent in another spelling than it was typed, for a note. */
export function describeSpelling(typed: CallOrder, spelt: CallOrder): string[] {
  return (['fromNumber', 'toNumber', 'presentationNumber'] as const)
    .filter((part) => typed[part] !== spelt[part])
    .map((part) => `${FLAGS[part]} '${typed[part]}' is sent as ${spelt[part]}`);
}
