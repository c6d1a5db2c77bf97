import { describe, expect, it, test } from 'vitest';
import { HOUR, MINUTE, SECOND } from '../../src/clock.ts';
import {
  chooseGap,
  type DoubtedStretch,
  inHalves,
  isToBeHalved,
  type NewDoubt,
  nextTryOf,
  TOLD_TWICE_AFTER_MS,
  toldBefore,
  withDoubt,
  withoutCovered,
} from '../../src/coverage/doubts.ts';
import type { TimeWindow } from '../../src/source.ts';

const NOON = Date.parse('2026-11-20T03:00:00Z');
const hours = (from: number | null, to: number | null): TimeWindow => ({
  from: from === null ? null : NOON + from * HOUR,
  to: to === null ? null : NOON + to * HOUR,
});
const doubt = (stretch: TimeWindow, given: Partial<DoubtedStretch> = {}): DoubtedStretch => ({
  stretch,
  reason: 'fewer_than_counted',
  order: 'newest_first',
  callsSeen: 60,
  callsCounted: 90,
  attempts: 1,
  since: NOON,
  nextTryAt: NOON,
  ...given,
});
const word = (reason: NewDoubt['reason'] = 'fewer_than_counted'): NewDoubt => ({
  reason,
  order: 'newest_first',
  callsSeen: 60,
  callsCounted: 90,
});
const tried = (doubts: DoubtedStretch[], part: TimeWindow, now: number, reason?: NewDoubt['reason']) =>
  withDoubt(doubts, [part], word(reason), { now, isTry: true });
const polled = (doubts: DoubtedStretch[], part: TimeWindow, now: number, reason?: NewDoubt['reason']) =>
  withDoubt(doubts, [part], word(reason), { now, isTry: false });

describe('a stretch that is read in vain', () => {
  test('is read again a moment later, as a whole', () => {
    const [first] = tried([], hours(0, 4), NOON);
    expect(first).toMatchObject({ attempts: 1, since: NOON, nextTryAt: NOON + TOLD_TWICE_AFTER_MS });
    expect(first && isToBeHalved(first)).toBe(false);
  });

  test('in vain again, is halved, and where it is not, rests ever longer, a day at most', () => {
    let doubts = tried([], hours(0, 4), NOON);
    const rests: number[] = [];
    for (let attempt = 2; attempt <= 9; attempt += 1) {
      doubts = tried(doubts, hours(0, 4), NOON);
      rests.push(((doubts[0]?.nextTryAt ?? 0) - NOON) / HOUR);
      expect(doubts[0] && isToBeHalved(doubts[0])).toBe(attempt < 8);
    }
    expect(rests).toEqual([1, 2, 4, 8, 16, 24, 24, 24]);
  });

  test('keeps what of it was not tried as it was', () => {
    const before = [doubt(hours(0, 8), { attempts: 2, nextTryAt: NOON + HOUR })];
    expect(tried(before, hours(4, 8), NOON + MINUTE)).toMatchObject([
      { stretch: hours(0, 4), attempts: 2, nextTryAt: NOON + HOUR },
      { stretch: hours(4, 8), attempts: 3, since: NOON },
    ]);
  });

  test('is halved so that both halves are due', () => {
    const halves = inHalves(doubt(hours(null, 4), { attempts: 2 }), NOON, NOON + 1);
    expect(halves).toMatchObject([
      { stretch: hours(null, 0), attempts: 2, nextTryAt: NOON + 1 },
      { stretch: hours(0, 4), attempts: 2, nextTryAt: NOON + 1 },
    ]);
  });

  test('is not halved where it is a moment', () => {
    const moment = { from: NOON, to: NOON + SECOND };
    expect(isToBeHalved(doubt(moment, { attempts: 3 }))).toBe(false);
  });
});

describe('the newest time, read in vain at every poll', () => {
  test('grows as one stretch, and a poll is no attempt', () => {
    const first = polled([], hours(0, 2), NOON);
    const second = polled(first, hours(1, 3), NOON + MINUTE);
    expect(second).toMatchObject([{ stretch: hours(0, 3), attempts: 1, since: NOON }]);
  });

  test('does not wake up what rests', () => {
    const resting = [doubt(hours(0, 2), { attempts: 8, nextTryAt: NOON + 5 * HOUR })];
    expect(polled(resting, hours(1, 3), NOON)[0]).toMatchObject({ attempts: 8, nextTryAt: NOON + 5 * HOUR });
  });
});

// Holds invariant 3.
describe('an end that is told once', () => {
  test('is told twice some time later, and not at once', () => {
    const doubts = polled([], hours(0, 2), NOON, 'told_once');
    expect(toldBefore(doubts, hours(1, 3), NOON + SECOND)).toEqual([]);
    expect(toldBefore(doubts, hours(1, 3), NOON + TOLD_TWICE_AFTER_MS)).toEqual([hours(1, 2)]);
  });

  test('does not get younger by being told again too early', () => {
    const doubts = polled([], hours(0, 2), NOON, 'told_once');
    expect(polled(doubts, hours(0, 3), NOON + SECOND, 'told_once')).toMatchObject([
      { stretch: hours(0, 2), since: NOON },
      { stretch: hours(2, 3), since: NOON + SECOND },
    ]);
  });

  test('is not told before by a stretch that was doubted for another reason', () => {
    expect(toldBefore([doubt(hours(0, 2))], hours(0, 2), NOON + HOUR)).toEqual([]);
  });
});

test('what is covered is doubted no more', () => {
  expect(
    withoutCovered([doubt(hours(0, 9))], [hours(2, 3), hours(8, 12)]).map(({ stretch }) => stretch),
  ).toEqual([hours(0, 2), hours(3, 8)]);
});

describe('what is read next', () => {
  const due = doubt(hours(2, 4));
  const resting = doubt(hours(6, 8), { nextTryAt: NOON + HOUR });

  it.each<[string, TimeWindow[], DoubtedStretch[], unknown]>([
    ['nothing, where nothing is missing', [], [due], null],
    ['nothing, where all that is missing rests', [hours(6, 8)], [resting], null],
    ['the newest that is due', [hours(0, 8)], [due, resting], { is: 'unread', window: hours(4, 6) }],
    ['a stretch in doubt', [hours(2, 4)], [due], { is: 'doubted', doubt: due }],
    [
      'an end that was told once',
      [hours(2, 4)],
      [{ ...due, reason: 'told_once' }],
      { is: 'told_once', doubt: { ...due, reason: 'told_once' } },
    ],
    [
      'all of history, which has no beginning',
      [hours(null, 2)],
      [due],
      { is: 'unread', window: hours(null, 2) },
    ],
  ])('is %s', (_, gaps, doubts, expected) => {
    expect(chooseGap(gaps, doubts, NOON)).toEqual(expected);
  });

  test('is due at the earliest of what lies in a gap', () => {
    expect(nextTryOf([hours(6, 8)], [due, resting])).toBe(NOON + HOUR);
    expect(nextTryOf([hours(20, 21)], [due])).toBeNull();
  });
});
