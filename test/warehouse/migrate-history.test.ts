import { afterEach, beforeEach, expect, test } from 'vitest';
import { ConfigError } from '../../src/errors.ts';
import { migrate } from '../../src/warehouse/migrate.ts';
import { pendingMigrations, readJournal } from '../../src/warehouse/migrate-history.ts';
import { createTestDatabase, openPool, type TestDatabase } from '../support/database.ts';
import { MigrationsFolder } from '../support/migrations-folder.ts';

let database: TestDatabase;
let folder: MigrationsFolder;

beforeEach(async () => {
  database = await createTestDatabase();
  folder = await MigrationsFolder.copy();
});

afterEach(async () => {
  await folder.remove();
  await database.drop();
});

/** Migrates with the test's folder and returns what it was refused with. */
async function refusal(): Promise<string> {
  const error: unknown = await migrate(database.url, { migrationsFolder: folder.path }).then(
    () => 'nothing was refused',
    (reason: unknown) => reason,
  );
  expect(error).toBeInstanceOf(ConfigError);
  return String(error);
}

async function tableExists(name: string): Promise<boolean> {
  const pool = openPool(database.url);
  const { rows } = await pool.query<{ there: boolean }>('select to_regclass($1) is not null as there', [
    name,
  ]);
  await pool.end();
  return rows[0]?.there === true;
}

test('a migration merged late with an older stamp is refused by name, where drizzle would skip it', async () => {
  await folder.add('9999_late', 'create table callhouse.late (call_id text);', -1);
  const message = await refusal();
  expect(message).toContain('Migration 9999_late has a stamp older than a migration before it');
  expect(message).toContain('generate it again as the newest migration');
  expect(await tableExists('callhouse.late')).toBe(false);
});

test('a hole in what was applied is refused by name', async () => {
  await folder.add('9998_first', 'create table callhouse.first (call_id text);');
  await folder.add('9999_second', 'create table callhouse.second (call_id text);');
  const whole = await MigrationsFolder.copy();
  await whole.add('9999_second', 'create table callhouse.second (call_id text);', 2000);
  await migrate(database.url, { migrationsFolder: whole.path });
  await whole.remove();
  expect(await refusal()).toContain(
    'Migration 9998_first was never applied to this database, although 9999_second was',
  );
  expect(await tableExists('callhouse.first')).toBe(false);
});

test('a database that a newer version migrated is refused, and nothing is changed', async () => {
  await folder.add('9999_from_the_future', 'create table callhouse.future (call_id text);');
  await migrate(database.url, { migrationsFolder: folder.path });
  await folder.forget('9999_from_the_future');
  const message = await refusal();
  expect(message).toContain('This database was migrated by a newer callhouse: it has a migration stamped 20');
  expect(message).toContain('run the newer version');
});

test('a file that was edited after it was applied is refused by name', async () => {
  await folder.rewrite('0001_sync_views', 'select 1;');
  expect(await refusal()).toContain('Migration 0001_sync_views was changed after it was applied');
});

test('the journal of this checkout has stamps that grow, so that drizzle skips none', async () => {
  const journal = readJournal(folder.path);
  expect(pendingMigrations(journal, [])).toEqual(journal);
  expect(journal.every(({ hash }) => /^[0-9a-f]{64}$/.test(hash))).toBe(true);
});
