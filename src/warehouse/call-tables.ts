import type { Analysis, Cost, Extraction, PayloadKind, TranscriptItem } from '../call.ts';
import { toRange } from '../database/database.ts';
import { canonicalJson, type Json } from '../json.ts';
import type { Changes } from '../merge/merge-call.ts';
import type { BulkColumn, BulkUpsert } from './bulk-upsert.ts';
import { gapMs, totalOf } from './derived.ts';
import type { Lineage, StoredCall } from './stored-call.ts';

/** The tables of a call as bulk upserts: column by column, in the order of the migrations. */

export interface PayloadWrite {
  callId: string;
  kind: PayloadKind;
  /** JSON, as PostgreSQL reads it. */
  payload: string;
  hash: string;
  fetchedAt: number;
  normalizerVersion: number;
}

interface OfCall {
  sourceId: number;
  callId: string;
}
const keyColumns: BulkColumn<OfCall>[] = [
  { name: 'source_id', type: 'integer', value: ({ sourceId }) => sourceId },
  { name: 'call_id', type: 'text', value: ({ callId }) => callId },
];

function json(value: Json): string | null {
  return value === null ? null : canonicalJson(value);
}

type StoredRow = { sourceId: number; stored: StoredCall };
const storedKey: BulkColumn<StoredRow>[] = [
  { name: 'source_id', type: 'integer', value: ({ sourceId }) => sourceId },
  { name: 'call_id', type: 'text', value: ({ stored }) => stored.callId },
];

export const CALLS: BulkUpsert<StoredRow> = {
  table: 'callhouse.calls',
  key: ['source_id', 'call_id'],
  insertOnly: ['first_seen_at'],
  // An older reading never overwrites a newer one.
  updateWhen: 'stored.checked_at <= excluded.checked_at',
  columns: [
    ...storedKey,
    { name: 'agent_id', type: 'text', value: ({ stored }) => stored.content.facts.agentId },
    { name: 'agent_version', type: 'text', value: ({ stored }) => stored.content.facts.agentVersion },
    { name: 'agent_name', type: 'text', value: ({ stored }) => stored.content.facts.agentName },
    { name: 'call_type', type: 'text', value: ({ stored }) => stored.content.facts.callType },
    { name: 'channel', type: 'text', value: ({ stored }) => stored.content.facts.channel },
    { name: 'direction', type: 'text', value: ({ stored }) => stored.content.facts.direction },
    { name: 'status', type: 'text', value: ({ stored }) => stored.content.facts.status },
    { name: 'vendor_status', type: 'text', value: ({ stored }) => stored.content.facts.vendorStatus },
    { name: 'end_reason', type: 'text', value: ({ stored }) => stored.content.facts.endReason },
    { name: 'from_number', type: 'text', value: ({ stored }) => stored.content.facts.fromNumber },
    { name: 'to_number', type: 'text', value: ({ stored }) => stored.content.facts.toNumber },
    {
      name: 'presentation_number',
      type: 'text',
      value: ({ stored }) => stored.content.facts.presentationNumber,
    },
    { name: 'from_e164', type: 'text', value: ({ stored }) => stored.content.facts.fromE164 },
    { name: 'to_e164', type: 'text', value: ({ stored }) => stored.content.facts.toE164 },
    {
      name: 'created_at',
      type: 'timestamptz',
      value: ({ stored }) => stored.content.facts.createdAt,
    },
    {
      name: 'started_at',
      type: 'timestamptz',
      value: ({ stored }) => stored.content.facts.startedAt,
    },
    {
      name: 'ended_at',
      type: 'timestamptz',
      value: ({ stored }) => stored.content.facts.endedAt,
    },
    { name: 'occurred_at', type: 'timestamptz', value: ({ stored }) => stored.occurredAt },
    {
      name: 'day',
      type: 'timestamptz',
      read: 'business_day',
      value: ({ stored }) => stored.occurredAt,
    },
    { name: 'occurred_at_basis', type: 'text', value: ({ stored }) => stored.occurredAtBasis },
    { name: 'duration_ms', type: 'bigint', value: ({ stored }) => stored.content.facts.durationMs },
    { name: 'recording_url', type: 'text', value: ({ stored }) => stored.content.facts.recordingUrl },
    { name: 'variant_label', type: 'text', value: ({ stored }) => stored.content.facts.variantLabel },
    { name: 'opt_out', type: 'boolean', value: ({ stored }) => stored.content.facts.optOut },
    { name: 'test_call', type: 'boolean', value: ({ stored }) => stored.content.facts.testCall },
    {
      name: 'cost_amount',
      type: 'text',
      read: 'numeric',
      value: ({ stored }) => totalOf(stored.content.costs)?.amount ?? null,
    },
    {
      name: 'cost_currency',
      type: 'text',
      value: ({ stored }) => totalOf(stored.content.costs)?.currency ?? null,
    },
    { name: 'contact_id', type: 'text', value: ({ stored }) => stored.content.facts.contactId },
    { name: 'phone_id', type: 'text', value: ({ stored }) => stored.content.facts.phoneId },
    { name: 'transcript_item_count', type: 'integer', value: ({ stored }) => stored.transcriptItemCount },
    {
      name: 'metadata',
      type: 'text',
      read: 'jsonb',
      value: ({ stored }) => json(stored.content.facts.metadata),
    },
    {
      name: 'variables',
      type: 'text',
      read: 'jsonb',
      value: ({ stored }) => json(stored.content.facts.variables),
    },
    { name: 'first_seen_at', type: 'timestamptz', value: ({ stored }) => stored.firstSeenAt },
    { name: 'changed_at', type: 'timestamptz', value: ({ stored }) => stored.changedAt },
    { name: 'checked_at', type: 'timestamptz', value: ({ stored }) => stored.checkedAt },
    { name: 'settlement', type: 'text', value: ({ stored }) => stored.settlement },
    { name: 'settled_at', type: 'timestamptz', value: ({ stored }) => stored.settledAt },
    { name: 'missing_since', type: 'timestamptz', value: ({ stored }) => stored.missingSince },
    {
      name: 'retracted',
      type: 'text',
      read: 'text_list',
      value: ({ stored }) => stored.content.retracted.join(','),
    },
    { name: 'revision', type: 'integer', value: ({ stored }) => stored.revision },
  ],
};

