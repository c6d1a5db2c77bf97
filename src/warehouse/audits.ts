import type { Instant } from '../call.ts';
import { type Sql, toMs, toRange, toTimestamp } from '../database/database.ts';

/** A stretch of vendor time that is compared. Unlike a window of a stream it has both ends. */
export interface AuditWindow {
  from: Instant;
  to: Instant;
}

/** count: the vendor's total against ours. ids: every call by its id. payloads: the tables against what was stored. */
export type AuditMethod = 'count' | 'ids' | 'payloads';

/** What came of comparing a window. */
export interface Comparison {
  /** Null where the vendor was not asked. */
  vendorCalls: number | null;
  storedCalls: number;
  /** Calls that the vendor lists and the warehouse lacked. */
  notStored: string[];
  /** Calls of the warehouse that the vendor no longer knows. */
  notListed: string[];
  /** Calls whose rows were not what their payloads say. */
  damaged: string[];
  /** The narrowest windows in which something differed. */
  differsIn: AuditWindow[];
  /** Windows whose lists do not prove themselves whole, so that nothing can be said of them. */
  unproved: AuditWindow[];
}

export interface Audit extends Comparison {
  sourceId: number;
  runId: string;
  window: AuditWindow;
  method: AuditMethod;
  auditedAt: Instant;
  healed: boolean;
  requests: number;
}

/** Ids that are kept of one audit: enough to act on, not enough to fill the disk. */
const IDS_KEPT = 1_000;

export function differs({ notStored, notListed, damaged }: Comparison): boolean {
  return notStored.length + notListed.length + damaged.length > 0;
}

function outcomeOf(audit: Audit): string {
  if (differs(audit) && !audit.healed) return 'differs';
  if (audit.unproved.length > 0) return 'unproved';
  return differs(audit) ? 'healed' : 'equal';
}

export async function saveAudit(sql: Sql, audit: Audit): Promise<void> {
  const outcome = outcomeOf(audit);
  await sql.query(
    `insert into callhouse_sync.audits (source_id, window_from, window_to, method, audited_at, run_id, vendor_calls,
  stored_calls, outcome, not_stored, not_listed, damaged, differs_in, requests)
values ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12, $13::tstzmultirange, $14)
on conflict (source_id, window_from, window_to, method, audited_at) do nothing`,
    [
      audit.sourceId,
      toTimestamp(audit.window.from),
      toTimestamp(audit.window.to),
      audit.method,
      toTimestamp(audit.auditedAt),
      audit.runId,
      audit.vendorCalls,
      audit.storedCalls,
      outcome,
      audit.notStored.slice(0, IDS_KEPT),
      audit.notListed.slice(0, IDS_KEPT),
      audit.damaged.slice(0, IDS_KEPT),
      `{${[...audit.differsIn, ...audit.unproved].map(toRange).join(',')}}`,
      audit.requests,
    ],
  );
}

/**
 * How many calls the warehouse places in a window, both ends included as vendors do. Missing ones are not counted, and
 * where `withGuesses` is false, nor are those that have no place of the vendor's.
 */
export async function countPlaced(
  sql: Sql,
  sourceId: number,
  { from, to }: AuditWindow,
  withGuesses = true,
): Promise<number> {
  const { rows } = await sql.query<{ calls: number }>({
    name: 'count placed calls',
    text: `select count(*)::integer as calls from callhouse.calls
where source_id = $1 and occurred_at >= $2 and occurred_at <= $3 and settlement <> 'missing' and ${IS_PLACED}`,
    values: [sourceId, toTimestamp(from), toTimestamp(to), withGuesses],
  });
  return rows[0]?.calls ?? 0;
}

/** A place that the vendor gave, or one that is guessed, where guesses count. */
const IS_PLACED = "($4 or occurred_at_basis in ('started', 'created'))";

/** The calls of a window that its list should show. Those that go on have no settled place in time yet. */
export async function placedCalls(
  sql: Sql,
  sourceId: number,
  { from, to }: AuditWindow,
  withGuesses = true,
): Promise<string[]> {
  const { rows } = await sql.query<{ call_id: string }>(
    `select call_id from callhouse.calls
where source_id = $1 and occurred_at >= $2 and occurred_at <= $3 and settlement not in ('missing', 'open') and ${IS_PLACED}
order by occurred_at, call_id`,
    [sourceId, toTimestamp(from), toTimestamp(to), withGuesses],
  );
  return rows.map((row) => row.call_id);
}

/** Those of the calls that the warehouse lacks: neither stored, nor set aside with a reason. A missing one came back. */
export async function lackingCalls(
  sql: Sql,
  sourceId: number,
  callIds: readonly string[],
): Promise<string[]> {
  const { rows } = await sql.query<{ call_id: string }>(
    `select distinct n.call_id from unnest($2::text[]) as n (call_id)
where not exists (select from callhouse.calls c
    where c.source_id = $1 and c.call_id = n.call_id and c.settlement <> 'missing')
  and not exists (select from callhouse_sync.dead_letters d
    where d.source_id = $1 and d.call_id = n.call_id and d.resolved_at is null)
order by n.call_id`,
    [sourceId, callIds],
  );
  return rows.map((row) => row.call_id);
}

