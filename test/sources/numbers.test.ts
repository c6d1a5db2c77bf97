import fc from 'fast-check';
import { describe, expect, it, test } from 'vitest';
import { parseJson } from '../../src/json.ts';
import { asNumber, lengthMs, maybeDecimal, wholeNumber } from '../../src/sources/numbers.ts';

const NONE = [
  'null',
  '""',
  '" "',
  '"abc"',
  '"1,000"',
  '"1,234.50"',
  '"1.234,50"',
  '"1_000"',
  '"1 000"',
  '"+5"',
  '".5"',
  '"5."',
  '"0x10"',
  '"NaN"',
  '"Infinity"',
  '"१२"',
  'true',
  '[]',
  '[5]',
  '{}',
];

describe('an amount by its digits', () => {
  it.each([
    ['12.5', '12.5'],
    ['12.50', '12.50'],
    ['"12.5"', '12.5'],
    ['" 12 "', '12'],
    ['"\\t12\\n"', '12'],
    ['1e3', '1000'],
    ['"1E+3"', '1000'],
    ['12.5e-3', '0.0125'],
    ['-0', '0'],
    ['"007"', '7'],
    ['-5', '-5'],
    [`${'9'.repeat(100)}.${'9'.repeat(100)}`, `${'9'.repeat(100)}.${'9'.repeat(100)}`],
  ])('%s', (json, amount) => {
    expect(maybeDecimal.parse(parseJson(json))).toBe(amount);
  });

  it.each([...NONE.slice(2), `"${'9'.repeat(101)}"`, `"0.${'9'.repeat(101)}"`, '1e100', '1e-101', '1e9999'])(
    'not %s',
    (json) => {
      expect(maybeDecimal.safeParse(parseJson(json)).success).toBe(false);
    },
  );

  it.each([null, '', undefined])('%j is none', (value) => {
    expect(maybeDecimal.parse(value)).toBe(null);
  });

  test('is the same as a number and as text, whatever it is', () => {
    const digits = fc.tuple(fc.bigInt({ min: -(10n ** 30n), max: 10n ** 30n }), fc.nat({ max: 99 }));
    fc.assert(
      fc.property(digits, ([whole, cents]) => {
        const text = `${whole}.${String(cents).padStart(2, '0')}`;
        expect(maybeDecimal.parse(parseJson(text))).toBe(maybeDecimal.parse(` ${text} `));
      }),
    );
  });
});

describe('a number', () => {
  it.each([
    ['1.5', 1.5],
    ['"1.5"', 1.5],
    ['" -1.5e1 "', -15],
    ['1e400', Infinity],
  ])('%s', (json, number) => {
    expect(asNumber(parseJson(json))).toBe(number);
  });

  it.each(NONE)('not %s', (json) => {
    expect(asNumber(parseJson(json))).toBe(null);
  });
});

describe('a whole number', () => {
  it.each([
    ['5', 5],
    ['0', 0],
    ['5.0', 5],
    ['"5.00"', 5],
    ['" 5 "', 5],
    ['5e3', 5_000],
    ['999999999999999', 999_999_999_999_999],
  ])('%s', (json, number) => {
    expect(wholeNumber(parseJson(json))).toBe(number);
  });

  it.each([...NONE, '-5', '5.5', '"5.5"', '1000000000000000', '1e400'])('not %s', (json) => {
    expect(wholeNumber(parseJson(json))).toBe(null);
  });
});

describe('a length in a call is of a week at most', () => {
  it.each([
    ['0', 1, 0],
    ['-0', 1, 0],
    ['1.5', 1, 2],
    ['"1500"', 1, 1_500],
    ['604800000', 1, 604_800_000],
    ['1.5', 1_000, 1_500],
    ['"1.5"', 1_000, 1_500],
    ['604800', 1_000, 604_800_000],
  ])('%s, in units of %i ms', (json, unitMs, ms) => {
    expect(lengthMs(parseJson(json), unitMs)).toBe(ms);
  });

  it.each([
    ['604800001', 1],
    ['604801', 1_000],
    ['-1', 1],
    ['-0.1', 1],
    ['1e300', 1],
    ['1e400', 1],
    ['"long"', 1],
  ])('not %s, in units of %i ms', (json, unitMs) => {
    expect(lengthMs(parseJson(json), unitMs)).toBe(null);
  });
});
