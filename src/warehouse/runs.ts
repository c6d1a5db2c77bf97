import type { Instant } from '../call.ts';
import { type Sql, toTimestamp } from '../database/database.ts';
import { FAULT_LENGTH_MAX, shortened } from '../told.ts';

/** What a pass did. */
export interface RunCounts {
  listRequests: number;
  detailRequests: number;
  otherRequests: number;
  retries: number;
  callsSeen: number;
  callsInserted: number;
  callsUpdated: number;
  callsUnchanged: number;
  callsSettled: number;
  transcriptItemsWritten: number;
  deadLettersWritten: number;
}

export function noCounts(): RunCounts {
  return {
    listRequests: 0,
    detailRequests: 0,
    otherRequests: 0,
    retries: 0,
    callsSeen: 0,
    callsInserted: 0,
    callsUpdated: 0,
    callsUnchanged: 0,
    callsSettled: 0,
    transcriptItemsWritten: 0,
    deadLettersWritten: 0,
  };
}

export type RunOutcome = 'done' | 'failed' | 'stopped';

/** How long what was done is remembered: table, its column of time, days. */
const MEMORIES = [
  ['runs', 'started_at', 30],
  ['requests', 'requested_at', 30],
  ['audits', 'audited_at', 400],
] as const;

const PROCESS_ENDED = 'the process ended before the run did';

/** Notes that a pass failed, where no run can tell of it. */
export async function noteFailure(sql: Sql, sourceId: number, error: string, now: Instant): Promise<void> {
  await sql.query(
    `update callhouse_sync.heartbeats
set failures_in_a_row = failures_in_a_row + 1, last_error = $2, last_error_at = $3 where source_id = $1`,
    [sourceId, shortened(error, FAULT_LENGTH_MAX), toTimestamp(now)],
  );
}

/** Notes the start of a pass, closes what a crash left open, and forgets what is too old to matter. */
export async function startRun(
  sql: Sql,
  run: {
    runId: string;
    sourceId: number;
    command: string;
    asksVendor: boolean;
    worker: string;
    now: Instant;
  },
): Promise<void> {
  const now = toTimestamp(run.now);
  const { rowCount: left } = await sql.query(
    `update callhouse_sync.runs set outcome = 'failed', finished_at = $2, error = $3
where source_id = $1 and outcome = 'running'`,
    [run.sourceId, now, PROCESS_ENDED],
  );
  // A process that ends in the middle of a pass, again and again, is a failure like any other.
  if (left) await noteFailure(sql, run.sourceId, PROCESS_ENDED, run.now);
  for (const [table, column, days] of MEMORIES) {
    await sql.query(
      `delete from callhouse_sync.${table} where source_id = $1 and ${column} < $2::timestamptz - interval '${days} days'`,
      [run.sourceId, now],
    );
  }
  await sql.query(
    `insert into callhouse_sync.runs (run_id, source_id, command, worker, started_at, outcome)
values ($1, $2, $3, $4, $5, 'running')`,
    [run.runId, run.sourceId, run.command, run.worker, now],
  );
  if (!run.asksVendor) return;
  await sql.query('update callhouse_sync.heartbeats set last_pass_at = $2 where source_id = $1', [
    run.sourceId,
    now,
  ]);
}

/** Notes the end of a pass, and how the source fares since. */
export async function finishRun(
  sql: Sql,
  run: {
    /** A worker that lost its lease tells of its own run, and not of how the source fares since. */
    lease: { holder: string; token: number };
    runId: string;
    sourceId: number;
    /** A run that asks nothing of the vendor and is done leaves what is known of the source as it is. */
    asksVendor: boolean;
    outcome: RunOutcome;
    error: string | null;
    counts: RunCounts;
    vendorClockOffsetMs: number | null;
    doubtedClockOffsetMs: number | null;
    now: Instant;
  },
): Promise<void> {
  const { counts } = run;
  const now = toTimestamp(run.now);
  const error = run.error === null ? null : shortened(run.error, FAULT_LENGTH_MAX);
  await sql.query(
    `update callhouse_sync.runs set finished_at = $2, outcome = $3, error = $4,
  list_requests = $5, detail_requests = $6, other_requests = $7, retries = $8, calls_seen = $9, calls_inserted = $10,
  calls_updated = $11, calls_unchanged = $12, calls_settled = $13, transcript_items_written = $14,
  dead_letters_written = $15
where run_id = $1`,
    [
      run.runId,
      now,
      run.outcome,
      error,
      counts.listRequests,
      counts.detailRequests,
      counts.otherRequests,
      counts.retries,
      counts.callsSeen,
      counts.callsInserted,
      counts.callsUpdated,
      counts.callsUnchanged,
      counts.callsSettled,
      counts.transcriptItemsWritten,
      counts.deadLettersWritten,
    ],
  );
  if (!run.asksVendor && run.outcome === 'done') return;
  await sql.query(
    `update callhouse_sync.heartbeats set
  vendor_clock_offset_ms = coalesce($5, vendor_clock_offset_ms),
  doubted_clock_offset_ms = case when $2 = 'done' or $8::bigint is not null then $8 else doubted_clock_offset_ms end,
  last_success_at = case when $2 = 'done' then $3::timestamptz else last_success_at end,
  failures_in_a_row = case $2 when 'done' then 0 when 'failed' then failures_in_a_row + 1 else failures_in_a_row end,
  last_error = case $2 when 'failed' then $4 when 'done' then null else last_error end,
  last_error_at = case $2 when 'failed' then $3::timestamptz when 'done' then null else last_error_at end
where source_id = $1 and exists (
  select from callhouse_sync.leases l where l.source_id = $1 and l.holder = $6 and l.token = $7
)`,
    [
      run.sourceId,
      run.outcome,
      now,
      error,
      run.vendorClockOffsetMs,
      run.lease.holder,
      run.lease.token,
      run.doubtedClockOffsetMs,
    ],
  );
}
