import { sql } from 'drizzle-orm';
import {
  bigint,
  check,
  foreignKey,
  index,
  integer,
  jsonb,
  pgSchema,
  primaryKey,
  text,
  uuid,
} from 'drizzle-orm/pg-core';
import { calls, instant } from './callhouse.ts';
import { bytea, tstzmultirange, tstzrange } from './types.ts';

/** The worker's own state. People may read it (`why`, `gaps`, `health`); nobody but the worker writes it. */
export const callhouseSync = pgSchema('callhouse_sync');

const sourceId = () => integer('source_id').notNull();
const callId = () => text('call_id').notNull();
const count = (name: string) => bigint(name, { mode: 'number' }).notNull().default(0);

export const rawPayloads = callhouseSync.table(
  'raw_payloads',
  {
    sourceId: sourceId(),
    callId: callId(),
    kind: text('kind').notNull(),
    payload: jsonb('payload').notNull(),
    payloadHash: text('payload_hash').notNull(),
    fetchedAt: instant('fetched_at').notNull(),
    normalizerVersion: integer('normalizer_version').notNull(),
  },
  (t) => [
    primaryKey({ name: 'raw_payloads_pkey', columns: [t.sourceId, t.callId, t.kind] }),
    foreignKey({
      name: 'raw_payloads_call_fkey',
      columns: [t.sourceId, t.callId],
      foreignColumns: [calls.sourceId, calls.callId],
    }).onDelete('cascade'),
    check('raw_payloads_kind_known', sql`kind in ('list', 'detail', 'messages')`),
  ],
);

export const checkpoints = callhouseSync.table(
  'checkpoints',
  {
    sourceId: sourceId(),
    stream: text('stream').notNull(),
    wanted: tstzmultirange('wanted').notNull().default('{}'),
    covered: tstzmultirange('covered').notNull().default('{}'),
    watermark: instant('watermark'),
    openWindow: tstzrange('open_window'),
    cursor: text('cursor'),
    windowOpenedAt: instant('window_opened_at'),
    windowPages: integer('window_pages').notNull().default(0),
    windowRows: integer('window_rows').notNull().default(0),
    windowTotal: bigint('window_total', { mode: 'number' }),
    savedAt: instant('saved_at').notNull(),
    windowEvidence: jsonb('window_evidence'),
    windowSeen: bytea('window_seen'),
  },
  (t) => [
    primaryKey({ name: 'checkpoints_pkey', columns: [t.sourceId, t.stream] }),
    check('checkpoints_stream_known', sql`stream in ('live', 'lookback', 'backfill')`),
    check('checkpoints_cursor_has_window', sql`cursor is null or open_window is not null`),
  ],
);

export const doubts = callhouseSync.table(
  'doubts',
  {
    sourceId: sourceId(),
    stretch: tstzrange('stretch').notNull(),
    reason: text('reason').notNull(),
    listOrder: text('list_order').notNull(),
    callsSeen: count('calls_seen'),
    callsCounted: bigint('calls_counted', { mode: 'number' }),
    attempts: integer('attempts').notNull(),
    doubtedSince: instant('doubted_since').notNull(),
    nextTryAt: instant('next_try_at').notNull(),
  },
  (t) => [
    primaryKey({ name: 'doubts_pkey', columns: [t.sourceId, t.stretch] }),
    check('doubts_list_order_known', sql`list_order in ('oldest_first', 'newest_first')`),
  ],
);

export const settlements = callhouseSync.table(
  'settlements',
  {
    sourceId: sourceId(),
    callId: callId(),
    nextCheckAt: instant('next_check_at').notNull(),
    attempts: integer('attempts').notNull().default(0),
    deadlineAt: instant('deadline_at').notNull(),
    awaiting: text('awaiting').array().notNull(),
    nextRead: text('next_read').notNull(),
    queuedAt: instant('queued_at').notNull(),
    lastFault: text('last_fault'),
  },
  (t) => [
    primaryKey({ name: 'settlements_pkey', columns: [t.sourceId, t.callId] }),
    foreignKey({
      name: 'settlements_call_fkey',
      columns: [t.sourceId, t.callId],
      foreignColumns: [calls.sourceId, calls.callId],
    }).onDelete('cascade'),
    index('settlements_due_idx').on(t.nextRead, t.nextCheckAt),
    check('settlements_next_read_known', sql`next_read in ('list', 'detail')`),
  ],
);

export const runs = callhouseSync.table(
  'runs',
  {
    runId: uuid('run_id').defaultRandom().primaryKey(),
    sourceId: sourceId(),
    command: text('command').notNull(),
    worker: text('worker').notNull(),
    startedAt: instant('started_at').notNull(),
    finishedAt: instant('finished_at'),
    outcome: text('outcome').notNull(),
    error: text('error'),
    listRequests: count('list_requests'),
    detailRequests: count('detail_requests'),
    otherRequests: count('other_requests'),
    retries: count('retries'),
    callsSeen: count('calls_seen'),
    callsInserted: count('calls_inserted'),
    callsUpdated: count('calls_updated'),
    callsUnchanged: count('calls_unchanged'),
    callsSettled: count('calls_settled'),
    transcriptItemsWritten: count('transcript_items_written'),
    deadLettersWritten: count('dead_letters_written'),
  },
  (t) => [
    index('runs_source_idx').on(t.sourceId, t.startedAt.desc()),
    check('runs_outcome_known', sql`outcome in ('running', 'done', 'failed', 'stopped')`),
  ],
);

