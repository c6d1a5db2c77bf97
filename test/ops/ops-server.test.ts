import { createServer } from 'node:net';
import { request } from 'undici';
import { afterEach, describe, expect, it } from 'vitest';
import { MINUTE } from '../../src/clock.ts';
import { type OpsServer, startOpsServer } from '../../src/ops/ops-server.ts';
import { openPool, useTestDatabase } from '../support/database.ts';
import { insertSource } from '../support/rows.ts';

const database = useTestDatabase();
let server: OpsServer | null = null;
let nowMs = 0;

afterEach(async () => {
  await server?.close();
  server = null;
});

/** A server on a free port: 0 means none, so one that is free is asked for first. */
async function start(): Promise<OpsServer> {
  nowMs = 1_000;
  const clock = {
    now: () => nowMs,
    sleep: async () => undefined,
    deadline: () => ({ signal: new AbortController().signal, clear: () => undefined }),
  };
  server = await startOpsServer({ host: '127.0.0.1', port: await freePort(), clock });
  return server;
}

async function get(path: string): Promise<{ status: number; body: Record<string, unknown> }> {
  const { statusCode, body } = await request(`${server?.url}${path}`);
  return { status: statusCode, body: (await body.json()) as Record<string, unknown> };
}

describe('the ops server', () => {
  it('says live while the loop beats, and not when it has stood still for a minute', async () => {
    const { beat } = await start();
    expect((await get('/livez')).status).toBe(200);
    nowMs += MINUTE;
    expect(await get('/livez')).toEqual({ status: 503, body: { live: false, silentMs: MINUTE } });
    beat();
    expect((await get('/livez')).status).toBe(200);
  });

  it('is live and not ready before the database is there, and when it is gone', async () => {
    const { serve } = await start();
    expect((await get('/livez')).status).toBe(200);
    expect((await get('/readyz')).status).toBe(503);
    expect((await get('/healthz')).status).toBe(503);
    serve(database.pool);
    expect(await get('/readyz')).toEqual({ status: 200, body: { ready: true } });

    const gone = openPool('postgresql://u:secret@127.0.0.1:1/db');
    serve(gone);
    const { status, body } = await get('/readyz');
    expect(status).toBe(503);
    expect(JSON.stringify(body)).not.toContain('secret');
    await gone.end();
  });

  it('is unhealthy when a source has never been synced, with the reason', async () => {
    const { serve } = await start();
    serve(database.pool);
    expect(await get('/healthz')).toEqual({ status: 200, body: { healthy: true, sources: [] } });
    await insertSource(database.pool, 'vox', 'Asia/Seoul');
    const { status, body } = await get('/healthz');
    expect(status).toBe(503);
    expect(body).toMatchObject({ healthy: false, sources: [{ state: 'red' }] });
  });
});

async function freePort(): Promise<number> {
  const probe = createServer();
  await new Promise<void>((resolve) => probe.listen(0, '127.0.0.1', resolve));
  const address = probe.address();
  await new Promise((resolve) => probe.close(resolve));
  return typeof address === 'object' && address !== null ? address.port : 0;
}
