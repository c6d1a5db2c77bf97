import type { Facet, Instant } from '../call.ts';
import { type Sql, toMs, toTimestamp } from '../database/database.ts';
import { FAULT_LENGTH_MAX, shortened } from '../told.ts';
import { type BulkUpsert, runBulkUpsert } from './bulk-upsert.ts';
import type { QueueEntry } from './stored-call.ts';

/** Puts calls into the queue of calls that are not final, or moves them in it. */
export async function queueSettlements(
  sql: Sql,
  sourceId: number,
  entries: readonly QueueEntry[],
): Promise<void> {
  await runBulkUpsert(
    sql,
    SETTLEMENTS,
    entries.map((entry) => ({ sourceId, entry })),
  );
}

/** Takes calls out of the queue: they are final. */
export async function dequeueSettlements(
  sql: Sql,
  sourceId: number,
  callIds: readonly string[],
): Promise<void> {
  if (callIds.length === 0) return;
  await sql.query('delete from callhouse_sync.settlements where source_id = $1 and call_id = any($2)', [
    sourceId,
    callIds,
  ]);
}

export interface DueCall {
  callId: string;
  /** Where lists place the call; null when they do not. */
  placedAt: Instant | null;
  awaiting: Facet[];
}

/**
 * Calls whose next read is due. Mostly the newest, because people look at them; every fourth the one that has
 * waited longest, so that nothing starves behind a busy day.
 */
export async function dueSettlements(
  sql: Sql,
  sourceId: number,
  read: 'list' | 'detail',
  now: Instant,
  limit: number,
  /** Calls that wait for nothing else than these are left out. */
  without: readonly Facet[] = [],
): Promise<DueCall[]> {
  const { rows } = await sql.query<{ call_id: string; placed_at: Date | null; awaiting: Facet[] }>({
    name: 'due settlements',
    text: `with due as (
  select s.call_id, s.awaiting, s.next_check_at, c.occurred_at,
    case when c.occurred_at_basis in ('started', 'created') then c.occurred_at end as placed_at
  from callhouse_sync.settlements s
  join callhouse.calls c using (source_id, call_id)
  where s.source_id = $1 and s.next_read = $2 and s.next_check_at <= $3 and not s.awaiting <@ $5::text[]
), oldest as (
  select * from due order by next_check_at, call_id limit greatest(1, $4::integer / 4)
), newest as (
  select * from due where call_id not in (select call_id from oldest)
  order by occurred_at desc, call_id limit $4::integer - greatest(1, $4::integer / 4)
)
select call_id, placed_at, awaiting from newest
union all
select call_id, placed_at, awaiting from oldest`,
    values: [sourceId, read, toTimestamp(now), limit, without],
  });
  return rows.map((row) => ({
    callId: row.call_id,
    placedAt: toMs(row.placed_at),
    awaiting: row.awaiting,
  }));
}

/**
 * Makes open calls due that the vendor's list of open calls no longer shows: they have ended, or are about to be
 * seen somewhere else.
 */
export async function hastenVanished(
  sql: Sql,
  sourceId: number,
  stillOpen: readonly string[],
  listedAt: Instant,
  now: Instant,
): Promise<number> {
  const result = await sql.query(
    `update callhouse_sync.settlements s set next_check_at = $4
from callhouse.calls c
where s.source_id = $1 and c.source_id = s.source_id and c.call_id = s.call_id
  and c.settlement = 'open' and c.checked_at < $3 and s.next_check_at > $4 and s.call_id <> all($2)`,
    [sourceId, stillOpen, toTimestamp(listedAt), toTimestamp(now)],
  );
  return result.rowCount ?? 0;
}

/** What a list could not tell is asked for by id, now. */
export async function askForDetail(
  sql: Sql,
  sourceId: number,
  callIds: readonly string[],
  now: Instant,
): Promise<void> {
  if (callIds.length === 0) return;
  await sql.query(
    `update callhouse_sync.settlements set next_read = 'detail', next_check_at = $3
where source_id = $1 and call_id = any($2)`,
    [sourceId, callIds, toTimestamp(now)],
  );
}

/** Attempts at a call that cannot be read, a minute apart at first and doubling: more than four hours. */
const UNREADABLE_ATTEMPTS = 8;
/** How often and how long a call that expired unread is still asked for: what was broken may be mended. */
const PROBE_EVERY_DAYS = 7;
const PROBE_FOR_DAYS = 90;

