import fc from 'fast-check';
import { describe, expect, it, test } from 'vitest';
import { parseJson } from '../../src/json.ts';
import { instantOf, isPlausible } from '../../src/sources/instants.ts';

const AT = 1_795_143_600_000;
const EARLIEST = Date.UTC(2015, 0, 1);
const LATEST = Date.UTC(2100, 0, 1);

describe('an instant', () => {
  it.each([
    ['1795143600000', 0],
    ['1795143600000.0', 0],
    ['1.7951436e12', 0],
    ['"1795143600000"', 0],
    ['" 1795143600000 "', 0],
    ['1795143600', 0],
    ['1795143600.0', 0],
    ['"1795143600"', 0],
    ['"\\t1795143600\\n"', 0],
    ['"2026-11-20T03:00:00Z"', 0],
    ['"2026-11-20t03:00:00z"', 0],
    ['"2026-11-20 03:00:00Z"', 0],
    ['"2026-11-20T03:00Z"', 0],
    ['"2026-11-20T03:00:00.5Z"', 500],
    ['"2026-11-20T03:00:00.123456789012Z"', 123],
    ['"2026-11-20T12:00:00+09:00"', 0],
    ['"2026-11-20T12:00:00+0900"', 0],
    ['"2026-11-20T12:00:00+09"', 0],
    ['"2026-11-19T22:30:00-04:30"', 0],
    ['"2026-11-20T03:00:00"', 0],
    ['" 2026-11-20T03:00:00Z "', 0],
  ])('%s', (json, later) => {
    expect(instantOf(parseJson(json))).toBe(AT + later);
  });

  it.each([
    'null',
    '""',
    '" "',
    'true',
    '[]',
    '{}',
    '"now"',
    '0',
    '-1',
    '-1795143600',
    '1795143600.5',
    '1795143600000.5',
    '179514360',
    '17951436000',
    '179514360000',
    '17951436000000',
    '1795143600000000',
    '1e300',
    '1e400',
    '"1,795,143,600"',
    '"1795143600s"',
    '"2026-11-20"',
    '"20.11.2026 03:00"',
    '"11/20/2026 03:00"',
    '"Fri, 20 Nov 2026 03:00:00 GMT"',
    '"2026-02-30T03:00:00Z"',
    '"2026-11-20T25:00:00Z"',
    '"2026-11-20T03:60:00Z"',
    '"2026-11-20T03:00:00+25:00"',
    '"2014-12-31T23:59:59Z"',
    '"2100-01-01T00:00:00Z"',
  ])('not %s', (json) => {
    expect(instantOf(parseJson(json))).toBe(null);
  });

  test('is the same in every spelling, whenever it is', () => {
    fc.assert(
      fc.property(fc.integer({ min: EARLIEST / 1_000, max: LATEST / 1_000 - 1 }), (seconds) => {
        const at = seconds * 1_000;
        for (const spelled of [at, seconds, `${at}`, `${seconds}`, new Date(at).toISOString()]) {
          expect(instantOf(spelled)).toBe(at);
        }
      }),
    );
  });

  test('lies between 2015 and 2100, or is none, whatever the number', () => {
    fc.assert(
      fc.property(fc.oneof(fc.double(), fc.maxSafeInteger(), fc.integer()), (number) => {
        const at = instantOf(number);
        expect(at === null || (at >= EARLIEST && at < LATEST)).toBe(true);
      }),
    );
    expect([EARLIEST - 1, EARLIEST, LATEST - 1, LATEST].map(isPlausible)).toEqual([false, true, true, false]);
  });
});
