import type { Instant } from '../call.ts';
import { type Sql, toMs, toTimestamp } from '../database/database.ts';

/** How many known calls happened since then: a guess of how many the vendor would list. */
export async function countCallsSince(sql: Sql, sourceId: number, since: Instant): Promise<number> {
  const { rows } = await sql.query<{ calls: number }>({
    name: 'count calls since',
    text: 'select count(*)::integer as calls from callhouse.calls where source_id = $1 and occurred_at >= $2',
    values: [sourceId, toTimestamp(since)],
  });
  return rows[0]?.calls ?? 0;
}

/** When the nth newest call that is known happened; null when there are fewer. */
export async function readNthNewest(sql: Sql, sourceId: number, n: number): Promise<Instant | null> {
  const { rows } = await sql.query<{ occurred_at: Date }>({
    name: 'nth newest call',
    text: `select occurred_at from callhouse.calls where source_id = $1 order by occurred_at desc offset $2 limit 1`,
    values: [sourceId, Math.max(0, n - 1)],
  });
  return toMs(rows[0]?.occurred_at ?? null);
}

/** When the nth call that is known, from an instant on, happened; null when there are fewer. */
export async function readNthFrom(
  sql: Sql,
  sourceId: number,
  from: Instant,
  n: number,
): Promise<Instant | null> {
  const { rows } = await sql.query<{ occurred_at: Date }>({
    name: 'nth call from',
    text: `select occurred_at from callhouse.calls where source_id = $1 and occurred_at >= $2
order by occurred_at offset $3 limit 1`,
    values: [sourceId, toTimestamp(from), Math.max(0, n - 1)],
  });
  return toMs(rows[0]?.occurred_at ?? null);
}

/**
 * How late all but one in a thousand of the calls since then came to be seen: the time from their place in the lists to
 * our first sight of them. Null when there are none. Of a call that the vendor moved it is the place that moved.
 */
export async function readLateness(sql: Sql, sourceId: number, since: Instant): Promise<number | null> {
  const { rows } = await sql.query<{ lateness_ms: number | null }>({
    name: 'lateness of calls',
    text: `select percentile_disc(0.999) within group (order by greatest(0, extract(epoch from first_seen_at - occurred_at) * 1000))::float8
  as lateness_ms
from callhouse.calls
where source_id = $1 and occurred_at >= $2 and occurred_at_basis in ('started', 'created')`,
    values: [sourceId, toTimestamp(since)],
  });
  return rows[0]?.lateness_ms ?? null;
}
