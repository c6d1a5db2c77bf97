import type { CallPayloads, CallReading, DriftNote, Facet, ToldFacts } from '../../call.ts';
import { RecordError } from '../../errors.ts';
import { isJsonObject, type JsonObject } from '../../json.ts';
import { type Decoded, decode, toldUnread, unknownFields, unknownWord, usableId } from '../decode.ts';
import { offsetDrift } from '../instants.ts';
import { toE164 } from '../phone-number.ts';
import { CALL_FIELDS, CONTACT_FIELDS, type DigaCall, digaCall } from './payload.ts';
import { statusOf } from './status.ts';
import { readTranscript } from './transcript.ts';
import { CHANNELS, DIRECTIONS, END_REASONS, STATUSES } from './words.ts';

/** Grows when the meaning below changes. */
export const NORMALIZER_VERSION = 2;

const TIMES = ['created_date', 'start_time', 'end_time'] as const;

/** A Diga call in our terms: the call from its list row, what was said from its messages. */
export function normalizeDigaCall(
  { list: record, messages }: CallPayloads,
  numbers: ReadonlyMap<string, string>,
): CallReading {
  if (record === undefined) throw new RecordError('(record)', 'there is no call');
  const callId = usableId(isJsonObject(record) ? record.id : undefined);
  if (callId === null) throw new RecordError('id', 'there is no usable id');
  const told = decode(digaCall, record);
  const call = told.value;
  const transcript = messages === undefined ? undefined : readTranscript(messages, call.start_time);
  return {
    callId,
    facts: readFacts(told, numbers),
    // This vendor has none of these.
    analysis: null,
    costs: null,
    extractions: null,
    transcript: transcript?.items,
    unread: [...toldUnread(told.unread, 'list', facetOf), ...(transcript?.unread ?? [])],
    drift: [...callDrift(call, record as JsonObject), ...(transcript?.drift ?? [])],
  };
}

const FACETS: ReadonlyMap<string, Facet> = new Map<string, Facet>([
  ['status', 'status'],
  ['created_date', 'status'],
  // Without a start no turn has its place.
  ['start_time', 'transcript'],
  ['end_time', 'status'],
  ['duration', 'status'],
  ['recording_url', 'recording'],
]);

function facetOf(path: string): Facet | null {
  return FACETS.get(path) ?? null;
}

function readFacts(told: Decoded<DigaCall>, numbers: ReadonlyMap<string, string>): ToldFacts {
  const call = told.value;
  const isUnread = told.unread.some(({ path }) => path === 'status');
  const { start_time: startedAt, end_time: endedAt, contact } = call;
  return {
    agentId: call.agent_id,
    agentVersion: call.agent_version_id,
    agentName: null,
    callType: call.type,
    channel: CHANNELS.get(contact?.contact_type ?? '') ?? 'unknown',
    direction: directionOf(call),
    status: isUnread ? undefined : statusOf(told),
    vendorStatus: isUnread ? undefined : call.status,
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
