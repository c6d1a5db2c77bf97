import { readFile } from 'node:fs/promises';
import type { Pool } from 'pg';
import { describe, expect, it, vi } from 'vitest';
import { MINUTE, SECOND } from '../../src/clock.ts';
import type { Running } from '../support/command-line.ts';
import { expectFinished, expectGreen, openStage, type Stage, SYNC } from './stage.ts';

/** A page of history has been read and is about to be stored; the first was the probe. */
const PAGE = 'heard history > heard history';

// Holds invariant 10.
describe('a worker that is stopped past its lease and wakes up', () => {
  it('cannot write what it had read, says that it lost the lease, and ends with 1', async ({
    onTestFinished,
  }) => {
    const stage = await openStage(onTestFinished);
    const sleeper = stage.start(SYNC, { at: PAGE, signal: 'SIGSTOP' });
    await stopped(sleeper);
    await expireLease(stage.pool);
    await expectFinished(stage);
    const before = await snapshot(stage.pool);

    sleeper.child.kill('SIGCONT');
    const { code, stderr } = await sleeper.finished;
    expect(stderr).toMatch(/vox stopped: lease 1 of \S+ was taken over by another worker/);
    expect(code).toBe(1);
    expect(await snapshot(stage.pool)).toEqual(before);
    await expectGreen(stage);
  });

  it.for([
    ['its page', `${PAGE} > after upsert callhouse.calls`],
    ['the budget', `${PAGE} > after commit fenced > after read budget`],
  ] as const)(
    'inside of a transaction on %s has it rolled back by the server, so that others go on',
    async ([, at], { onTestFinished }) => {
      const stage = await openStage(onTestFinished);
      // The worker's own limit, shortened: what the address says counts.
      const address = `${stage.env.DATABASE_URL}?idle_in_transaction_session_timeout=3000`;
      const sleeper = stage.start(['sync', '--json'], { at, signal: 'SIGSTOP' }, { DATABASE_URL: address });
      await stopped(sleeper);
      // A row that the sleeper has locked is free when the server has ended the sleeper's session.
      await expireLease(stage.pool);
      await expectFinished(stage);
      const before = await snapshot(stage.pool);

      sleeper.child.kill('SIGCONT');
      const { code, stderr } = await sleeper.finished;
      expect(stderr).toMatch(/vox (failed|stopped): /);
      expect(code).toBe(1);
      expect(await snapshot(stage.pool)).toEqual(before);
      await expectGreen(stage);
    },
  );
});

// Holds invariant 10.
describe('a worker that lost its lease', () => {
  it('does not tell of its own trouble as if it were the source’s', async ({ onTestFinished }) => {
    const stage = await openStage(onTestFinished);
    const sleeper = stage.start(['sync', '--json'], { at: 'heard history > ask history', signal: 'SIGSTOP' });
    await stopped(sleeper);
    await expireLease(stage.pool);
    await expectFinished(stage);
    const before = await snapshot(stage.pool);

    stage.world.vox.faults.add({ kind: 'unauthorized' });
    sleeper.child.kill('SIGCONT');
    expect((await sleeper.finished).code).toBe(1);
    expect(stage.world.vox.requests.entries.at(-1)?.status).toBe(401);
    await expectGreen(stage);
    expect(await snapshot(stage.pool)).toEqual(before);
  });

  it('before it began its run does not declare the run of the next one dead', async ({ onTestFinished }) => {
    const stage = await openStage(onTestFinished);
    const sleeper = stage.start(SYNC, { at: 'after take lease', signal: 'SIGSTOP' });
    await stopped(sleeper);
    await expireLease(stage.pool);
    const next = stage.start(SYNC, { at: PAGE, signal: 'SIGSTOP' });
    await stopped(next);

    sleeper.child.kill('SIGCONT');
    expect((await sleeper.finished).code).toBe(1);
    const run = (await stage.runs()).find(({ worker }) => worker.includes(`:${next.child.pid}:`));
    next.child.kill('SIGCONT');
    expect(await next.finished).toMatchObject({ code: 0, complaints: '' });
    expect(await stage.faults()).toEqual([]);
    expect(run).toMatchObject({ outcome: 'running', error: null });
  });
});

