import pg from 'pg';
import { CONNECT_WITHIN_MS, configOf } from './connect.ts';
import { beginAlone, enterSession, limitsOf, NOT_AT_THE_START } from './session.ts';

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

/** A connection that nobody else has until it is released. */
interface Connection extends Sql {
  on(event: 'error', listener: (error: Error) => void): unknown;
  off(event: 'error', listener: (error: Error) => void): unknown;
  /** Gives it back, or ends it when it is broken. */
  release(broken?: Error): void;
}

export interface Database extends Sql {
  connect(): Promise<Connection>;
  end(): Promise<void>;
}

interface PoolSize {
  connections?: number;
}

/**
 * Opens a database. Numeric and bigint come back as text, so that no digit is lost; the caller converts what it
 * knows to be small. Behind a pooler every statement runs in a transaction that sets what it needs, and none is prepared
 * by name: what works there works everywhere, and costs two small statements more.
 */
export function openDatabase(database: string | pg.ClientConfig, size: PoolSize = {}): Database {
  const pool = openPool(database, size);
  return {
    connect: () => pool.connect(),
    end: () => pool.end(),
    query: <Row extends pg.QueryResultRow>(query: string | pg.QueryConfig, values?: unknown[]) =>
      borrow(pool, async (client, spoil) => {
        try {
          return await queryAlone<Row>(client, query, values);
        } catch (error) {
          spoil(error instanceof Error ? error : new Error(String(error)));
          throw error;
        }
      }),
  };
}

/**
 * Runs `work` on a connection that nobody else has meanwhile. One that breaks, also between two statements, or that is
 * spoilt, is ended and not given back.
 */
async function borrow<T>(
  database: Pick<Database, 'connect'>,
  work: (client: Connection, spoil: (error: Error) => void) => Promise<T>,
): Promise<T> {
  const client = await database.connect();
  let broken: Error | undefined;
  const spoil = (error: Error) => {
    broken = error;
  };
  // Without a listener a connection that breaks ends the process. The statement that follows reports it.
  client.on('error', spoil);
  try {
    return await work(client, spoil);
  } finally {
    client.off('error', spoil);
    client.release(broken);
  }
}

/** The connections of a database. Each finds out for itself whether its session is lent. */
export function openPool(database: string | pg.ClientConfig, { connections = 4 }: PoolSize): pg.Pool {
  const config = typeof database === 'string' ? configOf(database) : database;
  const limits = limitsOf(config);
  const begin = beginAlone(limits);
  const pool = new pg.Pool({
    ...config,
    ...NOT_AT_THE_START,
    max: connections,
    // What a page writes is sent at once: rows are made up while the server writes those before them.
    pipeline: true,
    connectionTimeoutMillis: CONNECT_WITHIN_MS,
    // A server ends a statement itself. When not even that is heard, the connection is dead.
    query_timeout: 2 * limits.statementMs,
    keepAlive: true,
    async onConnect(client) {
      const { isOwn } = await enterSession(client, limits);
      if (!isOwn) lent.set(client, begin);
    },
  });
  // Without a listener the failure of an idle connection ends the process; the next query opens a new one.
  pool.on('error', () => undefined);
  return pool;
}

/** Connections whose session is lent by a pooler, with what begins a transaction there. */
const lent = new WeakMap<object, string>();

/** One statement by itself. */
async function queryAlone<Row extends pg.QueryResultRow>(
  client: Sql,
  query: string | pg.QueryConfig,
  values?: unknown[],
): Promise<pg.QueryResult<Row>> {
  const begin = lent.get(client);
  if (begin === undefined) return client.query<Row>(query, values);
  const sent = [
    client.query(begin),
    unprepared(client).query<Row>(query, values),
    client.query('commit'),
  ] as const;
  const [, result] = await answersTo(sent);
  return result;
}

/** The same connection, on which nothing is prepared by a name: the next session would not know it, or have another. */
function unprepared(client: Sql): Sql {
  return {
    query: (query, values) =>
      client.query(typeof query === 'string' ? query : { ...query, name: undefined }, values),
  };
}

/** The database's clock, in unix milliseconds. */
export async function readDatabaseNow(sql: Sql): Promise<number> {
  const { rows } = await sql.query<{ now: Date }>('select clock_timestamp() as now');
  if (!rows[0]) throw new Error('the database did not tell its time');
  return rows[0].now.getTime();
}

/** Runs `work` in a transaction: all of it, or none. */
export function inTransaction<T>(database: Database, work: (tx: Sql) => Promise<T>): Promise<T> {
  return borrow(database, async (client, spoil) => {
    try {
      const begin = lent.get(client);
      await client.query(begin ?? 'begin');
      const result = await work(begin === undefined ? client : unprepared(client));
      await client.query('commit');
      return result;
    } catch (error) {
      await client.query('rollback').catch(spoil);
      throw error;
    }
  });
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
