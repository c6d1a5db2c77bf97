import fc from 'fast-check';
import { parse } from 'lossless-json';
import { describe, expect, it, test } from 'vitest';
import {
  canonicalJson,
  isJsonObject,
  isStorableNumber,
  type Json,
  parseJson,
  plainDecimal,
  sha256,
} from '../src/json.ts';
import { useTestDatabase } from './support/database.ts';

// Holds invariant 14.
describe('numbers keep the digits that the vendor wrote', () => {
  it.each([
    '1234567890123456789.10',
    '0.1234567890123456789',
    '1e2',
    '1E+400',
    '-0',
    '-0.0',
    '200.00',
    '9007199254740993',
    '123456789012345678901234567890',
  ])('%s', (digits) => {
    const parsed = parseJson(`{"n":[${digits}]}`);
    expect(canonicalJson(parsed)).toBe(`{"n":[${digits}]}`);
  });
});

describe('the short way and the long way to parse a text agree', () => {
  const parsedByTheLibrary = (text: string) =>
    parse(text, undefined, { onDuplicateKey: ({ newValue }) => newValue }) as Json;
  const agree = (text: string) =>
    expect(canonicalJson(parseJson(text))).toBe(canonicalJson(parsedByTheLibrary(text)));

  it('for any value, written tightly or with spaces', () => {
    fc.assert(
      fc.property(fc.jsonValue({ maxDepth: 4 }), fc.constantFrom(0, 2), (value, spaces) => {
        agree(JSON.stringify(value, null, spaces));
      }),
    );
  });

  it('for numbers of any spelling beside others', () => {
    const number = fc.stringMatching(/^-?(0|[1-9]\d{0,18})(\.\d{1,18})?([eE][+-]?\d{1,2})?$/);
    fc.assert(
      fc.property(fc.array(number, { maxLength: 4 }), (numbers) => {
        agree(`{"a":[${numbers.join(',')}]}`);
      }),
    );
  });
});

describe('a text so long that it is compared piece by piece', () => {
  const item = (i: number) => `{"id":"call-${i}","at":${i},"said":["네, 안녕하세요",${i}.5,null,{}]}`;
  const items = Array.from({ length: 3_000 }, (_, i) => item(i));
  const long = (list: readonly string[], rest = '"next":null,"total":3000') =>
    `{"items":[${list.join(',')}],${rest},"none":[],"nothing":{}}`;
  const withOne = (odd: string) => long(items.with(2_000, odd));

  it.each([
    ['as it is written back', long(items)],
    ['with a digit that a double has not', withOne('{"id":"x","cost":0.1234567890123456789}')],
    ['with digits that it would not write', withOne('{"id":"x","cost":200.00}')],
    ['with one of them at its end', long(items, '"total":3000.0')],
    ['with a key that comes twice', withOne('{"id":"x","id":"y"}')],
    ['with a key that comes twice at its end', long(items, '"total":1,"total":2')],
    ['with a space', withOne(' {"id":"x"}')],
    ['with a space before a key', long(items, ' "total":1')],
    ['with keys that JavaScript puts in another order', withOne('{"b":1,"10":2,"9":3}')],
    ['with such keys at its end', long(items, '"b":1,"10":2,"9":3')],
    ['with a space at its end', `${long(items)} `],
    ['that is a list', `[${items.join(',')}]`],
    ['that is one text', JSON.stringify('가'.repeat(200_000))],
  ])('%s', (_, text) => {
    expect(text.length).toBeGreaterThan(100_000);
    const byTheLibrary = parse(text, undefined, { onDuplicateKey: ({ newValue }) => newValue }) as Json;
    expect(canonicalJson(parseJson(text))).toBe(canonicalJson(byTheLibrary));
  });
});

describe('one spelling for equal values', () => {
  it.each([
    ['{"b":1,"a":{"d":null,"c":true}}', '{"a":{"c":true,"d":null},"b":1}'],
    [' [ 1 , "가" , { } ] ', '[1,"가",{}]'],
    ['{"2":"x","10":"y","é":"z"}', '{"10":"y","2":"x","é":"z"}'],
    ['"\\u00e9\\n\\/"', '"é\\n/"'],
    ['false', 'false'],
    ['[]', '[]'],
  ])('%s is %s', (text, canonical) => {
    expect(canonicalJson(parseJson(text))).toBe(canonical);
  });

  test('the order of keys makes no difference, at any depth', () => {
    fc.assert(
      fc.property(fc.jsonValue({ maxDepth: 4 }), (value) => {
        expect(canonicalJson(reversed(value) as Json)).toBe(canonicalJson(value as Json));
      }),
    );
  });

  test('keys with commas are told apart from keys that a comma joins', () => {
    const spelled = ['{"c":1,"a,b":2}', '{"c,a":1,"b":2}', '{"c":1,"a":2,"b":3}', '{"c,a,b":1}'].map((text) =>
      canonicalJson(parseJson(text)),
    );
    expect(spelled).toEqual(['{"a,b":2,"c":1}', '{"b":2,"c,a":1}', '{"a":2,"b":3,"c":1}', '{"c,a,b":1}']);
  });

  test('it is JSON, and says the same as what was sent', () => {
    fc.assert(
      fc.property(fc.jsonValue({ maxDepth: 4 }), (value) => {
        const sent = JSON.stringify(value);
        expect(JSON.parse(canonicalJson(parseJson(sent)))).toEqual(JSON.parse(sent));
      }),
    );
  });

  it.each([
    ['1', '1.0'],
    ['1', '"1"'],
    ['null', '"null"'],
    ['{"a":null}', '{}'],
    ['["a","b"]', '["b","a"]'],
    ['[[1],2]', '[1,[2]]'],
    ['{"a":"b,c"}', '{"a":"b","c":""}'],
  ])('%s and %s are not equal', (a, b) => {
    expect(canonicalJson(parseJson(a))).not.toBe(canonicalJson(parseJson(b)));
  });
});