describe('three workers that start at once', () => {
  // Holds invariant 11.
  it('read one after the other, all end with 0, and keep to the budget of the key together', async ({
    onTestFinished,
  }) => {
    const stage = await openStage(onTestFinished, limited(20, 600));
    await watchBudget(stage.pool);
    const workers = await Promise.all([1, 2, 3].map(() => stage.start(SYNC).finished));
    expect(workers.map(({ code, complaints }) => ({ code, complaints }))).toEqual(
      [1, 2, 3].map(() => ({ code: 0, complaints: '' })),
    );
    expect(await stage.faults()).toEqual([]);

    const runs = await stage.runs();
    expect(new Set(runs.map(({ worker }) => worker)).size).toBe(3);
    for (const [i, { started_at: startedAt }] of runs.entries()) {
      expect(startedAt.getTime()).toBeGreaterThanOrEqual(runs[i - 1]?.finished_at?.getTime() ?? 0);
    }
    const history = stage.world.vox.requests.entries.filter(({ query }) => query.includes('sort_order=desc'));
    expect(new Set(history.map(({ query }) => query)).size).toBe(history.length);
    await expectWithinBudget(stage, 20, 600);
  });
});

describe.concurrent('what stands in the database', { timeout: 240_000 }, () => {
  // Holds invariant 11.
  it('is the budget, so that a worker that was killed and is started again sends no more in the minute', async ({
    onTestFinished,
  }) => {
    const stage = await openStage(onTestFinished, {
      ...limited(20, 60),
      pastCalls: 100,
      env: { ...limited(20, 60).env, CALLHOUSE_POLL_INTERVAL: '10s' },
    });
    await watchBudget(stage.pool);
    const first = stage.start(SYNC);
    await vi.waitFor(() => expect(stage.world.vox.requests.entries.length).toBeGreaterThanOrEqual(25), {
      timeout: 30_000,
      interval: 10,
    });
    first.child.kill('SIGKILL');
    expect((await first.finished).signal).toBe('SIGKILL');

    const second = await stage.start(['sync', '--until-settled', '--timeout', '200s', '--json']).finished;
    expect(second).toMatchObject({ code: 0, complaints: '' });
    expect(await stage.faults()).toEqual([]);
    expect(stage.world.vox.requests.entries.length).toBeGreaterThan(60);
    await expectWithinBudget(stage, 20, 60);
  });

  it('is the budget, and a worker that waits for it keeps its lease: three end with 0 all the same', async ({
    onTestFinished,
  }) => {
    const stage = await openStage(onTestFinished, {
      ...limited(20, 60),
      pastCalls: 100,
      env: { ...limited(20, 60).env, CALLHOUSE_POLL_INTERVAL: '5s' },
    });
    await watchBudget(stage.pool);
    const args = ['sync', '--until-settled', '--timeout', '110s', '--json'];
    const workers = await Promise.all([1, 2, 3].map(() => stage.start(args).finished));
    await expectWithinBudget(stage, 20, 60);
    expect(await stage.faults()).toEqual([]);
    expect(workers.map(({ code, complaints }) => ({ code, complaints }))).toEqual(
      [1, 2, 3].map(() => ({ code: 0, complaints: '' })),
    );
  });

  // Holds invariant 18.
  it('is a lease that somebody wrote into by hand: nobody renews it, so it is taken over, with a warning', async ({
    onTestFinished,
  }) => {
    const stage = await openStage(onTestFinished, { pastCalls: 100 });
    expect((await stage.start(SYNC).finished).code).toBe(0);
    await stage.pool.query(
      `update callhouse_sync.leases set holder = 'someone', acquired_at = now(), expires_at = '2999-01-01'`,
    );
    const { code, stderr } = await stage.start(['sync', '--json']).finished;
    expect(stderr).toMatch(/lease/);
    expect(stderr).toContain('someone');
    expect(code).toBe(0);
    expect(await stage.faults()).toEqual([]);
    await expectGreen(stage);
  });
});

