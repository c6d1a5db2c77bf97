import type { Instant } from '../call.ts';
import { type Sql, toTimestamp } from '../database/database.ts';
import type { BudgetLimits } from '../http/budget.ts';

export interface NewSource {
  name: string;
  vendor: string;
  baseUrl: string;
  timeZone: string;
  /** Age of data at which health turns red. */
  staleAfterMs: number;
  limits: BudgetLimits;
  now: Instant;
}

/** Registers a configured source, or brings its row up to date, and business days with its time zone. Gives its key. */
export async function registerSource(sql: Sql, source: NewSource): Promise<number> {
  await moveBusinessDays(sql, source);
  const { rows } = await sql.query<{ source_id: number }>(
    `with changed as (
  insert into callhouse.sources as s (name, vendor, base_url, time_zone, created_at) values ($1, $2, $3, $4, $5)
  on conflict (name) do update set vendor = excluded.vendor, base_url = excluded.base_url, time_zone = excluded.time_zone
  where (s.vendor, s.base_url, s.time_zone) is distinct from (excluded.vendor, excluded.base_url, excluded.time_zone)
  returning source_id
)
select source_id from changed union select source_id from callhouse.sources where name = $1`,
    [source.name, source.vendor, source.baseUrl, source.timeZone, toTimestamp(source.now)],
  );
  const sourceId = rows[0]?.source_id;
  if (sourceId === undefined) return registerSource(sql, source);
  await sql.query(
    `insert into callhouse_sync.heartbeats as h (source_id, stale_after_ms) values ($1, $2)
on conflict (source_id) do update set stale_after_ms = excluded.stale_after_ms
where h.stale_after_ms <> excluded.stale_after_ms`,
    [sourceId, source.staleAfterMs],
  );
  await sql.query(
    `insert into callhouse_sync.budgets (source_id, requests_per_second, requests_per_minute, saved_at)
values ($1, $2, $3, $4) on conflict (source_id) do nothing`,
    [sourceId, source.limits.requestsPerSecond, source.limits.requestsPerMinute, toTimestamp(source.now)],
  );
  return sourceId;
}

/**
 * Business days follow a time zone that is set anew, before the zone itself is stored: stopped in between, the next start
 * does it again.
 */
async function moveBusinessDays(sql: Sql, { name, timeZone }: NewSource): Promise<void> {
  const { rows } = await sql.query<{ source_id: number }>(
    'select source_id from callhouse.sources where name = $1 and time_zone <> $2',
    [name, timeZone],
  );
  for (const { source_id } of rows) {
    await sql.query(
      `update callhouse.calls set day = (occurred_at at time zone $2)::date
where source_id = $1 and day <> (occurred_at at time zone $2)::date`,
      [source_id, timeZone],
    );
  }
}
