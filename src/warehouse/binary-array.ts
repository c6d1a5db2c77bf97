/** Types of elements that are sent in binary, by their numbers in PostgreSQL's catalog. */
const OIDS = { boolean: 16, bigint: 20, integer: 23, text: 25, timestamptz: 1184 } as const;

export type BinaryType = keyof typeof OIDS;

/** An element as JavaScript has it: a `timestamptz` in unix milliseconds. */
export type Element = string | number | boolean | null;

const HEADER_INTS = 5;
/** PostgreSQL counts from 2000. */
const EPOCH_MS = Date.UTC(2000, 0, 1);
const HALF = 2 ** 32;

/**
 * An array as PostgreSQL reads it in binary. What is written is mostly text and times: in an array as text each element
 * would be spelled, escaped, copied and joined several times before it is sent.
 * @throws RangeError for a number that the type cannot hold: it would be stored as another
 */
export function binaryArray(type: BinaryType, values: readonly Element[]): Buffer {
  return type === 'text' ? textArray(values) : fixedArray(type, values);
}

function textArray(values: readonly Element[]): Buffer {
  const texts = values.map((value) => (value === null ? null : String(value)));
  const lengths = texts.map((text) => (text === null ? -1 : Buffer.byteLength(text)));
  const bytes = lengths.reduce((sum, length) => sum + Math.max(0, length), 0);
  const array = Buffer.allocUnsafe(4 * (HEADER_INTS + values.length) + bytes);
  let at = writeHeader(array, 'text', values);
  for (const [i, text] of texts.entries()) {
    at = array.writeInt32BE(lengths[i] ?? -1, at);
    if (text !== null) at += array.write(text, at);
  }
  return array;
}

const WIDTHS = { boolean: 1, integer: 4, bigint: 8, timestamptz: 8 } as const;

function fixedArray(type: Exclude<BinaryType, 'text'>, values: readonly Element[]): Buffer {
  const width = WIDTHS[type];
  const array = Buffer.allocUnsafe(4 * HEADER_INTS + values.length * (4 + width));
  let at = writeHeader(array, type, values);
  for (const value of values) {
    at = array.writeInt32BE(value === null ? -1 : width, at);
    if (value === null) continue;
    if (type === 'boolean') at = array.writeUInt8(value ? 1 : 0, at);
    else if (type === 'integer') at = array.writeInt32BE(whole(Number(value)), at);
    else at = writeInt64(array, type === 'bigint' ? Number(value) : microseconds(Number(value)), at);
  }
  return array.subarray(0, at);
}

/** One dimension, which counts from 1. */
function writeHeader(array: Buffer, type: BinaryType, values: readonly Element[]): number {
  const hasNulls = values.includes(null) ? 1 : 0;
  let at = 0;
  for (const int of [1, hasNulls, OIDS[type], values.length, 1]) at = array.writeInt32BE(int, at);
  return at;
}

function writeInt64(array: Buffer, value: number, at: number): number {
  const high = Math.floor(whole(value) / HALF);
  return array.writeUInt32BE(value - high * HALF, array.writeInt32BE(high, at));
}

/** Parts of a millisecond are cut off, as by `Date`. */
function microseconds(unixMs: number): number {
  return (Math.trunc(unixMs) - EPOCH_MS) * 1_000;
}

function whole(value: number): number {
  if (!Number.isSafeInteger(value)) throw new RangeError(`${value} is not a whole number that can be stored`);
  return value;
}
