import {
  type Analysis,
  type CallPayloads,
  type CallReading,
  type DriftNote,
  type Facet,
  isTerminal,
  type PayloadKind,
  type ToldFacts,
} from '../../call.ts';
import { RecordError } from '../../errors.ts';
import { isJsonObject, type Json, type JsonObject } from '../../json.ts';
import { boundedName } from '../bounds.ts';
import { type Decoded, decode, toldUnread, unknownFields, unknownWord, usableId } from '../decode.ts';
import { toE164 } from '../phone-number.ts';
import {
  ACCOUNT_FIELDS,
  AGENT_FIELDS,
  CALL_FIELDS,
  COST_FIELDS,
  TEST_CALL_MARK,
  type VoicyCall,
  type VoicyDetail,
  voicyCall,
  voicyDetail,
} from './payload.ts';
import { hasTranscript, readTranscript } from './transcript.ts';
import { readExtractions } from './variables.ts';
import { CHANNELS, DIRECTIONS, STATUSES, statusOf } from './words.ts';

/** Grows when the meaning below changes. */
export const NORMALIZER_VERSION = 2;

/**
 * A Voicy call in our terms. A list row tells who, when and how it stands, and is never older than the detail, which
 * brings a list row of its own. All the rest is told by the detail alone: without one it is not known.
 */
export function normalizeVoicyCall(payloads: CallPayloads): CallReading {
  const record = payloads.list ?? payloads.detail;
  const callId = usableId(isJsonObject(record) ? record.call_id : undefined);
  if (record === undefined || callId === null) throw new RecordError('call_id', 'there is no usable id');
  const kind: PayloadKind = payloads.list === undefined ? 'detail' : 'list';
  const told = decode(voicyCall, record);
  const call = told.value;
  const whole = payloads.detail === undefined ? undefined : decode(voicyDetail, payloads.detail);
  const detail = whole?.value;
  const times = readTimes(told, detail !== undefined && hasTranscript(detail));
  const transcript =
    detail && readTranscript(detail, { startedAt: times.startedAt ?? null, durationMs: call.duration_ms });
  const facts = { ...readFacts(told, detail, readTestCall(payloads)), ...times };
  return {
    callId,
    facts,
    analysis: detail && readAnalysis(detail),
    costs: detail && readCosts(detail),
    extractions: detail && readExtractions(detail),
    transcript: transcript?.items,
    unread: [
      ...toldUnread(told.unread, kind, facetOf),
      ...toldUnread(whole?.unread ?? [], 'detail', facetOf),
      ...(transcript?.unread ?? []),
    ],
    drift: [
      ...wordDrift(call),
      ...fieldDrift(payloads.list),
      ...fieldDrift(payloads.detail),
      ...(transcript?.drift ?? []),
    ],
  };
}

const FACETS: ReadonlyMap<string, Facet> = new Map<string, Facet>([
  ['call_status', 'status'],
  // Without a start no turn has its place.
  ['start_timestamp', 'transcript'],
  ['duration_ms', 'status'],
  ['recording_url', 'recording'],
  ['summary', 'analysis'],
  ['vars_extracted', 'analysis'],
  ['extraction_failed', 'analysis'],
  ['call_cost', 'cost'],
]);

function facetOf(path: string): Facet | null {
  return FACETS.get(path.split('.', 1)[0] ?? '') ?? null;
}

/** The vendor's word; `undefined` where it cannot be read. */
function statusWord({ value: call, unread }: Decoded<VoicyCall>): string | null | undefined {
  return unread.some(({ path }) => path === 'call_status') ? undefined : call.call_status;
}

