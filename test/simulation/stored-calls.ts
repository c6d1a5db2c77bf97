import type { Pool } from 'pg';
import type { Settlement } from '../../src/call.ts';
import type { VendorName } from './vendors/vendor.ts';

/** What the checks need to know of a call in the warehouse. */
export interface StoredCall {
  settlement: Settlement;
  recording: boolean;
  analysis: boolean;
  summary: boolean;
  transcriptItems: number | null;
  retracted: string[];
  firstSeenAtMs: number;
  occurredAtMs: number;
  /** When it was last noted that the call expired; null when it never was. */
  expiredAtMs: number | null;
}

/** The calls of a source by their ids. */
export async function readStoredCalls(pool: Pool, source: VendorName): Promise<Map<string, StoredCall>> {
  const { rows } = await pool.query<{
    call_id: string;
    settlement: Settlement;
    recording: boolean;
    analysis: boolean;
    summary: boolean;
    transcript_item_count: number | null;
    retracted: string[];
    first_seen_at: Date;
    occurred_at: Date;
    expired_at: Date | null;
  }>(
    `select c.call_id, c.settlement, c.recording_url is not null as recording, a.call_id is not null as analysis,
  a.summary is not null as summary, c.transcript_item_count, c.retracted, c.first_seen_at, c.occurred_at, (
    select max(e.observed_at) from callhouse.call_events e
    where (e.source_id, e.call_id) = (c.source_id, c.call_id) and e.settlement = 'expired'
      and e.changes ? 'settlement'
  ) as expired_at
from callhouse.calls c
join callhouse.sources s using (source_id)
left join callhouse.call_analyses a using (source_id, call_id)
where s.name = $1`,
    [source],
  );
  return new Map(
    rows.map((row) => [
      row.call_id,
      {
        settlement: row.settlement,
        recording: row.recording,
        analysis: row.analysis,
        summary: row.summary,
        transcriptItems: row.transcript_item_count,
        retracted: row.retracted,
        firstSeenAtMs: row.first_seen_at.getTime(),
        occurredAtMs: row.occurred_at.getTime(),
        expiredAtMs: row.expired_at?.getTime() ?? null,
      },
    ]),
  );
}
