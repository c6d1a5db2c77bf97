import type { DriftNote, Instant } from '../call.ts';
import { isJsonObject, type Json } from '../json.ts';
import { maybe } from './decode.ts';
import { wholeNumber } from './numbers.ts';

/** Instants as vendors spell them, to the millisecond. What could not be true, or has to be guessed, is none. */

const EARLIEST = Date.UTC(2015, 0, 1);
const LATEST = Date.UTC(2100, 0, 1);

/** Whether a call can have been at this instant. */
export function isPlausible(instant: Instant): boolean {
  return instant >= EARLIEST && instant < LATEST;
}

/**
 * The instant that a value says: unix milliseconds (13 digits), unix seconds (10 digits: no time that both could mean can
 * be true), either of them as text, or an ISO date-time. Null when it says none.
 */
export function instantOf(value: Json | undefined): Instant | null {
  const number = wholeNumber(value);
  if (number === null) return parseDateTime(value);
  return [number, number * 1_000].find(isPlausible) ?? null;
}

/** An instant in any of these spellings. */
export const maybeInstant = maybe(instantOf, 'is not an instant');

const DATE_TIME =
  /^(\d{4}-\d\d-\d\d)[Tt ](\d\d:\d\d)(?::(\d\d)(?:\.(\d{1,12}))?)?([Zz]|[+-]\d\d:?\d\d|[+-]\d\d)?$/;

/** The instant that an ISO date-time says; one without an offset is read as UTC. */
function parseDateTime(value: Json | undefined): Instant | null {
  const match = typeof value === 'string' ? DATE_TIME.exec(value.trim()) : null;
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

/** Fields of some records whose times are without an offset, as drift: each once. */
export function offsetDrift(records: readonly Json[], fields: readonly string[], at: string): DriftNote[] {
  const lacksOffset = (field: string) =>
    records.some((record) => isJsonObject(record) && isWithoutOffset(record[field]));
  return fields
    .filter(lacksOffset)
    .map((field) => ({ kind: 'unknown_value', path: `${at}${field}`, value: 'no offset' }));
}

function isWithoutOffset(value: Json | undefined): boolean {
  return (
    typeof value === 'string' &&
    DATE_TIME.exec(value.trim())?.[5] === undefined &&
    DATE_TIME.test(value.trim())
  );
}
