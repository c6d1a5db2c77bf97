import type { CallPayloads, CallReading, DriftNote, ToldFacts } from '../../call.ts';
import { RecordError } from '../../errors.ts';
import type { JsonObject } from '../../json.ts';
import { decode, unknownFields, unknownWord } from '../decode.ts';
import { toE164 } from '../phone-number.ts';
import { offsetDrift } from './date-time.ts';
import { CALL_FIELDS, CONTACT_FIELDS, type DigaCall, digaCall } from './payload.ts';
import { statusOf } from './status.ts';
import { readTranscript } from './transcript.ts';
import { CHANNELS, DIRECTIONS, END_REASONS, STATUSES } from './words.ts';

/** Grows when the meaning below changes. */
export const NORMALIZER_VERSION = 1;

const TIMES = ['created_date', 'start_time', 'end_time'] as const;

/** A Diga call in our terms: the call from its list row, what was said from its messages. */
export function normalizeDigaCall(
  { list: record, messages }: CallPayloads,
  numbers: ReadonlyMap<string, string>,
): CallReading {
  if (record === undefined) throw new RecordError('(record)', 'there is no call');
  const call = decode(digaCall, record);
  const transcript = messages === undefined ? undefined : readTranscript(messages, call.start_time);
  return {
    callId: call.id,
    facts: readFacts(call, numbers),
    // This vendor has none of these.
    analysis: null,
    costs: null,
    extractions: null,
    transcript: transcript?.items,
    drift: [...callDrift(call, record as JsonObject), ...(transcript?.drift ?? [])],
  };
}

function readFacts(call: DigaCall, numbers: ReadonlyMap<string, string>): ToldFacts {
  const { start_time: startedAt, end_time: endedAt, contact } = call;
  return {
    agentId: call.agent_id,
    agentVersion: call.agent_version_id,
    agentName: null,
    callType: call.type,
    channel: CHANNELS.get(contact?.contact_type ?? '') ?? 'unknown',
    direction: directionOf(call),
    status: statusOf(call),
    vendorStatus: call.status,
    endReason: call.end_reason,
    ...readNumbers(call, numbers),
    presentationNumber: null,
    createdAt: call.created_date,
    startedAt,
    endedAt,
    durationMs: call.duration ?? lengthOf(startedAt, endedAt),
    recordingUrl: call.recording_url,
    variantLabel: null,
    optOut: false,
    testCall: call.is_test_call ?? false,
    contactId: contact?.id ?? null,
    phoneId: phoneIdOf(call),
    metadata: null,
    variables: call.dynamic_variables,
  };
}

/** A call names the other party, and of our own number only its id: which one that is, the directory tells. */
function readNumbers(
  call: DigaCall,
  numbers: ReadonlyMap<string, string>,
): Pick<ToldFacts, 'fromNumber' | 'toNumber' | 'fromE164' | 'toE164'> {
  const phoneId = phoneIdOf(call);
  const ours = phoneId === null ? null : numbers.get(phoneId);
  // What identifies a contact of the web is its browser.
  const theirs = call.contact?.contact_type === 'call' ? call.contact.identifier : null;
  const [from, to] = directionOf(call) === 'outbound' ? [ours, theirs] : [theirs, ours];
  return { fromNumber: from, toNumber: to, fromE164: asE164(from), toE164: asE164(to) };
}

function asE164(number: string | null | undefined): string | null | undefined {
  return number === undefined ? undefined : toE164(number, 'ES');
}

function directionOf({ type }: DigaCall): 'inbound' | 'outbound' | 'unknown' {
  return DIRECTIONS.get(type ?? '') ?? 'unknown';
}

function phoneIdOf(call: DigaCall): string | null {
  return call.phone_register_id ?? call.phone_id;
}

function lengthOf(start: number | null, end: number | null): number | null {
  return start === null || end === null || end < start ? null : end - start;
}

function callDrift(call: DigaCall, record: JsonObject): DriftNote[] {
  return [
    ...unknownWord(call.status, STATUSES, 'status'),
    ...unknownWord(call.type, DIRECTIONS, 'type'),
    ...unknownWord(call.contact?.contact_type ?? null, CHANNELS, 'contact.contact_type'),
    ...unknownWord(call.end_reason, END_REASONS, 'end_reason'),
    ...offsetDrift([record], TIMES, ''),
    ...unknownFields(record, CALL_FIELDS, ''),
    ...unknownFields(record.contact, CONTACT_FIELDS, 'contact'),
  ];
}
