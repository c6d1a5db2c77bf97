import type { Pool, PoolClient, QueryConfig } from 'pg';
import { type Database, openPool } from '../../src/database/database.ts';
import type { OperationLog } from './operation-log.ts';
import { perform, type Strand, type Strike } from './process.ts';
import type { Scheduler } from './scheduler.ts';

/** The database server as the story sees it. */
export interface DatabaseServer {
  url: string;
  /** A connection of the harness itself, which nothing strikes. */
  admin: Pool;
  /** Whether it refuses connections now. */
  isDown: boolean;
  /** Connections of all processes, to be cut when it goes down. */
  connections: Set<PoolClient>;
}

interface Surroundings {
  scheduler: Scheduler;
  log: OperationLog;
  server: DatabaseServer;
}

/** One connection, and what its open transaction was fenced with. */
interface Session {
  client: PoolClient;
  token: number | null;
  /** The end of what was sent last: a server runs the statements of a connection one after the other. */
  answered: Promise<unknown>;
}

const STATEMENT_MS = { min: 1, max: 4 };

/**
 * A real pool of a strand, in which every statement is an operation of the story: it waits for its turn, may be
 * struck, and never reaches the server once the process is dead.
 */
export function openStrandDatabase(
  surroundings: Surroundings,
  strand: Strand,
): { database: Database; close(): Promise<void> } {
  const pool = openPool(surroundings.server.url, { connections: 2 });
  const connect = () => openSession(surroundings, strand, pool);
  const database = {
    async query(query: string | QueryConfig, values?: unknown[]) {
      const session = await connect();
      let broken: Error | undefined;
      try {
        return await send(surroundings, strand, session, query, values);
      } catch (error) {
        broken = error instanceof Error ? error : new Error(String(error));
        throw error;
      } finally {
        session.client.release(broken);
      }
    },
    async connect() {
      return asClient(surroundings, strand, await connect());
    },
  };
  return { database: database as unknown as Database, close: () => pool.end() };
}

async function openSession({ server }: Surroundings, { process }: Strand, pool: Pool): Promise<Session> {
  if (server.isDown) {
    throw Object.assign(new Error('connect ECONNREFUSED'), { code: 'ECONNREFUSED' });
  }
  const client = await pool.connect();
  const cut = () => cutConnection(client);
  if (!server.connections.has(client)) {
    server.connections.add(client);
    process.atDeath.add(cut);
    // An error that nobody hears ends the process, and this process is ours.
    client.on('error', () => undefined);
    client.once('end', () => {
      server.connections.delete(client);
      process.atDeath.delete(cut);
    });
  }
  return { client, token: null, answered: Promise.resolve() };
}

/** What the engine needs of a checked-out connection. */
function asClient(surroundings: Surroundings, strand: Strand, session: Session): PoolClient {
  const { client } = session;
  const guarded = {
    query: (query: string | QueryConfig, values?: unknown[]) =>
      send(surroundings, strand, session, query, values),
    on(event: 'error', listener: (error: Error) => void) {
      client.on(event, listener);
      return guarded;
    },
    off(event: 'error', listener: (error: Error) => void) {
      client.off(event, listener);
      return guarded;
    },
    release(broken?: Error | boolean) {
      strand.inTransaction = false;
      client.release(broken);
    },
  };
  return guarded as unknown as PoolClient;
}

function send(
  surroundings: Surroundings,
  strand: Strand,
  session: Session,
  query: string | QueryConfig,
  values: unknown[] | undefined,
) {
  const text = typeof query === 'string' ? query : query.text;
  const parameters = (typeof query === 'string' ? values : (query.values ?? values)) ?? [];
  if (text.startsWith('insert into callhouse_sync.runs')) surroundings.log.hide(String(parameters[0]));
  const operation = {
    label: describe(query, parameters),
    kind: 'statement' as const,
    latencyMs: strand.process.worker.dice.int(STATEMENT_MS.min, STATEMENT_MS.max),
  };
  const run = async (strike: Strike | null) => {
    if (strike?.kind === 'serialization_failure') {
      throw Object.assign(new Error('could not serialize access'), { code: '40001' });
    }
    if (strike?.moment === 'before') await terminate(surroundings.server, session.client);
    const result = await session.client.query(query, values);
    noteTransaction(surroundings, strand, session, text, parameters, result.rowCount);
    if (strike?.moment === 'after') loseAnswer(session.client);
    return result;
  };
  const answer = session.answered.then(() => perform(surroundings, strand, operation, run));
  session.answered = answer.catch(() => undefined);
  return answer;
}

/** Keeps in mind who is in a transaction, and with which lease it is fenced. */
function noteTransaction(
  { log }: Surroundings,
  strand: Strand,
  session: Session,
  text: string,
  parameters: unknown[],
  rowCount: number | null,
): void {
  if (text === 'begin') {
    strand.inTransaction = true;
    session.token = null;
  }
  // A request of the budget is granted here: only a stop from now on makes it come late.
  if (/from callhouse_sync\.budgets\b.* for update/.test(text)) strand.isHeldUp = false;
  if (/^update callhouse_sync\.leases\s+set expires_at/.test(text) && rowCount === 1) {
    session.token = Number(parameters[2]);
  }
  if (text === 'commit') log.committed(strand, session.token);
  if (text === 'commit' || text === 'rollback') strand.inTransaction = false;
}

/** The statement was executed; its answer is lost with the connection. */
function loseAnswer(client: PoolClient): never {
  cutConnection(client);
  throw new Error('Connection terminated unexpectedly');
}

/** Ends a session as an administrator or a failover does, and waits until its client has heard of it. */
async function terminate({ admin, connections }: DatabaseServer, client: PoolClient): Promise<void> {
  if (!connections.has(client)) return;
  const ended = new Promise<void>((resolve) => client.once('end', () => resolve()));
  await admin.query('select pg_terminate_backend($1)', [processId(client)]);
  await ended;
}

/** Lets the server go down or come up; what is connected is cut. */
export async function setDown(server: DatabaseServer, isDown: boolean): Promise<void> {
  server.isDown = isDown;
  if (!isDown) return;
  for (const client of [...server.connections]) await terminate(server, client);
}

function cutConnection(client: PoolClient): void {
  (client as unknown as { connection: { stream: { destroy(): void } } }).connection.stream.destroy();
}

function processId(client: PoolClient): number {
  return (client as unknown as { processID: number }).processID;
}

/** A statement in one line: its name or beginning, and its values. */
function describe(query: string | QueryConfig, values: unknown[]): string {
  const text = typeof query === 'string' ? query : (query.name ?? query.text);
  return `${text.replace(/\s+/g, ' ').slice(0, 60)} ${JSON.stringify(values).slice(0, 2_000)}`;
}
