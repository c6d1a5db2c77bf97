import type { CallStatus, Instant, Settlement } from '../call.ts';
import { type Sql, toMs } from '../database/database.ts';

/** What is told of a call that somebody waits for. */
export interface FollowedCall {
  status: CallStatus;
  endReason: string | null;
  settlement: Settlement;
  durationMs: number | null;
  /** Every component with its currency. */
  cost: string | null;
  summary: string | null;
  transcriptItems: number | null;
  /** When it is to be read next; null when it is not. */
  nextCheckAt: Instant | null;
}

/** Null while the call is not stored. */
export async function readFollowedCall(
  sql: Sql,
  sourceId: number,
  callId: string,
): Promise<FollowedCall | null> {
  const { rows } = await sql.query<
    Omit<FollowedCall, 'durationMs' | 'nextCheckAt'> & {
      durationMs: string | null;
      nextCheckAt: Date | null;
    }
  >(
    `select c.status, c.end_reason as "endReason", c.settlement, c.duration_ms as "durationMs", a.summary,
  (select string_agg(amount || ' ' || currency, ' + ' order by component) from callhouse.call_costs x
    where x.source_id = c.source_id and x.call_id = c.call_id) as cost,
  c.transcript_item_count as "transcriptItems", q.next_check_at as "nextCheckAt"
from callhouse.calls c
left join callhouse.call_analyses a using (source_id, call_id)
left join callhouse_sync.settlements q using (source_id, call_id)
where source_id = $1 and call_id = $2`,
    [sourceId, callId],
  );
  const [row] = rows;
  if (row === undefined) return null;
  const durationMs = row.durationMs === null ? null : Number(row.durationMs);
  return { ...row, durationMs, nextCheckAt: toMs(row.nextCheckAt) };
}
