import { fileURLToPath } from 'node:url';
import { drizzle } from 'drizzle-orm/node-postgres';
import { migrate as runPending } from 'drizzle-orm/node-postgres/migrator';
import type { Client, ClientBase, ClientConfig } from 'pg';
import { MINUTE } from '../clock.ts';
import { configOf, openClient } from '../database/connect.ts';
import { beginAlone } from '../database/session.ts';
import { ConfigError } from '../errors.ts';
import { grantReaders } from './grants.ts';
import { migrationFailure } from './migrate-errors.ts';
import { HISTORY, pendingMigrations, readApplied, readJournal } from './migrate-history.ts';
import { takeMigrationLock } from './migrate-lock.ts';

export interface MigrateOptions {
  /** How long to wait for another process that migrates the same database. */
  lockWaitMs?: number;
  /** Where the migrations are; tests bring their own. */
  migrationsFolder?: string;
}

export interface MigrateResult {
  /** Migrations that this call ran, in order. */
  applied: string[];
  /** How many the database had before. */
  alreadyApplied: number;
  /** What is left for an administrator to do, each with the statement to run. The worker runs without it. */
  warnings: string[];
}

/** The same place from `src/warehouse` and from `dist/warehouse`: the folder beside both. */
const MIGRATIONS = fileURLToPath(new URL('../../migrations', import.meta.url));

/**
 * Brings a database to this version's schema, and lets the two reader roles in. Safe to call from many
 * processes at once and at every start: when there is nothing to do it writes nothing. All of it runs in one
 * transaction, so a migration that fails or is interrupted leaves nothing half-done, and a pooler can be between.
 *
 * @throws {ConfigError} when the server is too old, when what was applied is not what the journal says, or
 *   when the user may not migrate. Nothing was changed.
 * @throws {TransientError} when another process holds the lock for too long. Nothing was changed.
 */
export async function migrate(
  database: string | ClientConfig,
  options: MigrateOptions = {},
): Promise<MigrateResult> {
  const { lockWaitMs = MINUTE, migrationsFolder = MIGRATIONS } = options;
  const config = typeof database === 'string' ? configOf(database) : database;
  const client = await openClient({ ...config, application_name: 'callhouse migrate' });
  try {
    await refuseOldServer(client);
    await client.query(beginAlone({ statementMs: 0, idleInTransactionMs: 0 }));
    await takeMigrationLock(client, lockWaitMs);
    const done = await applyPending(client, migrationsFolder);
    const warnings = await grantReaders(client);
    await client.query('commit');
    return { ...done, warnings };
  } finally {
    // What was not committed is rolled back by this.
    await client.end();
  }
}

async function refuseOldServer(client: ClientBase): Promise<void> {
  const { rows } = await client.query<{ version: string; supported: boolean }>(
    `select current_setting('server_version') as version,
            current_setting('server_version_num')::integer >= 150000 as supported`,
  );
  const [server] = rows;
  if (server?.supported) return;
  throw new ConfigError([
    `PostgreSQL ${server?.version} is too old: callhouse needs version 15 or newer. Fix: upgrade the server.`,
  ]);
}

async function applyPending(
  client: Client,
  migrationsFolder: string,
): Promise<Omit<MigrateResult, 'warnings'>> {
  const applied = await readApplied(client);
  const pending = pendingMigrations(readJournal(migrationsFolder), applied);
  // drizzle would create its schema again, which needs rights that a running worker can do without.
  if (pending.length > 0) {
    try {
      await runPending(drizzle({ client: within(client) }), { migrationsFolder, ...HISTORY });
    } catch (error) {
      throw migrationFailure(error);
    }
  }
  return { applied: pending.map(({ tag }) => tag), alreadyApplied: applied.length };
}

/** drizzle begins a transaction of its own and commits it: here it is a part of ours, which holds the lock. */
function within(client: Client): Client {
  const asPart: Readonly<Record<string, string>> = {
    begin: 'savepoint migration',
    commit: 'release savepoint migration',
    rollback: 'rollback to savepoint migration',
  };
  return new Proxy(client, {
    get(target, key) {
      if (key !== 'query') return Reflect.get(target, key, target);
      return (query: { text: string }, values: unknown[]) =>
        target.query({ ...query, text: asPart[query.text.trim()] ?? query.text }, values);
    },
  });
}
