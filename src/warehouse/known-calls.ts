import type pg from 'pg';
import type { CallFacts, Cost, Extraction, Facet, PayloadKind, Settlement, TranscriptItem } from '../call.ts';
import { answersTo, type Sql, toMs } from '../database/database.ts';
import { type Json, type JsonObject, parseJson } from '../json.ts';
import { gapMs, totalOf } from './derived.ts';
import type { KnownCall, OccurredAtBasis } from './stored-call.ts';

/** What decides, before anything else is read, whether a payload can be skipped. */
export interface Glance {
  payloads: ReadonlyMap<PayloadKind, { hash: string; normalizerVersion: number }>;
  /** In the settlement queue: time alone may settle it. */
  queued: boolean;
  /** The vendor did not know it when it was last asked for. */
  missing: boolean;
  /** The record that was set aside last, while that is unresolved. */
  deadLetter: { kind: PayloadKind; hash: string } | null;
  /** Kinds of payload of which a record or a field is set aside. */
  withLetters: readonly PayloadKind[];
}

/**
 * One cheap look at the calls of a page: hashes and queue only. Calls that are not stored are absent. Each is looked up
 * by its key: joined, PostgreSQL may read the whole queue for a page, and the queue is long while history is read.
 */
export async function glanceAtCalls(
  sql: Sql,
  sourceId: number,
  callIds: readonly string[],
): Promise<Map<string, Glance>> {
  const { rows } = await sql.query<{
    call_id: string;
    kinds: PayloadKind[];
    hashes: string[];
    versions: number[];
    queued: boolean;
    missing: boolean;
    dead_letter_kind: PayloadKind | null;
    dead_letter_hash: string;
    letter_kinds: PayloadKind[];
  }>({
    name: 'glance at calls',
    text: `select i.call_id,
  coalesce(p.kinds, '{}') as kinds, coalesce(p.hashes, '{}') as hashes, coalesce(p.versions, '{}') as versions,
  (select true from callhouse_sync.settlements s where s.source_id = $1 and s.call_id = i.call_id) is not null as queued,
  (select c.settlement = 'missing' from callhouse.calls c where c.source_id = $1 and c.call_id = i.call_id) is true as missing,
  d.kind as dead_letter_kind, d.payload_hash as dead_letter_hash,
  array(select l.kind from callhouse_sync.dead_letters l
    where l.source_id = $1 and l.call_id = i.call_id and l.resolved_at is null) as letter_kinds
from unnest($2::text[]) as i (call_id)
left join lateral (
  select array_agg(r.kind) as kinds, array_agg(r.payload_hash) as hashes, array_agg(r.normalizer_version) as versions
  from callhouse_sync.raw_payloads r where r.source_id = $1 and r.call_id = i.call_id
) p on true
left join lateral (
  select l.kind, l.payload_hash from callhouse_sync.dead_letters l
  where l.source_id = $1 and l.call_id = i.call_id and l.resolved_at is null and l.scope = 'record'
  order by l.last_seen_at desc limit 1
) d on true
where p.kinds is not null or d.payload_hash is not null`,
    values: [sourceId, callIds],
  });
  return new Map(
    rows.map((row) => [
      row.call_id,
      {
        payloads: new Map(
          row.kinds.map((kind, i) => [
            kind,
            { hash: row.hashes[i] ?? '', normalizerVersion: row.versions[i] ?? 0 },
          ]),
        ),
        queued: row.queued,
        missing: row.missing,
        deadLetter:
          row.dead_letter_kind === null ? null : { kind: row.dead_letter_kind, hash: row.dead_letter_hash },
        withLetters: row.letter_kinds,
      },
    ]),
  );
}

/** Reads calls with all that was told of them. Transcript items only of `withTranscript`: they are many. */
export async function readKnownCalls(
  sql: Sql,
  sourceId: number,
  callIds: readonly string[],
  withTranscript: readonly string[],
): Promise<Map<string, KnownCall>> {
  const known = new Map<string, KnownCall>();
  if (callIds.length === 0) return known;
  const [{ rows }, transcripts] = await answersTo([
    sql.query<KnownCallRow>({ name: 'read known calls', text: KNOWN_CALLS, values: [sourceId, callIds] }),
    readTranscripts(sql, sourceId, withTranscript),
  ]);
  for (const row of rows) known.set(row.call_id, toKnownCall(row));
  for (const callId of withTranscript) {
    const call = known.get(callId);
    if (call === undefined) continue;
    // The rows themselves count: a number beside them may have been written by hand.
    const items = transcripts.get(callId) ?? (call.stored.transcriptItemCount === null ? null : []);
    call.stored.content.transcript = items;
  }
  return known;
}

