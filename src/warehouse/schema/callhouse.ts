import { sql } from 'drizzle-orm';
import {
  type AnyPgColumn,
  bigint,
  boolean,
  check,
  date,
  foreignKey,
  index,
  integer,
  jsonb,
  numeric,
  pgSchema,
  primaryKey,
  text,
  timestamp,
  unique,
} from 'drizzle-orm/pg-core';
import { tstzrange } from './types.ts';

/**
 * What people query. The migrations under `migrations/` are the truth; this file types the small queries and
 * lets drizzle-kit say when the two differ. Every key about a call contains `call_id`.
 */
export const callhouse = pgSchema('callhouse');

export const instant = (name: string) => timestamp(name, { withTimezone: true });
const sourceId = () => integer('source_id').notNull();
const callId = () => text('call_id').notNull();

export const sources = callhouse.table(
  'sources',
  {
    sourceId: integer('source_id').generatedAlwaysAsIdentity().primaryKey(),
    name: text('name').notNull(),
    vendor: text('vendor').notNull(),
    baseUrl: text('base_url').notNull(),
    timeZone: text('time_zone').notNull(),
    createdAt: instant('created_at').notNull(),
  },
  (t) => [unique('sources_name_key').on(t.name)],
);

export const agents = callhouse.table(
  'agents',
  {
    sourceId: sourceId(),
    agentId: text('agent_id').notNull(),
    name: text('name'),
    type: text('type'),
    firstSeenAt: instant('first_seen_at').notNull(),
    lastSeenAt: instant('last_seen_at').notNull(),
  },
  (t) => [primaryKey({ name: 'agents_pkey', columns: [t.sourceId, t.agentId] })],
);

export const phones = callhouse.table(
  'phones',
  {
    sourceId: sourceId(),
    phoneId: text('phone_id').notNull(),
    number: text('number'),
    name: text('name'),
    firstSeenAt: instant('first_seen_at').notNull(),
    lastSeenAt: instant('last_seen_at').notNull(),
  },
  (t) => [primaryKey({ name: 'phones_pkey', columns: [t.sourceId, t.phoneId] })],
);

export const outcomes = callhouse.table(
  'outcomes',
  {
    vendor: text('vendor').notNull(),
    vendorStatus: text('vendor_status').notNull(),
    endReason: text('end_reason').notNull(),
    outcome: text('outcome').notNull(),
    note: text('note'),
  },
  (t) => [
    primaryKey({ name: 'outcomes_pkey', columns: [t.vendor, t.vendorStatus, t.endReason] }),
    check(
      'outcomes_outcome_known',
      sql`outcome in ('answered', 'voicemail', 'no_answer', 'busy', 'declined', 'failed', 'transferred', 'limit_reached', 'blocked', 'unknown')`,
    ),
  ],
);

export const calls = callhouse.table(
  'calls',
  {
    sourceId: sourceId(),
    callId: callId(),
    agentId: text('agent_id'),
    agentVersion: text('agent_version'),
    agentName: text('agent_name'),
    callType: text('call_type'),
    channel: text('channel').notNull(),
    direction: text('direction').notNull(),
    status: text('status').notNull(),
    vendorStatus: text('vendor_status'),
    endReason: text('end_reason'),
    fromNumber: text('from_number'),
    toNumber: text('to_number'),
    presentationNumber: text('presentation_number'),
    fromE164: text('from_e164'),
    toE164: text('to_e164'),
    createdAt: instant('created_at'),
    startedAt: instant('started_at'),
    endedAt: instant('ended_at'),
    occurredAt: instant('occurred_at').notNull(),
    occurredAtBasis: text('occurred_at_basis').notNull(),
    durationMs: bigint('duration_ms', { mode: 'number' }),
    recordingUrl: text('recording_url'),
    variantLabel: text('variant_label'),
    optOut: boolean('opt_out').notNull(),
    testCall: boolean('test_call').notNull(),
    contactId: text('contact_id'),
    transcriptItemCount: integer('transcript_item_count'),
    metadata: jsonb('metadata'),
    variables: jsonb('variables'),
    firstSeenAt: instant('first_seen_at').notNull(),
    changedAt: instant('changed_at').notNull(),
    checkedAt: instant('checked_at').notNull(),
    settlement: text('settlement').notNull(),
    settledAt: instant('settled_at'),
    missingSince: instant('missing_since'),
    retracted: text('retracted').array().notNull().default([]),
    revision: integer('revision').notNull(),
    phoneId: text('phone_id'),
    day: date('day').notNull(),
    costAmount: numeric('cost_amount'),
    costCurrency: text('cost_currency'),
  },
  (t) => [
    primaryKey({ name: 'calls_pkey', columns: [t.sourceId, t.callId] }),
    // Not led by source_id: on a table without statistics the planner would take them for the primary key.
    index('calls_occurred_idx').on(t.occurredAt.desc()),
    index('calls_day_idx').on(t.day),
    index('calls_daily_idx').on(
      t.day,
      t.sourceId,
      t.agentId,
      t.agentName,
      t.direction,
      t.status,
      t.settlement,
      t.testCall,
      t.startedAt,
      t.durationMs,
      t.costAmount,
      t.costCurrency,
    ),
    index('calls_agent_idx').on(t.agentId, t.occurredAt.desc()),
    index('calls_unsettled_idx').on(t.sourceId, t.settlement).where(sql`settlement <> 'settled'`),
    check(
      'calls_status_known',
      sql`status in ('queued', 'ringing', 'ongoing', 'ended', 'not_connected', 'canceled', 'failed', 'unknown')`,
    ),
    check(
      'calls_settlement_known',
      sql`settlement in ('open', 'settling', 'settled', 'expired', 'stuck', 'missing')`,
    ),
    check('calls_settled_has_instant', sql`(settlement = 'settled') = (settled_at is not null)`),
    check('calls_missing_has_instant', sql`(settlement = 'missing') = (missing_since is not null)`),
    check(
      'calls_occurred_at_basis_known',
      sql`occurred_at_basis in ('started', 'created', 'ended', 'listed', 'first_seen')`,
    ),
    check('calls_revision_positive', sql`revision > 0`),
  ],
);

