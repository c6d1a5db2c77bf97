import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { HOUR } from '../../src/clock.ts';
import { type Sandbox, startSandbox } from '../../src/sandbox/server.ts';
import { callhouse } from '../support/command-line.ts';
import { useTestDatabase } from '../support/database.ts';

const database = useTestDatabase();
let sandbox: Sandbox;

beforeAll(async () => {
  const originMs = Date.now() - HOUR;
  sandbox = await startSandbox({
    pastCalls: 250,
    historyDays: 5,
    originMs,
    requestsPerSecond: 0,
    requestsPerMinute: 0,
  });
});
afterAll(() => sandbox.close());

const env = () => ({
  DATABASE_URL: database.url,
  VOX_API_KEY: 'sandbox-key',
  VOX_BASE_URL: sandbox.vox.baseUrl,
});

describe('callhouse plan', () => {
  it('prints a table and sentences, spends two requests, and stores nothing', async () => {
    const { code, stdout, stderr } = await callhouse(['plan'], env());

    expect([code, stderr]).toEqual([0, '']);
    expect(stdout).toMatch(
      /^source +calls +read already +to read +lists +details +listed in +complete in +disk\n/,
    );
    expect(stdout).toMatch(/\nvox +250 +0 +250 +3 +\d+ +\S+.* \d\.\d MB\n/);
    expect(stdout).toMatch(/`callhouse backfill` lists the calls in about \S+;/);
    expect(sandbox.vox.requests.counts.list).toBe(2);
    const { rows } = await database.pool.query(
      `select (select count(*)::integer from callhouse.calls) as calls,
         (select count(*)::integer from callhouse_sync.runs) as runs,
         (select count(*)::integer from callhouse_sync.leases where holder is not null) as leases`,
    );
    expect(rows).toEqual([{ calls: 0, runs: 0, leases: 0 }]);
  });

  it('keeps to a range, and gives JSON', async () => {
    const to = new Date(Date.now() - 2 * 24 * HOUR).toISOString();
    const { code, stdout } = await callhouse(['plan', '--to', to, '--source', 'vox', '--json'], env());
    expect(code).toBe(0);
    const { sources } = JSON.parse(stdout) as { sources: { calls: number; estimate: unknown }[] };
    expect(sources).toMatchObject([{ source: 'vox', from: null, to, error: null, readAlready: 0 }]);
    expect(sources[0]?.calls).toBeGreaterThan(50);
    expect(sources[0]?.calls).toBeLessThan(250);
  });

  it('ends with 1 when the vendor refuses, and with 2 on wrong usage', async () => {
    const refused = await callhouse(['plan'], { ...env(), VOX_API_KEY: 'wrong' });
    expect(refused.code).toBe(1);
    expect(refused.stderr).toMatch(/vox failed: .*401/);
    const usage = await callhouse(['plan', '--from', '2026-02-01', '--to', '2026-01-01'], env());
    expect([usage.code, usage.stderr]).toEqual([2, expect.stringContaining('--from must be before --to')]);
  });
});
