import Fastify from 'fastify';
import { type Clock, MINUTE } from '../clock.ts';
import type { Logger } from '../log.ts';
import type { Database } from '../warehouse/database.ts';

export interface OpsServer {
  /** Null when the port is 0: no server was asked for. */
  url: string | null;
  /** The scheduler is alive. */
  beat(): void;
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
  database: Database;
  host: string;
  port: number;
  clock: Clock;
  log: Logger;
}): Promise<OpsServer> {
  const { database, clock } = options;
  let lastBeatAt = clock.now();
  const beat = () => {
    lastBeatAt = clock.now();
  };
  if (options.port === 0) return { url: null, beat, close: async () => undefined };

  const app = Fastify({ forceCloseConnections: true });
  app.get('/livez', async (_request, reply) => {
    const silentMs = clock.now() - lastBeatAt;
    return reply
      .code(silentMs < STUCK_AFTER_MS ? 200 : 503)
      .send({ live: silentMs < STUCK_AFTER_MS, silentMs });
  });
  app.get('/readyz', async (_request, reply) => {
    try {
      await database.query('select from callhouse.sources limit 1');
      return await reply.send({ ready: true });
    } catch {
      return reply
        .code(503)
        .send({ ready: false, reason: 'the database does not answer, or is not migrated' });
    }
  });
  app.get('/healthz', async (_request, reply) => {
    try {
      const { rows } = await database.query<{ source: string; state: string; reasons: string[] }>(
        'select source, state, reasons from callhouse_sync.health order by source',
      );
      const healthy = rows.every(({ state }) => state !== 'red');
      return await reply.code(healthy ? 200 : 503).send({ healthy, sources: rows });
    } catch {
      return reply.code(503).send({ healthy: false, sources: [], reason: 'the database does not answer' });
    }
  });
  const url = await app.listen({ host: options.host, port: options.port });
  return { url, beat, close: () => app.close() };
}
