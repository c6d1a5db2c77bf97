import { execFile } from 'node:child_process';
import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';
import { Client, escapeIdentifier, type Pool } from 'pg';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { ConfigError, TransientError } from '../../src/errors.ts';
import { type MigrateResult, migrate } from '../../src/warehouse/migrate.ts';
import { createTestDatabase, openPool, type TestDatabase } from '../support/database.ts';
import { MigrationsFolder } from '../support/migrations-folder.ts';

let database: TestDatabase;
let folder: MigrationsFolder;
let pool: Pool;

beforeEach(async () => {
  database = await createTestDatabase({ empty: true });
  folder = await MigrationsFolder.copy();
  pool = openPool(database.url);
});

afterEach(async () => {
  await pool.end();
  await folder.remove();
  await database.drop();
});

const schemas = async (): Promise<string[]> => {
  const { rows } = await pool.query<{ nspname: string }>(
    `select nspname from pg_namespace where nspname like 'callhouse%' order by nspname`,
  );
  return rows.map(({ nspname }) => nspname);
};

test('an empty database gets every migration, in the order of the journal', async () => {
  expect(await migrate(database.url)).toEqual({
    applied: await folder.tags(),
    alreadyApplied: 0,
    warnings: [],
  });
  expect(await schemas()).toEqual([
    'callhouse',
    'callhouse_analytics',
    'callhouse_migrations',
    'callhouse_sync',
  ]);
});

/** The last migration before calls had a stored day and an outcome. */
const BEFORE_OUTCOMES = '0003_audits_and_lineage';

test('calls of an older version are kept, and newer columns are filled in for them', async () => {
  const tags = await folder.tags();
  const newer = tags.slice(tags.indexOf(BEFORE_OUTCOMES) + 1);
  for (const tag of newer) await folder.forget(tag);
  await migrate(database.url, { migrationsFolder: folder.path });
  await pool.query(`insert into callhouse.sources (name, vendor, base_url, time_zone, created_at)
    values ('clinic', 'vox', 'https://vendor.invalid', 'Asia/Seoul', '2026-01-01T00:00:00Z')`);
  await pool.query(`insert into callhouse.calls (source_id, call_id, channel, direction, status, vendor_status, end_reason,
      occurred_at, occurred_at_basis, opt_out, test_call, first_seen_at, changed_at, checked_at, settlement, revision)
    select source_id, 'kept', 'phone', 'inbound', 'ended', 'ended', 'voicemail_reached', '2026-03-10T20:00:00Z', 'started',
      false, false, now(), now(), now(), 'open', 1 from callhouse.sources`);
  await pool.query(`insert into callhouse.call_costs (source_id, call_id, component, amount, currency)
    select source_id, 'kept', component, amount, 'KRW' from callhouse.sources
    cross join (values ('total', 200.10), ('carrier', 0.3)) as told (component, amount)`);
  await pool.query(`insert into callhouse.transcript_items (source_id, call_id, position, role, kind, tool_name,
      started_at, ended_at, offset_ms, duration_ms)
    select source_id, 'kept', position, 'tool', 'tool_call', repeat('가', length), started_at::timestamptz,
      ended_at::timestamptz, offset_ms, duration_ms from callhouse.sources
    cross join (values
      (0, 2, '2026-03-10 20:00:00Z', '2026-03-10 20:00:01.25Z', 0, 1250),
      (1, 5000, '2026-03-10 20:00:02Z', null, 2100, 400),
      (2, 500, null, null, 2300, null),
      (3, null, null, null, 9000, 10)
    ) as told (position, length, started_at, ended_at, offset_ms, duration_ms)`);

  expect((await migrate(database.url)).applied).toEqual(newer);
  const { rows } = await pool.query(
    'select call_id, day::text, outcome, cost_amount, cost_currency from callhouse_analytics.calls',
  );
  const cost = { cost_amount: '200.10', cost_currency: 'KRW' };
  expect(rows).toEqual([{ call_id: 'kept', day: '2026-03-11', outcome: 'voicemail', ...cost }]);
  const turns = await pool.query(
    'select gap_ms, length(tool_name) as length from callhouse_analytics.turns order by position',
  );
  expect(turns.rows).toEqual([
    { gap_ms: null, length: 2 },
    { gap_ms: '750', length: 500 },
    { gap_ms: '-200', length: 500 },
    { gap_ms: null, length: null },
  ]);
});