/** Resolves when the process stands still: it has sent itself SIGSTOP. */
async function stopped({ child }: Running): Promise<void> {
  await vi.waitFor(
    async () => expect(await readFile(`/proc/${child.pid}/stat`, 'utf8')).toMatch(/^\d+ \(.*\) T /),
    { timeout: 30_000, interval: 20 },
  );
}

/** As if its thirty seconds had passed. */
async function expireLease(pool: Pool): Promise<void> {
  await pool.query("update callhouse_sync.leases set expires_at = now() - interval '1 second'");
}

/**
 * Every version of every row: one that was written again, even with the same values, differs. Not of `runs`, in which
 * a worker notes its own end, and of `budgets`, which counts requests whoever sends them.
 */
async function snapshot(pool: Pool): Promise<Record<string, string>> {
  const { rows } = await pool.query<{ name: string }>(
    `select quote_ident(schemaname) || '.' || quote_ident(tablename) as name from pg_tables
     where schemaname in ('callhouse', 'callhouse_sync') and tablename not in ('runs', 'budgets') order by 1`,
  );
  const versions = rows.map(async ({ name }) => {
    const { rows: found } = await pool.query<{ versions: string }>(
      `select coalesce(md5(string_agg(t.xmin || ' ' || t, ' ' order by t.ctid)), 'empty') as versions from ${name} t`,
    );
    return [name, found[0]?.versions ?? ''] as const;
  });
  return Object.fromEntries(await Promise.all(versions));
}

/** A vendor with limits, and workers that are told of them. */
function limited(requestsPerSecond: number, requestsPerMinute: number) {
  return {
    // On a busy machine requests bunch up on their way: what a second may hold is judged where they are counted.
    requestsPerSecond: 2 * requestsPerSecond,
    requestsPerMinute,
    env: {
      VOX_REQUESTS_PER_SECOND: String(requestsPerSecond),
      VOX_REQUESTS_PER_MINUTE: String(requestsPerMinute),
    },
  };
}

/** Notes the instant of each request that is counted from now on, whichever worker sends it. */
async function watchBudget(pool: Pool): Promise<void> {
  await pool.query('create table public.counted (at timestamptz not null)');
  await pool.query(`create function public.note_counted() returns trigger language plpgsql as $$
begin
  -- Requests that ask together are counted together, in the slot of the moment.
  insert into public.counted
  select new.saved_at from generate_series(1, (new.spent -> 'minute' -> -1 ->> 1)::integer - coalesce((
    select (slot ->> 1)::integer from jsonb_array_elements(old.spent -> 'minute') as slot
    where slot -> 0 = new.spent -> 'minute' -> -1 -> 0), 0));
  return null;
end $$`);
  await pool.query(`create trigger counted after update of spent on callhouse_sync.budgets for each row
    when (new.spent is distinct from old.spent) execute function public.note_counted()`);
}

/** Never more than the limits in any second or minute, none that was not counted, and nobody was turned away. */
async function expectWithinBudget({ world, pool }: Stage, perSecond: number, perMinute: number) {
  const { entries, counts } = world.vox.requests;
  const { rows } = await pool.query<{ at: Date }>('select at from public.counted');
  const counted = rows.map(({ at }) => at.getTime());
  expect(mostWithin(counted, SECOND)).toBeLessThanOrEqual(perSecond);
  expect(mostWithin(counted, MINUTE)).toBeLessThanOrEqual(perMinute);
  expect(entries.length).toBeLessThanOrEqual(counted.length);
  expect(
    mostWithin(
      entries.map(({ atMs }) => atMs),
      MINUTE,
    ),
  ).toBeLessThanOrEqual(perMinute);
  expect(counts.rateLimited).toBe(0);
}

/** The most instants that fall into any span of this length. */
function mostWithin(instants: readonly number[], spanMs: number): number {
  const until = (end: number) => instants.filter((at) => at <= end && at > end - spanMs).length;
  return Math.max(0, ...instants.map(until));
}
