import type { Instant } from '../call.ts';
import { type Sql, toMs, toTimestamp } from '../database/database.ts';

/** A call with the place in time that the vendor gave it. */
export interface PlacedInTime {
  callId: string;
  placedAt: Instant;
}

/** The newest settled calls of a stretch of time that have a place of the vendor's, newest first. */
export async function newestSettled(
  sql: Sql,
  sourceId: number,
  { from, to }: { from: Instant; to: Instant },
  limit: number,
): Promise<PlacedInTime[]> {
  const { rows } = await sql.query<{ call_id: string; occurred_at: Date }>(
    `select call_id, occurred_at from callhouse.calls
where source_id = $1 and occurred_at >= $2 and occurred_at < $3 and settlement = 'settled'
  and occurred_at_basis in ('started', 'created')
order by occurred_at desc, call_id limit $4`,
    [sourceId, toTimestamp(from), toTimestamp(to), limit],
  );
  return rows.map((row) => ({ callId: row.call_id, placedAt: toMs(row.occurred_at) }));
}