/** The last migration before fields that cannot be read were told by themselves. */
const BEFORE_FIELDS = '0007_coverage_proved';

test('calls whose payload holds the mark of a secret are read again, and records that were set aside', async () => {
  const tags = await folder.tags();
  for (const tag of tags.slice(tags.indexOf(BEFORE_FIELDS) + 1)) await folder.forget(tag);
  await migrate(database.url, { migrationsFolder: folder.path });
  await pool.query(`insert into callhouse.sources (name, vendor, base_url, time_zone, created_at)
    values ('clinic', 'vox', 'https://vendor.invalid', 'Asia/Seoul', '2026-01-01T00:00:00Z')`);
  await pool.query(`insert into callhouse.calls (source_id, call_id, channel, direction, status, occurred_at, occurred_at_basis,
      day, opt_out, test_call, first_seen_at, changed_at, checked_at, settlement,
      settled_at, revision)
    select source_id, call_id, 'phone', 'inbound', 'ended', now(), 'started', current_date, false, false, now(), now(), now(),
      'settled', now(), 1 from callhouse.sources cross join (values ('marked'), ('whole')) as named (call_id)`);
  await pool.query(`insert into callhouse_sync.raw_payloads (source_id, call_id, kind, payload, payload_hash, fetched_at,
      normalizer_version)
    select source_id, call_id, 'detail', jsonb_build_object('said', said), 'h', now(), 1 from callhouse.sources
    cross join (values ('marked', 'I want the [REDACTED] plan'), ('whole', 'I want a plan')) as told (call_id, said)`);
  await pool.query(`insert into callhouse_sync.dead_letters (source_id, call_id, kind, path, reason, payload, payload_hash,
      first_seen_at, last_seen_at, attempts, next_check_at)
    select source_id, call_id, 'list', 'call_cost.total_cost', 'x', '{}', 'h', now(), now(), 9, null from callhouse.sources
    cross join (values ('given up'), ('sha256:ab')) as named (call_id)`);

  await migrate(database.url);

  const queued = 'select call_id, next_read, next_check_at <= now() as due from callhouse_sync.settlements';
  expect((await pool.query(queued)).rows).toEqual([{ call_id: 'marked', next_read: 'detail', due: true }]);
  const letters = `select call_id, scope, payload_hash, attempts, next_check_at <= now() as due
from callhouse_sync.dead_letters order by call_id`;
  expect((await pool.query(letters)).rows).toEqual([
    { call_id: 'given up', scope: 'record', payload_hash: '', attempts: 0, due: true },
    { call_id: 'sha256:ab', scope: 'record', payload_hash: '', attempts: 0, due: null },
  ]);
});

test('a second run applies nothing and writes nothing to the catalogue', async () => {
  await migrate(database.url);
  const rights = 'select oid, relname, xmin::text, relacl::text from pg_class order by oid';
  const before = await pool.query(rights);
  expect(await migrate(database.url)).toEqual({
    applied: [],
    alreadyApplied: (await folder.tags()).length,
    warnings: [],
  });
  expect((await pool.query(rights)).rows).toEqual(before.rows);
});

test('a connection config does as well as an address', async () => {
  const { hostname, port, username, password, pathname } = new URL(database.url);
  const config = {
    host: hostname,
    port: Number(port),
    user: username,
    password,
    database: pathname.slice(1),
  };
  expect((await migrate(config)).applied).toEqual(await folder.tags());
});