/** Notes why calls could not be had: shown until they are read. */
export async function noteFaults(
  sql: Sql,
  sourceId: number,
  reasons: ReadonlyMap<string, string>,
): Promise<void> {
  if (reasons.size === 0) return;
  await sql.query(
    `update callhouse_sync.settlements s set last_fault = n.reason
from unnest($2::text[], $3::text[]) as n (call_id, reason)
where s.source_id = $1 and s.call_id = n.call_id`,
    [
      sourceId,
      [...reasons.keys()],
      [...reasons.values()].map((reason) => shortened(reason, FAULT_LENGTH_MAX)),
    ],
  );
}

/**
 * Puts calls off whose reading could not be understood, ever longer, so that a poisoned call is not asked for in
 * a circle. One that is still not readable after its deadline and some hours of trying is expired, and from then on
 * only probed.
 */
export async function postponeSettlements(
  sql: Sql,
  sourceId: number,
  callIds: readonly string[],
  now: Instant,
): Promise<void> {
  if (callIds.length === 0) return;
  const values = [sourceId, callIds, toTimestamp(now)];
  await sql.query(
    `with overdue as (
  update callhouse_sync.settlements
  set attempts = attempts + 1, next_check_at = $3::timestamptz + interval '${PROBE_EVERY_DAYS} days'
  where source_id = $1 and call_id = any($2) and deadline_at <= $3 and attempts >= ${UNREADABLE_ATTEMPTS}
  returning call_id
), expired as (
  update callhouse.calls c set settlement = 'expired', changed_at = $3, revision = c.revision + 1
  from overdue o where c.source_id = $1 and c.call_id = o.call_id and c.settlement in ('open', 'settling')
  returning c.source_id, c.call_id, c.revision, c.status
)
insert into callhouse.call_events
  (source_id, call_id, revision, observed_at, status, settlement, restated, changes, step)
select source_id, call_id, revision, $3, status, 'expired', false, '{"settlement": {"to": "expired"}}', 'judged' from expired`,
    values,
  );
  await sql.query(
    `update callhouse_sync.settlements set attempts = attempts + 1,
  next_check_at = $3::timestamptz + least(interval '6 hours', interval '1 minute' * power(2, least(attempts, 12)))
where source_id = $1 and call_id = any($2) and next_check_at <= $3`,
    values,
  );
  await sql.query(
    `delete from callhouse_sync.settlements
where source_id = $1 and call_id = any($2) and attempts >= ${UNREADABLE_ATTEMPTS}
  and deadline_at <= $3::timestamptz - interval '${PROBE_FOR_DAYS} days'`,
    values,
  );
}

/** Calls that have ended and wait for a late field, newest first. */
export async function settlingCalls(sql: Sql, sourceId: number, limit: number): Promise<string[]> {
  const { rows } = await sql.query<{ call_id: string }>({
    name: 'settling calls',
    text: `select s.call_id from callhouse_sync.settlements s
join callhouse.calls c using (source_id, call_id)
where s.source_id = $1 and c.settlement = 'settling' and not s.awaiting && '{status,transcript}'
order by c.occurred_at desc limit $2`,
    values: [sourceId, limit],
  });
  return rows.map((row) => row.call_id);
}

export interface QueueSummary {
  /** Calls that are still expected to become final: open or settling. */
  pending: number;
  /** When the next of them is due. */
  nextCheckAt: Instant | null;
}

/** What is left to settle. Stuck and missing calls are probed rarely and are not waited for. */
export async function summarizeQueue(sql: Sql, sourceId: number): Promise<QueueSummary> {
  const { rows } = await sql.query<{ pending: number; next_check_at: Date | null }>(
    `select count(*)::integer as pending, min(s.next_check_at) as next_check_at
from callhouse_sync.settlements s
join callhouse.calls c using (source_id, call_id)
where s.source_id = $1 and c.settlement in ('open', 'settling')`,
    [sourceId],
  );
  const row = rows[0];
  return { pending: row?.pending ?? 0, nextCheckAt: toMs(row?.next_check_at ?? null) };
}

/** A group of calls that are alike in what the vendor gives them. */
export interface CallGroup {
  /** Null where the vendor names agents without an id. */
  agentId: string | null;
  agentName: string | null;
  vendorStatus: string;
}

