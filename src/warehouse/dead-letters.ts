import type { Instant, PayloadKind } from '../call.ts';
import { canonicalJson, type Json } from '../json.ts';
import { type BulkUpsert, runBulkUpsert } from './bulk-upsert.ts';
import { type Sql, toTimestamp } from './database.ts';

/** A record that could not be read. */
export interface DeadLetter {
  /** The vendor's id, or `sha256:…` of the record. */
  callId: string;
  kind: PayloadKind;
  path: string;
  reason: string;
  payload: Json;
  hash: string;
  seenAt: Instant;
  /** When the call is asked for again; null when it has no id. */
  nextCheckAt: Instant | null;
}

/** Sets records aside. The same record seen again writes nothing. */
export async function saveDeadLetters(
  sql: Sql,
  sourceId: number,
  letters: readonly DeadLetter[],
): Promise<number> {
  const unique = new Map(letters.map((letter) => [`${letter.callId} ${letter.kind}`, letter]));
  return runBulkUpsert(
    sql,
    DEAD_LETTERS,
    [...unique.values()].map((letter) => ({ sourceId, letter })),
  );
}

/** Notes that a readable form of these payloads was stored. */
export async function resolveDeadLetters(
  sql: Sql,
  sourceId: number,
  recovered: readonly { callId: string; kind: PayloadKind }[],
  now: Instant,
): Promise<void> {
  if (recovered.length === 0) return;
  await sql.query(
    `update callhouse_sync.dead_letters d set resolved_at = $4, next_check_at = null
from unnest($2::text[], $3::text[]) as n (call_id, kind)
where d.source_id = $1 and d.call_id = n.call_id and d.kind = n.kind and d.resolved_at is null`,
    [sourceId, recovered.map(({ callId }) => callId), recovered.map(({ kind }) => kind), toTimestamp(now)],
  );
}

/** Calls whose record could not be read and that are due to be asked for again. */
export async function dueDeadLetters(
  sql: Sql,
  sourceId: number,
  now: Instant,
  limit: number,
): Promise<string[]> {
  const { rows } = await sql.query<{ call_id: string }>(
    `select distinct call_id from callhouse_sync.dead_letters
where source_id = $1 and resolved_at is null and next_check_at <= $2 order by call_id limit $3`,
    [sourceId, toTimestamp(now), limit],
  );
  return rows.map((row) => row.call_id);
}

/** Makes dead letters due, also those that were given up. Records without an id cannot be asked for. */
export async function hastenDeadLetters(
  sql: Sql,
  sourceId: number,
  callIds: readonly string[],
  now: Instant,
): Promise<void> {
  if (callIds.length === 0) return;
  await sql.query(
    `update callhouse_sync.dead_letters set next_check_at = $3
where source_id = $1 and call_id = any($2) and resolved_at is null and call_id not like 'sha256:%'`,
    [sourceId, callIds, toTimestamp(now)],
  );
}

/** Puts the next reading of dead letters off, ever longer, and gives them up after a number of attempts. */
export async function postponeDeadLetters(
  sql: Sql,
  sourceId: number,
  callIds: readonly string[],
  now: Instant,
): Promise<void> {
  if (callIds.length === 0) return;
  await sql.query(
    `update callhouse_sync.dead_letters set attempts = attempts + 1,
  next_check_at = case when attempts < 8
    then $3::timestamptz + least(interval '12 hours', interval '5 minutes' * power(3, least(attempts, 8))) end
where source_id = $1 and call_id = any($2) and resolved_at is null`,
    [sourceId, callIds, toTimestamp(now)],
  );
}

const DEAD_LETTERS: BulkUpsert<{ sourceId: number; letter: DeadLetter }> = {
  table: 'callhouse_sync.dead_letters',
  key: ['source_id', 'call_id', 'kind'],
  insertOnly: ['first_seen_at'],
  updateWhen: 'stored.payload_hash <> excluded.payload_hash or stored.resolved_at is not null',
  columns: [
    { name: 'source_id', type: 'integer', value: ({ sourceId }) => sourceId },
    { name: 'call_id', type: 'text', value: ({ letter }) => letter.callId },
    { name: 'kind', type: 'text', value: ({ letter }) => letter.kind },
    { name: 'path', type: 'text', value: ({ letter }) => letter.path },
    { name: 'reason', type: 'text', value: ({ letter }) => letter.reason },
    {
      name: 'payload',
      type: 'text',
      read: 'jsonb',
      value: ({ letter }) => canonicalJson(letter.payload),
    },
    { name: 'payload_hash', type: 'text', value: ({ letter }) => letter.hash },
    { name: 'first_seen_at', type: 'timestamptz', value: ({ letter }) => letter.seenAt },
    { name: 'last_seen_at', type: 'timestamptz', value: ({ letter }) => letter.seenAt },
    { name: 'attempts', type: 'integer', value: () => 0 },
    { name: 'next_check_at', type: 'timestamptz', value: ({ letter }) => letter.nextCheckAt },
    { name: 'resolved_at', type: 'timestamptz', value: () => null },
  ],
};
