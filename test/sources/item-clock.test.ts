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

test('whatever the vendor sends, every instant and offset can be stored: absurd ones are left out', () => {
  const number = fc.oneof(
    fc.double({ noNaN: true }),
    fc.integer({ min: -100_000, max: 100_000 }),
    fc.integer({ min: START - 100_000, max: START + 100_000 }),
  );
  const year = (at: number) => new Date(at).getUTCFullYear();
  fc.assert(
    fc.property(fc.array(fc.option(number), { maxLength: 8 }), (raws) => {
      const clock = itemClock(raws, CALL);
      for (const { at, offsetMs } of raws.map(clock)) {
        expect(at === null || (year(at) > 1_000 && year(at) < 10_000)).toBe(true);
        expect(offsetMs === null || Number.isSafeInteger(offsetMs)).toBe(true);
      }
    }),
  );
});