export const deadLetters = callhouseSync.table(
  'dead_letters',
  {
    sourceId: sourceId(),
    callId: callId(),
    kind: text('kind').notNull(),
    path: text('path').notNull(),
    reason: text('reason').notNull(),
    payload: jsonb('payload').notNull(),
    payloadHash: text('payload_hash').notNull(),
    firstSeenAt: instant('first_seen_at').notNull(),
    lastSeenAt: instant('last_seen_at').notNull(),
    attempts: integer('attempts').notNull(),
    nextCheckAt: instant('next_check_at'),
    resolvedAt: instant('resolved_at'),
    scope: text('scope').notNull(),
    facet: text('facet'),
  },
  (t) => [
    primaryKey({ name: 'dead_letters_pkey', columns: [t.sourceId, t.callId, t.kind, t.path] }),
    check('dead_letters_scope_known', sql`scope in ('record', 'field')`),
    index('dead_letters_unresolved_idx').on(t.sourceId, t.nextCheckAt).where(sql`resolved_at is null`),
  ],
);

export const drift = callhouseSync.table(
  'drift',
  {
    sourceId: sourceId(),
    kind: text('kind').notNull(),
    path: text('path').notNull(),
    value: text('value').notNull().default(''),
    seenCount: count('seen_count'),
    firstSeenAt: instant('first_seen_at').notNull(),
    lastSeenAt: instant('last_seen_at').notNull(),
    exampleCallId: text('example_call_id'),
  },
  (t) => [primaryKey({ name: 'drift_pkey', columns: [t.sourceId, t.kind, t.path, t.value] })],
);

export const leases = callhouseSync.table(
  'leases',
  {
    sourceId: sourceId(),
    holder: text('holder'),
    token: bigint('token', { mode: 'number' }).notNull().default(0),
    acquiredAt: instant('acquired_at'),
    expiresAt: instant('expires_at'),
  },
  (t) => [primaryKey({ name: 'leases_pkey', columns: [t.sourceId] })],
);

export const budgets = callhouseSync.table(
  'budgets',
  {
    sourceId: sourceId(),
    spent: jsonb('spent').notNull().default({}),
    blockedUntil: instant('blocked_until'),
    requestsPerSecond: integer('requests_per_second').notNull(),
    requestsPerMinute: integer('requests_per_minute').notNull(),
    savedAt: instant('saved_at').notNull(),
    learned: jsonb('learned'),
    keyMark: text('key_mark'),
  },
  (t) => [primaryKey({ name: 'budgets_pkey', columns: [t.sourceId] })],
);

export const heartbeats = callhouseSync.table(
  'heartbeats',
  {
    sourceId: sourceId(),
    lastPassAt: instant('last_pass_at'),
    lastSuccessAt: instant('last_success_at'),
    failuresInARow: integer('failures_in_a_row').notNull().default(0),
    lastError: text('last_error'),
    lastErrorAt: instant('last_error_at'),
    vendorClockOffsetMs: bigint('vendor_clock_offset_ms', { mode: 'number' }),
    staleAfterMs: bigint('stale_after_ms', { mode: 'number' }).notNull(),
    agentsReadAt: instant('agents_read_at'),
    doubtedClockOffsetMs: bigint('doubted_clock_offset_ms', { mode: 'number' }),
  },
  (t) => [primaryKey({ name: 'heartbeats_pkey', columns: [t.sourceId] })],
);

export const requests = callhouseSync.table(
  'requests',
  {
    sourceId: sourceId(),
    runId: uuid('run_id').notNull(),
    position: integer('position').notNull(),
    step: text('step').notNull(),
    readWindow: tstzrange('read_window'),
    requestedAt: instant('requested_at').notNull(),
    storedAt: instant('stored_at').notNull(),
    calls: integer('calls').notNull(),
    changed: integer('changed').notNull(),
    callIds: text('call_ids').array(),
  },
  (t) => [
    primaryKey({ name: 'requests_pkey', columns: [t.sourceId, t.runId, t.position] }),
    index('requests_time_idx').on(t.sourceId, t.requestedAt),
  ],
);

export const audits = callhouseSync.table(
  'audits',
  {
    sourceId: sourceId(),
    windowFrom: instant('window_from').notNull(),
    windowTo: instant('window_to').notNull(),
    method: text('method').notNull(),
    auditedAt: instant('audited_at').notNull(),
    runId: uuid('run_id').notNull(),
    vendorCalls: bigint('vendor_calls', { mode: 'number' }),
    storedCalls: bigint('stored_calls', { mode: 'number' }).notNull(),
    outcome: text('outcome').notNull(),
    notStored: text('not_stored').array().notNull().default([]),
    notListed: text('not_listed').array().notNull().default([]),
    damaged: text('damaged').array().notNull().default([]),
    differsIn: tstzmultirange('differs_in').notNull().default('{}'),
    requests: integer('requests').notNull(),
  },
  (t) => [
    primaryKey({
      name: 'audits_pkey',
      columns: [t.sourceId, t.windowFrom, t.windowTo, t.method, t.auditedAt],
    }),
    check('audits_method_known', sql`method in ('count', 'ids', 'payloads')`),
    check('audits_outcome_known', sql`outcome in ('equal', 'healed', 'differs', 'unproved')`),
  ],
);