export const CALL_EVENTS: BulkUpsert<StoredRow & { restated: boolean; changes: Changes; lineage: Lineage }> =
  {
    table: 'callhouse.call_events',
    key: ['source_id', 'call_id', 'revision'],
    columns: [
      ...storedKey,
      { name: 'revision', type: 'integer', value: ({ stored }) => stored.revision },
      { name: 'observed_at', type: 'timestamptz', value: ({ stored }) => stored.changedAt },
      { name: 'status', type: 'text', value: ({ stored }) => stored.content.facts.status },
      { name: 'settlement', type: 'text', value: ({ stored }) => stored.settlement },
      { name: 'restated', type: 'boolean', value: ({ restated }) => restated },
      { name: 'changes', type: 'text', read: 'jsonb', value: ({ changes }) => json(changes) },
      { name: 'step', type: 'text', value: ({ lineage }) => lineage.step },
      { name: 'requested_at', type: 'timestamptz', value: ({ lineage }) => lineage.requestedAt },
      {
        name: 'read_window',
        type: 'text',
        read: 'tstzrange',
        value: ({ lineage }) => toRange(lineage.window),
      },
    ],
  };

export const CALL_ANALYSES: BulkUpsert<OfCall & { analysis: Analysis }> = {
  table: 'callhouse.call_analyses',
  key: ['source_id', 'call_id'],
  columns: [
    ...keyColumns,
    { name: 'summary', type: 'text', value: ({ analysis }) => analysis.summary },
    { name: 'sentiment', type: 'text', value: ({ analysis }) => analysis.sentiment },
    { name: 'details', type: 'text', read: 'jsonb', value: ({ analysis }) => json(analysis.details) },
  ],
};

