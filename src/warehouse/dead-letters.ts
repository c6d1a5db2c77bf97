import type { Facet, Instant, PayloadKind } from '../call.ts';
import { type Sql, toTimestamp } from '../database/database.ts';
import { canonicalJson, type Json } from '../json.ts';
import { type BulkUpsert, runBulkUpsert } from './bulk-upsert.ts';

/** A record that could not be read, or a field of a call that is stored without it. */
export interface DeadLetter {
  /** The vendor's id, or `sha256:…` of the record. */
  callId: string;
  kind: PayloadKind;
  path: string;
  scope: 'record' | 'field';
  /** The part of the call that is awaited because of a field; null when none is. */
  facet: Facet | null;
  reason: string;
  payload: Json;
  /** Of the whole record. */
  hash: string;
  seenAt: Instant;
  /** When the call is asked for again because of this; null when it is not. */
  nextCheckAt: Instant | null;
}

/** What was set aside of a payload, as the key of its letter. */
type LetterKey = Pick<DeadLetter, 'callId' | 'kind' | 'path'>;

/** Sets records and fields aside. The same record seen again writes nothing. */
export async function saveDeadLetters(
  sql: Sql,
  sourceId: number,
  letters: readonly DeadLetter[],
): Promise<number> {
  const unique = new Map(letters.map((letter) => [`${letter.callId} ${letter.kind} ${letter.path}`, letter]));
  return runBulkUpsert(
    sql,
    DEAD_LETTERS,
    [...unique.values()].map((letter) => ({ sourceId, letter })),
  );
}

/**
 * Notes that these payloads were read: whatever of these scopes was set aside of them before, but for `still`, can be read
 * now.
 */
export async function resolveDeadLetters(
  sql: Sql,
  sourceId: number,
  read: readonly { callId: string; kind: PayloadKind }[],
  still: readonly LetterKey[],
  now: Instant,
  scopes: readonly DeadLetter['scope'][] = ['record', 'field'],
): Promise<void> {
  if (read.length === 0) return;
  await sql.query(
    `update callhouse_sync.dead_letters d set resolved_at = $4, next_check_at = null
from unnest($2::text[], $3::text[]) as n (call_id, kind)
where d.source_id = $1 and d.call_id = n.call_id and d.kind = n.kind and d.resolved_at is null
  and d.scope = any($8) and not exists (select from unnest($5::text[], $6::text[], $7::text[]) as s (call_id, kind, path)
    where s.call_id = d.call_id and s.kind = d.kind and s.path = d.path)`,
    [
      sourceId,
      read.map(({ callId }) => callId),
      read.map(({ kind }) => kind),
      toTimestamp(now),
      still.map(({ callId }) => callId),
      still.map(({ kind }) => kind),
      still.map(({ path }) => path),
      scopes,
    ],
  );
}

/** A field that cannot be read in so many calls is the vendor's new way: to ask again would bring the same. */
const FIELD_CALLS_MAX = 100;

/** Calls of which a record or a field could not be read and that are due to be asked for again. */
export async function dueDeadLetters(
  sql: Sql,
  sourceId: number,
  now: Instant,
  limit: number,
): Promise<string[]> {
  const { rows } = await sql.query<{ call_id: string }>(
    `select distinct d.call_id from callhouse_sync.dead_letters d
where d.source_id = $1 and d.resolved_at is null and d.next_check_at <= $2
  and (d.scope = 'record' or (select count(*) from (
    select from callhouse_sync.dead_letters o
    where o.source_id = $1 and o.scope = 'field' and o.path = d.path and o.resolved_at is null limit $4 + 1
  ) as others) <= $4)
order by d.call_id limit $3`,
    [sourceId, toTimestamp(now), limit, FIELD_CALLS_MAX],
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
where source_id = $1 and call_id = any($2) and resolved_at is null and scope = 'record'
  and call_id not like 'sha256:%'`,
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
where source_id = $1 and call_id = any($2) and resolved_at is null and next_check_at is not null`,
    [sourceId, callIds, toTimestamp(now)],
  );
}

const DEAD_LETTERS: BulkUpsert<{ sourceId: number; letter: DeadLetter }> = {
  table: 'callhouse_sync.dead_letters',
  key: ['source_id', 'call_id', 'kind', 'path'],
  insertOnly: ['first_seen_at'],
  updateWhen:
    'stored.payload_hash <> excluded.payload_hash or stored.scope <> excluded.scope or stored.resolved_at is not null',
  columns: [
    { name: 'source_id', type: 'integer', value: ({ sourceId }) => sourceId },
    { name: 'call_id', type: 'text', value: ({ letter }) => letter.callId },
    { name: 'kind', type: 'text', value: ({ letter }) => letter.kind },
    { name: 'path', type: 'text', value: ({ letter }) => letter.path },
    { name: 'scope', type: 'text', value: ({ letter }) => letter.scope },
    { name: 'facet', type: 'text', value: ({ letter }) => letter.facet },
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