/** Children hang on their call: a person who deletes a call deletes all of it, and the next re-read heals it. */
const ofCall = (name: string, t: { sourceId: AnyPgColumn; callId: AnyPgColumn }) =>
  foreignKey({
    name,
    columns: [t.sourceId, t.callId],
    foreignColumns: [calls.sourceId, calls.callId],
  }).onDelete('cascade');

export const callCosts = callhouse.table(
  'call_costs',
  {
    sourceId: sourceId(),
    callId: callId(),
    component: text('component').notNull().default('total'),
    amount: numeric('amount').notNull(),
    currency: text('currency').notNull(),
  },
  (t) => [
    primaryKey({ name: 'call_costs_pkey', columns: [t.sourceId, t.callId, t.component] }),
    ofCall('call_costs_call_fkey', t),
  ],
);

export const callAnalyses = callhouse.table(
  'call_analyses',
  {
    sourceId: sourceId(),
    callId: callId(),
    summary: text('summary'),
    sentiment: text('sentiment'),
    details: jsonb('details'),
  },
  (t) => [
    primaryKey({ name: 'call_analyses_pkey', columns: [t.sourceId, t.callId] }),
    ofCall('call_analyses_call_fkey', t),
  ],
);

export const callExtractions = callhouse.table(
  'call_extractions',
  {
    sourceId: sourceId(),
    callId: callId(),
    origin: text('origin').notNull(),
    position: integer('position').notNull(),
    name: text('name'),
    type: text('type'),
    value: jsonb('value'),
    valueText: text('value_text'),
  },
  (t) => [
    primaryKey({ name: 'call_extractions_pkey', columns: [t.sourceId, t.callId, t.origin, t.position] }),
    ofCall('call_extractions_call_fkey', t),
  ],
);

export const transcriptItems = callhouse.table(
  'transcript_items',
  {
    sourceId: sourceId(),
    callId: callId(),
    position: integer('position').notNull(),
    role: text('role').notNull(),
    vendorRole: text('vendor_role'),
    kind: text('kind').notNull(),
    content: text('content'),
    startedAt: instant('started_at'),
    endedAt: instant('ended_at'),
    offsetMs: bigint('offset_ms', { mode: 'number' }),
    toolCallId: text('tool_call_id'),
    toolName: text('tool_name'),
    arguments: jsonb('arguments'),
    result: jsonb('result'),
    toolStatus: text('tool_status'),
    durationMs: bigint('duration_ms', { mode: 'number' }),
    gapMs: bigint('gap_ms', { mode: 'number' }),
  },
  (t) => [
    primaryKey({ name: 'transcript_items_pkey', columns: [t.sourceId, t.callId, t.position] }),
    ofCall('transcript_items_call_fkey', t),
    index('transcript_items_tool_idx')
      .on(t.sourceId, t.callId, t.toolName, t.gapMs)
      .where(sql`tool_name is not null`),
    check('transcript_items_role_known', sql`role in ('agent', 'user', 'tool', 'system', 'other')`),
    check('transcript_items_kind_known', sql`kind in ('speech', 'tool_call', 'tool_result', 'event')`),
    check('transcript_items_position_from_zero', sql`position >= 0`),
  ],
);

export const callEvents = callhouse.table(
  'call_events',
  {
    sourceId: sourceId(),
    callId: callId(),
    revision: integer('revision').notNull(),
    observedAt: instant('observed_at').notNull(),
    status: text('status').notNull(),
    settlement: text('settlement').notNull(),
    restated: boolean('restated').notNull(),
    changes: jsonb('changes').notNull(),
    step: text('step'),
    requestedAt: instant('requested_at'),
    readWindow: tstzrange('read_window'),
  },
  (t) => [
    primaryKey({ name: 'call_events_pkey', columns: [t.sourceId, t.callId, t.revision] }),
    ofCall('call_events_call_fkey', t),
  ],
);
