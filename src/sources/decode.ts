import { z } from 'zod';
import { type DriftNote, type Facet, type PayloadKind, type UnreadField, WORD_LENGTH_MAX } from '../call.ts';
import { RecordError } from '../errors.ts';
import { digitsOf, isJsonObject, type Json } from '../json.ts';
import { cut } from './bounds.ts';

/**
 * The pieces that vendor payloads are described with. A missing field reads as null: vendors leave fields out without
 * notice. An empty text says nothing, and reads as null too.
 */
export const maybeText = z
  .string()
  .nullish()
  .transform((text) => text || null);

/** An id or a word of the vendor: it may stand in an index. */
export const maybeWord = maybeText.refine(
  (word) => word === null || word.length <= WORD_LENGTH_MAX,
  `is longer than ${WORD_LENGTH_MAX} characters`,
);

const BOOLEANS: ReadonlyMap<unknown, boolean | null> = new Map<unknown, boolean | null>([
  ['true', true],
  ['false', false],
  ['', null],
]);

export const maybeBoolean = z
  .preprocess((value) => (BOOLEANS.has(value) ? BOOLEANS.get(value) : value), z.boolean().nullish())
  .transform(orNull);

export const maybeJson = z
  .custom<Json>()
  .nullish()
  .transform((value): Json => value ?? null);

/** Where a value may be spelled in several ways: what `read` makes of it, or null when it is none. */
export function maybe<T>(read: (value: Json) => T | null, otherwise: string) {
  return z
    .custom<Json>((value) => value === null || value === '' || read(value as Json) !== null, otherwise)
    .nullish()
    .transform((value): T | null =>
      value === null || value === undefined || value === '' ? null : read(value),
    );
}

export const maybeJsonObject = maybe((value) => (isJsonObject(value) ? value : null), 'is not an object');

/** A list of whatever the vendor puts into it. */
export const maybeList = maybe((value) => (Array.isArray(value) ? value : null), 'is not a list');

/** An object within a record. */
export function maybeRecord<Shape extends z.ZodRawShape>(shape: Shape) {
  return z.preprocess((value) => (value === '' ? null : value), looseRecord(shape).nullish());
}

/**
 * An object that may have more fields than these; the caller counts them as drift. A number with its digits is an object
 * to JavaScript, and not to the vendor.
 */
export function looseRecord<Shape extends z.ZodRawShape>(shape: Shape) {
  return z.looseObject(shape).refine((record) => !('isLosslessNumber' in record), 'is not an object');
}

/** The id of a row that is nothing without it. */
export const neededId = z.string().min(1).max(WORD_LENGTH_MAX);

const UUID = /^[\da-f]{8}-[\da-f]{4}-[\da-f]{4}-[\da-f]{4}-[\da-f]{12}$/i;

/** The id of a record; null when it has none that is usable. A UUID is the same in capitals. */
export function usableId(value: Json | undefined): string | null {
  if (typeof value !== 'string' || value.length > WORD_LENGTH_MAX || value.trim() === '') return null;
  return sameId(value);
}

/** One spelling for an id. */
export function sameId(id: string): string {
  return UUID.test(id) ? id.toLowerCase() : id;
}

/** Where a list goes on; null at its end, which an empty text says as well. `undefined` for what is no cursor. */
export function cursorOf(value: Json | undefined): string | null | undefined {
  if (value === undefined || value === null || value === '') return null;
  return typeof value === 'string' ? value : (digitsOf(value) ?? undefined);
}

/** A record of which some fields could not be read. They are null in `value`. */
export interface Decoded<T> {
  value: T;
  unread: Unread[];
}

export type Unread = Pick<UnreadField, 'path' | 'reason' | 'value'>;

/**
 * Reads a vendor record field by field: one that cannot be read is null, and told. Nothing but the shape's own outermost
 * type is needed. @throws RecordError when what is given is no record at all
 */
export function decode<T>(shape: z.ZodType<T>, record: Json, at = ''): Decoded<T> {
  const unread: Unread[] = [];
  let given = record;
  // What is set to null may show that what stands around it cannot be read either.
  for (let attempt = 0; attempt < ATTEMPTS_MAX; attempt += 1) {
    const result = shape.safeParse(given);
    if (result.success) return { value: result.data, unread };
    for (const { path, message } of result.error.issues) {
      const names = path.map(String);
      if (names.length === 0) throw new RecordError('(record)', message);
      unread.push({ path: joined(at, names), reason: message, value: valueAt(record, names) });
      given = withNull(given, names);
    }
  }
  throw new RecordError(unread[0]?.path ?? '(record)', unread[0]?.reason ?? 'cannot be read');
}

const ATTEMPTS_MAX = 5;

function joined(at: string, names: readonly string[]): string {
  return [...(at === '' ? [] : [at]), ...names].join('.');
}

function valueAt(record: Json, [name, ...rest]: readonly string[]): Json {
  if (name === undefined) return record;
  if (Array.isArray(record)) return valueAt(record[Number(name)] ?? null, rest);
  return isJsonObject(record) ? valueAt(record[name] ?? null, rest) : null;
}

/** A copy of a record in which one value is null. */
function withNull(record: Json, [name, ...rest]: readonly string[]): Json {
  if (name === undefined) return null;
  if (Array.isArray(record)) return record.with(Number(name), withNull(record[Number(name)] ?? null, rest));
  return isJsonObject(record) ? { ...record, [name]: withNull(record[name] ?? null, rest) } : null;
}

/** Fields of one payload that could not be read, with the part of the call that each of them belongs to. */
export function toldUnread(
  unread: readonly Unread[],
  kind: PayloadKind,
  facetOf: (path: string) => Facet | null,
): UnreadField[] {
  return unread.map((field) => ({ ...field, kind, facet: facetOf(field.path) }));
}

const VALUE_LENGTH_MAX = 100;

/** Fields that this version does not know, as drift. They stay in the raw payload. */
export function unknownFields(record: Json | undefined, known: ReadonlySet<string>, at: string): DriftNote[] {
  if (!isJsonObject(record)) return [];
  return Object.keys(record)
    .filter((key) => !known.has(key))
    .map((key) => ({ kind: 'unknown_field', path: cut(joined(at, [key]), WORD_LENGTH_MAX), value: '' }));
}

/** A word that this version does not know, as drift. The word itself is stored. */
export function unknownWord(
  word: string | null,
  known: { has(word: string): boolean },
  path: string,
): DriftNote[] {
  if (word === null || known.has(word)) return [];
  return [{ kind: 'unknown_value', path, value: cut(word, VALUE_LENGTH_MAX) }];
}

function orNull<T>(value: T | null | undefined): T | null {
  return value ?? null;
}
