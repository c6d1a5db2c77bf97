import { z } from 'zod';
import type { DriftNote, Instant } from '../call.ts';
import { RecordError } from '../errors.ts';
import { digitsOf, isJsonObject, type Json, type JsonObject } from '../json.ts';

/**
 * The pieces that vendor payloads are described with. A missing field reads as null: vendors leave fields out
 * without notice. A wrong type is refused, with its path and without its value.
 */
export const text = z.string();
export const maybeText = z.string().nullish().transform(orNull);
export const maybeBoolean = z.boolean().nullish().transform(orNull);
export const maybeJsonObject = z
  .custom<JsonObject>((value) => isJsonObject(value as Json), 'is not an object')
  .nullish()
  .transform(orNull);

/**
 * An object that may have more fields than these; the caller counts them as drift. A number with its digits is an
 * object to JavaScript, and not to the vendor.
 */
export function looseRecord<Shape extends z.ZodRawShape>(shape: Shape) {
  return z.looseObject(shape).refine((record) => !('isLosslessNumber' in record), 'is not an object');
}

/** A JSON number as a double, for what is no money and needs no digits; null when it is none. */
export function asNumber(value: Json | undefined): number | null {
  const digits = digitsOf(value);
  return digits === null ? null : Number(digits);
}

const EARLIEST = Date.UTC(2015, 0, 1);
const LATEST = Date.UTC(2100, 0, 1);

/** Unix milliseconds as a whole number. Seconds or nonsense are refused, never guessed. */
export const maybeUnixMs = z
  .custom<Json>(
    (value) => value === null || unixMs(value as Json) !== null,
    'is not an instant in unix milliseconds',
  )
  .nullish()
  .transform((value) => (value === null || value === undefined ? null : unixMs(value)));

/** The instant that a JSON number of unix milliseconds says; null when it says none that could be true. */
export function unixMs(value: Json | undefined): Instant | null {
  const ms = wholeNumber(value);
  return ms !== null && isPlausible(ms) ? ms : null;
}

/** Whether a call can have been at this instant. */
export function isPlausible(instant: Instant): boolean {
  return instant >= EARLIEST && instant < LATEST;
}

/** A count or a length, as a whole number. */
export const maybeWholeNumber = z
  .custom<Json>((value) => value === null || wholeNumber(value as Json) !== null, 'is not a whole number')
  .nullish()
  .transform((value) => wholeNumber(value ?? undefined));

/** A JSON number as a whole number that is exact; null when it is none. */
export function wholeNumber(value: Json | undefined): number | null {
  const digits = digitsOf(value);
  return digits !== null && /^\d{1,15}$/.test(digits) ? Number(digits) : null;
}

/** Room for a binary fraction that is written out in full: 0.1 has 55 digits then. */
const DECIMAL = /^-?\d{1,30}(\.\d{1,60})?$/;

/** A decimal as text, or as a JSON number by its digits. Other spellings (1e3, 1,000) are refused. */
export const maybeDecimal = z
  .custom<Json>((value) => value === null || decimal(value as Json) !== null, 'is not a plain decimal number')
  .nullish()
  .transform((value) => (value === null || value === undefined ? null : decimal(value)));

function decimal(value: Json): string | null {
  const digits = typeof value === 'string' ? value.trim() : digitsOf(value);
  return digits !== null && DECIMAL.test(digits) ? digits : null;
}

/** Parses a vendor record. @throws RecordError with the first path that cannot be read */
export function decode<T>(shape: z.ZodType<T>, record: Json): T {
  const result = shape.safeParse(record);
  if (result.success) return result.data;
  const issue = result.error.issues[0];
  throw new RecordError(issue?.path.join('.') || '(record)', issue?.message ?? 'cannot be read');
}

/** Fields that this version does not know, as drift. They stay in the raw payload. */
export function unknownFields(record: Json | undefined, known: ReadonlySet<string>, at: string): DriftNote[] {
  if (!isJsonObject(record)) return [];
  return Object.keys(record)
    .filter((key) => !known.has(key))
    .map((key) => ({ kind: 'unknown_field', path: at === '' ? key : `${at}.${key}`, value: '' }));
}

/** A word that this version does not know, as drift. The word itself is stored. */
export function unknownWord(
  word: string | null,
  known: { has(word: string): boolean },
  path: string,
): DriftNote[] {
  if (word === null || known.has(word)) return [];
  return [{ kind: 'unknown_value', path, value: word.slice(0, 100) }];
}

function orNull<T>(value: T | null | undefined): T | null {
  return value ?? null;
}
