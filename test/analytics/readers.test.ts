import type { PoolClient, QueryResult, QueryResultRow } from 'pg';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { useTestDatabase } from '../support/database.ts';
import { insertCall, insertCheckpoint, insertRow, insertSource } from '../support/rows.ts';

const database = useTestDatabase();
const SECRET = 'secret-of-the-caller';
const NUMBER = '01055501234';
const E164 = '+821055501234';
/** What only a person with the right to read personal data may meet, in any spelling of the number. */
const personal = new RegExp(`${SECRET}|5550`);

/** Everything that tells something about a person, wherever the schema has a place for it. */
async function insertPersonalData(): Promise<void> {
  const { pool } = database;
  const key = { source_id: await insertSource(pool, 'vox', 'Asia/Seoul'), call_id: 'c1' };
  const json = JSON.stringify({ [SECRET]: SECRET });
  const at = '2026-03-10T03:00:00Z';
  await insertCall(pool, {
    ...key,
    from_number: NUMBER,
    to_number: NUMBER,
    presentation_number: NUMBER,
    from_e164: E164,
    to_e164: E164,
    recording_url: SECRET,
    contact_id: SECRET,
    metadata: json,
    variables: json,
    settlement: 'settling',
    cost_amount: '200.00',
    cost_currency: 'KRW',
  });
  await insertRow(pool, 'callhouse.call_costs', { ...key, amount: '200.00', currency: 'KRW' });
  await insertRow(pool, 'callhouse.call_analyses', {
    ...key,
    summary: SECRET,
    sentiment: 'ok',
    details: json,
  });
  const field = { origin: 'extracted', position: 0, name: 'name', value: json, value_text: SECRET };
  await insertRow(pool, 'callhouse.call_extractions', { ...key, ...field });
  const item = {
    position: 0,
    role: 'tool',
    kind: 'tool_result',
    content: SECRET,
    arguments: json,
    result: json,
  };
  await insertRow(pool, 'callhouse.transcript_items', { ...key, ...item });
  const event = { revision: 1, observed_at: at, status: 'ended', settlement: 'open', restated: false };
  await insertRow(pool, 'callhouse.call_events', { ...key, ...event, changes: json });
  const raw = { kind: 'list', payload: json, payload_hash: 'x' };
  await insertRow(pool, 'callhouse_sync.raw_payloads', {
    ...key,
    ...raw,
    fetched_at: at,
    normalizer_version: 1,
  });
  const letter = {
    path: 'x',
    scope: 'record',
    reason: 'x',
    first_seen_at: at,
    last_seen_at: at,
    attempts: 1,
  };
  await insertRow(pool, 'callhouse_sync.dead_letters', { ...key, ...raw, ...letter });
  await insertRow(pool, 'callhouse_sync.settlements', {
    ...key,
    next_check_at: at,
    deadline_at: at,
    awaiting: ['cost'],
    next_read: 'list',
    queued_at: at,
  });
  const wanted = '{[2026-01-01T00:00:00Z,2026-02-01T00:00:00Z)}';
  await insertCheckpoint(pool, { source_id: key.source_id, wanted, covered: '{}' });
}

beforeAll(insertPersonalData);

/** A connection that has the rights of `role` and no others. */
function connectionOf(role: string) {
  let client: PoolClient | null = null;
  beforeAll(async () => {
    client = await database.pool.connect();
    await client.query(`set role ${client.escapeIdentifier(role)}`);
  });
  // Destroyed, not given back: its role would stay set.
  afterAll(() => client?.release(true));
  return {
    query<R extends QueryResultRow>(text: string): Promise<QueryResult<R>> {
      if (!client) throw new Error('the connection is there inside of tests only');
      return client.query<R>(text);
    },
  };
}

/** Schema-qualified names of everything in our schemas that the role may select something of. */
async function readable(role: string): Promise<string[]> {
  const { rows } = await database.pool.query<{ name: string }>(
    `select nspname || '.' || relname as name
       from pg_class as relation join pg_namespace as space on space.oid = relnamespace
      where nspname like 'callhouse%' and relkind in ('r', 'p', 'v', 'm')
        and has_any_column_privilege($1, relation.oid, 'select')
        and has_schema_privilege($1, space.oid, 'usage')`,
    [role],
  );
  return rows.map(({ name }) => name);
}

const views = [
  'callhouse_analytics.calls',
  'callhouse_analytics.calls_daily',
  'callhouse_analytics.costs_daily',
  'callhouse_analytics.end_reasons',
  'callhouse_analytics.freshness',
  'callhouse_analytics.turns',
  'callhouse_analytics.unknown_outcomes',
  'callhouse_sync.backlog',
  'callhouse_sync.coverage',
  'callhouse_sync.gaps',
  'callhouse_sync.health',
];

