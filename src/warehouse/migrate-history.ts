import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { readMigrationFiles } from 'drizzle-orm/migrator';
import type { ClientBase } from 'pg';
import { escapeIdentifier } from 'pg';
import { ConfigError } from '../errors.ts';

/**
 * Where drizzle notes what it applied. Not `callhouse_sync`: drizzle creates this schema before it runs the
 * first migration, which creates that one.
 */
export const HISTORY = { migrationsSchema: 'callhouse_migrations', migrationsTable: 'applied' } as const;

/** A migration of this version of the code: its place in the journal, and its file. */
export interface Migration {
  /** Name of the file without its ending, such as `0000_calls_and_sync_state`. */
  tag: string;
  /** drizzle's stamp, unix milliseconds: it decides what drizzle runs. */
  when: number;
  /** SHA-256 of the file. */
  hash: string;
}

/** A migration that a database says was applied to it. */
export type AppliedMigration = Pick<Migration, 'when' | 'hash'>;

/** The journal of a folder, with the hash of each file, in the journal's order. */
export function readJournal(migrationsFolder: string): Migration[] {
  const journal: unknown = JSON.parse(readFileSync(join(migrationsFolder, 'meta', '_journal.json'), 'utf8'));
  const { entries } = journal as { entries: { tag: string; when: number }[] };
  const files = readMigrationFiles({ migrationsFolder });
  return entries.map(({ tag, when }, at) => ({ tag, when, hash: files[at]?.hash ?? '' }));
}

/** What the database says was applied, in the order in which it was. Empty for a new database. */
export async function readApplied(client: ClientBase): Promise<AppliedMigration[]> {
  const { migrationsSchema, migrationsTable } = HISTORY;
  const known = await client.query(`select from pg_tables where schemaname = $1 and tablename = $2`, [
    migrationsSchema,
    migrationsTable,
  ]);
  if (known.rowCount === 0) return [];
  const table = `${escapeIdentifier(migrationsSchema)}.${escapeIdentifier(migrationsTable)}`;
  const { rows } = await client.query<{ created_at: string; hash: string }>(
    `select created_at::text, hash from ${table} order by id`,
  );
  return rows.map(({ created_at, hash }) => ({ when: Number(created_at), hash }));
}

/**
 * The migrations still to run. drizzle itself looks at the newest stamp only: it would skip, without a word, a
 * migration that was merged late with an older one, and it does not see files that changed. So what was
 * applied must be an exact prefix of the journal, or nothing is run.
 */
export function pendingMigrations(
  journal: readonly Migration[],
  applied: readonly AppliedMigration[],
): Migration[] {
  for (const [at, done] of applied.entries()) refuseStranger(journal, at, done);
  const pending = journal.slice(applied.length);
  let newest = applied.at(-1)?.when ?? Number.NEGATIVE_INFINITY;
  for (const { tag, when } of pending) {
    if (when <= newest) throw new ConfigError([lateMerge(tag)]);
    newest = when;
  }
  return pending;
}

/** Throws unless the migration that was applied as number `at` is the one that the journal has there. */
function refuseStranger(journal: readonly Migration[], at: number, done: AppliedMigration): void {
  const expected = journal[at];
  if (expected?.when === done.when) {
    if (expected.hash === done.hash) return;
    throw new ConfigError([
      `Migration ${expected.tag} was changed after it was applied to this database. ` +
        'Fix: restore the file as it was, and put the change into a new migration.',
    ]);
  }
  const later = journal.find(({ when }) => when === done.when);
  if (expected && later) {
    throw new ConfigError([
      `Migration ${expected.tag} was never applied to this database, although ${later.tag} was. ${restamp(expected.tag)}`,
    ]);
  }
  const stamp = new Date(done.when).toISOString();
  throw new ConfigError([
    `This database was migrated by a newer callhouse: it has a migration stamped ${stamp} which this version ` +
      `does not know (it knows ${journal.length}, the last is ${journal.at(-1)?.tag ?? 'none'}). ` +
      'Fix: run the newer version, or restore a backup from before the upgrade.',
  ]);
}

const lateMerge = (tag: string): string =>
  `Migration ${tag} has a stamp older than a migration before it, so it would be skipped. ${restamp(tag)}`;

const restamp = (tag: string): string =>
  `It was merged late. Fix: delete ${tag} with its snapshot and journal entry, and generate it again as the newest migration.`;
