import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { HOUR } from '../../src/clock.ts';
import { type Sandbox, startSandbox } from '../../src/sandbox/server.ts';
import { callhouse } from '../support/command-line.ts';
import { useTestDatabase } from '../support/database.ts';
import { differencesFromTruth } from '../support/truth.ts';
import { VOX } from '../support/vendors.ts';

const database = useTestDatabase();
let sandbox: Sandbox;
let env: Record<string, string>;

beforeAll(async () => {
  sandbox = await startSandbox({
    pastCalls: 300,
    historyDays: 6,
    originMs: Date.now() - HOUR,
    requestsPerSecond: 0,
    requestsPerMinute: 0,
  });
  env = {
    DATABASE_URL: database.url,
    VOX_API_KEY: 'sandbox-key',
    VOX_BASE_URL: sandbox.vox.baseUrl,
    VOX_REQUESTS_PER_SECOND: '5000',
    VOX_REQUESTS_PER_MINUTE: '300000',
  };
  const { code, complaints } = await callhouse(['sync', '--until-settled'], env);
  expect(complaints).toBe('');
  expect(code).toBe(0);
});
afterAll(() => sandbox.close());
beforeEach(() => sandbox.vox.requests.reset());

interface Verdict {
  notStored: string[];
  notListed: string[];
  damaged: string[];
  method: string;
  windows: number;
}

async function verify(...args: string[]): Promise<{ code: number | null; verdict: Verdict; stderr: string }> {
  const { code, stdout, stderr } = await callhouse(['verify', '--json', ...args], env);
  const [source] = (JSON.parse(stdout) as { sources: { verified: Verdict }[] }).sources;
  if (!source) throw new Error('there is no source');
  return { code, verdict: source.verified, stderr };
}

/** Ids of some calls that were connected, in the order of nothing in particular. */
async function someCalls(count: number): Promise<string[]> {
  const { rows } = await database.pool.query<{ call_id: string }>(
    `select call_id from callhouse.calls where transcript_item_count > 2 and settlement = 'settled'
     order by md5(call_id) limit $1`,
    [count],
  );
  return rows.map(({ call_id }) => call_id);
}

const differences = () => {
  const there = [...sandbox.vox.world.details(Date.now())].filter(
    ({ id }) => !sandbox.vox.faults.isDeleted(id),
  );
  return differencesFromTruth(database.pool, there, VOX);
};

// Holds invariant 16.
describe('callhouse verify', () => {
  it('says that nothing differs when nothing does, and asks for one page a day', async () => {
    const { code, stdout, complaints } = await callhouse(['verify'], env);
    expect(complaints).toBe('');
    expect(stdout).toMatch(/300 calls at the vendor, 300 here/);
    expect(stdout).toMatch(/nothing differs/);
    expect(code).toBe(0);
    expect(sandbox.vox.requests.counts.list).toBeLessThanOrEqual(12);
    // Calls that never connected tell no time: one near a midnight is asked for by its id.
    expect(sandbox.vox.requests.counts.detail).toBeLessThanOrEqual(5);
  });

  it('names rows that were deleted or changed by hand and calls that the vendor lost; --repair mends all of it', async () => {
    const [deleted = '', gone = '', cut = '', recosted = ''] = await someCalls(4);
    await database.pool.query('delete from callhouse.calls where call_id = $1', [deleted]);
    sandbox.vox.faults.add({ kind: 'deleted', callId: gone });
    await database.pool.query('delete from callhouse.transcript_items where call_id = $1 and position >= 2', [
      cut,
    ]);
    await database.pool.query('update callhouse.call_costs set amount = amount * 2 where call_id = $1', [
      recosted,
    ]);

    const looked = await verify();
    expect(looked.code).toBe(1);
    expect(looked.verdict).toMatchObject({ notStored: [deleted], notListed: [gone] });
    expect(new Set(looked.verdict.damaged)).toEqual(new Set([cut, recosted]));
    expect((await differences()).length).toBeGreaterThan(0);
    const { stdout: health } = await callhouse(['status'], env);
    expect(health).toMatch(/Windows that differ from the vendor/);

    const repaired = await verify('--repair');
    expect(repaired.code).toBe(0);
    expect(await differences()).toEqual([]);
    const { rows } = await database.pool.query(
      'select settlement, missing_since is not null as dated from callhouse.calls where call_id = $1',
      [gone],
    );
    expect(rows).toEqual([{ settlement: 'missing', dated: true }]);

    const again = await verify();
    expect(again.code).toBe(0);
    expect(again.verdict).toMatchObject({ notStored: [], notListed: [], damaged: [] });
  });

  it('looks at a part of time alone when told to', async () => {
    const { rows } = await database.pool.query<{ call_id: string; day: string }>(
      `select call_id, to_char(occurred_at, 'YYYY-MM-DD') as day from callhouse.calls
       where settlement = 'settled' and occurred_at < now() - interval '3 days' order by occurred_at limit 1`,
    );
    const { call_id: deleted = '', day = '' } = rows[0] ?? {};
    await database.pool.query('delete from callhouse.calls where call_id = $1', [deleted]);
    const later = new Date(Date.parse(day) + 48 * HOUR).toISOString();
    expect((await verify('--from', later)).code).toBe(0);
    expect((await verify('--to', later)).verdict.notStored).toEqual([deleted]);
    expect((await verify('--to', later, '--repair')).code).toBe(0);
    expect(await differences()).toEqual([]);
  });

  it('refuses a span that ends before it begins', async () => {
    const { code, stderr } = await callhouse(['verify', '--from', '2026-02-01', '--to', '2026-01-01'], env);
    expect(code).toBe(2);
    expect(stderr).toMatch(/--from must be before --to/);
  });
});

describe('callhouse replay', () => {
  it('derives every table again without a request', async () => {
    await database.pool.query('delete from callhouse.call_analyses');
    const { code, stdout, complaints } = await callhouse(['replay'], env);
    expect(complaints).toBe('');
    expect(stdout).toMatch(
      /300 calls derived again, \d+ of them changed; 0 dead letters could be read, 0 not/,
    );
    expect(code).toBe(0);
    expect(await differences()).toEqual([]);
    expect(sandbox.vox.requests.entries).toEqual([]);
  });
});
