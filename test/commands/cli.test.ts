import { chmod, mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it, vi } from 'vitest';
import { HOUR } from '../../src/clock.ts';
import { type Sandbox, startSandbox } from '../../src/sandbox/server.ts';
import { callhouse, startCallhouse } from '../support/command-line.ts';
import { createTestDatabase, openPool, type TestDatabase } from '../support/database.ts';
import { differencesFromTruth } from '../support/truth.ts';
import { VOX } from '../support/vendors.ts';

let sandbox: Sandbox;
let folder: string;

beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'callhouse-cli-'));
  sandbox = await startSandbox({
    pastCalls: 120,
    historyDays: 5,
    originMs: Date.now() - HOUR,
    requestsPerSecond: 0,
    requestsPerMinute: 0,
  });
});
afterAll(async () => {
  await sandbox.close();
  await rm(folder, { recursive: true, force: true });
});

const fast = { VOX_REQUESTS_PER_SECOND: '5000', VOX_REQUESTS_PER_MINUTE: '300000' };
const vox = () => ({ VOX_API_KEY: 'sandbox-key', VOX_BASE_URL: sandbox.vox.baseUrl, ...fast });

async function withDatabase<T>(work: (database: TestDatabase) => Promise<T>): Promise<T> {
  const database = await createTestDatabase();
  try {
    return await work(database);
  } finally {
    await database.drop();
  }
}

it('ends without a word when who reads its output has read enough', async () => {
  const { child, finished } = startCallhouse(['--help'], {});
  child.stdout?.destroy();
  const { code, stderr } = await finished;
  expect([code, stderr]).toEqual([0, '']);
});

describe('wrong settings', () => {
  it('are told all at once, each with what would be accepted, and no secret among them', async () => {
    const { code, stdout, stderr } = await callhouse(['sync'], {
      DATABASE_URL: 'mysql://root:hunter2@nowhere/db',
      VOX_API_KEY: 'key with spaces',
      CALLHOUSE_POLL_INTERVAL: '15',
      CALLHOUSE_TIMEZONE: 'Mars/Olympus',
      CALLHOUSE_LOOKBAK: '2h',
      PORT: 'eighty',
    });

    expect(code).toBe(2);
    expect(stdout).toBe('');
    for (const name of [
      'DATABASE_URL',
      'VOX_API_KEY',
      'CALLHOUSE_POLL_INTERVAL',
      'CALLHOUSE_TIMEZONE',
      'CALLHOUSE_LOOKBAK',
      'PORT',
    ]) {
      expect(stderr).toContain(`- ${name}`);
    }
    expect(stderr).toContain("'15' is not accepted; it wants a duration with its unit");
    expect(stderr).not.toMatch(/hunter2|key with spaces/);
  });

  it.each([
    ['no source', ['sync'], /no source to sync: set VOX_API_KEY/],
    ['an unknown command', ['synch'], /unknown command 'synch'/],
    ['a duration without a unit', ['sync', '--timeout', '10'], /It wants a duration with its unit/],
    [
      'a window that ends before it begins',
      ['backfill', '--from', '2026-02-01', '--to', '2026-01-01'],
      /--from must be before --to/,
    ],
  ])('end with 2 and a hint: %s', async (_name, args, words) => {
    await withDatabase(async ({ url }) => {
      const { code, stderr } = await callhouse(args, {
        DATABASE_URL: url,
        ...(args[0] === 'backfill' ? vox() : {}),
      });
      expect(stderr).toMatch(words);
      expect(code).toBe(2);
    });
  });

  it('take a secret from a file', async () => {
    await withDatabase(async ({ url }) => {
      const keyFile = join(folder, 'key');
      await writeFile(keyFile, 'sandbox-key\n');
      const { VOX_API_KEY: _, ...rest } = vox();
      const { stdout, complaints } = await callhouse(['check'], {
        DATABASE_URL: url,
        VOX_API_KEY_FILE: keyFile,
        ...rest,
      });
      expect(complaints).toBe('');
      expect(stdout).toMatch(/ok {2}source vox: .* accepts the key/);
    });
  });
});

describe('callhouse sync', () => {
  it('fills a warehouse, prints what it did, and status agrees', async () => {
    await withDatabase(async ({ url }) => {
      const env = { DATABASE_URL: url, ...vox() };
      const synced = await callhouse(['sync', '--until-settled', '--timeout', '2m', '--json'], env);
      expect(synced.complaints).toBe('');
      expect(synced.code).toBe(0);
      expect(JSON.parse(synced.stdout)).toMatchObject({
        sources: [
          {
            source: 'vox',
            outcome: 'done',
            error: null,
            pending: 0,
            gaps: 0,
            counts: { callsInserted: 120, retries: 0 },
          },
        ],
      });

      const status = await callhouse(['status', '--json'], env);
      expect(status.code).toBe(0);
      expect(JSON.parse(status.stdout)).toMatchObject({
        sources: [
          {
            source: 'vox',
            health: 'green',
            calls: 120,
            settled: 120,
            gaps: [],
            deadLetters: 0,
            lastError: null,
          },
        ],
      });
      expect(status.stdout).not.toContain(`:${new URL(url).password}@`);
    });
  });

  it('with a wrong key ends with 1, says so, and never prints the key', async () => {
    await withDatabase(async ({ url }) => {
      const env = { DATABASE_URL: url, ...vox(), VOX_API_KEY: 'wrong-key-4711' };
      const { code, stdout, stderr } = await callhouse(['sync', '--until-settled'], env);
      expect(code).toBe(1);
      expect(stderr).toMatch(/vox failed: .*401: the API key is not accepted/);
      expect(stdout + stderr).not.toContain('wrong-key-4711');

      const check = await callhouse(['check'], env);
      expect(check.code).toBe(1);
      expect(check.stdout).toMatch(/NO {2}source vox key: .*401[\s\S]*Check VOX_API_KEY/);
      expect(check.stdout).toMatch(/ok {2}database: PostgreSQL/);
    });
  });

  it('without a database ends with 1 and what to do', async () => {
    const { code, stderr } = await callhouse(['sync'], {
      DATABASE_URL: 'postgresql://u:secret@127.0.0.1:1/db',
      ...vox(),
    });
    expect(code).toBe(1);
    expect(stderr).toMatch(/ECONNREFUSED.*start the database/);
    expect(stderr).not.toContain('secret');
  });
});

