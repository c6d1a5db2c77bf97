import { type Sql, toTimestamp } from '../database/database.ts';
import type { TimeWindow } from '../source.ts';

/** What the warehouse knows of a range before it is read, and what it has learned from the calls it holds. */
export interface StoredFacts {
  /** Calls of the range that lie in time which is covered. */
  readAlready: number;
  /** Whether all of the range is covered. */
  allCovered: boolean;
  /** Details that stored calls of the range wait for. */
  detailsOwed: number;
  /** Settled calls of the source, and how many of them have, or had, a transcript to be asked for. */
  settled: number;
  settledWithDetail: number;
  /** Calls of all sources, how many of them are settled, and the bytes that they take with indexes and payloads. */
  storedCalls: number;
  storedSettled: number;
  storedBytes: number;
}

export async function readStoredFacts(sql: Sql, sourceId: number, window: TimeWindow): Promise<StoredFacts> {
  const { rows } = await sql.query<Record<string, string | boolean>>(STORED_FACTS, [
    sourceId,
    toTimestamp(window.from),
    toTimestamp(window.to),
  ]);
  const row = rows[0] ?? {};
  return {
    readAlready: Number(row.read_already),
    allCovered: row.all_covered === true,
    detailsOwed: Number(row.details_owed),
    settled: Number(row.settled),
    settledWithDetail: Number(row.settled_with_detail),
    storedCalls: Number(row.stored_calls),
    storedSettled: Number(row.stored_settled),
    storedBytes: Number(row.stored_bytes),
  };
}

const STORED_FACTS = `with range as (
  select tstzrange($2, $3) as time, tstzmultirange(tstzrange($2, $3)) * coalesce(v.covered, '{}') as covered
  from (select 1) as one left join callhouse_sync.coverage v on v.source_id = $1
)
select
  (select count(*) from callhouse.calls c where c.source_id = $1 and c.settlement <> 'missing'
     and range.covered @> c.occurred_at) as read_already,
  range.covered @> range.time as all_covered,
  (select count(*) from callhouse_sync.settlements s join callhouse.calls c using (source_id, call_id)
   where s.source_id = $1 and 'transcript' = any(s.awaiting) and range.covered @> c.occurred_at) as details_owed,
  own.settled, own.settled_with_detail, whole.stored_calls, whole.stored_settled,
  (select coalesce(sum(pg_total_relation_size(k.oid)), 0) from pg_class k
   where k.relkind = 'r' and (k.relnamespace = to_regnamespace('callhouse')
     or k.oid = to_regclass('callhouse_sync.raw_payloads'))) as stored_bytes
from range,
lateral (
  select count(*) as settled, count(*) filter (where started_at is not null and not opt_out) as settled_with_detail
  from callhouse.calls where source_id = $1 and settlement = 'settled'
) as own,
lateral (
  select count(*) as stored_calls, count(*) filter (where settlement = 'settled') as stored_settled
  from callhouse.calls
) as whole`;
