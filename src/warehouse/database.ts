import pg from 'pg';

/**
 * A pool, or one connection in a transaction: whatever can run a statement. A connection runs them in the order in which
 * they were sent, and takes the next before it has answered the last.
 */
export interface Sql {
  query<Row extends pg.QueryResultRow = pg.QueryResultRow>(
    query: string | pg.QueryConfig,
    values?: unknown[],
  ): Promise<pg.QueryResult<Row>>;
}

export type Database = pg.Pool;

/**
 * Opens a pool. Numeric and bigint come back as text, so that no digit is lost; the caller converts what it
 * knows to be small.
 */
export function openDatabase(url: string, options: { connections?: number } = {}): Database {
  const pool = new pg.Pool({
    connectionString: url,
    max: options.connections ?? 4,
    application_name: 'callhouse',
    // What a page writes is sent at once: rows are made up while the server writes those before them.
    pipeline: true,
    connectionTimeoutMillis: 15_000,
    // A vendor is read between two statements of a pass, never inside a transaction: a long wait is a fault.
    idle_in_transaction_session_timeout: 30_000,
    statement_timeout: 120_000,
  });
  // Without a listener the failure of an idle connection ends the process; the next query opens a new one.
  pool.on('error', () => undefined);
  return pool;
}

/** The database's clock, in unix milliseconds. */
export async function readDatabaseNow(sql: Sql): Promise<number> {
  const { rows } = await sql.query<{ now: Date }>('select clock_timestamp() as now');
  if (!rows[0]) throw new Error('the database did not tell its time');
  return rows[0].now.getTime();
}

/** Runs `work` in a transaction: all of it, or none. */
export async function inTransaction<T>(database: Database, work: (tx: Sql) => Promise<T>): Promise<T> {
  const client = await database.connect();
  let broken: Error | undefined;
  // The connection may fail between two statements; the statement that follows reports it.
  const onError = (error: Error) => {
    broken = error;
  };
  client.on('error', onError);
  try {
    await client.query('begin');
    const result = await work(client);
    await client.query('commit');
    return result;
  } catch (error) {
    await client.query('rollback').catch((rollbackError: Error) => {
      broken = rollbackError;
    });
    throw error;
  } finally {
    client.off('error', onError);
    client.release(broken);
  }
}

/**
 * The answers to statements that were sent one after the other. @throws what the first of those failed with that failed:
 * the others only say that their transaction is over
 */
export async function answersTo<T extends readonly unknown[] | []>(sent: T) {
  for (const answer of await Promise.allSettled(sent)) {
    if (answer.status === 'rejected') throw answer.reason;
  }
  return Promise.all(sent);
}

/** Unix milliseconds to what PostgreSQL reads as `timestamptz`. */
export function toTimestamp(ms: number | null): string | null {
  return ms === null ? null : new Date(ms).toISOString();
}

/** A window as the text of a `tstzrange`. */
export function toRange(window: { from: number | null; to: number | null } | null): string | null {
  return window === null ? null : `[${toTimestamp(window.from) ?? ''},${toTimestamp(window.to) ?? ''})`;
}

/** A `timestamptz` that pg has read, to unix milliseconds. */
export function toMs(date: Date): number;
export function toMs(date: Date | null): number | null;
export function toMs(date: Date | null): number | null {
  return date === null ? null : date.getTime();
}

/**
 * Classes of SQLSTATE: connection, transaction rollback, resources, locks, operator, system; a server that is read-only
 * (a standby after a failover, a full disk) or ended an idle transaction; and network codes.
 */
const FAULT_CODE = /^(?:08|40|53|55|57|58)\w{3}$|^25(?:006|P0[123])$|^E[A-Z_]+$/;
/** What PostgreSQL refuses for what a row says: data, constraints, and limits such as the length of an index row. */
const CONTENT_CODE = /^(?:22|23|54)\w{3}$/;

/** Why the database would not take a row: its code, and what names the place. Its message may hold the row itself. */
export interface ContentRefusal {
  code: string;
  place: string | null;
}

/** What the database refused for its content, which no retry can mend; null for any other error. */
export function contentRefused(error: unknown): ContentRefusal | null {
  if (!(error instanceof Error)) return null;
  const { code, column, constraint, table } = error as pg.DatabaseError;
  if (code === undefined || !CONTENT_CODE.test(code)) return null;
  return { code, place: column ?? constraint ?? table ?? null };
}

/** pg gives a connection that broke no code: its own words are the only mark. */
const FAULT_WORDS =
  /^(?:Connection terminated|timeout exceeded when trying to connect|Client has encountered a connection error)/;

/** Whether an error is the database's trouble, which may pass, and not a mistake in a statement. */
export function isDatabaseFault(error: unknown): error is Error {
  if (!(error instanceof Error)) return false;
  const code = (error as { code?: unknown }).code;
  return typeof code === 'string' ? FAULT_CODE.test(code) : FAULT_WORDS.test(error.message);
}
