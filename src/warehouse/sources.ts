import type { Agent, Instant } from '../call.ts';
import type { BudgetLimits } from '../http/budget.ts';
import { type BulkUpsert, runBulkUpsert } from './bulk-upsert.ts';
import { type Sql, toTimestamp } from './database.ts';

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

/** Registers a configured source, or brings its row up to date. Gives its key. */
export async function registerSource(sql: Sql, source: NewSource): Promise<number> {
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

/** Notes agents that calls name. Their names come from the vendor's list of agents. */
export async function noteAgents(
  sql: Sql,
  sourceId: number,
  agentIds: readonly string[],
  now: Instant,
): Promise<void> {
  if (agentIds.length === 0) return;
  await sql.query({
    name: 'note agents',
    text: `insert into callhouse.agents (source_id, agent_id, first_seen_at, last_seen_at)
select $1, agent_id, $3, $3 from unnest($2::text[]) as n (agent_id) on conflict (source_id, agent_id) do nothing`,
    values: [sourceId, [...new Set(agentIds)].sort((a, b) => (a < b ? -1 : 1)), toTimestamp(now)],
  });
}

/** Stores the vendor's list of agents. */
export async function saveAgents(
  sql: Sql,
  sourceId: number,
  agents: readonly Agent[],
  now: Instant,
): Promise<void> {
  const unique = new Map(
    agents.map((agent) => [agent.agentId, { sourceId, agent, seenAt: toTimestamp(now) }]),
  );
  await runBulkUpsert(sql, AGENTS, [...unique.values()]);
  await sql.query('update callhouse_sync.heartbeats set agents_read_at = $2 where source_id = $1', [
    sourceId,
    toTimestamp(now),
  ]);
}

/** True when agents were never read, not for `maxAgeMs`, or when a call names one without a name (retried hourly). */
export async function agentsAreStale(sql: Sql, sourceId: number, now: Instant): Promise<boolean> {
  const { rows } = await sql.query<{ stale: boolean }>(
    `select h.agents_read_at is null
  or h.agents_read_at < $2::timestamptz - interval '1 day'
  or (h.agents_read_at < $2::timestamptz - interval '1 hour' and exists (
    select from callhouse.agents a where a.source_id = $1 and a.name is null and a.first_seen_at > h.agents_read_at
  )) as stale
from callhouse_sync.heartbeats h where h.source_id = $1`,
    [sourceId, toTimestamp(now)],
  );
  return rows[0]?.stale ?? true;
}

const AGENTS: BulkUpsert<{ sourceId: number; agent: Agent; seenAt: string | null }> = {
  table: 'callhouse.agents',
  key: ['source_id', 'agent_id'],
  insertOnly: ['first_seen_at'],
  columns: [
    { name: 'source_id', type: 'integer', value: ({ sourceId }) => sourceId },
    { name: 'agent_id', type: 'text', value: ({ agent }) => agent.agentId },
    { name: 'name', type: 'text', value: ({ agent }) => agent.name },
    { name: 'type', type: 'text', value: ({ agent }) => agent.type },
    { name: 'first_seen_at', type: 'timestamptz', value: ({ seenAt }) => seenAt },
    { name: 'last_seen_at', type: 'timestamptz', value: ({ seenAt }) => seenAt },
  ],
};
