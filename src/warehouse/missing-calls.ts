import type { Instant } from '../call.ts';
import { type Sql, toTimestamp } from '../database/database.ts';

/**
 * Notes that the vendor answered that it does not know these calls. The rows are kept; they are asked for again
 * after an hour, a day, and then weekly for three months, because a vendor may be wrong for a while.
 */
export async function markMissing(
  sql: Sql,
  sourceId: number,
  callIds: readonly string[],
  { now, step }: { now: Instant; step: string },
): Promise<void> {
  if (callIds.length === 0) return;
  const values = [sourceId, callIds, toTimestamp(now)];
  await sql.query(
    `with newly as (
  update callhouse.calls c set settlement = 'missing', missing_since = $3, settled_at = null, changed_at = $3,
    checked_at = $3, revision = c.revision + 1
  from callhouse.calls b
  where c.source_id = $1 and c.call_id = any($2) and c.settlement <> 'missing'
    and b.source_id = c.source_id and b.call_id = c.call_id
  returning c.source_id, c.call_id, c.revision, c.status, b.settlement as was
)
insert into callhouse.call_events
  (source_id, call_id, revision, observed_at, status, settlement, restated, changes, step, requested_at)
select source_id, call_id, revision, $3, status, 'missing', was = 'settled',
  jsonb_build_object('settlement', jsonb_build_object('from', was, 'to', 'missing')), $4, $3
from newly`,
    [...values, step],
  );
  await sql.query(
    `insert into callhouse_sync.settlements as s
  (source_id, call_id, next_check_at, attempts, deadline_at, awaiting, next_read, queued_at)
select source_id, call_id, $3::timestamptz + interval '1 hour', 0, missing_since + interval '90 days', '{status}',
  'detail', $3
from callhouse.calls where source_id = $1 and call_id = any($2)
on conflict (source_id, call_id) do update set next_read = 'detail', awaiting = '{status}', attempts = s.attempts + 1,
  deadline_at = excluded.deadline_at,
  next_check_at = $3::timestamptz + case when s.awaiting = '{status}' and s.attempts > 0
    then least(interval '7 days', interval '1 hour' * power(24, least(s.attempts, 3))) else interval '1 hour' end`,
    values,
  );
  await sql.query(
    `delete from callhouse_sync.settlements
where source_id = $1 and call_id = any($2) and deadline_at < $3 and exists (select from callhouse.calls c
  where c.source_id = settlements.source_id and c.call_id = settlements.call_id and c.settlement = 'missing')`,
    values,
  );
}
