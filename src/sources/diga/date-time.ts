import { z } from 'zod';
import type { DriftNote, Instant } from '../../call.ts';
import { isJsonObject, type Json } from '../../json.ts';
import { isPlausible } from '../decode.ts';

const DATE_TIME =
  /^(\d{4}-\d\d-\d\d)[Tt ](\d\d:\d\d)(?::(\d\d)(?:\.(\d{1,12}))?)?([Zz]|[+-]\d\d:?\d\d|[+-]\d\d)?$/;

/**
 * The instant that an ISO date-time says, to the millisecond below; null when it says none that could be true. One
 * without an offset is read as UTC.
 */
export function parseDateTime(value: Json | undefined): Instant | null {
  const match = typeof value === 'string' ? DATE_TIME.exec(value) : null;
  if (match === null) return null;
  const [, date = '', minutes = '', seconds = '00', fraction = '', offset = 'Z'] = match;
  // JavaScript takes 30 February for 2 March.
  if (!new Date(`${date}T00:00:00Z`).toJSON()?.startsWith(date)) return null;
  const ms = fraction.padEnd(3, '0').slice(0, 3);
  const at = Date.parse(`${date}T${minutes}:${seconds}.${ms}${spelledOut(offset)}`);
  return isPlausible(at) ? at : null;
}

/** `+02` and `+0200` as `+02:00`. */
function spelledOut(offset: string): string {
  if (/^z$/i.test(offset)) return 'Z';
  return `${offset.slice(0, 3)}:${offset.slice(3).replace(':', '') || '00'}`;
}

export const dateTime = z
  .custom<Json>((value) => parseDateTime(value as Json) !== null, 'is not a date-time')
  .transform((value) => parseDateTime(value) ?? 0);

export const maybeDateTime = z
  .custom<Json>((value) => value === null || parseDateTime(value as Json) !== null, 'is not a date-time')
  .nullish()
  .transform((value) => parseDateTime(value ?? null));

/** Fields of some records whose times are without an offset, as drift: each once. */
export function offsetDrift(records: readonly Json[], fields: readonly string[], at: string): DriftNote[] {
  const lacksOffset = (field: string) =>
    records.some((record) => isJsonObject(record) && isWithoutOffset(record[field]));
  return fields
    .filter(lacksOffset)
    .map((field) => ({ kind: 'unknown_value', path: `${at}${field}`, value: 'no offset' }));
}

function isWithoutOffset(value: Json | undefined): boolean {
  return typeof value === 'string' && DATE_TIME.exec(value)?.[5] === undefined;
}
