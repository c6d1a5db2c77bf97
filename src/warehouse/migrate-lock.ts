import type { ClientBase } from 'pg';
import { TransientError } from '../errors.ts';
import { SQLSTATE, sqlState } from './migrate-errors.ts';

/** Any text would do, as long as every version of callhouse uses the same. */
const LOCK = 'callhouse migrate';

/**
 * Takes the lock of those who migrate this database, until the end of the transaction. drizzle takes none: of several
 * workers that start together on an empty database all but one would fail.
 *
 * `lock_timeout` stays set for the transaction: a migration that waits for a table makes every reader behind it wait too,
 * so it gives up after the same time.
 * @throws TransientError when another holds the lock for too long
 */
export async function takeMigrationLock(client: ClientBase, waitMs: number): Promise<void> {
  await client.query(`select set_config('lock_timeout', $1, true)`, [String(waitMs)]);
  await client.query('savepoint unlocked');
  try {
    await client.query('select pg_advisory_xact_lock(hashtextextended($1, 0::bigint))', [LOCK]);
  } catch (error) {
    if (sqlState(error) !== SQLSTATE.lockNotAvailable) throw error;
    await client.query('rollback to savepoint unlocked');
    throw new TransientError(await whoMigrates(client, waitMs), { cause: error });
  }
}

async function whoMigrates(client: ClientBase, waitMs: number): Promise<string> {
  const { rows } = await client.query<{ pid: number }>(
    `select pid
       from pg_locks
      where locktype = 'advisory'
        and granted
        and objsubid = 1
        and database = (select oid from pg_database where datname = current_database())
        and (classid::bigint << 32 | objid::bigint) = hashtextextended($1, 0::bigint)`,
    [LOCK],
  );
  const [holder] = rows;
  const who = holder ? ` (server process ${holder.pid})` : '';
  return (
    `Another process has been migrating this database for more than ${waitMs / 1000} s${who}. ` +
    'Wait until it is done and start again; if it hangs, end it.'
  );
}
