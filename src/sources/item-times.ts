import type { Instant, PayloadKind, UnreadField } from '../call.ts';
import type { Json } from '../json.ts';
import { instantOf } from './instants.ts';
import { itemClock, NO_TIME } from './item-clock.ts';
import { asNumber } from './numbers.ts';

/** Reads the times of a transcript's items, all in one unit, and tells which of them could not be true. */
export function itemTimes(
  values: readonly Json[],
  call: { startedAt: Instant | null; durationMs: number | null },
): {
  read(value: Json, path: string): { at: Instant | null; offsetMs: number | null };
  unread(kind: PayloadKind, at: string): UnreadField[];
} {
  const clock = itemClock(values.map(spokenAt), call);
  const refused: { path: string; value: Json }[] = [];
  return {
    read(value, path) {
      if (value === null || value === '') return NO_TIME;
      const time = clock(spokenAt(value));
      if (time === NO_TIME) refused.push({ path, value });
      return time;
    },
    unread: (kind, at) =>
      refused.map(({ path, value }) => ({
        kind,
        path: `${at}.${path}`,
        reason: 'is no time within a call',
        value,
        facet: null,
      })),
  };
}

/** A number in a unit that is yet to be found, or an instant that says its own. */
function spokenAt(value: Json): number | null {
  return asNumber(value) ?? instantOf(value);
}