describe('callhouse_reader', () => {
  const reader = connectionOf('callhouse_reader');

  test('may select the views and nothing below them', async () => {
    expect(new Set(await readable('callhouse_reader'))).toEqual(new Set(views));
  });

  test.each(views)('finds nothing personal in any column of %s, though the view has rows', async (view) => {
    const { rows } = await reader.query<{ row: string }>(
      `select row_to_json(seen)::text as row from ${view} as seen`,
    );
    expect(rows.length).toBeGreaterThan(0);
    expect(rows.map(({ row }) => row).join()).not.toMatch(personal);
  });

  test('sees the last four digits of a number, and the facts beside it', async () => {
    const { rows } = await reader.query(
      `select from_number, to_e164, presentation_number, summary, extractions, metadata, cost_amount, sentiment
         from callhouse_analytics.calls`,
    );
    expect(rows).toEqual([
      {
        from_number: '•••••••1234',
        to_e164: '•••••••1234',
        presentation_number: '•••••••1234',
        summary: null,
        extractions: null,
        metadata: null,
        cost_amount: '200.00',
        sentiment: 'ok',
      },
    ]);
  });

  test('learns nothing from a function of its own that looks on while rows are filtered', async () => {
    await reader.query(`create temp table seen (value text)`);
    await reader.query(
      `create function pg_temp.look(value text) returns boolean language plpgsql cost 0.000001 as
       $$ begin insert into seen values (value); return true; end $$`,
    );
    await reader.query(`select call_id from callhouse_analytics.calls where pg_temp.look(from_number)`);
    await reader.query(`select call_id from callhouse_analytics.turns where pg_temp.look(content)`);
    expect((await reader.query('select value from seen')).rows).toEqual([
      { value: '•••••••1234' },
      { value: null },
    ]);
  });

  test.each(['callhouse.calls', 'callhouse.transcript_items', 'callhouse_sync.raw_payloads'])(
    'may not select %s',
    async (table) => {
      await expect(reader.query(`select from ${table}`)).rejects.toThrow('permission denied');
    },
  );

  test('may not write through a view, nor make something in a schema', async () => {
    await expect(reader.query(`update callhouse_sync.health set source = 'x'`)).rejects.toThrow();
    await expect(reader.query(`delete from callhouse_sync.gaps`)).rejects.toThrow();
    await expect(reader.query('create table callhouse_analytics.mine (id integer)')).rejects.toThrow(
      'permission denied for schema callhouse_analytics',
    );
  });
});

describe('callhouse_pii_reader', () => {
  const reader = connectionOf('callhouse_pii_reader');

  test('may select the views and every table', async () => {
    const { rows } = await database.pool.query<{ name: string }>(
      `select table_schema || '.' || table_name as name from information_schema.tables
        where table_schema in ('callhouse', 'callhouse_sync', 'callhouse_analytics')`,
    );
    const everything = new Set(rows.map(({ name }) => name));
    expect(new Set(await readable('callhouse_pii_reader'))).toEqual(everything);
    expect([...everything]).toEqual(expect.arrayContaining([...views, 'callhouse_sync.raw_payloads']));
  });

  test('sees numbers, texts and values as they are', async () => {
    const { rows } = await reader.query(
      `select from_number, from_e164, summary, extractions, metadata, recording_url, contact_id
         from callhouse_analytics.calls`,
    );
    expect(rows).toEqual([
      {
        from_number: NUMBER,
        from_e164: E164,
        summary: SECRET,
        extractions: { name: { [SECRET]: SECRET } },
        metadata: { [SECRET]: SECRET },
        recording_url: SECRET,
        contact_id: SECRET,
      },
    ]);
    const turns = await reader.query('select content, result from callhouse_analytics.turns');
    expect(turns.rows).toEqual([{ content: SECRET, result: { [SECRET]: SECRET } }]);
  });

  test('may not write', async () => {
    await expect(reader.query(`update callhouse.calls set opt_out = true`)).rejects.toThrow(
      'permission denied',
    );
    await expect(reader.query('delete from callhouse_sync.raw_payloads')).rejects.toThrow(
      'permission denied',
    );
  });
});

test.each([
  { number: '01055501234', masked: '•••••••1234' },
  { number: '+82 10-5550-1234', masked: '•••••••1234' },
  { number: '(02) 555-0123', masked: '•••••••0123' },
  { number: '114', masked: '•••••••' },
  { number: '123456', masked: '•••••••' },
  { number: 'sip:maria1985@example.com', masked: '•••••••' },
  { number: 'anonymous', masked: '•••••••' },
  { number: '', masked: '•••••••' },
  { number: null, masked: null },
])('the number $number is shown as $masked', async ({ number, masked }) => {
  const { rows } = await database.pool.query('select callhouse_analytics.mask_number($1) as masked', [
    number,
  ]);
  expect(rows).toEqual([{ masked }]);
});
