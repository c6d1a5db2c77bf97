import type { TimeWindow } from '../source.ts';

/** Arithmetic of half-open stretches of time, as PostgreSQL's multiranges do it. Null is without end. */

const startOf = ({ from }: TimeWindow): number => from ?? Number.NEGATIVE_INFINITY;
const endOf = ({ to }: TimeWindow): number => to ?? Number.POSITIVE_INFINITY;

function stretch(from: number, to: number): TimeWindow[] {
  if (from >= to) return [];
  return [{ from: Number.isFinite(from) ? from : null, to: Number.isFinite(to) ? to : null }];
}

export function overlaps(a: TimeWindow, b: TimeWindow): boolean {
  return startOf(a) < endOf(b) && startOf(b) < endOf(a);
}

/** What both have in common: one stretch or none. */
export function common(a: TimeWindow, b: TimeWindow): TimeWindow[] {
  return stretch(Math.max(startOf(a), startOf(b)), Math.min(endOf(a), endOf(b)));
}

/** What is left of `a` without the others, oldest first. */
export function without(a: TimeWindow, others: readonly TimeWindow[]): TimeWindow[] {
  return others.reduce<TimeWindow[]>(
    (left, other) =>
      left.flatMap((one) => [
        ...stretch(startOf(one), Math.min(endOf(one), startOf(other))),
        ...stretch(Math.max(startOf(one), endOf(other)), endOf(one)),
      ]),
    [a],
  );
}

/** The shortest stretch that holds them all. */
export function span(all: readonly [TimeWindow, ...TimeWindow[]]): TimeWindow {
  const [first = all[0]] = stretch(Math.min(...all.map(startOf)), Math.max(...all.map(endOf)));
  return first;
}
