import { fileURLToPath } from 'node:url';
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

/** As databases have them that were migrated with them. A new one is added here; none is ever changed. */
const LANDED: Readonly<Record<string, string>> = {
  '0000_calls_and_sync_state': '95a4561c7d7d74ae0b3d9be85944e6d9b3dac2ff0fb81fe9147db4774115e6a4',
  '0001_sync_views': 'c1e45d903ea2de234911332039f555322ebc5baf7c38e16499e72d3cb751e3ff',
  '0002_analytics_views': 'd75eeacbe0bde35bf3cb30e6bb558684320f2fcf41541ae9367ebaff1eb3a63e',
  '0003_audits_and_lineage': '7092db43b6be31c59c2b89900e6f20948de660e11797fa26d55361675e5cfec1',
  '0004_vendors_and_outcomes': 'ac44adcca96005ac171ffe61ae6732ad08b2915dc58da6745bb66f4f87a7d41d',
  '0005_outcome_views': '3dde38d487c3703775fe469b6c59358bda9aa2e5eb6705911e83c5b39bad0645',
  '0006_costs_and_gaps_at_hand': '9cf20e2894c6197a40636045a7695b1144c44b521c8a53f308949cf20ed009f7',
  '0007_coverage_proved': '6c680b0e97f764d5724602530a14cfc1affc9c827689b78c056b4205959791fe',
  '0008_fields_unread': 'c1edf1b0cdea41fa1b4564e9de1c2afba50617ad88cacf05e0465b1da656b211',
  '0009_key_marks': '5b88912e1a2c37c6906ab646f59a0a6ef804d37333df94062ee4af70e2edd357',
};

test('no migration is edited once a database may have it: that database would be refused', () => {
  const shipped = readJournal(fileURLToPath(new URL('../../migrations', import.meta.url)));
  expect(Object.fromEntries(shipped.map(({ tag, hash }) => [tag, hash]))).toEqual(LANDED);
});
