import type {
  Analysis,
  CallPayloads,
  CallReading,
  Extraction,
  Facet,
  PayloadKind,
  ToldFacts,
  UnreadField,
} from '../../call.ts';
import { RecordError } from '../../errors.ts';
import { isJsonObject, type Json, type JsonObject } from '../../json.ts';
import { type Decoded, decode, toldUnread, unknownFields, unknownWord, usableId } from '../decode.ts';
import { toE164 } from '../phone-number.ts';
import { plainText } from '../plain-text.ts';
import {
  AGENT_FIELDS,
  ANALYSIS_FIELDS,
  CALL_FIELDS,
  COST_FIELDS,
  EXTRACTION_FIELDS,
  type VoxCall,
  voxCall,
} from './payload.ts';
import { readTranscript } from './transcript.ts';
import { CALL_TYPES, END_REASONS, SENTIMENTS, STATUSES } from './words.ts';

/** Grows when the meaning below changes. */
export const NORMALIZER_VERSION = 3;

/**
 * A vox.ai call in our terms. Everything but the transcript is read from the list payload, which is never older
 * than the detail: a detail brings its own list part with it.
 */
export function normalizeVoxCall(payloads: CallPayloads): CallReading {
  const record = payloads.list ?? payloads.detail;
  const callId = usableId(isJsonObject(record) ? record.id : undefined);
  if (record === undefined || callId === null) throw new RecordError('id', 'there is no usable id');
  const kind: PayloadKind = payloads.list === undefined ? 'detail' : 'list';
  const { value: call, unread } = decode(voxCall, record);
  const facts = readFacts({ value: call, unread });
  const transcript = readTranscriptOf(payloads.detail, facts);
  return {
    callId,
    facts,
    analysis: readAnalysis(call),
    costs: readCosts(call),
    extractions: readExtractions(call),
    transcript: transcript?.items,
    unread: [...toldUnread(unread, kind, facetOf), ...(transcript?.unread ?? [])],
    drift: [...callDrift(call, record as JsonObject), ...(transcript?.drift ?? [])],
  };
}

const FACETS: ReadonlyMap<string, Facet> = new Map<string, Facet>([
  ['status', 'status'],
  // Without a start no turn has its place.
  ['start_at', 'transcript'],
  ['end_at', 'status'],
  ['recording_url', 'recording'],
  ['call_analysis', 'analysis'],
  ['call_cost', 'cost'],
]);

function facetOf(path: string): Facet | null {
  return FACETS.get(path.split('.', 1)[0] ?? '') ?? null;
}

function readFacts({ value: call, unread }: Decoded<VoxCall>): ToldFacts {
  const { start_at: startedAt, end_at: endedAt } = call;
  const route = CALL_TYPES.get(call.call_type ?? '') ?? { channel: 'unknown', direction: 'unknown' };
  const isUnread = (path: string) => unread.some((field) => field.path === path);
  const status = isUnread('status') ? undefined : call.status;
  return {
    agentId: call.agent?.agent_id ?? null,
    agentVersion: call.agent?.agent_version ?? null,
    agentName: null,
    callType: call.call_type,
    channel: route.channel,
    direction: route.direction,
    status: status === undefined ? undefined : (STATUSES.get(status ?? '') ?? 'unknown'),
    vendorStatus: status,
    endReason: call.disconnection_reason,
    fromNumber: call.from_number,
    toNumber: call.to_number,
    presentationNumber: call.presentation_number,
    fromE164: toE164(call.from_number, 'KR'),
    toE164: toE164(call.to_number, 'KR'),
    createdAt: null,
    startedAt,
    endedAt,
    durationMs: startedAt !== null && endedAt !== null && endedAt >= startedAt ? endedAt - startedAt : null,
    recordingUrl: call.recording_url,
    variantLabel: call.variant_label,
    optOut: isUnread(OPT_OUT) ? undefined : (call[OPT_OUT] ?? false),
    testCall: false,
    contactId: null,
    phoneId: null,
    metadata: call.metadata,
    variables: call.dynamic_variables,
  };
}

const OPT_OUT = 'opt_out_sensitive_data_storage';

/** There is none until something stands in it. */
function readAnalysis(call: VoxCall): Analysis | null {
  if (!call.call_analysis) return null;
  const { summary, user_sentiment: sentiment, custom_analysis_data: fields, ...details } = call.call_analysis;
  const more = Object.keys(details).length > 0 ? (details as JsonObject) : null;
  if (summary === null && sentiment === null && more === null && !fields?.length) return null;
  return { summary, sentiment, details: more };
}

/** KRW, as the vendor documents it. An older generation told credits under other names: those are not money. */
function readCosts(call: VoxCall): CallReading['costs'] {
  const amount = call.call_cost?.total_cost ?? null;
  return amount === null ? null : [{ component: 'total', amount, currency: 'KRW' }];
}

function readExtractions(call: VoxCall): Extraction[] | null {
  const fields = call.call_analysis?.custom_analysis_data;
  if (!fields) return null;
  return fields.map((field, position) => {
    const { name, type, value } = isJsonObject(field) ? field : { name: null, type: null, value: field };
    return {
      origin: 'analysis',
      position,
      name: typeof name === 'string' ? name : null,
      type: typeof type === 'string' ? type : null,
      value: value ?? null,
      valueText: plainText(value ?? null),
    };
  });
}

/** `undefined` when no detail was read; its items are null when the vendor has no transcript, or none that can be read. */
function readTranscriptOf(
  detail: Json | undefined,
  facts: ToldFacts,
): (Omit<ReturnType<typeof readTranscript>, 'items'> & { items: CallReading['transcript'] }) | undefined {
  if (!isJsonObject(detail)) return undefined;
  const items = detail.transcript ?? null;
  if (items === null || items === '') return { items: null, unread: [], drift: [] };
  if (!Array.isArray(items)) return { items: null, unread: [unreadTranscript(items)], drift: [] };
  const { startedAt = null, durationMs = null } = facts;
  return readTranscript(items, { startedAt, durationMs });
}

function unreadTranscript(value: Json): UnreadField {
  return { kind: 'detail', path: 'transcript', reason: 'is not a list', value, facet: 'transcript' };
}

function callDrift(call: VoxCall, record: JsonObject): CallReading['drift'] {
  const fields = call.call_analysis?.custom_analysis_data ?? [];
  return [
    ...unknownWord(call.status, STATUSES, 'status'),
    ...unknownWord(call.call_type, CALL_TYPES, 'call_type'),
    ...unknownWord(call.disconnection_reason, END_REASONS, 'disconnection_reason'),
    ...unknownWord(call.call_analysis?.user_sentiment ?? null, SENTIMENTS, 'call_analysis.user_sentiment'),
    ...unknownFields(record, CALL_FIELDS, ''),
    ...unknownFields(record.agent, AGENT_FIELDS, 'agent'),
    ...unknownFields(record.call_analysis, ANALYSIS_FIELDS, 'call_analysis'),
    ...unknownFields(record.call_cost, COST_FIELDS, 'call_cost'),
    ...fields.flatMap((field) =>
      unknownFields(field, EXTRACTION_FIELDS, 'call_analysis.custom_analysis_data'),
    ),
  ];
}