const KNOWN_CALLS = `select c.*, c.metadata::text as metadata_text, c.variables::text as variables_text,
  a.call_id is not null as analyzed, a.summary, a.sentiment, a.details::text as details_text,
  (select jsonb_agg(jsonb_build_object('component', k.component, 'amount', k.amount::text, 'currency', k.currency)
     order by k.component) from callhouse.call_costs k where k.source_id = c.source_id and k.call_id = c.call_id
  ) as costs,
  (select jsonb_agg(jsonb_build_object('origin', e.origin, 'position', e.position, 'name', e.name, 'type', e.type,
     'value', e.value, 'value_text', e.value_text) order by e.origin, e.position)
   from callhouse.call_extractions e where e.source_id = c.source_id and e.call_id = c.call_id
  )::text as extractions_text,
  (select jsonb_agg(jsonb_build_object('kind', r.kind, 'hash', r.payload_hash, 'version', r.normalizer_version,
     'fetched_ms', (extract(epoch from r.fetched_at) * 1000)::bigint))
   from callhouse_sync.raw_payloads r where r.source_id = c.source_id and r.call_id = c.call_id
  ) as payloads,
  (select jsonb_agg(jsonb_build_object('kind', l.kind, 'facet', l.facet)) from callhouse_sync.dead_letters l
   where l.source_id = c.source_id and l.call_id = c.call_id and l.scope = 'field' and l.resolved_at is null
  ) as unread,
  s.call_id is not null as queued, s.next_check_at, s.attempts, s.deadline_at, s.awaiting, s.next_read, s.queued_at
from callhouse.calls c
left join callhouse.call_analyses a using (source_id, call_id)
left join callhouse_sync.settlements s using (source_id, call_id)
where c.source_id = $1 and c.call_id = any($2)
order by c.call_id`;

interface KnownCallRow extends pg.QueryResultRow {
  call_id: string;
  agent_id: string | null;
  agent_version: string | null;
  agent_name: string | null;
  call_type: string | null;
  channel: CallFacts['channel'];
  direction: CallFacts['direction'];
  status: CallFacts['status'];
  vendor_status: string | null;
  end_reason: string | null;
  from_number: string | null;
  to_number: string | null;
  presentation_number: string | null;
  from_e164: string | null;
  to_e164: string | null;
  created_at: Date | null;
  started_at: Date | null;
  ended_at: Date | null;
  duration_ms: string | null;
  recording_url: string | null;
  variant_label: string | null;
  opt_out: boolean;
  test_call: boolean;
  contact_id: string | null;
  phone_id: string | null;
  transcript_item_count: number | null;
  metadata_text: string | null;
  variables_text: string | null;
  occurred_at: Date;
  occurred_at_basis: OccurredAtBasis;
  first_seen_at: Date;
  changed_at: Date;
  checked_at: Date;
  settlement: Settlement;
  settled_at: Date | null;
  missing_since: Date | null;
  retracted: string[];
  revision: number;
  analyzed: boolean;
  summary: string | null;
  sentiment: string | null;
  details_text: string | null;
  cost_amount: string | null;
  cost_currency: string | null;
  costs: Cost[] | null;
  extractions_text: string | null;
  payloads: { kind: PayloadKind; hash: string; version: number; fetched_ms: number }[] | null;
  unread: KnownCall['unread'] | null;
  queued: boolean;
  next_check_at: Date;
  attempts: number;
  deadline_at: Date;
  awaiting: Facet[];
  next_read: 'list' | 'detail';
  queued_at: Date;
}

function toKnownCall(row: KnownCallRow): KnownCall {
  const payloads: KnownCall['payloads'] = {};
  for (const { kind, hash, version, fetched_ms: fetchedAt } of row.payloads ?? []) {
    payloads[kind] = { hash, fetchedAt, normalizerVersion: version };
  }
  return {
    payloads,
    unread: row.unread ?? [],
    queue: row.queued
      ? {
          callId: row.call_id,
          nextCheckAt: toMs(row.next_check_at),
          attempts: row.attempts,
          deadlineAt: toMs(row.deadline_at),
          awaiting: row.awaiting,
          nextRead: row.next_read,
          queuedAt: toMs(row.queued_at),
        }
      : null,
    stored: {
      callId: row.call_id,
      content: {
        facts: toFacts(row),
        analysis: row.analyzed
          ? { summary: row.summary, sentiment: row.sentiment, details: jsonObject(row.details_text) }
          : null,
        costs: toCosts(row),
        extractions: toExtractions(row.extractions_text),
        transcript: null,
        retracted: row.retracted,
      },
      transcriptItemCount: row.transcript_item_count,
      occurredAt: toMs(row.occurred_at),
      occurredAtBasis: row.occurred_at_basis,
      firstSeenAt: toMs(row.first_seen_at),
      changedAt: toMs(row.changed_at),
      checkedAt: toMs(row.checked_at),
      settlement: row.settlement,
      settledAt: toMs(row.settled_at),
      missingSince: toMs(row.missing_since),
      revision: row.revision,
    },
  };
}

