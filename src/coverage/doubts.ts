import type { Instant } from '../call.ts';
import { DAY, HOUR, SECOND } from '../clock.ts';
import type { ListQuery, TimeWindow } from '../source.ts';
import { common, overlaps, span, without } from './stretches.ts';
import type { Doubt } from './window-evidence.ts';

/** A stretch of time that was read and did not prove itself: a gap, with its reason. */
export interface DoubtedStretch {
  stretch: TimeWindow;
  reason: Doubt;
  /** In which order it was listed. */
  order: ListQuery['order'];
  callsSeen: number;
  /** Null where the vendor did not count. */
  callsCounted: number | null;
  /** How often it, or the stretch that it is a half of, was read in vain. */
  attempts: number;
  since: Instant;
  nextTryAt: Instant;
}

/** What a reading said of a stretch. */
export type NewDoubt = Pick<DoubtedStretch, 'reason' | 'order' | 'callsSeen' | 'callsCounted'>;

/** A fault that passes is over by then; a cache has forgotten what it said. */
export const TOLD_TWICE_AFTER_MS = 5 * SECOND;
/** After so many attempts a stretch is halved: it was read twice as a whole. */
const HALVED_AFTER = 2;
/** Six times in halves, and never more pieces of a source in doubt than this: so halving is bounded in requests. */
const HALVED_UNTIL = 8;
export const PIECES_MAX = 64;
/** What is not halved any more is tried again ever more rarely. */
const REST_MIN_MS = HOUR;
const REST_MAX_MS = DAY;
/** A piece that is narrower is not halved. */
const WIDTH_MIN_MS = 2 * SECOND;

/** Doubts are no longer doubts where time is covered. */
export function withoutCovered(
  doubts: readonly DoubtedStretch[],
  covered: readonly TimeWindow[],
): DoubtedStretch[] {
  return doubts.flatMap((doubt) => without(doubt.stretch, covered).map((stretch) => ({ ...doubt, stretch })));
}

/** The part of a window whose end was told before, long enough ago: told once more, it is covered. */
export function toldBefore(
  doubts: readonly DoubtedStretch[],
  window: TimeWindow,
  now: Instant,
): TimeWindow[] {
  return doubts
    .filter(({ reason, since }) => reason === 'told_once' && since + TOLD_TWICE_AFTER_MS <= now)
    .flatMap(({ stretch }) => common(stretch, window));
}

/**
 * The doubts after a window was read in vain; `uncovered` are its parts that no other reading has covered. A try is a
 * reading for the sake of the stretch itself: it counts. The newest time is read at every poll anyway, and what is
 * doubted of it grows together, so that it stays one stretch.
 */
export function withDoubt(
  doubts: readonly DoubtedStretch[],
  uncovered: readonly TimeWindow[],
  word: NewDoubt,
  { now, isTry }: { now: Instant; isTry: boolean },
): DoubtedStretch[] {
  return uncovered.reduce<DoubtedStretch[]>(
    (all, part) => addDoubt(all, part, word, { now, isTry }),
    [...doubts],
  );
}

function addDoubt(
  doubts: readonly DoubtedStretch[],
  part: TimeWindow,
  word: NewDoubt,
  { now, isTry }: { now: Instant; isTry: boolean },
): DoubtedStretch[] {
  const touched = doubts.filter(({ stretch }) => overlaps(stretch, part));
  const others = doubts.filter((doubt) => !touched.includes(doubt));
  const attempts = Math.max(0, ...touched.map((doubt) => doubt.attempts));
  if (word.reason === 'told_once' && touched.every(({ reason }) => reason === 'told_once')) {
    // What was told before stays as old as it is: it is to be told again soonest.
    const fresh = without(
      part,
      touched.map(({ stretch }) => stretch),
    );
    const told = { ...word, attempts: 0, since: now, nextTryAt: now + TOLD_TWICE_AFTER_MS };
    return [...doubts, ...fresh.map((stretch) => ({ stretch, ...told }))];
  }
  const since = Math.min(now, ...touched.map((doubt) => doubt.since));
  if (isTry) {
    const left = touched.flatMap((doubt) =>
      without(doubt.stretch, [part]).map((stretch) => ({ ...doubt, stretch })),
    );
    const tried = attempts + 1;
    return [
      ...others,
      ...left,
      { stretch: part, ...word, attempts: tried, since, nextTryAt: now + waitAfter(word.reason, tried) },
    ];
  }
  const nextTryAt = Math.max(now + TOLD_TWICE_AFTER_MS, ...touched.map((doubt) => doubt.nextTryAt));
  const stretch = span([part, ...touched.map((doubt) => doubt.stretch)]);
  return [...others, { stretch, ...word, attempts: Math.max(1, attempts), since, nextTryAt }];
}

