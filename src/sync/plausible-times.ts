import {
  CALL_LENGTH_MAX_MS,
  type CallPayloads,
  type CallReading,
  type Instant,
  type UnreadField,
} from '../call.ts';
import { DAY } from '../clock.ts';
import { isJsonObject } from '../json.ts';
import type { Source } from '../source.ts';

/**
 * Clocks are wrong by hours, and by a day or two: the vendor's, and ours, which may be set back. It is compared with the
 * instant at which the payload came, and with no clock that is only believed, so that the same payload reads the same for ever.
 */
const TOLERANCE_MS = 7 * DAY;

/**
 * A reading without times that cannot be: a call has ended by now, and none lasts longer than a week. Else it would be read again in years to come, and its length would outweigh all others.
 */
export function withPlausibleTimes(
  reading: CallReading,
  payloads: CallPayloads,
  endField: Source['endField'],
  receivedAt: Instant,
): CallReading {
  const { startedAt, endedAt, durationMs } = reading.facts;
  const told = (reason: string, facet: UnreadField['facet']): UnreadField => {
    const kind = payloads.list === undefined ? 'detail' : 'list';
    const record = payloads[kind];
    const value = (isJsonObject(record) ? record[endField] : null) ?? null;
    return { kind, path: endField, reason, value, facet };
  };
  if ((endedAt ?? 0) > receivedAt + TOLERANCE_MS) {
    const follows = endedAt != null && startedAt != null && durationMs === endedAt - startedAt;
    const facts = { ...reading.facts, endedAt: null, durationMs: follows ? null : durationMs };
    const field = told('is in the time to come', 'status');
    return { ...reading, facts, unread: [...reading.unread, field] };
  }
  if ((durationMs ?? 0) <= CALL_LENGTH_MAX_MS) return reading;
  const field = told('makes the call longer than a week', null);
  return { ...reading, facts: { ...reading.facts, durationMs: null }, unread: [...reading.unread, field] };
}