describe('a process that is killed in the middle of history', () => {
  it('goes on from its cursor: the result is equal, and no window has more than one page read again', async () => {
    const world = await startSandbox({
      pastCalls: 2_000,
      originMs: Date.now() - HOUR,
      requestsPerSecond: 0,
      requestsPerMinute: 0,
    });
    const database = await createTestDatabase();
    const pool = openPool(database.url);
    try {
      world.vox.faults.add({ kind: 'slow', route: 'list', delayMs: 30, times: null });
      const env = { DATABASE_URL: database.url, ...vox(), VOX_BASE_URL: world.vox.baseUrl };
      // A key with more requests has a page on its way while one is stored: then a crash may cost both.
      const fewRequests = { ...env, VOX_REQUESTS_PER_SECOND: '19' };
      for (const pages of [4, 11]) {
        const { child, finished } = startCallhouse(['backfill'], fewRequests);
        await vi.waitFor(
          async () => {
            const { rows } = await pool.query<{ pages: number }>(
              "select window_pages as pages from callhouse_sync.checkpoints where stream = 'backfill'",
            );
            expect(rows[0]?.pages ?? 0).toBeGreaterThanOrEqual(pages);
          },
          { timeout: 120_000, interval: 10 },
        );
        child.kill('SIGKILL');
        expect((await finished).signal).toBe('SIGKILL');
      }
      world.vox.faults.clear();
      const { code, complaints } = await callhouse(['sync', '--until-settled'], env);
      expect(complaints).toBe('');
      expect(code).toBe(0);

      expect(await differencesFromTruth(pool, world.vox.world.details(Date.now()), VOX)).toEqual([]);
      const asked = world.vox.requests.entries
        .filter(({ kind, query }) => kind === 'list' && query.includes('sort_order=desc'))
        .map(({ query }) => query);
      const again = asked.length - new Set(asked).size;
      expect(again).toBeLessThanOrEqual(2);
      expect(asked.length).toBeLessThanOrEqual(20 + 2);
    } finally {
      await pool.end();
      await database.drop();
      await world.close();
    }
  });
});

describe('the embedded database', () => {
  it('serves when no other is named: status prints the way in for psql while run keeps it up', async () => {
    await chmod(folder, 0o755);
    const env = {
      ...vox(),
      CALLHOUSE_DATA_DIR: join(folder, 'data'),
      CALLHOUSE_POLL_INTERVAL: '1s',
      PORT: '0',
    };
    const { child, stderr, finished } = startCallhouse(['run'], env);
    await vi.waitFor(() => expect(stderr()).toContain('"msg":"synced"'), { timeout: 90_000, interval: 50 });

    const status = await callhouse(['status', '--json'], env);
    const { database } = JSON.parse(status.stdout) as { database: string };
    const pool = openPool(database);
    const { rows } = await pool.query('select count(*)::integer as calls from callhouse.calls');
    expect(rows).toEqual([{ calls: 120 }]);
    await pool.end();

    child.kill('SIGTERM');
    expect((await finished).code).toBe(0);
    await expect(openPool(database).query('select 1')).rejects.toThrow(/ECONNREFUSED/);
  });
});

describe('callhouse run', () => {
  it('waits for a database that is not there yet', async () => {
    const { child, stderr, finished } = startCallhouse(['run'], {
      DATABASE_URL: 'postgresql://u:p@127.0.0.1:1/db',
      ...vox(),
      PORT: '0',
    });
    await vi.waitFor(() => expect(stderr()).toMatch(/failed \(ECONNREFUSED\): .*; trying again in 2 s/), {
      timeout: 60_000,
    });
    child.kill('SIGTERM');
    expect((await finished).code).toBe(1);
  });

  it('polls until SIGTERM, and ends in time even when the vendor hangs', async () => {
    await withDatabase(async ({ url }) => {
      const pool = openPool(url);
      const { child, stderr, finished } = startCallhouse(['run'], {
        DATABASE_URL: url,
        ...vox(),
        CALLHOUSE_POLL_INTERVAL: '1s',
        PORT: '0',
      });
      await vi.waitFor(
        async () => {
          const { rows } = await pool.query("select from callhouse_sync.runs where outcome = 'done'");
          expect(rows.length).toBeGreaterThanOrEqual(2);
        },
        { timeout: 90_000, interval: 50 },
      );
      const before = sandbox.vox.requests.entries.length;
      sandbox.vox.faults.add({ kind: 'hang', times: null });
      await vi.waitFor(() => expect(sandbox.vox.requests.entries.length).toBeGreaterThan(before), {
        timeout: 60_000,
      });

      const toldAt = Date.now();
      child.kill('SIGTERM');
      const { code } = await finished;
      sandbox.vox.faults.clear();

      expect(code).toBe(0);
      expect(Date.now() - toldAt).toBeLessThan(10_000);
      expect(stderr()).toContain('worker started');
      const { rows } = await pool.query('select holder from callhouse_sync.leases');
      expect(rows).toEqual([{ holder: null }]);
      await pool.end();
    });
  });
});