/** Whether a stretch that was just read in vain is read on in halves: they may prove themselves where it does not. */
export function isToBeHalved({ reason, attempts, stretch }: DoubtedStretch): boolean {
  if (reason === 'told_once' || attempts < HALVED_AFTER || attempts >= HALVED_UNTIL) return false;
  return stretch.from === null || (stretch.to !== null && stretch.to - stretch.from > WIDTH_MIN_MS);
}

/** Both halves, each to be read by itself at once. */
export function inHalves(doubt: DoubtedStretch, middle: Instant, now: Instant): DoubtedStretch[] {
  const { from, to } = doubt.stretch;
  return [
    { ...doubt, stretch: { from, to: middle }, nextTryAt: now },
    { ...doubt, stretch: { from: middle, to }, nextTryAt: now },
  ];
}

function waitAfter(reason: Doubt, attempts: number): number {
  if (reason === 'told_once' || attempts < HALVED_AFTER) return TOLD_TWICE_AFTER_MS;
  return Math.min(REST_MAX_MS, REST_MIN_MS * 2 ** Math.min(attempts - HALVED_AFTER, 10));
}

/** What is to be read next of what is missing. */
export type NextGap =
  /** Time that nobody has read. */
  | { is: 'unread'; window: TimeWindow }
  /** A stretch whose end was told once: it is asked for from its other end. */
  | { is: 'told_once'; doubt: DoubtedStretch }
  /** A stretch that was read in vain. */
  | { is: 'doubted'; doubt: DoubtedStretch };

/** The newest part of what is missing that is due; null when nothing is. */
export function chooseGap(
  gaps: readonly TimeWindow[],
  doubts: readonly DoubtedStretch[],
  now: Instant,
): NextGap | null {
  const unread = gaps
    .flatMap((gap) =>
      without(
        gap,
        doubts.map(({ stretch }) => stretch),
      ),
    )
    .map((window): NextGap => ({ is: 'unread', window }));
  const again = doubts
    .filter(({ nextTryAt, stretch }) => nextTryAt <= now && gaps.some((gap) => overlaps(gap, stretch)))
    .map(asNext);
  const all = [...unread, ...again];
  return all.reduce<NextGap | null>(
    (newest, one) => (newest && endOf(newest) >= endOf(one) ? newest : one),
    null,
  );
}

function asNext(doubt: DoubtedStretch): NextGap {
  return { is: doubt.reason === 'told_once' ? 'told_once' : 'doubted', doubt };
}

function endOf(next: NextGap): number {
  const { to } = next.is === 'unread' ? next.window : next.doubt.stretch;
  return to ?? Number.POSITIVE_INFINITY;
}

/** When the next doubt is due that lies in one of these gaps; null when none does. */
export function nextTryOf(gaps: readonly TimeWindow[], doubts: readonly DoubtedStretch[]): Instant | null {
  const due = doubts
    .filter(({ stretch }) => gaps.some((gap) => overlaps(gap, stretch)))
    .map(({ nextTryAt }) => nextTryAt);
  return due.length === 0 ? null : Math.min(...due);
}
