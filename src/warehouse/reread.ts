import type { Settlement } from '../call.ts';
import { type Sql, toTimestamp } from '../database/database.ts';
import type { TimeWindow } from '../source.ts';

/** What `resync` asks the warehouse before and after it asks the vendor. */

export interface CallMark {
  revision: number;
  settlement: Settlement;
}

/** Which of these calls a source has, and at which revision. */
export async function readMarks(
  sql: Sql,
  sourceId: number,
  callIds: readonly string[],
): Promise<Map<string, CallMark>> {
  const { rows } = await sql.query<CallMark & { call_id: string }>(
    'select call_id, revision, settlement from callhouse.calls where source_id = $1 and call_id = any($2)',
    [sourceId, callIds],
  );
  return new Map(rows.map(({ call_id, revision, settlement }) => [call_id, { revision, settlement }]));
}

/** The sources that have shown each of these calls, whether it could be read or was set aside. */
export async function whoHolds(sql: Sql, callIds: readonly string[]): Promise<Map<string, Set<number>>> {
  const { rows } = await sql.query<{ call_id: string; source_ids: number[] }>(
    `select call_id, array_agg(source_id) as source_ids from (
  select c.source_id, c.call_id from callhouse.sources s, unnest($1::text[]) as n (call_id), callhouse.calls c
  where c.source_id = s.source_id and c.call_id = n.call_id
  union
  select source_id, call_id from callhouse_sync.dead_letters where call_id = any($1)
) as held group by call_id`,
    [callIds],
  );
  return new Map(rows.map(({ call_id, source_ids }) => [call_id, new Set(source_ids)]));
}

/** Ids as they are stored, or set aside, where somebody wrote them in other case. The others stay as they were given. */
export async function asStored(sql: Sql, callIds: readonly string[]): Promise<string[]> {
  const held = await whoHolds(sql, callIds);
  const unknown = callIds.filter((callId) => !held.has(callId));
  if (unknown.length === 0) return [...callIds];
  // No index helps here: one look at the tables, whatever the number of ids.
  const { rows } = await sql.query<{ call_id: string }>(
    `select call_id from callhouse.calls where lower(call_id) = any($1)
union select call_id from callhouse_sync.dead_letters where lower(call_id) = any($1)`,
    [unknown.map((callId) => callId.toLowerCase())],
  );
  const stored = new Map(rows.map(({ call_id }) => [call_id.toLowerCase(), call_id]));
  return callIds.map((callId) => (held.has(callId) ? callId : (stored.get(callId.toLowerCase()) ?? callId)));
}

/** Those of these calls whose last record cannot be read, with the reason. */
export async function readUnreadable(
  sql: Sql,
  sourceId: number,
  callIds: readonly string[],
): Promise<Map<string, string>> {
  const { rows } = await sql.query<{ call_id: string; reason: string }>(
    `select call_id, reason from callhouse_sync.dead_letters
where source_id = $1 and call_id = any($2) and resolved_at is null order by last_seen_at`,
    [sourceId, callIds],
  );
  return new Map(rows.map(({ call_id, reason }) => [call_id, reason]));
}

/**
 * The calls that are asked for by id after the list of a window was read, newest first: listed ones that can have a
 * transcript, listed ones that could not be read, and stored ones of that time that the list did not show.
 */
export async function callsToAskFor(
  sql: Sql,
  sourceId: number,
  window: TimeWindow,
  listed: readonly string[],
  wantTranscripts: boolean,
): Promise<string[]> {
  const { rows } = await sql.query<{ call_id: string }>(
    `with listed as materialized (select call_id from unnest($2::text[]) as n (call_id))
select call_id from (
  select c.call_id, c.occurred_at from listed join callhouse.calls c on c.source_id = $1 and c.call_id = listed.call_id
  where $5::boolean and c.started_at is not null and not c.opt_out
  union all
  select call_id, null from listed
  where not exists (select from callhouse.calls c where c.source_id = $1 and c.call_id = listed.call_id)
  union all
  select c.call_id, c.occurred_at from callhouse.calls c
  where c.source_id = $1 and c.occurred_at >= coalesce($3::timestamptz, '-infinity') and c.occurred_at < coalesce($4::timestamptz, 'infinity')
    and not exists (select from listed where listed.call_id = c.call_id)
) as asked order by occurred_at desc nulls first, call_id`,
    [sourceId, listed, toTimestamp(window.from), toTimestamp(window.to), wantTranscripts],
  );
  return rows.map(({ call_id }) => call_id);
}