function toFacts(row: KnownCallRow): CallFacts {
  return {
    agentId: row.agent_id,
    agentVersion: row.agent_version,
    agentName: row.agent_name,
    callType: row.call_type,
    channel: row.channel,
    direction: row.direction,
    status: row.status,
    vendorStatus: row.vendor_status,
    endReason: row.end_reason,
    fromNumber: row.from_number,
    toNumber: row.to_number,
    presentationNumber: row.presentation_number,
    fromE164: row.from_e164,
    toE164: row.to_e164,
    createdAt: toMs(row.created_at),
    startedAt: toMs(row.started_at),
    endedAt: toMs(row.ended_at),
    durationMs: toNumber(row.duration_ms),
    recordingUrl: row.recording_url,
    variantLabel: row.variant_label,
    optOut: row.opt_out,
    testCall: row.test_call,
    contactId: row.contact_id,
    phoneId: row.phone_id,
    metadata: jsonObject(row.metadata_text),
    variables: jsonObject(row.variables_text),
  };
}

/** A total that is not what stands beside the call was written by hand: as if none were known, both are written anew. */
function toCosts({ costs, cost_amount, cost_currency }: KnownCallRow): Cost[] {
  const total = totalOf(costs ?? []);
  const agrees = (total?.amount ?? null) === cost_amount && (total?.currency ?? null) === cost_currency;
  return agrees ? (costs ?? []) : [];
}

function toExtractions(text: string | null): Extraction[] {
  if (text === null) return [];
  const fields = parseJson(text) as { [key: string]: Json }[];
  return fields.map((field) => ({
    origin: String(field.origin),
    position: Number(String(field.position)),
    name: field.name as string | null,
    type: field.type as string | null,
    value: field.value ?? null,
    valueText: field.value_text as string | null,
  }));
}

async function readTranscripts(
  sql: Sql,
  sourceId: number,
  callIds: readonly string[],
): Promise<Map<string, TranscriptItem[]>> {
  const transcripts = new Map<string, TranscriptItem[]>();
  if (callIds.length === 0) return transcripts;
  const { rows } = await sql.query<TranscriptRow>({
    name: 'read transcripts',
    text: `select t.*, t.arguments::text as arguments_text, t.result::text as result_text
from callhouse.transcript_items t
where t.source_id = $1 and t.call_id = any($2)
order by t.call_id, t.position`,
    values: [sourceId, callIds],
  });
  let before: { callId: string; item: TranscriptItem } | null = null;
  for (const row of rows) {
    const callId = row.call_id;
    const items = transcripts.get(callId) ?? [];
    transcripts.set(callId, items);
    const item = toTranscriptItem(row);
    const follows = gapMs(before?.callId === callId ? before.item : undefined, item);
    // A gap that does not follow from its neighbours was written by hand: as if the item were not known.
    if (toNumber(row.gap_ms) === follows) items.push(item);
    before = { callId, item };
  }
  return transcripts;
}

interface TranscriptRow extends pg.QueryResultRow {
  call_id: string;
  position: number;
  role: TranscriptItem['role'];
  vendor_role: string | null;
  kind: TranscriptItem['kind'];
  content: string | null;
  started_at: Date | null;
  ended_at: Date | null;
  offset_ms: string | null;
  tool_call_id: string | null;
  tool_name: string | null;
  arguments_text: string | null;
  result_text: string | null;
  tool_status: string | null;
  duration_ms: string | null;
  gap_ms: string | null;
}

function toTranscriptItem(row: TranscriptRow): TranscriptItem {
  return {
    position: row.position,
    role: row.role,
    vendorRole: row.vendor_role,
    kind: row.kind,
    content: row.content,
    startedAt: toMs(row.started_at),
    endedAt: toMs(row.ended_at),
    offsetMs: toNumber(row.offset_ms),
    toolCallId: row.tool_call_id,
    toolName: row.tool_name,
    arguments: row.arguments_text === null ? null : parseJson(row.arguments_text),
    result: row.result_text === null ? null : parseJson(row.result_text),
    toolStatus: row.tool_status,
    durationMs: toNumber(row.duration_ms),
  };
}

/** A bigint, which comes as text. */
function toNumber(text: string | null): number | null {
  return text === null ? null : Number(text);
}

function jsonObject(text: string | null): JsonObject | null {
  return text === null ? null : (parseJson(text) as JsonObject);
}
