import { createHash } from 'node:crypto';
import { isLosslessNumber, LosslessNumber, parse } from 'lossless-json';

/**
 * JSON with its digits intact. `JSON.parse` turns 0.1234567890123456789 into a double; here a number stays the
 * text that the vendor wrote until PostgreSQL reads it as `numeric`.
 */
export type Json = string | number | boolean | null | LosslessNumber | Json[] | { [key: string]: Json };
export type JsonObject = { [key: string]: Json };

/** Parses JSON text; of a key that comes twice the last value counts, as in PostgreSQL. @throws SyntaxError */
export function parseJson(text: string): Json {
  return (
    parseExactly(text) ?? (parse(text, undefined, { onDuplicateKey: ({ newValue }) => newValue }) as Json)
  );
}

/**
 * What `JSON.parse` makes of a text, when it can be written back as that very text: then no digit was lost, no key came
 * twice, and nothing was put in another order. Most answers are such texts, and this is several times as fast. Null
 * when they differ, or when there is no value at all.
 */
function parseExactly(text: string): Json {
  try {
    const value = JSON.parse(text) as Json;
    return JSON.stringify(value) === text ? withLosslessNumbers(value) : null;
  } catch {
    return null;
  }
}

function withLosslessNumbers(value: Json): Json {
  if (typeof value === 'number') return new LosslessNumber(String(value));
  if (typeof value !== 'object' || value === null) return value;
  if (Array.isArray(value)) {
    for (const [i, item] of value.entries()) value[i] = withLosslessNumbers(item);
    return value;
  }
  const object = value as JsonObject;
  for (const key of Object.keys(object)) {
    const member = object[key];
    if (typeof member === 'number' || typeof member === 'object')
      object[key] = withLosslessNumbers(member ?? null);
  }
  return object;
}

export function isJsonObject(value: Json | undefined): value is JsonObject {
  return typeof value === 'object' && value !== null && !Array.isArray(value) && !isLosslessNumber(value);
}

const byCodeUnits = (a: string, b: string) => (a < b ? -1 : 1);
const asWritten = (number: string) => number;

/** One spelling for equal values: keys sorted, no spaces, numbers as they are written or as `spell` writes them. */
export function canonicalJson(value: Json, spell: (number: string) => string = asWritten): string {
  if (typeof value === 'string') return JSON.stringify(value);
  if (value === null || typeof value !== 'object') return String(value);
  if (isLosslessNumber(value)) return spell(value.toString());
  // Added up, not joined: every payload comes through here, and arrays of its pieces would be most of the garbage.
  let inside = '';
  if (Array.isArray(value)) {
    for (const item of value) inside += `${inside === '' ? '' : ','}${canonicalJson(item, spell)}`;
    return `[${inside}]`;
  }
  for (const key of Object.keys(value).sort(byCodeUnits)) {
    inside += `${inside === '' ? '' : ','}${JSON.stringify(key)}:${canonicalJson(value[key] ?? null, spell)}`;
  }
  return `{${inside}}`;
}

export function sha256(text: string): string {
  return createHash('sha256').update(text).digest('hex');
}

/** Digits of a number beyond which PostgreSQL's `jsonb` may refuse it. No vendor means such a number. */
const DIGITS_MAX = 1_000;

/**
 * A JSON number without exponent, as PostgreSQL writes it back: `1.5E+2` is `150`, `-0` is `0`, and `1.50` keeps
 * its digits. A number of absurd size is given back as it is.
 */
export function plainDecimal(number: string): string {
  const [, sign = '', whole = '0', fraction = '', exponent = '0'] =
    /^(-?)(\d+)(?:\.(\d+))?(?:[eE]([+-]?\d+))?$/.exec(number) ?? [];
  const shift = Number(exponent);
  if (!isStorableNumber(number)) return number;
  const digits = whole + fraction;
  const point = whole.length + shift;
  const padded = digits.padStart(digits.length + Math.max(0, 1 - point), '0').padEnd(Math.max(point, 0), '0');
  const split = Math.max(1, point);
  const integer = padded.slice(0, split).replace(/^0+(?=\d)/, '');
  const rest = padded.slice(split);
  const plain = rest === '' ? integer : `${integer}.${rest}`;
  return /^[0.]*$/.test(plain) ? plain : sign + plain;
}

/** Whether `jsonb` can hold a number of this spelling. */
export function isStorableNumber(number: string): boolean {
  const exponent = Number(/[eE]([+-]?\d+)$/.exec(number)?.[1] ?? 0);
  return number.length + Math.abs(exponent) <= DIGITS_MAX;
}
