import type { Instant } from '../call.ts';
import type { DoubtedStretch } from '../coverage/doubts.ts';
import type { Doubt } from '../coverage/window-evidence.ts';
import { type Sql, toMs, toRange, toTimestamp } from '../database/database.ts';
import type { ListQuery, TimeWindow } from '../source.ts';

/** Every stretch of a source that was read and is not proved. */
export async function readDoubts(sql: Sql, sourceId: number): Promise<DoubtedStretch[]> {
  const { rows } = await sql.query<{
    stretch_from: Date | null;
    stretch_to: Date | null;
    reason: Doubt;
    list_order: ListQuery['order'];
    calls_seen: string;
    calls_counted: string | null;
    attempts: number;
    doubted_since: Date;
    next_try_at: Date;
  }>({
    name: 'read doubts',
    text: `select lower(stretch) as stretch_from, upper(stretch) as stretch_to, reason, list_order, calls_seen, calls_counted,
  attempts, doubted_since, next_try_at
from callhouse_sync.doubts where source_id = $1 order by stretch`,
    values: [sourceId],
  });
  return rows.map((row) => ({
    stretch: { from: toMs(row.stretch_from), to: toMs(row.stretch_to) },
    reason: row.reason,
    order: row.list_order,
    callsSeen: Number(row.calls_seen),
    callsCounted: row.calls_counted === null ? null : Number(row.calls_counted),
    attempts: row.attempts,
    since: toMs(row.doubted_since),
    nextTryAt: toMs(row.next_try_at),
  }));
}

/** Puts the doubts of a source in the place of those that there were. */
export async function replaceDoubts(
  sql: Sql,
  sourceId: number,
  before: readonly DoubtedStretch[],
  after: readonly DoubtedStretch[],
): Promise<void> {
  if (before.length === 0 && after.length === 0) return;
  await sql.query({
    name: 'replace doubts',
    text: `with gone as (
  delete from callhouse_sync.doubts where source_id = $1 and stretch <> all ($2::tstzrange[])
)
insert into callhouse_sync.doubts as d
  (source_id, stretch, reason, list_order, calls_seen, calls_counted, attempts, doubted_since, next_try_at)
select $1, * from unnest($2::tstzrange[], $3::text[], $4::text[], $5::bigint[], $6::bigint[], $7::integer[], $8::timestamptz[], $9::timestamptz[])
on conflict (source_id, stretch) do update set reason = excluded.reason, list_order = excluded.list_order,
  calls_seen = excluded.calls_seen, calls_counted = excluded.calls_counted, attempts = excluded.attempts,
  doubted_since = excluded.doubted_since, next_try_at = excluded.next_try_at
where d is distinct from excluded`,
    values: [
      sourceId,
      after.map(({ stretch }) => toRange(stretch)),
      after.map(({ reason }) => reason),
      after.map(({ order }) => order),
      after.map(({ callsSeen }) => callsSeen),
      after.map(({ callsCounted }) => callsCounted),
      after.map(({ attempts }) => attempts),
      after.map(({ since }) => toTimestamp(since)),
      after.map(({ nextTryAt }) => toTimestamp(nextTryAt)),
    ],
  });
}

/** The instant by which about half of the calls that are known of a stretch had happened; null when there is none. */
export async function middleOf(sql: Sql, sourceId: number, stretch: TimeWindow): Promise<Instant | null> {
  const { rows } = await sql.query<{ middle: Date | null }>({
    name: 'middle of a stretch',
    text: `select percentile_disc(0.5) within group (order by occurred_at) as middle from callhouse.calls
where source_id = $1 and occurred_at > coalesce($2::timestamptz, '-infinity') and occurred_at < coalesce($3::timestamptz, 'infinity')`,
    values: [sourceId, toTimestamp(stretch.from), toTimestamp(stretch.to)],
  });
  return toMs(rows[0]?.middle ?? null);
}

/** Calls that have not ended, as far as is known. */
export async function countOpenCalls(sql: Sql, sourceId: number): Promise<number> {
  const { rows } = await sql.query<{ calls: number }>({
    name: 'count open calls',
    text: `select count(*)::integer as calls from callhouse.calls where source_id = $1 and settlement = 'open'`,
    values: [sourceId],
  });
  return rows[0]?.calls ?? 0;
}
