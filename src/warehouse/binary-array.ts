/** Types of elements that are sent in binary, by their numbers in PostgreSQL's catalog. */
const OIDS = { boolean: 16, bigint: 20, integer: 23, text: 25, timestamptz: 1184 } as const;

export type BinaryType = keyof typeof OIDS;

/** An element as JavaScript has it: a `timestamptz` in unix milliseconds. */
export type Element = string | number | boolean | null;

const HEADER_BYTES = 4 * 5;
/** PostgreSQL counts from 2000. */
const EPOCH_MS = Date.UTC(2000, 0, 1);
const TWO_TO_32 = 2 ** 32;

/**
 * An array as PostgreSQL reads it in binary. What is written is mostly text and times: in an array as text each element
 * would be spelled, escaped, copied and joined several times before it is sent.
 * @throws RangeError for a number that the type cannot hold: it would be stored as another
 */
export function binaryArray(type: BinaryType, values: readonly Element[]): Buffer {
  return type === 'text' ? textArray(values) : fixedArray(type, values);
}

function textArray(values: readonly Element[]): Buffer {
  let bytes = HEADER_BYTES;
  for (const value of values) bytes += 4 + (value === null ? 0 : Buffer.byteLength(String(value)));
  const array = Buffer.allocUnsafe(bytes);
  const view = viewOf(array);
  let at = writeHeader(view, 'text', values);
  for (const value of values) {
    const length = value === null ? -1 : array.write(String(value), at + 4);
    view.setInt32(at, length);
    at += 4 + Math.max(0, length);
  }
  return array;
}

const WIDTHS = { boolean: 1, integer: 4, bigint: 8, timestamptz: 8 } as const;

function fixedArray(type: Exclude<BinaryType, 'text'>, values: readonly Element[]): Buffer {
  const width = WIDTHS[type];
  const array = Buffer.allocUnsafe(HEADER_BYTES + values.length * (4 + width));
  const view = viewOf(array);
  let at = writeHeader(view, type, values);
  for (const value of values) {
    view.setInt32(at, value === null ? -1 : width);
    at += 4;
    if (value === null) continue;
    if (type === 'boolean') view.setUint8(at, value ? 1 : 0);
    else if (type === 'integer') view.setInt32(at, wholeWithin(Number(value), TWO_TO_32 / 2));
    else setInt64(view, at, type === 'bigint' ? Number(value) : microseconds(Number(value)));
    at += width;
  }
  return array.subarray(0, at);
}

function viewOf({ buffer, byteOffset, byteLength }: Buffer): DataView {
  return new DataView(buffer, byteOffset, byteLength);
}

/** One dimension, which counts from 1. Gives where the elements begin. */
function writeHeader(view: DataView, type: BinaryType, values: readonly Element[]): number {
  const hasNulls = values.includes(null) ? 1 : 0;
  for (const [i, int] of [1, hasNulls, OIDS[type], values.length, 1].entries()) view.setInt32(4 * i, int);
  return HEADER_BYTES;
}

function setInt64(view: DataView, at: number, value: number): void {
  const high = Math.floor(wholeWithin(value, Number.MAX_SAFE_INTEGER + 1) / TWO_TO_32);
  view.setInt32(at, high);
  view.setUint32(at + 4, value - high * TWO_TO_32);
}

/** Parts of a millisecond are cut off, as by `Date`. */
function microseconds(unixMs: number): number {
  return (Math.trunc(unixMs) - EPOCH_MS) * 1_000;
}

function wholeWithin(value: number, end: number): number {
  if (Number.isSafeInteger(value) && value >= -end && value < end) return value;
  throw new RangeError(`${value} is not a whole number that can be stored`);
}