/** Calls of a group that are looked at, and how many of them must agree. */
const SAMPLE_CALLS = 200;
const SAMPLE_CALLS_MIN = 5;
/** One call in so many may have the facet all the same: one odd answer must not keep the others waiting. */
const ODD_ONE_IN = 50;

/**
 * Facets that calls of a group never get: of its last calls that ended before `before` and were connected and not
 * opted out, not one has them, or hardly one. An agent without analysis is known by its calls, not by a setting.
 */
export async function readNeverComing(
  sql: Sql,
  sourceId: number,
  groups: readonly CallGroup[],
  before: Instant,
): Promise<Map<string, Set<Facet>>> {
  const never = new Map<string, Set<Facet>>();
  if (groups.length === 0) return never;
  const { rows } = await sql.query<{
    position: number;
    analysis: boolean;
    cost: boolean;
    recording: boolean;
  }>({
    name: 'never coming facets',
    text: `select g.position::integer as position,
  x.analyses * ${ODD_ONE_IN} <= x.calls as analysis, x.costs * ${ODD_ONE_IN} <= x.calls as cost,
  x.recordings * ${ODD_ONE_IN} <= x.calls as recording
from unnest($2::text[], $3::text[], $4::text[]) with ordinality as g (agent_id, agent_name, vendor_status, position)
cross join lateral (
  select count(*) as calls,
    count(*) filter (where exists (select from callhouse.call_analyses a
      where a.source_id = c.source_id and a.call_id = c.call_id)) as analyses,
    count(*) filter (where exists (select from callhouse.call_costs k
      where k.source_id = c.source_id and k.call_id = c.call_id)) as costs,
    count(c.recording_url) as recordings
  from (
    (select source_id, call_id, recording_url from callhouse.calls
     where source_id = $1 and agent_id = g.agent_id and vendor_status = g.vendor_status
       and started_at is not null and not opt_out and ended_at < $5
     order by occurred_at desc limit ${SAMPLE_CALLS})
    union all
    (select source_id, call_id, recording_url from callhouse.calls
     where source_id = $1 and g.agent_id is null and agent_id is null and agent_name = g.agent_name
       and vendor_status = g.vendor_status and started_at is not null and not opt_out and ended_at < $5
     order by occurred_at desc limit ${SAMPLE_CALLS})
  ) c
) x
where x.calls >= ${SAMPLE_CALLS_MIN}`,
    values: [
      sourceId,
      groups.map(({ agentId }) => agentId),
      groups.map(({ agentName }) => agentName),
      groups.map(({ vendorStatus }) => vendorStatus),
      toTimestamp(before),
    ],
  });
  for (const row of rows) {
    const facets = new Set<Facet>();
    if (row.analysis) facets.add('analysis');
    if (row.cost) facets.add('cost');
    if (row.recording) facets.add('recording');
    const group = groups[row.position - 1];
    if (group) never.set(groupKey(group), facets);
  }
  return never;
}

/** Key of a group in the answer of `readNeverComing`. */
export function groupKey({ agentId, agentName, vendorStatus }: CallGroup): string {
  return JSON.stringify([agentId, agentId === null ? agentName : null, vendorStatus]);
}

const SETTLEMENTS: BulkUpsert<{ sourceId: number; entry: QueueEntry }> = {
  table: 'callhouse_sync.settlements',
  key: ['source_id', 'call_id'],
  insertOnly: ['queued_at'],
  columns: [
    { name: 'source_id', type: 'integer', value: ({ sourceId }) => sourceId },
    { name: 'call_id', type: 'text', value: ({ entry }) => entry.callId },
    { name: 'next_check_at', type: 'timestamptz', value: ({ entry }) => entry.nextCheckAt },
    { name: 'attempts', type: 'integer', value: ({ entry }) => entry.attempts },
    { name: 'deadline_at', type: 'timestamptz', value: ({ entry }) => entry.deadlineAt },
    { name: 'awaiting', type: 'text', read: 'text_list', value: ({ entry }) => entry.awaiting.join(',') },
    { name: 'next_read', type: 'text', value: ({ entry }) => entry.nextRead },
    { name: 'queued_at', type: 'timestamptz', value: ({ entry }) => entry.queuedAt },
    { name: 'last_fault', type: 'text', value: () => null },
  ],
};
