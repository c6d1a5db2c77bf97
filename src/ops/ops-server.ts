import Fastify from 'fastify';
import { type Clock, MINUTE } from '../clock.ts';
import type { Database } from '../database/database.ts';
import { ConfigError } from '../errors.ts';

export interface OpsServer {
  /** Null when the port is 0: no server was asked for. */
  url: string | null;
  /** The scheduler is alive. */
  beat(): void;
  /** The database is there from now on; until then the worker is live, and not ready. */
  serve(database: Database): void;
  close(): Promise<void>;
}

/** A loop that has not moved for so long is stuck. It beats every second. */
const STUCK_AFTER_MS = MINUTE;

/**
 * What an operator's platform asks: `/livez` (the loop moves), `/readyz` (the database answers and is migrated),
 * `/healthz` (the data is fresh). It says nothing of calls or people, and listens where it is told, on loopback
 * unless asked otherwise.
 */
export async function startOpsServer(options: {
  host: string;
  port: number;
  clock: Clock;
}): Promise<OpsServer> {
  const { clock } = options;
  let database: Database | null = null;
  const serve = (opened: Database) => {
    database = opened;
  };
  let lastBeatAt = clock.now();
  const beat = () => {
    lastBeatAt = clock.now();
  };
  if (options.port === 0) return { url: null, beat, serve, close: async () => undefined };

  const app = Fastify({ forceCloseConnections: true });
  app.get('/livez', async (_request, reply) => {
    const silentMs = clock.now() - lastBeatAt;
    return reply
      .code(silentMs < STUCK_AFTER_MS ? 200 : 503)
      .send({ live: silentMs < STUCK_AFTER_MS, silentMs });
  });
  app.get('/readyz', async (_request, reply) => {
    const answer = await ask<object>(database, 'select from callhouse.sources limit 1');
    const reason = 'the database does not answer, or is not migrated';
    return answer === null ? reply.code(503).send({ ready: false, reason }) : reply.send({ ready: true });
  });
  app.get('/healthz', async (_request, reply) => {
    const sources = await ask<{ source: string; state: string; reasons: string[] }>(
      database,
      'select source, state, reasons from callhouse_sync.health order by source',
    );
    const healthy = sources?.every(({ state }) => state !== 'red') ?? false;
    return reply
      .code(healthy ? 200 : 503)
      .send({ healthy, sources: sources ?? 'the database does not answer' });
  });
  const url = await app.listen({ host: options.host, port: options.port }).catch((error: Error) => {
    throw notServed(error, options);
  });
  return { url, beat, serve, close: () => app.close() };
}

function notServed(error: Error, { host, port }: { host: string; port: number }): Error {
  const code = (error as NodeJS.ErrnoException).code ?? '';
  const why = NOT_SERVED[code];
  if (why === undefined) return error;
  return new ConfigError([`the ops server cannot listen on ${host}:${port} (${code}): ${why}`]);
}

const NOT_SERVED: Readonly<Record<string, string>> = {
  EADDRINUSE: 'another program has the port. Fix: set PORT to another one, or to 0 for none',
  EACCES: 'this user may not have the port. Fix: set PORT to one above 1023, or to 0 for none',
  EADDRNOTAVAIL: 'this machine has no such address. Fix: set CALLHOUSE_OPS_HOST to one that it has',
  ENOTFOUND: 'there is no such host. Fix: set CALLHOUSE_OPS_HOST to an address of this machine',
  EAI_AGAIN: 'the name cannot be looked up. Fix: set CALLHOUSE_OPS_HOST to an address of this machine',
};

/** Null when there is no answer, whatever the reason: the caller is told by a status. */
async function ask<Row extends object>(database: Database | null, sql: string): Promise<Row[] | null> {
  try {
    return database === null ? null : (await database.query<Row>(sql)).rows;
  } catch {
    return null;
  }
}