/** The same value with the keys of every object in reverse. */
function reversed(value: unknown): unknown {
  if (Array.isArray(value)) return value.map(reversed);
  if (typeof value !== 'object' || value === null) return value;
  return Object.fromEntries(
    Object.entries(value)
      .reverse()
      .map(([key, member]) => [key, reversed(member)]),
  );
}

test.each([
  ['{}', true],
  ['{"a":1}', true],
  ['[]', false],
  ['null', false],
  ['1', false],
  ['"{}"', false],
  ['true', false],
])('%s is an object: %s', (text, is) => {
  expect(isJsonObject(parseJson(text))).toBe(is);
});

test('nothing is not an object', () => expect(isJsonObject(undefined)).toBe(false));

test.each([
  '',
  ' ',
  '{',
  '{"a":}',
  '[1,]',
  'undefined',
  'NaN',
  "{'a':1}",
  '{} {}',
  '<html>',
  '01',
  '\uFEFF{',
])('%j is not JSON', (text) => {
  expect(() => parseJson(text)).toThrow(SyntaxError);
});

test('a key that comes twice has its last value, as PostgreSQL reads it: one odd record spoils no page', () => {
  expect(canonicalJson(parseJson('{"id":"a","metadata":{"k":1,"k":2}}'))).toBe(
    '{"id":"a","metadata":{"k":2}}',
  );
});

test('a key __proto__ is a key like any other', () => {
  const parsed = parseJson('{"__proto__":{"id":"x"}}');
  expect(canonicalJson(parsed)).toBe('{"__proto__":{"id":"x"}}');
  expect(isJsonObject(parsed) && parsed.id).toBe(undefined);
  expect(({} as Record<string, unknown>).id).toBe(undefined);
});

test('a deep payload and a long one have their spelling', () => {
  const deep = `${'[{"a":'.repeat(500)}1${'}]'.repeat(500)}`;
  expect(canonicalJson(parseJson(deep))).toBe(deep);
  const long = `[${Array.from({ length: 50_000 }, (_, i) => `{"i":${i}.0}`).join(',')}]`;
  expect(canonicalJson(parseJson(long))).toBe(long);
});

test('the hash is SHA-256 of the UTF-8 text', () => {
  expect(sha256('가')).toBe('64ee5293d31bc58b72d76ae9a86a902e90442428e29f24f4ecb257ba841cdd36');
  expect(sha256('')).toBe('e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855');
});

describe('a number without its exponent', () => {
  const database = useTestDatabase();

  it.each([
    ['1', '1'],
    ['1.50', '1.50'],
    ['1.5E+2', '150'],
    ['1e-7', '0.0000001'],
    ['-12.5e-3', '-0.0125'],
    ['100e-2', '1.00'],
    ['1.50e1', '15.0'],
    ['0e5', '0'],
    ['-0', '0'],
    ['-0.00', '0.00'],
    ['1e21', '1000000000000000000000'],
  ])('%s is %s', (number, plain) => {
    expect(plainDecimal(number)).toBe(plain);
  });

  test('is as PostgreSQL writes it back, whatever it is', async () => {
    const digits = fc.stringMatching(/^(0|[1-9]\d{0,20})(\.\d{1,20})?$/);
    const exponent = fc.option(fc.stringMatching(/^[eE][+-]?\d{1,2}$/), { nil: '' });
    const number = fc.tuple(fc.constantFrom('', '-'), digits, exponent).map((parts) => parts.join(''));
    await fc.assert(
      fc.asyncProperty(fc.array(number, { minLength: 30, maxLength: 60 }), async (numbers) => {
        const { rows } = await database.pool.query<{ plain: string }>(
          'select n::jsonb::text as plain from unnest($1::text[]) with ordinality as x (n, i) order by i',
          [numbers],
        );
        expect(numbers.map(plainDecimal)).toEqual(rows.map(({ plain }) => plain));
      }),
      { numRuns: 20 },
    );
  });

  it.each([
    ['1e400', true],
    ['-1.5e-300', true],
    ['9'.repeat(1_000), true],
    ['9'.repeat(1_001), false],
    ['1e1000000', false],
    ['1e-99999999999999999999', false],
  ])('of absurd size is told apart and left alone: %s', async (number, storable) => {
    expect(isStorableNumber(number)).toBe(storable);
    if (storable) await database.pool.query('select $1::jsonb', [number]);
    else expect(plainDecimal(number)).toBe(number);
  });
});