/** The business days of a source that a stretch of time touches, oldest first, cut to it. */
export async function daysWithin(sql: Sql, sourceId: number, window: AuditWindow): Promise<AuditWindow[]> {
  const { rows } = await sql.query<{ day_from: Date; day_to: Date }>(
    `select greatest(d at time zone s.time_zone, $2::timestamptz) as day_from,
  least((d + interval '1 day') at time zone s.time_zone, $3::timestamptz) as day_to
from callhouse.sources s, generate_series(
  date_trunc('day', $2::timestamptz at time zone s.time_zone), $3::timestamptz at time zone s.time_zone, interval '1 day'
) as d
where s.source_id = $1 and d at time zone s.time_zone < $3::timestamptz
order by d`,
    [sourceId, toTimestamp(window.from), toTimestamp(window.to)],
  );
  return rows.map((row) => ({ from: toMs(row.day_from), to: toMs(row.day_to) }));
}

/** When the oldest call of a source happened; null when there is none. */
export async function readOldestCall(sql: Sql, sourceId: number): Promise<Instant | null> {
  const { rows } = await sql.query<{ oldest: Date | null }>(
    'select min(occurred_at) as oldest from callhouse.calls where source_id = $1',
    [sourceId],
  );
  return toMs(rows[0]?.oldest ?? null);
}

/** A kind of audit that falls due: time that became `ageMs` old and was not audited since it did. */
export interface AuditRule {
  method: 'count' | 'ids';
  ageMs: number;
  /** How far back a missed audit is made up for; null is all the way. */
  reachMs: number | null;
  /** When it falls due again; null is never. */
  everyMs: number | null;
  /** Calls and time that one audit may hold. */
  callsMax: number;
  spanMaxMs: number;
  /** Whether time is due that came of age before the source was known: history, once it is read. */
  ofHistory: boolean;
}

/**
 * The newest stretch that is due by a rule, cut to what one audit may hold; null when nothing is. Only closed business
 * days that were read to the end are due; those that came of age before the source was known only by a rule for history.
 */
export async function dueAudit(
  sql: Sql,
  sourceId: number,
  rule: AuditRule,
  times: { now: Instant; vendorNow: Instant; closedAfterMs: number },
): Promise<AuditWindow | null> {
  const { rows } = await sql.query<{ due_from: Date; due_to: Date }>({
    name: 'due audit',
    text: DUE_AUDIT,
    values: [
      sourceId,
      rule.method,
      rule.ageMs,
      rule.reachMs,
      rule.everyMs,
      toTimestamp(times.vendorNow),
      toTimestamp(times.vendorNow - times.closedAfterMs),
      rule.callsMax,
      times.vendorNow - times.now,
      rule.spanMaxMs,
      rule.ofHistory,
    ],
  });
  const row = rows[0];
  return row ? { from: toMs(row.due_from), to: toMs(row.due_to) } : null;
}

/** All in the vendor's time: ours plus $9. */
const DUE_AUDIT = `with closed as (
  select s.created_at + $9 * interval '1 millisecond' as created_at, date_trunc('day', $7::timestamptz at time zone s.time_zone) at time zone s.time_zone as at,
    (select min(occurred_at) - interval '1 day' from callhouse.calls c where c.source_id = s.source_id) as oldest,
    $3 * interval '1 millisecond' as age, $4 * interval '1 millisecond' as reach, $5 * interval '1 millisecond' as every
  from callhouse.sources s where s.source_id = $1
), wanted as (
  select tstzmultirange(tstzrange(first, greatest(first, at - age))) as time
  from closed, lateral (select coalesce(greatest(
    oldest, at - age - reach, case when every is null and not $11 then created_at - age end), at - age) as first
  ) as bounds
  where every is null or created_at <= $6::timestamptz - every
), covered as (
  select coalesce(range_agg(r), '{}') as time
  from callhouse_sync.checkpoints k, unnest(k.covered) as r where k.source_id = $1
), audited as (
  select coalesce(range_agg(tstzrange(window_from, window_to)), '{}') as time
  from callhouse_sync.audits a, closed
  where a.source_id = $1 and (a.method = 'ids' or a.method = $2)
    -- What could not be proved is tried again after a day.
    and (a.outcome <> 'unproved' or a.audited_at + $9 * interval '1 millisecond' > $6::timestamptz - interval '1 day')
    and ($11 or a.audited_at + $9 * interval '1 millisecond'
      >= case when every is null then a.window_to + age else $6::timestamptz - every end)
), due as (
  select r from wanted, covered, audited, unnest(wanted.time * covered.time - audited.time) as r
  order by r desc limit 1
)
select greatest(lower(r), upper(r) - $10 * interval '1 millisecond', (
    select occurred_at from callhouse.calls
    where source_id = $1 and occurred_at < upper(r) order by occurred_at desc offset $8 limit 1
  )) as due_from, upper(r) as due_to
from due`;
