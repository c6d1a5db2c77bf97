import fc from 'fast-check';
import { describe, expect, it, test } from 'vitest';
import { DAY, HOUR, MINUTE } from '../../src/clock.ts';
import type { TimeWindow } from '../../src/source.ts';
import {
  learnPace,
  newPace,
  planAfterProbe,
  planBackfill,
  WINDOW_ROWS_MAX,
} from '../../src/sync/plan-backfill.ts';

const TO = Date.parse('2026-11-20T03:00:00Z');
const ALL: TimeWindow = { from: null, to: TO };
const YEAR: TimeWindow = { from: TO - 365 * DAY, to: TO };
/** The newest part of a gap. */
const last = (ms: number): TimeWindow => ({ from: TO - ms, to: TO });

describe('after a look at the first page, the first window', () => {
  type Probe = Parameters<typeof planAfterProbe>[1];
  const probe: Probe = { rows: 100, oldest: TO - HOUR, totalCount: 100_000, isLast: false };
  it.each<[string, TimeWindow, Partial<Probe>, TimeWindow]>([
    ['of a gap that is one page is the gap', ALL, { isLast: true }, ALL],
    ['of a gap that is small is the gap', ALL, { totalCount: WINDOW_ROWS_MAX }, ALL],
    [
      'of a larger one is as wide as the page says',
      ALL,
      { totalCount: WINDOW_ROWS_MAX + 1 },
      last(50 * HOUR),
    ],
    ['does not need a count', ALL, { totalCount: null }, last(50 * HOUR)],
    ['is a day where the page shows no times', ALL, { oldest: null }, last(DAY)],
    ['is a minute at least', ALL, { oldest: TO }, last(MINUTE)],
    ['is a minute where the vendor broke the order', ALL, { oldest: TO + HOUR }, last(MINUTE)],
    ['is a year and a day at most', ALL, { oldest: TO - 3_000 * DAY }, last(366 * DAY)],
    ['is the gap, where that is narrower', last(HOUR), {}, last(HOUR)],
    ['is the gap, where that has no end', { from: 0, to: null }, {}, { from: 0, to: null }],
    ['of an empty page is a day', ALL, { rows: 0, oldest: null }, last(DAY)],
  ])('%s', (_, gap, given, window) => {
    expect(planAfterProbe(gap, { ...probe, ...given })).toEqual(window);
  });
});

describe('the next window', () => {
  it.each<[string, TimeWindow, Partial<ReturnType<typeof newPace>>, TimeWindow | null]>([
    ['asks for a look first', YEAR, {}, null],
    [
      'asks for a look where much is left and nothing was read',
      YEAR,
      { remainingRows: WINDOW_ROWS_MAX + 1 },
      null,
    ],
    ['is all of a rest that is small', YEAR, { remainingRows: WINDOW_ROWS_MAX }, YEAR],
    [
      'is all of a small rest after windows too',
      ALL,
      { remainingRows: 10, last: { widthMs: DAY, rows: 5_000 } },
      ALL,
    ],
    ['is as wide as the last that was full', YEAR, { last: { widthMs: DAY, rows: 5_000 } }, last(DAY)],
    ['is twice as wide after one half full', YEAR, { last: { widthMs: DAY, rows: 2_500 } }, last(2 * DAY)],
    [
      'is half as wide after one twice too full',
      YEAR,
      { last: { widthMs: DAY, rows: 10_000 } },
      last(DAY / 2),
    ],
    ['grows no more than fourfold', YEAR, { last: { widthMs: DAY, rows: 1 } }, last(4 * DAY)],
    ['grows fourfold after an empty one', YEAR, { last: { widthMs: DAY, rows: 0 } }, last(4 * DAY)],
    ['shrinks to no less than a quarter', YEAR, { last: { widthMs: DAY, rows: 5_000_000 } }, last(DAY / 4)],
    ['is a minute at least', YEAR, { last: { widthMs: MINUTE, rows: 50_000 } }, last(MINUTE)],
    ['is a year and a day at most', ALL, { last: { widthMs: 366 * DAY, rows: 0 } }, last(366 * DAY)],
    [
      'is the rest of a gap that is narrower',
      last(HOUR),
      { last: { widthMs: DAY, rows: 5_000 } },
      last(HOUR),
    ],
  ])('%s', (_, gap, pace, window) => {
    expect(planBackfill(gap, { ...newPace(), ...pace })).toEqual(window);
  });
});

describe('what a closed window teaches', () => {
  test('its width and rows, and what is left', () => {
    const pace = { ...newPace(), remainingRows: 9_000 };
    learnPace(pace, last(DAY), 4_000);
    expect(pace).toEqual({ remainingRows: 5_000, readRows: 4_000, last: { widthMs: DAY, rows: 4_000 } });
    learnPace(pace, last(HOUR), 6_000);
    expect(pace).toEqual({ remainingRows: 0, readRows: 10_000, last: { widthMs: HOUR, rows: 6_000 } });
  });

  test('no width, where it had no bounds', () => {
    const pace = newPace();
    learnPace(pace, ALL, 70);
    expect(pace).toEqual({ remainingRows: null, readRows: 70, last: null });
  });
});

test('no window ever leaves its gap, is empty, or leaves newer time behind', () => {
  const gap: fc.Arbitrary<TimeWindow & { to: number }> = fc
    .record({
      to: fc.integer({ min: 1, max: TO }),
      widthMs: fc.option(fc.integer({ min: 1, max: 900 * DAY })),
    })
    .map(({ to, widthMs }) => ({ from: widthMs === null ? null : to - widthMs, to }));
  const rows = fc.integer({ min: 0, max: 1_000_000 });
  const pace = fc.record({
    remainingRows: fc.option(rows),
    readRows: rows,
    last: fc.option(fc.record({ widthMs: fc.integer({ min: 1, max: 400 * DAY }), rows })),
  });
  const probe = fc.record({
    rows: fc.integer({ min: 0, max: 100 }),
    oldest: fc.option(fc.integer({ min: 0, max: TO + DAY })),
    totalCount: fc.option(rows),
    isLast: fc.boolean(),
  });
  fc.assert(
    fc.property(gap, pace, probe, (whole, learned, page) => {
      for (const window of [planBackfill(whole, learned), planAfterProbe(whole, page)]) {
        if (window === null) continue;
        expect(window.to).toBe(whole.to);
        if (whole.from !== null) expect(window.from).toBeGreaterThanOrEqual(whole.from);
        if (window.from !== null) expect(window.from).toBeLessThan(whole.to);
      }
    }),
    { numRuns: 1_000 },
  );
});
