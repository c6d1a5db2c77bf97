import { expect } from 'vitest';
import { DAY, MINUTE, SECOND } from '../../src/clock.ts';
import { newReread, resyncCalls } from '../../src/sync/resync.ts';
import { type ConformanceBench, hasTalk, startConformance } from './bench.ts';
import type { ConformanceCase } from './case.ts';
import { row } from './row.ts';

const stored = (bench: ConformanceBench, callId: string) =>
  bench.pool
    .query<{ settlement: string; items: number; since: Date | null }>(
      `select settlement, coalesce(transcript_item_count, 0)::integer as items, missing_since as since
from callhouse.calls where call_id = $1`,
      [callId],
    )
    .then(({ rows: [found] }) => found);

const OVER = ['ended', 'failed', 'not_connected', 'canceled'];

/** Waits until a call that talks has just ended, as the vendor tells it, and gives its id. */
function atTheEndOfACall(bench: ConformanceBench): string {
  const overNow = () =>
    new Map([...bench.truth()].filter(([, told]) => OVER.includes(String(told.status)) && hasTalk(told)));
  for (let before = overNow(), waited = 0; waited < 20 * MINUTE; waited += SECOND) {
    bench.clock.advance(SECOND);
    const now = overNow();
    const ended = [...now.keys()].find((callId) => !before.has(callId));
    if (ended !== undefined) return ended;
    before = now;
  }
  throw new Error('no call ended');
}

/** Calls that are born in the minutes before the test begins, and after it. */
function startLive(vendor: ConformanceCase): Promise<ConformanceBench> {
  const live = { liveCallsPerSecond: 0.02, liveForMs: 20 * MINUTE, beginsAfterMs: 10 * MINUTE };
  return startConformance(vendor, { pastCalls: 5, ...live });
}

row('late', async (vendor) => {
  const bench = await startLive(vendor);
  const callId = atTheEndOfACall(bench);

  expect((await bench.pass()).error).toBeNull();

  expect((await stored(bench, callId))?.settlement).toMatch(/open|settling/);
  expect((await bench.settle()).error).toBeNull();
  expect((await stored(bench, callId))?.settlement).toBe('settled');
  expect(await bench.differences()).toEqual([]);
  // Nothing came after that.
  bench.clock.advance(DAY);
  expect(await bench.differences()).toEqual([]);
});

row('growing', async (vendor) => {
  const bench = await startLive(vendor);
  const callId = atTheEndOfACall(bench);
  await bench.pass({ until: bench.clock.now() + 1 });
  const early = await bench.underLease((context) => resyncCalls(context, [callId], newReread()));
  expect(early.error).toBeNull();

  const read = await stored(bench, callId);
  expect(read?.settlement).toMatch(/open|settling/);
  bench.clock.advance(MINUTE);
  const whole = bench.truth().get(callId)?.items;
  expect(read?.items).toBeLessThan(Array.isArray(whole) ? whole.length : 0);

  expect((await bench.settle()).error).toBeNull();
  expect(await stored(bench, callId)).toMatchObject({
    settlement: 'settled',
    items: (whole as unknown[]).length,
  });
  expect(await bench.differences()).toEqual([]);
});

row('deleted', async (vendor) => {
  const bench = await startConformance(vendor);
  await bench.settle();
  const callId = bench.pick(hasTalk);
  const bring = bench.vendor.faults.add({ kind: 'deleted', callId });

  expect((await bench.verify({ heal: true })).notListed).toEqual([callId]);
  const missing = await stored(bench, callId);
  expect(missing).toMatchObject({ settlement: 'missing', since: expect.any(Date) });
  expect(missing?.items).toBeGreaterThan(3);

  bring();
  expect((await bench.verify({ heal: true })).notListed).toEqual([]);
  await bench.settle();
  expect(await stored(bench, callId)).toMatchObject({ settlement: 'settled', since: null });
  expect(await bench.differences()).toEqual([]);
});