test('of eight processes that start together on an empty database one migrates and all succeed', async () => {
  const script = fileURLToPath(new URL('../support/migrate-process.ts', import.meta.url));
  const run = async (): Promise<MigrateResult> => {
    const args = ['--import', 'tsx', script, database.url];
    const { stdout } = await promisify(execFile)(process.execPath, args);
    return JSON.parse(stdout) as MigrateResult;
  };
  const results = await Promise.all(Array.from({ length: 8 }, run));
  const tags = await folder.tags();
  expect(results.map(({ applied }) => applied.length).sort()).toEqual([0, 0, 0, 0, 0, 0, 0, tags.length]);
  expect(results.filter(({ applied }) => applied.length === 0).map((one) => one.alreadyApplied)).toEqual(
    Array.from({ length: 7 }, () => tags.length),
  );
  const noted = await pool.query('select from callhouse_migrations.applied');
  expect(noted.rowCount).toBe(tags.length);
});

test('a process that holds the lock for too long is named', async () => {
  const holder = new Client({ connectionString: database.url });
  await holder.connect();
  try {
    const { rows } = await holder.query<{ pid: number }>(
      `select pg_backend_pid() as pid, pg_advisory_lock(hashtextextended('callhouse migrate', 0))`,
    );
    const waiting = migrate(database.url, { lockWaitMs: 50 });
    await expect(waiting).rejects.toThrow(TransientError);
    await expect(waiting).rejects.toThrow(`(server process ${rows[0]?.pid})`);
  } finally {
    await holder.end();
  }
  expect(await schemas()).toEqual([]);
});

test('a migration that fails takes back all that ran with it, and says why without repeating itself', async () => {
  await folder.add('9998_good', 'create table callhouse.half_done (call_id text);');
  await folder.add('9999_bad', 'select 1 / 0;');
  await expect(migrate(database.url, { migrationsFolder: folder.path })).rejects.toThrow(
    /^division by zero$/,
  );
  expect(await schemas()).toEqual([]);
  await folder.rewrite('9999_bad', 'select 1;');
  const { applied } = await migrate(database.url, { migrationsFolder: folder.path });
  expect(applied).toEqual(await folder.tags());
});

test('a migration whose connection is cut leaves nothing half-done, and the next run completes it', async () => {
  await migrate(database.url);
  await folder.add('9998_good', 'create table callhouse.half_done (call_id text);');
  await folder.add('9999_slow', 'select pg_sleep(60);');
  const interrupted = expect(migrate(database.url, { migrationsFolder: folder.path })).rejects.toThrow();
  await expect
    .poll(async () => {
      const { rowCount } = await pool.query(
        `select pg_terminate_backend(pid) from pg_stat_activity
          where datname = current_database() and wait_event = 'PgSleep'`,
      );
      return rowCount;
    })
    .toBe(1);
  await interrupted;
  expect((await pool.query(`select to_regclass('callhouse.half_done') as made`)).rows).toEqual([
    { made: null },
  ]);
  await folder.rewrite('9999_slow', 'select 1;');
  const { applied } = await migrate(database.url, { migrationsFolder: folder.path });
  expect(applied).toEqual(['9998_good', '9999_slow']);
});

test('a table that a long query holds fails the migration in time instead of blocking all readers', async () => {
  await migrate(database.url);
  await folder.add('9999_alters', 'alter table callhouse.calls add column later text;');
  const reader = await pool.connect();
  try {
    await reader.query('begin');
    await reader.query('select from callhouse.calls');
    const blocked = migrate(database.url, { migrationsFolder: folder.path, lockWaitMs: 50 });
    await expect(blocked).rejects.toThrow(TransientError);
    await expect(blocked).rejects.toThrow('A session holds a table');
  } finally {
    await reader.query('rollback');
    reader.release();
  }
});

test('a user without the right to create schemas is told who should migrate', async () => {
  const role = escapeIdentifier(database.name);
  await pool.query(`create role ${role} login password 'test'`);
  try {
    const url = new URL(database.url);
    url.username = database.name;
    url.password = 'test';
    const refused = migrate(url.href);
    await expect(refused).rejects.toThrow(ConfigError);
    await expect(refused).rejects.toThrow('as the owner of the database');
  } finally {
    await pool.query(`drop role ${role}`);
  }
});
