import type { Instant } from '../call.ts';
import { SECOND } from '../clock.ts';
import { type Sql, toTimestamp } from '../database/database.ts';

/** Two machines whose clocks are in order may differ by so much. */
const TOLERANCE_MS = 5 * SECOND;

/** By how many milliseconds the last pass lies in the time to come; 0 when it does not. */
export async function clockWasSetBackBy(sql: Sql, sourceId: number, now: Instant): Promise<number> {
  const { rows } = await sql.query<{ by_ms: string | null }>(
    `select (extract(epoch from greatest(last_pass_at, last_success_at) - $2::timestamptz) * 1000)::bigint as by_ms
from callhouse_sync.heartbeats where source_id = $1`,
    [sourceId, toTimestamp(now)],
  );
  const byMs = Number(rows[0]?.by_ms ?? 0);
  return byMs > TOLERANCE_MS ? byMs : 0;
}

/**
 * Moves what was stamped by a clock that ran ahead: what was done lies at most at `now`, and what is due comes earlier
 * by as much. Gives how many calls had a stamp of the time to come.
 */
export async function turnBack(sql: Sql, sourceId: number, now: Instant, byMs: number): Promise<number> {
  const at = toTimestamp(now);
  const { rowCount } = await sql.query(
    `update callhouse.calls set ${atMost('first_seen_at', 'changed_at', 'checked_at', 'settled_at')}
where source_id = $1 and greatest(first_seen_at, changed_at, checked_at, settled_at) > $2`,
    [sourceId, at],
  );
  await sql.query(
    `update callhouse_sync.raw_payloads set ${atMost('fetched_at')} where source_id = $1 and fetched_at > $2`,
    [sourceId, at],
  );
  await sql.query(
    `update callhouse_sync.checkpoints set ${atMost('saved_at')} where source_id = $1 and saved_at > $2`,
    [sourceId, at],
  );
  await sql.query(
    `update callhouse_sync.heartbeats
set ${atMost('last_pass_at', 'last_success_at', 'last_error_at', 'agents_read_at')} where source_id = $1`,
    [sourceId, at],
  );
  await sql.query(
    `update callhouse_sync.settlements set ${earlier('next_check_at', 'deadline_at')} where source_id = $1`,
    [sourceId, byMs],
  );
  await sql.query(
    `update callhouse_sync.doubts set ${earlier('doubted_since', 'next_try_at')} where source_id = $1`,
    [sourceId, byMs],
  );
  await sql.query(
    `update callhouse_sync.dead_letters set ${earlier('next_check_at')} where source_id = $1 and resolved_at is null`,
    [sourceId, byMs],
  );
  return rowCount ?? 0;
}

/** `least` would turn null into now. */
function atMost(...columns: string[]): string {
  return columns.map((name) => `${name} = case when ${name} > $2 then $2 else ${name} end`).join(', ');
}

function earlier(...columns: string[]): string {
  return columns.map((name) => `${name} = ${name} - $2 * interval '1 millisecond'`).join(', ');
}
