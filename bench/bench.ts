import { chmod, mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { Pool } from 'pg';
import { request } from 'undici';
import { HOUR, systemClock } from '../src/clock.ts';
import { openSources } from '../src/commands/open-sources.ts';
import { readSettings } from '../src/config/settings.ts';
import { openEmbeddedPostgres } from '../src/embedded/embedded-postgres.ts';
import { createHttpTransport } from '../src/http/transport.ts';
import { createLogger } from '../src/log.ts';
import { type Sandbox, startSandbox } from '../src/sandbox/server.ts';
import { syncSource } from '../src/sync/sync-source.ts';
import { openDatabase } from '../src/warehouse/database.ts';
import { migrate } from '../src/warehouse/migrate.ts';

/**
 * Measures the engine against bounds of the same run, and prints ratios: seconds of this machine say nothing to
 * the next. The bounds are asking for the same pages without storing them, and PostgreSQL copying the same rows
 * from table to table with the same indexes.
 */

const CALLS = 5_000;
const TABLES = [
  'callhouse.calls',
  'callhouse.call_events',
  'callhouse.call_costs',
  'callhouse.call_analyses',
  'callhouse.call_extractions',
  'callhouse_sync.raw_payloads',
  'callhouse_sync.settlements',
];

const dataDir = await mkdtemp(join(tmpdir(), 'callhouse-bench-'));
await chmod(dataDir, 0o755);
const postgres = await openEmbeddedPostgres({ dataDir });
const originMs = Date.now() - HOUR;
const sandbox = await startSandbox({
  pastCalls: CALLS,
  originMs,
  requestsPerSecond: 0,
  requestsPerMinute: 0,
});
const http = createHttpTransport();
await migrate(postgres.url);
const pool = openDatabase(postgres.url);
try {
  print(await measure(pool, sandbox));
} finally {
  await pool.end();
  await http.close();
  await sandbox.close();
  await postgres.close();
  await rm(dataDir, { recursive: true, force: true });
}

interface Figures {
  asking: number;
  copying: number;
  fresh: Cost;
  again: Cost;
}
interface Cost {
  seconds: number;
  walBytes: number;
}

async function measure(database: Pool, vendor: Sandbox): Promise<Figures> {
  const settings = readSettings({
    VOX_API_KEY: 'sandbox-key',
    VOX_BASE_URL: vendor.voxBaseUrl,
    VOX_REQUESTS_PER_SECOND: '10000',
    VOX_REQUESTS_PER_MINUTE: '600000',
  });
  const [vox] = await openSources(settings, database, {
    clock: systemClock,
    sharedNow: () => null,
    random: Math.random,
    transport: http.transport,
    log: createLogger('warn'),
  });
  if (!vox) throw new Error('there is no source');
  const readHistory = () =>
    syncSource(vox, {
      command: 'backfill',
      only: 'backfill',
      until: null,
      leaseWaitMs: 0,
      signal: new AbortController().signal,
    });
  const fresh = await costOf(database, readHistory);
  await database.query('delete from callhouse_sync.checkpoints');
  await database.query('delete from callhouse_sync.settlements');
  const again = await costOf(database, readHistory);
  return {
    fresh,
    again,
    asking: await seconds(() => askForPages(vendor)),
    copying: await copyRows(database),
  };
}

async function askForPages(vendor: Sandbox): Promise<void> {
  let cursor: string | null = '';
  while (cursor !== null) {
    const from: string = cursor === '' ? '' : `&cursor=${encodeURIComponent(cursor)}`;
    const { body } = await request(`${vendor.voxBaseUrl}/calls?limit=100&sort_order=desc${from}`, {
      headers: { authorization: 'Bearer sandbox-key' },
    });
    const page = (await body.json()) as { next_cursor: string | null };
    cursor = page.next_cursor;
  }
}

async function copyRows(database: Pool): Promise<number> {
  await database.query('create schema copies');
  for (const table of TABLES) {
    await database.query(`create table copies.${table.split('.')[1]} (like ${table} including all)`);
  }
  return seconds(async () => {
    for (const table of TABLES) {
      await database.query(`insert into copies.${table.split('.')[1]} select * from ${table}`);
    }
  });
}

async function costOf(database: Pool, work: () => Promise<unknown>): Promise<Cost> {
  const before = await walPosition(database);
  const took = await seconds(work);
  return { seconds: took, walBytes: (await walPosition(database)) - before };
}

async function walPosition(database: Pool): Promise<number> {
  const { rows } = await database.query<{ bytes: string }>(
    "select pg_current_wal_insert_lsn() - '0/0' as bytes",
  );
  return Number(rows[0]?.bytes);
}

async function seconds(work: () => Promise<unknown>): Promise<number> {
  const startedAt = performance.now();
  await work();
  return (performance.now() - startedAt) / 1_000;
}

function print({ asking, copying, fresh, again }: Figures): void {
  const bound = asking + copying;
  const lines: [string, string][] = [
    [`history of ${CALLS} calls, over asking and copying alone`, `${(fresh.seconds / bound).toFixed(1)} ×`],
    [
      'the same history again, nothing new, over the first time',
      `${(again.seconds / fresh.seconds).toFixed(2)} ×`,
    ],
    ['its WAL over the first time', `${((100 * again.walBytes) / fresh.walBytes).toFixed(1)} %`],
    [
      'seconds here: fresh, again, asking, copying',
      [fresh.seconds, again.seconds, asking, copying].map((s) => s.toFixed(2)).join(', '),
    ],
  ];
  for (const [what, figure] of lines) process.stdout.write(`${what.padEnd(60)}${figure}\n`);
}
