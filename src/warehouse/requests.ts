import type { Instant } from '../call.ts';
import { type Sql, toRange, toTimestamp } from '../database/database.ts';
import type { TimeWindow } from '../source.ts';

/** An answer of the vendor that was stored. */
export interface StoredRequest {
  sourceId: number;
  runId: string;
  /** Order within the run, from 1. */
  position: number;
  step: string;
  window: TimeWindow | null;
  requestedAt: Instant;
  storedAt: Instant;
  calls: number;
  changed: number;
  callIds: string[] | null;
}

export async function saveRequest(sql: Sql, request: StoredRequest): Promise<void> {
  await sql.query({
    name: 'save request',
    text: `insert into callhouse_sync.requests
  (source_id, run_id, position, step, read_window, requested_at, stored_at, calls, changed, call_ids)
values ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10)`,
    values: [
      request.sourceId,
      request.runId,
      request.position,
      request.step,
      toRange(request.window),
      toTimestamp(request.requestedAt),
      toTimestamp(request.storedAt),
      request.calls,
      request.changed,
      request.callIds,
    ],
  });
}
