import type { Agent, Directory, Instant, Phone } from '../call.ts';
import { type Sql, toTimestamp } from '../database/database.ts';
import { type BulkColumn, type BulkUpsert, runBulkUpsert } from './bulk-upsert.ts';

/** Who and what calls point to by id: agents, and our own numbers. Names come from the vendor's own lists. */

/** Notes agents that calls name. */
export function noteAgents(sql: Sql, sourceId: number, ids: readonly string[], now: Instant): Promise<void> {
  return note(sql, 'agent', sourceId, ids, now);
}

/** Notes numbers of ours that calls name. */
export function notePhones(sql: Sql, sourceId: number, ids: readonly string[], now: Instant): Promise<void> {
  return note(sql, 'phone', sourceId, ids, now);
}

async function note(
  sql: Sql,
  what: 'agent' | 'phone',
  sourceId: number,
  ids: readonly string[],
  now: Instant,
): Promise<void> {
  if (ids.length === 0) return;
  await sql.query({
    name: `note ${what}s`,
    text: `insert into callhouse.${what}s (source_id, ${what}_id, first_seen_at, last_seen_at)
select $1, id, $3, $3 from unnest($2::text[]) as n (id) on conflict (source_id, ${what}_id) do nothing`,
    values: [sourceId, [...new Set(ids)].sort((a, b) => (a < b ? -1 : 1)), toTimestamp(now)],
  });
}

/** Stores the vendor's lists. Gives the ids of numbers that calls named before they were known. */
export async function saveDirectory(
  sql: Sql,
  sourceId: number,
  { agents, phones }: Directory,
  now: Instant,
): Promise<string[]> {
  const seen = { sourceId, seenAt: now };
  const unique = new Map(agents.map((agent) => [agent.agentId, { ...seen, agent }]));
  await runBulkUpsert(sql, AGENTS, [...unique.values()]);
  const { rows } = await sql.query<{ phone_id: string }>(
    'select phone_id from callhouse.phones where source_id = $1 and number is null',
    [sourceId],
  );
  const numbered = new Map(phones.map((phone) => [phone.phoneId, { ...seen, phone }]));
  await runBulkUpsert(sql, PHONES, [...numbered.values()]);
  await sql.query('update callhouse_sync.heartbeats set agents_read_at = $2 where source_id = $1', [
    sourceId,
    toTimestamp(now),
  ]);
  const isKnown = (phoneId: string) => (numbered.get(phoneId)?.phone.number ?? null) !== null;
  return rows.map(({ phone_id }) => phone_id).filter(isKnown);
}

/** Our own numbers by their ids, as far as they are known. */
export async function readNumbers(sql: Sql, sourceId: number): Promise<Map<string, string>> {
  const { rows } = await sql.query<{ phone_id: string; number: string }>({
    name: 'read numbers',
    text: 'select phone_id, number from callhouse.phones where source_id = $1 and number is not null',
    values: [sourceId],
  });
  return new Map(rows.map(({ phone_id, number }) => [phone_id, number]));
}

/** Some calls on these numbers that do not show them yet, beginning behind an id. */
export async function callsWithoutNumber(
  sql: Sql,
  sourceId: number,
  phoneIds: readonly string[],
  { after, limit }: { after: string; limit: number },
): Promise<string[]> {
  const { rows } = await sql.query<{ call_id: string }>(
    `select call_id from callhouse.calls
where source_id = $1 and phone_id = any($2) and call_id > $3 and (from_number is null or to_number is null)
order by call_id limit $4`,
    [sourceId, phoneIds, after, limit],
  );
  return rows.map(({ call_id }) => call_id);
}

/**
 * True when the lists were never read, not for a day, or when a call names an agent or a number that was not in them
 * (then hourly).
 */
export async function directoryIsStale(sql: Sql, sourceId: number, now: Instant): Promise<boolean> {
  const { rows } = await sql.query<{ stale: boolean }>(
    `select h.agents_read_at is null
  or h.agents_read_at < $2::timestamptz - interval '1 day'
  or (h.agents_read_at < $2::timestamptz - interval '1 hour' and (exists (
    select from callhouse.agents a where a.source_id = $1 and a.name is null and a.first_seen_at > h.agents_read_at
  ) or exists (
    select from callhouse.phones p where p.source_id = $1 and p.number is null and p.first_seen_at > h.agents_read_at
  ))) as stale
from callhouse_sync.heartbeats h where h.source_id = $1`,
    [sourceId, toTimestamp(now)],
  );
  return rows[0]?.stale ?? true;
}

interface Seen {
  sourceId: number;
  seenAt: Instant;
}
const seenColumns: BulkColumn<Seen>[] = [
  { name: 'first_seen_at', type: 'timestamptz', value: ({ seenAt }) => seenAt },
  { name: 'last_seen_at', type: 'timestamptz', value: ({ seenAt }) => seenAt },
];

const AGENTS: BulkUpsert<Seen & { agent: Agent }> = {
  table: 'callhouse.agents',
  key: ['source_id', 'agent_id'],
  insertOnly: ['first_seen_at'],
  columns: [
    { name: 'source_id', type: 'integer', value: ({ sourceId }) => sourceId },
    { name: 'agent_id', type: 'text', value: ({ agent }) => agent.agentId },
    { name: 'name', type: 'text', value: ({ agent }) => agent.name },
    { name: 'type', type: 'text', value: ({ agent }) => agent.type },
    ...seenColumns,
  ],
};

const PHONES: BulkUpsert<Seen & { phone: Phone }> = {
  table: 'callhouse.phones',
  key: ['source_id', 'phone_id'],
  insertOnly: ['first_seen_at'],
  columns: [
    { name: 'source_id', type: 'integer', value: ({ sourceId }) => sourceId },
    { name: 'phone_id', type: 'text', value: ({ phone }) => phone.phoneId },
    { name: 'number', type: 'text', value: ({ phone }) => phone.number },
    { name: 'name', type: 'text', value: ({ phone }) => phone.name },
    ...seenColumns,
  ],
};
