import fc from 'fast-check';
import { describe, expect, it, test } from 'vitest';
import { DAY, HOUR, MINUTE, SECOND } from '../../src/clock.ts';
import { formatDuration, parseDuration } from '../../src/config/duration.ts';

describe('a duration is read', () => {
  it.each([
    ['250ms', 250],
    ['15s', 15 * SECOND],
    ['2m', 2 * MINUTE],
    ['2h', 2 * HOUR],
    ['90d', 90 * DAY],
    ['2w', 14 * DAY],
    ['1h30m', 90 * MINUTE],
    ['1d2h3m4s5ms', DAY + 2 * HOUR + 3 * MINUTE + 4 * SECOND + 5],
    ['1.5h', 90 * MINUTE],
    ['0.0004s', 0],
    [' 15s ', 15 * SECOND],
    ['0s', 0],
  ])('%j is %i ms', (text, ms) => {
    expect(parseDuration(text)).toBe(ms);
  });

  it.each([
    '',
    '15',
    '15 s',
    's',
    '-5s',
    '+5s',
    '1h 30m',
    '1h30',
    '5S',
    '5min',
    '5 minutes',
    '1e3s',
    '.5h',
    '1,5h',
    'P1D',
    '٣s',
    'all',
  ])('but not %j: a number without its unit is no duration', (text) => {
    expect(parseDuration(text)).toBe(null);
  });
});

describe('a duration is told to people in two units at most', () => {
  it.each([
    [-5, '0ms'],
    [0, '0ms'],
    [0.4, '0ms'],
    [250, '250ms'],
    [999, '999ms'],
    [1_000, '1s'],
    [42_900, '42s'],
    [60_000, '1m'],
    [185_000, '3m 5s'],
    [2 * HOUR + 10 * MINUTE, '2h 10m'],
    [2 * HOUR + 10 * SECOND, '2h 10s'],
    [5 * DAY + 3 * HOUR + 59 * MINUTE, '5d 3h'],
    [400 * DAY, '400d'],
  ])('%i ms is %s', (ms, text) => {
    expect(formatDuration(ms)).toBe(text);
  });

  test('and what is told can be read again, and is not longer than it was', () => {
    fc.assert(
      fc.property(fc.integer({ min: 0, max: 400 * DAY }), (ms) => {
        const again = parseDuration(formatDuration(ms).replace(' ', '')) ?? Number.NaN;
        expect(again).toBeLessThanOrEqual(ms);
        expect(again).toBeGreaterThan(ms * 0.9 - SECOND);
      }),
    );
  });
});
