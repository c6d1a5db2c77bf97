import type { Instant } from '../call.ts';
import { type Sql, toTimestamp } from '../database/database.ts';

/**
 * Queues settled calls of a stretch of time that were not asked for since they came of age, newest first. A call that
 * came to us at that age or later is not among them. `askedAfterMs` is the age as our clock counts it, from the
 * vendor's time of the call to our time of asking. Gives how many.
 */
export async function queueRechecks(
  sql: Sql,
  sourceId: number,
  window: { from: Instant; to: Instant },
  { askedAfterMs, limit, now }: { askedAfterMs: number; limit: number; now: Instant },
): Promise<number> {
  const result = await sql.query({
    name: 'queue rechecks',
    text: `insert into callhouse_sync.settlements
  (source_id, call_id, next_check_at, attempts, deadline_at, awaiting, next_read, queued_at)
select c.source_id, c.call_id, $6, 0, $6, '{analysis}', 'detail', $6
from callhouse.calls c
join callhouse_sync.raw_payloads r on r.source_id = c.source_id and r.call_id = c.call_id and r.kind = 'detail'
where c.source_id = $1 and c.occurred_at >= $2 and c.occurred_at < $3 and c.settlement = 'settled'
  and c.started_at is not null and r.fetched_at < c.occurred_at + $4 * interval '1 millisecond'
order by c.occurred_at desc limit $5
on conflict do nothing`,
    values: [
      sourceId,
      toTimestamp(window.from),
      toTimestamp(window.to),
      askedAfterMs,
      limit,
      toTimestamp(now),
    ],
  });
  return result.rowCount ?? 0;
}
