import { describe, expect, it } from 'vitest';
import { DAY, HOUR, MINUTE, SECOND } from '../../src/clock.ts';
import { startBench } from './bench.ts';

// Holds invariant 11.
describe('the request budget', () => {
  it('is never exceeded in any second or minute, so that the vendor never has to refuse', async () => {
    const bench = await startBench({
      pastCalls: 400,
      requestsPerSecond: 5,
      requestsPerMinute: 120,
      env: { VOX_REQUESTS_PER_SECOND: '5', VOX_REQUESTS_PER_MINUTE: '120' },
    });
    bench.clock.advance(HOUR);
    const startedAt = bench.clock.now();

    await bench.pass();

    expect(bench.sandbox.vox.requests.counts.rateLimited).toBe(0);
    const sentAt = bench.sandbox.vox.requests.entries.map(({ atMs }) => atMs);
    expect(mostWithin(sentAt, SECOND)).toBeLessThanOrEqual(5);
    expect(mostWithin(sentAt, MINUTE)).toBeLessThanOrEqual(120);
    // and it is used: at least nine tenths of what the key allows
    const minutes = (bench.clock.now() - startedAt) / MINUTE;
    expect(sentAt.length).toBeGreaterThan(0.9 * 120 * (minutes - 1));
    expect(await bench.differences()).toEqual([]);
  });

  it.each([
    ['', 0],
    [', one of which has a clock that is an hour ahead', HOUR],
    [', one of which has a clock that is an hour behind', -HOUR],
  ])('holds for two workers of one key together%s', async (_, wrongByMs) => {
    const bench = await startBench({
      pastCalls: 300,
      requestsPerSecond: 5,
      requestsPerMinute: 120,
      env: { VOX_REQUESTS_PER_SECOND: '5', VOX_REQUESTS_PER_MINUTE: '120' },
    });
    bench.clock.advance(HOUR);
    const second = await bench.openAgain({ wrongByMs });

    await bench.pass({ until: bench.clock.now() + 30 * SECOND });
    await bench.pass({ until: bench.clock.now() + 30 * SECOND }, second);
    await bench.pass();

    expect(bench.sandbox.vox.requests.counts.rateLimited).toBe(0);
    expect(
      mostWithin(
        bench.sandbox.vox.requests.entries.map(({ atMs }) => atMs),
        MINUTE,
      ),
    ).toBeLessThanOrEqual(120);
    expect(await bench.differences()).toEqual([]);
  });

  it('leaves room for new calls while history is read', async () => {
    const bench = await startBench({
      pastCalls: 1_500,
      liveCallsPerSecond: 0.1,
      liveForMs: 10 * MINUTE,
      requestsPerSecond: 5,
      requestsPerMinute: 120,
      env: { VOX_REQUESTS_PER_SECOND: '5', VOX_REQUESTS_PER_MINUTE: '120' },
    });
    const pastListed = () =>
      bench.value<number>(
        "select count(*)::integer from callhouse.calls where occurred_at < '2026-11-20T03:00:00Z'",
      );
    for (let pass = 0; pass < 24; pass += 1) {
      await bench.pass({ until: bench.clock.now() + 15 * SECOND });
      const freshTo = await bench.value<Date>('select fresh_to from callhouse_sync.coverage');
      expect(bench.clock.now() - freshTo.getTime()).toBeLessThan(MINUTE);
    }
    // Six minutes: all of history is listed long before all of its details are read.
    expect(await pastListed()).toBe(1_500);
    expect(await bench.value('select count(*)::integer from callhouse_sync.settlements')).toBeGreaterThan(
      200,
    );
  });
});

describe('clocks', () => {
  // Holds invariant 5.
  it.each([
    ['ahead of ours by ten minutes', 10 * MINUTE],
    ['behind ours by ten minutes', -10 * MINUTE],
    ['ahead of ours by two days', 2 * DAY],
  ])('follow the vendor whose clock is %s', async (_name, skewMs) => {
    const origin = Date.parse('2026-11-20T03:00:00Z');
    const skewed = await startBench({
      pastCalls: 60,
      liveCallsPerSecond: 0.2,
      liveForMs: 4 * MINUTE,
      skewMs,
      originMs: origin + skewMs,
    });
    for (let pass = 0; pass < 16; pass += 1) {
      await skewed.pass({ until: skewed.clock.now() + 15 * SECOND });
      skewed.clock.advance(15 * SECOND);
    }
    await skewed.settle();

    expect(await skewed.differences()).toEqual([]);
    expect(await skewed.value('select count(*)::integer from callhouse.calls')).toBe(108);
    expect(
      await skewed.value("select count(*)::integer from callhouse.calls where settlement <> 'settled'"),
    ).toBe(0);
  });
});

// Holds invariant 8.
describe('a call that never ends', () => {
  it('is called stuck after its time, leaves the live counts, and is probed rarely', async () => {
    const bench = await startBench({ pastCalls: 40, stuckShare: 1 });
    bench.clock.advance(25 * HOUR);
    await bench.pass();

    const stuck = "select count(*)::integer from callhouse.calls where settlement = 'stuck'";
    const connected = await bench.value<number>(
      'select count(*)::integer from callhouse.calls where started_at is not null',
    );
    expect(await bench.value<number>(stuck)).toBe(connected);
    expect(
      await bench.value(
        "select count(*)::integer from callhouse.calls where settlement in ('open', 'settling')",
      ),
    ).toBe(0);
    expect(
      await bench.value<number>(
        'select min(extract(epoch from next_check_at - $1::timestamptz))::integer from callhouse_sync.settlements',
        [new Date(bench.clock.now())],
      ),
    ).toBeGreaterThanOrEqual(6 * 3_600);
  });
});

// Holds invariant 10.
describe('leases', () => {
  it('let one worker in at a time; the other is told who is there', async () => {
    const bench = await startBench({ pastCalls: 120 });
    bench.clock.advance(HOUR);
    const other = await bench.openAgain();

    const [first, second] = await Promise.all([bench.pass(), bench.pass({}, other)]);

    expect(new Set([first.outcome, second.outcome])).toEqual(new Set(['busy', 'done']));
    expect(await bench.differences()).toEqual([]);
  });

  it('fence a worker off whose lease was taken over: it writes nothing more', async () => {
    const bench = await startBench({ pastCalls: 200 });
    bench.clock.advance(HOUR);
    let pages = 0;
    let takenOver: Promise<unknown> = Promise.resolve();
    const result = await bench.pass({
      onProgress: ({ step }) => {
        pages += step === 'details' ? 1 : 0;
        if (pages === 1)
          takenOver = bench.pool.query(
            "update callhouse_sync.leases set token = token + 1, holder = 'someone else'",
          );
      },
    });

    await takenOver;
    expect(result.outcome).toBe('stopped');
    expect(result.error?.name).toBe('LeaseLostError');
    expect(await bench.value('select holder from callhouse_sync.leases')).toBe('someone else');
  });
});

/** The most of these instants that any span of this width holds. */
function mostWithin(instants: readonly number[], spanMs: number): number {
  let most = 0;
  let from = 0;
  for (const [to, at] of instants.entries()) {
    while (at - (instants[from] ?? 0) >= spanMs) from += 1;
    most = Math.max(most, to - from + 1);
  }
  return most;
}
