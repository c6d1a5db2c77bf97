import type { Cost, TranscriptItem } from '../call.ts';

/** Values that stand beside what they follow from, so that a report need not look for it. */

/** What a call cost in all. */
export function totalOf(costs: readonly Cost[]): Cost | undefined {
  return costs.find(({ component }) => component === 'total');
}

/** Silence before an item in milliseconds, negative when two overlap: by their instants, else by their offsets. */
export function gapMs(before: TranscriptItem | undefined, item: TranscriptItem): number | null {
  if (before === undefined) return null;
  if (before.endedAt !== null && item.startedAt !== null) return item.startedAt - before.endedAt;
  const { offsetMs, durationMs } = before;
  if (offsetMs === null || durationMs === null || item.offsetMs === null) return null;
  return item.offsetMs - (offsetMs + durationMs);
}