export const CALL_COSTS: BulkUpsert<OfCall & { cost: Cost }> = {
  table: 'callhouse.call_costs',
  key: ['source_id', 'call_id', 'component'],
  columns: [
    ...keyColumns,
    { name: 'component', type: 'text', value: ({ cost }) => cost.component },
    { name: 'amount', type: 'text', read: 'numeric', value: ({ cost }) => cost.amount },
    { name: 'currency', type: 'text', value: ({ cost }) => cost.currency },
  ],
};

export const CALL_EXTRACTIONS: BulkUpsert<OfCall & { extraction: Extraction }> = {
  table: 'callhouse.call_extractions',
  key: ['source_id', 'call_id', 'origin', 'position'],
  columns: [
    ...keyColumns,
    { name: 'origin', type: 'text', value: ({ extraction }) => extraction.origin },
    { name: 'position', type: 'integer', value: ({ extraction }) => extraction.position },
    { name: 'name', type: 'text', value: ({ extraction }) => extraction.name },
    { name: 'type', type: 'text', value: ({ extraction }) => extraction.type },
    { name: 'value', type: 'text', read: 'jsonb', value: ({ extraction }) => json(extraction.value) },
    { name: 'value_text', type: 'text', value: ({ extraction }) => extraction.valueText },
  ],
};

export const TRANSCRIPT_ITEMS: BulkUpsert<
  OfCall & { item: TranscriptItem; before: TranscriptItem | undefined }
> = {
  table: 'callhouse.transcript_items',
  key: ['source_id', 'call_id', 'position'],
  onlyChanged: true,
  columns: [
    ...keyColumns,
    { name: 'position', type: 'integer', value: ({ item }) => item.position },
    { name: 'role', type: 'text', value: ({ item }) => item.role },
    { name: 'vendor_role', type: 'text', value: ({ item }) => item.vendorRole },
    { name: 'kind', type: 'text', value: ({ item }) => item.kind },
    { name: 'content', type: 'text', value: ({ item }) => item.content },
    { name: 'started_at', type: 'timestamptz', value: ({ item }) => item.startedAt },
    { name: 'ended_at', type: 'timestamptz', value: ({ item }) => item.endedAt },
    { name: 'offset_ms', type: 'bigint', value: ({ item }) => item.offsetMs },
    { name: 'tool_call_id', type: 'text', value: ({ item }) => item.toolCallId },
    { name: 'tool_name', type: 'text', value: ({ item }) => item.toolName },
    { name: 'arguments', type: 'text', read: 'jsonb', value: ({ item }) => json(item.arguments) },
    { name: 'result', type: 'text', read: 'jsonb', value: ({ item }) => json(item.result) },
    { name: 'tool_status', type: 'text', value: ({ item }) => item.toolStatus },
    { name: 'duration_ms', type: 'bigint', value: ({ item }) => item.durationMs },
    { name: 'gap_ms', type: 'bigint', value: ({ item, before }) => gapMs(before, item) },
  ],
};

export const RAW_PAYLOADS: BulkUpsert<PayloadWrite & { sourceId: number }> = {
  table: 'callhouse_sync.raw_payloads',
  key: ['source_id', 'call_id', 'kind'],
  updateWhen: 'stored.fetched_at <= excluded.fetched_at',
  columns: [
    { name: 'source_id', type: 'integer', value: ({ sourceId }) => sourceId },
    { name: 'call_id', type: 'text', value: ({ callId }) => callId },
    { name: 'kind', type: 'text', value: ({ kind }) => kind },
    { name: 'payload', type: 'text', read: 'jsonb', value: ({ payload }) => payload },
    { name: 'payload_hash', type: 'text', value: ({ hash }) => hash },
    { name: 'fetched_at', type: 'timestamptz', value: ({ fetchedAt }) => fetchedAt },
    { name: 'normalizer_version', type: 'integer', value: ({ normalizerVersion }) => normalizerVersion },
  ],
};