function readFacts(
  told: Decoded<VoicyCall>,
  detail: VoicyDetail | undefined,
  testCall: boolean | undefined,
): Omit<ToldFacts, keyof Times> {
  const call = told.value;
  const word = statusWord(told);
  const status = word === undefined ? undefined : statusOf(word);
  return {
    // Some answers name the agent without its id: that takes back nothing.
    agentId: call.agent ? (call.agent.id ?? undefined) : null,
    agentVersion: call.agent?.version ?? null,
    agentName: call.agent?.name == null ? null : boundedName(call.agent.name),
    callType: call.call_type,
    channel: CHANNELS.get(call.call_type ?? '') ?? 'unknown',
    direction: DIRECTIONS.get(call.direction ?? '') ?? 'unknown',
    status,
    vendorStatus: word,
    endReason: status === undefined ? undefined : isTerminal(status) ? word : null,
    fromNumber: call.from_number,
    toNumber: call.to_number,
    presentationNumber: null,
    fromE164: toE164(call.from_number, 'IL'),
    toE164: toE164(call.to_number, 'IL'),
    recordingUrl: detail?.recording_url,
    variantLabel: null,
    optOut: false,
    testCall,
    contactId: null,
    phoneId: null,
    metadata: null,
    variables: detail?.vars_provided,
  };
}

type Times = Pick<ToldFacts, 'createdAt' | 'startedAt' | 'endedAt' | 'durationMs'>;

/**
 * The vendor's one time may be the dialling, and its duration may hold the ringing: they are start and length only of a
 * call that connected. One that broke off may have, or not: only what was said in it tells.
 */
function readTimes(call: Decoded<VoicyCall>, wasHeard: boolean): Times {
  const { start_timestamp: createdAt, duration_ms: length } = call.value;
  const word = statusWord(call);
  const status = statusOf(word ?? null);
  if (['queued', 'ringing', 'not_connected'].includes(status)) {
    return { createdAt, startedAt: null, endedAt: null, durationMs: null };
  }
  if (status !== 'ongoing' && status !== 'ended' && !wasHeard) {
    return { createdAt, startedAt: undefined, endedAt: undefined, durationMs: undefined };
  }
  const told = { createdAt, startedAt: createdAt, durationMs: length };
  // Whether it is over says the status.
  if (word === undefined) return { ...told, endedAt: undefined };
  const isOver = createdAt !== null && length !== null && isTerminal(status);
  return { ...told, endedAt: isOver ? createdAt + length : null };
}

/** Only the list tells: the row that a detail brings along is never marked, and so says nothing. */
function readTestCall({ list, detail }: CallPayloads): boolean | undefined {
  if (isJsonObject(list) && list[TEST_CALL_MARK] === true) return true;
  return detail === undefined ? false : undefined;
}

/** There is none until something came of it: the fields stand empty before. */
function readAnalysis(detail: VoicyDetail): Analysis | null {
  const { detected_gender, extraction_failed, summary, vars_extracted } = detail;
  const extracted = Object.values(vars_extracted ?? {}).some((value) => value !== null && value !== '');
  if (summary === null && extraction_failed !== true && !extracted) return null;
  const details: JsonObject = {
    ...(detected_gender !== null && { detected_gender }),
    ...(extraction_failed !== null && { extraction_failed }),
  };
  return { summary, sentiment: null, details: Object.keys(details).length > 0 ? details : null };
}

/** An amount without a currency is not money. */
function readCosts({ call_cost: cost }: VoicyDetail): CallReading['costs'] {
  const amount = cost?.combined_cost ?? null;
  const currency = cost?.currency?.trim().toUpperCase() ?? '';
  return amount === null || currency === '' ? null : [{ component: 'total', amount, currency }];
}

function wordDrift(call: VoicyCall): DriftNote[] {
  return [
    ...unknownWord(call.call_status, STATUSES, 'call_status'),
    ...unknownWord(call.call_type, CHANNELS, 'call_type'),
    ...unknownWord(call.direction, DIRECTIONS, 'direction'),
  ];
}

function fieldDrift(record: Json | undefined): DriftNote[] {
  if (!isJsonObject(record)) return [];
  return [
    ...unknownFields(record, CALL_FIELDS, ''),
    ...unknownFields(record.agent, AGENT_FIELDS, 'agent'),
    ...unknownFields(record.account, ACCOUNT_FIELDS, 'account'),
    ...unknownFields(record.call_cost, COST_FIELDS, 'call_cost'),
  ];
}
