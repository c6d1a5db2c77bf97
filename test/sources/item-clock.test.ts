import fc from 'fast-check';
import { describe, expect, it, test } from 'vitest';
import { itemClock } from '../../src/sources/item-clock.ts';

const START = 1_795_143_600_000;
const CALL = { startedAt: START, durationMs: 60_000 };

describe('the unit is inferred once for the whole transcript', () => {
  it.each([
    ['unix ms', [START + 1_000, START + 59_000], 1_000, 59_000],
    ['unix ms before the start of the call', [START - 500, START + 2_000], -500, 2_000],
    ['unix seconds', [START / 1_000 + 1, START / 1_000 + 59], 1_000, 59_000],
    ['unix seconds with fractions', [START / 1_000 + 1.25, START / 1_000 + 59], 1_250, 59_000],
    ['an offset in ms', [1_000, 59_000], 1_000, 59_000],
    ['an offset in seconds', [1, 59], 1_000, 59_000],
    ['an offset in seconds with fractions', [0.25, 59.125], 250, 59_125],
    ['an offset in ms that begins at zero', [0, 40_000], 0, 40_000],
    ['zero alone', [0, 0], 0, 0],
  ])('%s', (_, raws, first, second) => {
    const clock = itemClock(raws, CALL);
    expect(raws.map(clock)).toEqual([first, second].map((offsetMs) => ({ at: START + offsetMs, offsetMs })));
  });

  test('never per item: a small value among large ones has their unit', () => {
    expect(itemClock([5, 40_000], CALL)(5)).toEqual({ at: START + 5, offsetMs: 5 });
  });

  it.each([
    ['a call of ten minutes in which only a greeting was said', [0, 4_000], 600_000, 4_000],
    ['offsets in ms with fractions', [250.5, 31_000.25], 60_000, 31_000],
  ])('never so that the talk would outlast the call: %s', (_, raws, durationMs, last) => {
    const clock = itemClock(raws, { startedAt: START, durationMs });
    expect(clock(raws[1] ?? null)).toEqual({ at: START + last, offsetMs: last });
  });
});

test('an item without a time has none, and no transcript needs any', () => {
  expect(itemClock([null, null], CALL)(null)).toEqual({ at: null, offsetMs: null });
  expect(itemClock([START, null], CALL)(null)).toEqual({ at: null, offsetMs: null });
});

test('of a call without a start, unix times give an instant and offsets an offset', () => {
  const unplaced = { startedAt: null, durationMs: null };
  expect(itemClock([START], unplaced)(START)).toEqual({ at: START, offsetMs: null });
  expect(itemClock([START / 1_000], unplaced)(START / 1_000)).toEqual({ at: START, offsetMs: null });
  expect(itemClock([5_000], unplaced)(5_000)).toEqual({ at: null, offsetMs: 5_000 });
});

const NO_TIME = { at: null, offsetMs: null };
const WEEK = 7 * 24 * 3_600_000;

describe('an absurd time is none, and says nothing of the unit of the others', () => {
  it.each([
    ['unix ms', [START + 1_000, START + 59_000]],
    ['unix seconds', [START / 1_000 + 1, START / 1_000 + 59]],
    ['an offset in ms', [1_000, 59_000]],
    ['an offset in seconds', [1, 59]],
  ])('beside %s', (_, raws) => {
    for (const absurd of [17_957_871_000, 8.2e12, -8.2e12, 1e300, -1e300, WEEK + 1, Infinity, Number.NaN]) {
      const all = [absurd, ...raws];
      expect(all.map(itemClock(all, CALL)), String(absurd)).toEqual([
        NO_TIME,
        { at: START + 1_000, offsetMs: 1_000 },
        { at: START + 59_000, offsetMs: 59_000 },
      ]);
    }
  });

  test('an instant further than a week from the start of the call is none', () => {
    const raws = [START - WEEK, START - WEEK - 1, START + WEEK, START + WEEK + 1];
    expect(raws.map(itemClock(raws, CALL))).toEqual([
      { at: START - WEEK, offsetMs: -WEEK },
      NO_TIME,
      { at: START + WEEK, offsetMs: WEEK },
      NO_TIME,
    ]);
  });

  test('an offset among instants is none', () => {
    expect([START + 1_000, 5_000].map(itemClock([START + 1_000, 5_000], CALL))).toEqual([
      { at: START + 1_000, offsetMs: 1_000 },
      NO_TIME,
    ]);
  });
});

test('whatever the vendor sends, every time lies within a call: absurd ones are left out', () => {
  const number = fc.oneof(
    fc.double({ noNaN: true }),
    fc.integer({ min: -100_000, max: 100_000 }),
    fc.integer({ min: START - 100_000, max: START + 100_000 }),
    fc.integer({ min: -2 * WEEK, max: 2 * WEEK }),
    fc.integer({ min: START - 2 * WEEK, max: START + 2 * WEEK }),
  );
  const year = (at: number) => new Date(at).getUTCFullYear();
  fc.assert(
    fc.property(fc.array(fc.option(number), { maxLength: 8 }), fc.boolean(), (raws, isPlaced) => {
      const clock = itemClock(raws, isPlaced ? CALL : { startedAt: null, durationMs: null });
      for (const { at, offsetMs } of raws.map(clock)) {
        expect(at === null || (Number.isSafeInteger(at) && year(at) >= 2015 && year(at) < 2100)).toBe(true);
        expect(offsetMs === null || (Number.isSafeInteger(offsetMs) && Math.abs(offsetMs) <= WEEK)).toBe(
          true,
        );
        if (isPlaced) expect(at).toBe(offsetMs === null ? null : START + offsetMs);
      }
    }),
  );
});
