import {
  CALL_LENGTH_MAX_MS,
  type CallPayloads,
  type CallReading,
  type Instant,
  type UnreadField,
} from '../call.ts';
import { MINUTE } from '../clock.ts';
import { isJsonObject } from '../json.ts';
import type { Source } from '../source.ts';

/** Clocks of a vendor's machines may differ by so much. */
const TOLERANCE_MS = 5 * MINUTE;

/**
 * A reading without times that cannot be: a call has ended by the vendor's now, and none lasts longer than a week. Else it would be read again in years to come, and its length would outweigh all others.
 */
export function withPlausibleTimes(
  reading: CallReading,
  payloads: CallPayloads,
  endField: Source['endField'],
  latestNow: Instant,
): CallReading {
  const { startedAt, endedAt, durationMs } = reading.facts;
  const told = (reason: string, facet: UnreadField['facet']): UnreadField => {
    const kind = payloads.list === undefined ? 'detail' : 'list';
    const record = payloads[kind];
    const value = (isJsonObject(record) ? record[endField] : null) ?? null;
    return { kind, path: endField, reason, value, facet };
  };
  if ((endedAt ?? 0) > latestNow + TOLERANCE_MS) {
    const follows = endedAt != null && startedAt != null && durationMs === endedAt - startedAt;
    const facts = { ...reading.facts, endedAt: null, durationMs: follows ? null : durationMs };
    const field = told('is later than the vendor’s own time', 'status');
    return { ...reading, facts, unread: [...reading.unread, field] };
  }
  if ((durationMs ?? 0) <= CALL_LENGTH_MAX_MS) return reading;
  const field = told('makes the call longer than a week', null);
  return { ...reading, facts: { ...reading.facts, durationMs: null }, unread: [...reading.unread, field] };
}
