import { describe, expect, it } from 'vitest';
import { DAY, HOUR, MINUTE } from '../../src/clock.ts';
import { planSource } from '../../src/commands/plan.ts';
import { type Bench, startBench } from './bench.ts';

const LIMITS = { requestsPerSecond: 5, requestsPerMinute: 120 };
const ALL = { from: null, to: null };
const never = new AbortController().signal;
const plan = (bench: Bench, window: { from: number | null; to: number | null } = ALL) =>
  planSource(bench.synced, window, LIMITS, never);

async function startWorld(options: Parameters<typeof startBench>[0] = {}): Promise<Bench> {
  const bench = await startBench({ pastCalls: 1_500, historyDays: 20, ...options });
  bench.clock.advance(HOUR);
  return bench;
}

/** Equal but for 5 %, and some requests that polling takes. */
function expectNear(actual: number, planned: number, constant: number): void {
  expect(Math.abs(actual - planned)).toBeLessThanOrEqual(0.05 * actual + constant);
}

describe('a plan', () => {
  it('of an empty warehouse looks at both ends of the list, stores nothing, and is near what the backfill takes', async () => {
    const bench = await startWorld();
    const planned = await plan(bench);
    expect(bench.sandbox.vox.requests.counts.list).toBe(2);
    expect(await bench.value('select count(*)::integer from callhouse.calls')).toBe(0);
    expect(await bench.value('select count(*)::integer from callhouse_sync.checkpoints')).toBe(0);
    expect(await bench.value('select count(*)::integer from callhouse_sync.runs')).toBe(0);
    expect(planned).toMatchObject({
      calls: 1_500,
      readAlready: 0,
      toRead: 1_500,
      transcriptShareFrom: 'page',
    });
    bench.sandbox.vox.requests.reset();

    const { outcome } = await bench.pass({ only: 'backfill' });

    expect(outcome).toBe('done');
    expectNear(bench.sandbox.vox.requests.counts.list, planned.estimate?.listRequests ?? 0, 3);
    await bench.pass();
    // The share was judged by two pages: a sample of 200.
    expectNear(bench.sandbox.vox.requests.counts.detail, planned.estimate?.detailRequests ?? 0, 100);
  });

  it('of the rest of a history has learned from the calls that are there', async () => {
    const bench = await startWorld();
    const within = { from: bench.clock.now() - 8 * DAY, to: null };
    bench.synced.settings.since = within.from;
    await bench.settle(3 * DAY);
    bench.sandbox.vox.requests.reset();
    bench.synced.settings.since = null;

    const planned = await plan(bench);

    expect(bench.sandbox.vox.requests.counts.list).toBe(1);
    const stored = await bench.value<number>('select count(*)::integer from callhouse.calls');
    expect(planned).toMatchObject({ calls: 1_500, transcriptShareFrom: 'warehouse' });
    expectNear(planned.readAlready, stored, 2);
    bench.sandbox.vox.requests.reset();
    await bench.pass();
    expectNear(bench.sandbox.vox.requests.counts.list, planned.estimate?.listRequests ?? 0, 5);
    expectNear(bench.sandbox.vox.requests.counts.detail, planned.estimate?.detailRequests ?? 0, 15);
    expect(await bench.differences()).toEqual([]);

    const afterwards = await plan(bench);
    expect(afterwards).toMatchObject({ readAlready: 1_500, toRead: 0, bytesPerCallFrom: 'warehouse' });
    expect(afterwards.estimate).toMatchObject({ listRequests: 0, detailRequests: 0, completeMs: 0 });
    expect(afterwards.bytesPerCall).toBeGreaterThan(4_000);
    expect(afterwards.bytesPerCall).toBeLessThan(20_000);
  });

  it('tells the time that the work takes under the budget of the key', async () => {
    const bench = await startWorld({
      pastCalls: 400,
      ...LIMITS,
      env: { VOX_REQUESTS_PER_SECOND: '5', VOX_REQUESTS_PER_MINUTE: '120' },
    });
    const planned = await plan(bench);
    bench.clock.advance(2 * MINUTE);
    const startedAt = bench.clock.now();

    await bench.pass();

    const tookMs = bench.clock.now() - startedAt;
    expect(Math.abs(tookMs - (planned.estimate?.completeMs ?? 0))).toBeLessThan(0.1 * tookMs + 40_000);
  });

  it('of a range that a list shows on one page needs one request', async () => {
    const bench = await startWorld({ pastCalls: 60 });
    const planned = await plan(bench);
    expect(bench.sandbox.vox.requests.counts.list).toBe(1);
    expect(planned).toMatchObject({ calls: 60, toRead: 60, estimate: { listRequests: 1 } });
  });

  it('says what it cannot know when the vendor gives no total', async () => {
    const bench = await startWorld();
    const { source } = bench.synced;
    const mute: typeof source = {
      ...source,
      listCalls: async (...asked) => ({ ...(await source.listCalls(...asked)), totalCount: null }),
    };
    const planned = await planSource({ ...bench.synced, source: mute }, ALL, LIMITS, never);
    expect(planned).toMatchObject({ calls: null, toRead: null, estimate: null, callsAtLeast: 100 });
  });
});
