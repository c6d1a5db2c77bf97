import { createHash } from 'node:crypto';
import { isLosslessNumber, LosslessNumber, parse } from 'lossless-json';

/**
 * JSON with its digits intact. A number is a number of JavaScript where that is written back digit by digit as the vendor
 * wrote it. Any other (0.1234567890123456789, 1.50) stays the text that it was until PostgreSQL reads it as `numeric`.
 */
export type Json = string | number | boolean | null | LosslessNumber | Json[] | { [key: string]: Json };
export type JsonObject = { [key: string]: Json };

/** Levels that JSON may be nested. What lies deeper is its text: every walk over a value relies on it. */
const DEPTH_MAX = 1_000;

/**
 * Parses JSON text; of a key that comes twice the last value counts, as in PostgreSQL. A value that is nested deeper than
 * `DEPTH_MAX` becomes a string: its JSON. @throws SyntaxError
 */
export function parseJson(given: string): Json {
  const text = foldDepths(given);
  return parseExactly(text) ?? (parse(text, undefined, { parseNumber, onDuplicateKey: lastCounts }) as Json);
}

/** JSON text in which whatever lies deeper than `DEPTH_MAX` is written as a string. One look at each bracket and quote. */
function foldDepths(text: string): string {
  const token = /["[\]{}]/g;
  let depth = 0;
  let folded = '';
  let takenTo = 0;
  let deepFrom = -1;
  for (let match = token.exec(text); match !== null; match = token.exec(text)) {
    const [bracket] = match;
    if (bracket === '"') {
      token.lastIndex = endOfString(text, match.index);
    } else if (bracket === '[' || bracket === '{') {
      depth += 1;
      if (depth === DEPTH_MAX + 1) deepFrom = match.index;
    } else {
      if (depth === DEPTH_MAX + 1) {
        folded += text.slice(takenTo, deepFrom) + JSON.stringify(text.slice(deepFrom, token.lastIndex));
        takenTo = token.lastIndex;
      }
      depth -= 1;
    }
  }
  return takenTo === 0 ? text : folded + text.slice(takenTo);
}

/** The place behind the quote that ends a string. */
function endOfString(text: string, from: number): number {
  for (let end = text.indexOf('"', from + 1); end >= 0; end = text.indexOf('"', end + 1)) {
    let backslashes = 0;
    while (text[end - 1 - backslashes] === '\\') backslashes += 1;
    if (backslashes % 2 === 0) return end + 1;
  }
  return text.length;
}

/** Whether a value has more levels of lists and objects than this. */
export function isDeeperThan(value: Json, levels: number): boolean {
  if (typeof value !== 'object' || value === null || isLosslessNumber(value)) return false;
  return levels === 0 || Object.values(value).some((member) => isDeeperThan(member, levels - 1));
}

const lastCounts = ({ newValue }: { newValue: unknown }) => newValue;

function parseNumber(digits: string): number | LosslessNumber {
  const number = Number(digits);
  return String(number) === digits ? number : new LosslessNumber(digits);
}

/**
 * What `JSON.parse` makes of a text, when it can be written back as that very text: then no digit was lost, no key came
 * twice, and nothing was put in another order. Most answers are such texts, and this is several times as fast. Null
 * when they differ, or when there is no value at all.
 */
function parseExactly(text: string): Json {
  try {
    const value = JSON.parse(text) as Json;
    const end = text.length > PIECEWISE_FROM ? endOf(value, text, 0, 2) : endOf(value, text, 0, 0);
    return end === text.length ? value : null;
  } catch {
    return null;
  }
}

/** Texts from here on are compared piece by piece: there is never a second one of their length. */
const PIECEWISE_FROM = 100_000;

/**
 * Where a value ends in a text that has it from `at` on just as it is written back; -1 where that differs. What lies
 * `depth` deep in it is written back at once.
 */
function endOf(value: Json, text: string, at: number, depth: number): number {
  if (depth === 0 || typeof value !== 'object' || value === null) {
    const piece = JSON.stringify(value);
    return text.startsWith(piece, at) ? at + piece.length : -1;
  }
  const isList = Array.isArray(value);
  const members = Object.entries(value);
  let end = text.startsWith(isList ? '[' : '{', at) ? at + 1 : -1;
  for (const [i, [key, member]] of members.entries()) {
    const before = `${i === 0 ? '' : ','}${isList ? '' : `${JSON.stringify(key)}:`}`;
    if (end < 0 || !text.startsWith(before, end)) return -1;
    end = endOf(member, text, end + before.length, depth - 1);
  }
  return end >= 0 && text.startsWith(isList ? ']' : '}', end) ? end + 1 : -1;
}

/** The digits of a JSON number as the vendor wrote them; null for what is no number. */
export function digitsOf(value: Json | undefined): string | null {
  if (typeof value === 'number') return String(value);
  return isLosslessNumber(value) ? value.toString() : null;
}

export function isJsonObject(value: Json | undefined): value is JsonObject {
  return typeof value === 'object' && value !== null && !Array.isArray(value) && !isLosslessNumber(value);
}

const asWritten = (number: string) => number;

/** One spelling for equal values: keys sorted, no spaces, numbers as they are written or as `spell` writes them. */
export function canonicalJson(value: Json, spell: (number: string) => string = asWritten): string {
  if (typeof value === 'string') return JSON.stringify(value);
  if (typeof value === 'number') return spell(String(value));
  if (value === null || typeof value !== 'object') return String(value);
  if (isLosslessNumber(value)) return spell(value.toString());
  // Added up, not joined: every payload comes through here, and arrays of its pieces would be most of the garbage.
  let inside = '';
  if (Array.isArray(value)) {
    for (const item of value) inside += `${inside === '' ? '' : ','}${canonicalJson(item, spell)}`;
    return `[${inside}]`;
  }
  for (const { key, spelled } of inOrder(Object.keys(value))) {
    inside += `${inside === '' ? '' : ','}${spelled}:${canonicalJson(value[key] ?? null, spell)}`;
  }
  return `{${inside}}`;
}

/** The keys of an object in their order, as they are spelled. */
type KeyOrder = readonly { key: string; spelled: string }[];

/** A vendor's records have some dozens of shapes, and come by the thousand. */
const keyOrders = new Map<string, { keys: readonly string[]; order: KeyOrder }>();
const KEY_ORDERS_MAX = 1_000;
const SHAPE_KEYS_MAX = 200;

function inOrder(keys: readonly string[]): KeyOrder {
  if (keys.length > SHAPE_KEYS_MAX) return sorted(keys);
  const shape = keys.join();
  const known = keyOrders.get(shape);
  // Keys may hold commas themselves: other keys may be joined to the same text.
  if (known?.keys.length === keys.length && known.keys.every((key, i) => key === keys[i])) return known.order;
  const order = sorted(keys);
  // Variables may be keyed by anything: shapes beyond are sorted each time.
  if (known === undefined && keyOrders.size < KEY_ORDERS_MAX) keyOrders.set(shape, { keys, order });
  return order;
}

function sorted(keys: readonly string[]): KeyOrder {
  return keys.toSorted((a, b) => (a < b ? -1 : 1)).map((key) => ({ key, spelled: JSON.stringify(key) }));
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
