import fc from 'fast-check';
import { describe, expect, it, test } from 'vitest';
import { DAY, HOUR, MINUTE, SECOND } from '../../src/clock.ts';
import { CEILING_MARGIN_MS, planLive, planLookback } from '../../src/sync/plan-live.ts';

const NOW = Date.parse('2026-11-20T03:00:00Z');
const TO = NOW - CEILING_MARGIN_MS;

type State = Parameters<typeof planLive>[0];
const STATE: State = {
  vendorNow: NOW,
  coveredTo: TO - 15 * SECOND,
  since: null,
  lookbackMs: 2 * HOUR,
  pageFrom: null,
};
/** Two calls a second: a page is full in less than the overlap. */
const BUSY = { pageFrom: TO - 40 * SECOND };

describe('the live window', () => {
  it.each<[string, Partial<State>, from: number, wide: boolean]>([
    ['at the first start holds the look-back', { coveredTo: null }, TO - 2 * HOUR, true],
    ['at a busy first start holds it too', { coveredTo: null, ...BUSY }, TO - 2 * HOUR, true],
    ['on a quiet day holds it', {}, TO - 2 * HOUR, true],
    ['holds it as long as it fits a page', { pageFrom: TO - 3 * HOUR }, TO - 2 * HOUR, true],
    ['on a busy day begins a little before what is covered', BUSY, TO - 15 * SECOND - 2 * MINUTE, false],
    [
      'on a day between goes back as far as its one page holds',
      { pageFrom: TO - 5 * MINUTE },
      TO - 5 * MINUTE,
      false,
    ],
    [
      'after half an hour of downtime begins where it stopped',
      { ...BUSY, coveredTo: TO - HOUR / 2 },
      TO - 32 * MINUTE,
      false,
    ],
    [
      'after a day of downtime leaves the older part to backfill',
      { ...BUSY, coveredTo: TO - DAY },
      TO - 2 * HOUR,
      false,
    ],
    ['after a day of downtime, quiet, is as wide', { coveredTo: TO - DAY }, TO - 2 * HOUR, true],
    [
      'of a vendor whose clock was set back still overlaps',
      { ...BUSY, coveredTo: TO + HOUR },
      TO - 2 * MINUTE,
      false,
    ],
    ['begins no earlier than history', { since: TO - MINUTE }, TO - MINUTE, true],
    ['on a busy day begins no earlier than history', { ...BUSY, since: TO - MINUTE }, TO - MINUTE, false],
    ['is not moved by a history that begins long ago', { since: TO - 90 * DAY }, TO - 2 * HOUR, true],
    [
      'of a look-back shorter than the overlap is the look-back',
      { ...BUSY, lookbackMs: MINUTE },
      TO - MINUTE,
      false,
    ],
  ])('%s', (_, state, from, wide) => {
    expect(planLive({ ...STATE, ...state })).toEqual({ live: { from, to: TO }, wide });
  });

  it.each([
    ['now', NOW],
    ['an hour from now', NOW + HOUR],
    ['within the margin', TO + 1],
  ])('of a history that begins %s is empty, never inverted', (_, since) => {
    const { live } = planLive({ ...STATE, since });
    expect(live.from).toBeLessThanOrEqual(live.to ?? 0);
  });

  test('ends behind the now of the vendor, reaches no further back than the look-back, and leaves no hole', () => {
    const state: fc.Arbitrary<State> = fc.record({
      vendorNow: fc.constant(NOW),
      coveredTo: fc.option(fc.integer({ min: NOW - 3 * DAY, max: NOW + HOUR })),
      since: fc.option(fc.integer({ min: NOW - 3 * DAY, max: TO })),
      lookbackMs: fc.integer({ min: MINUTE, max: 2 * DAY }),
      pageFrom: fc.option(fc.integer({ min: NOW - 3 * DAY, max: NOW + HOUR })),
    });
    fc.assert(
      fc.property(state, (given) => {
        const { live } = planLive(given);
        const [from, to] = [live.from ?? Number.NEGATIVE_INFINITY, live.to ?? Number.POSITIVE_INFINITY];
        expect(to).toBe(TO);
        expect(from).toBeLessThanOrEqual(to);
        expect(from).toBeGreaterThanOrEqual(Math.max(TO - given.lookbackMs, given.since ?? 0));
        const { coveredTo } = given;
        if (coveredTo !== null && coveredTo >= TO - given.lookbackMs && coveredTo >= (given.since ?? 0)) {
          expect(from).toBeLessThanOrEqual(coveredTo);
        }
      }),
      { numRuns: 500 },
    );
  });
});

describe('a look-back of its own', () => {
  const LOOK: Parameters<typeof planLookback>[0] = {
    lookbackMs: 2 * HOUR,
    latenessMs: MINUTE,
    callsInLookback: 2_000,
    pageSize: 100,
    requestsPerMinute: 120,
    wholeIsDue: false,
  };

  it.each<[string, Partial<typeof LOOK>, reachMs: number, whole: boolean]>([
    ['is the whole one when that is due', { wholeIsDue: true }, 2 * HOUR, true],
    ['is the whole one while nothing is known of late calls', { latenessMs: null }, 2 * HOUR, true],
    ['reaches ten minutes at least', {}, 10 * MINUTE, false],
    ['reaches twice as far as late calls came', { latenessMs: 20 * MINUTE }, 40 * MINUTE, false],
    ['reaches no further than the whole one', { latenessMs: 90 * MINUTE }, 2 * HOUR, false],
    ['is never longer than a short look-back', { lookbackMs: MINUTE }, MINUTE, false],
  ])('%s', (_, look, reachMs, whole) => {
    expect(planLookback({ ...LOOK, ...look })).toMatchObject({ reachMs, whole });
  });

  it.each<[string, Partial<typeof LOOK>, everyMs: number]>([
    ['of no calls is free', { callsInLookback: 0 }, 0],
    [
      'of one page comes as often as a three-hundredth of the budget allows',
      { callsInLookback: 1_000 },
      150 * SECOND,
    ],
    ['of two pages comes half as often', {}, 300 * SECOND],
    ['of a large page comes as if it were small', { pageSize: 1_000 }, 150 * SECOND],
    ['comes three times before it has passed, at any price', { requestsPerMinute: 1 }, (2 * HOUR) / 3],
    ['of forty pages comes three times, too', { wholeIsDue: true, callsInLookback: 4_000 }, (2 * HOUR) / 3],
  ])('%s', (_, look, everyMs) => {
    expect(planLookback({ ...LOOK, ...look })).toMatchObject({ everyMs });
  });
});
