import type { ClientBase } from 'pg';
import { TransientError } from '../errors.ts';
import { SQLSTATE, sqlState } from './migrate-errors.ts';

/** Any text would do, as long as every version of callhouse uses the same. */
const LOCK = 'callhouse migrate';

/**
 * Runs `work` while no other process migrates this database. drizzle takes no lock: of several workers that
 * start together on an empty database all but one would fail. A session lock is right here, and only here:
 * the connection is the migration's own and ends with it. (Behind a transaction pooler it would not hold;
 * migrate over a direct connection.)
 *
 * `lock_timeout` stays set for `work`: a migration that waits for a table makes every reader behind it wait
 * too, so it gives up after the same time.
 */
export async function withMigrationLock<T>(
  client: ClientBase,
  waitMs: number,
  work: () => Promise<T>,
): Promise<T> {
  await client.query(
    `select set_config('lock_timeout', $1, false), set_config('statement_timeout', '0', false)`,
    [String(waitMs)],
  );
  try {
    await client.query('select pg_advisory_lock(hashtextextended($1, 0))', [LOCK]);
  } catch (error) {
    if (sqlState(error) !== SQLSTATE.lockNotAvailable) throw error;
    throw new TransientError(await whoMigrates(client, waitMs), { cause: error });
  }
  try {
    return await work();
  } finally {
    await client.query('select pg_advisory_unlock(hashtextextended($1, 0))', [LOCK]).catch(endedWithSession);
  }
}

/** When the connection broke, the server gave the lock back already, and the first error is the one to tell. */
const endedWithSession = (): void => undefined;

async function whoMigrates(client: ClientBase, waitMs: number): Promise<string> {
  const { rows } = await client.query<{ pid: number }>(
    `select pid
       from pg_locks
      where locktype = 'advisory'
        and granted
        and objsubid = 1
        and database = (select oid from pg_database where datname = current_database())
        and (classid::bigint << 32 | objid::bigint) = hashtextextended($1, 0)`,
    [LOCK],
  );
  const [holder] = rows;
  const who = holder ? ` (server process ${holder.pid})` : '';
  return (
    `Another process has been migrating this database for more than ${waitMs / 1000} s${who}. ` +
    'Wait until it is done and start again; if it hangs, end it.'
  );
}
