import { expect, it } from 'vitest';
import { HOUR, MINUTE } from '../../src/clock.ts';
import { type Bench, startBench } from './bench.ts';

/** Stops a pass after the first page of a step. */
async function stopAfterFirst(bench: Bench, step: 'live' | 'backfill'): Promise<void> {
  const stopping = new AbortController();
  const { outcome } = await bench.pass({
    signal: stopping.signal,
    onProgress: (progress) => progress.step === step && stopping.abort(),
  });
  expect(outcome).toBe('stopped');
}

// Holds invariant 3.
it('a window of which some pages are stored covers nothing: its time is still a gap', async () => {
  const bench = await startBench({ pastCalls: 350, historyDays: 3 });
  bench.clock.advance(3 * HOUR);
  await stopAfterFirst(bench, 'backfill');

  expect(await bench.value('select count(*)::integer > 0 from callhouse.calls')).toBe(true);
  const covered = "select covered = '{}' from callhouse_sync.checkpoints where stream = 'backfill'";
  expect(await bench.value(covered)).toBe(true);
  expect(await bench.value('select count(*)::integer from callhouse_sync.gaps')).toBe(1);

  await bench.settle();
  expect(await bench.differences()).toEqual([]);
  expect(await bench.value('select count(*)::integer from callhouse_sync.gaps')).toBe(0);
});

// Holds invariants 3, 4.
it('a cursor is sent only with the window that it came with, however a pass was interrupted', async () => {
  const bench = await startBench({ pastCalls: 0, liveCallsPerSecond: 0.06, liveForMs: HOUR });
  bench.clock.advance(20 * MINUTE);
  await bench.pass();
  bench.clock.advance(40 * MINUTE);
  await stopAfterFirst(bench, 'live');
  expect(
    await bench.value("select cursor is not null from callhouse_sync.checkpoints where stream = 'live'"),
  ).toBe(true);
  bench.clock.advance(MINUTE);

  const { outcome } = await bench.pass();

  expect(outcome).toBe('done');
  // The vendor refuses a cursor with filters that are not its own.
  expect(bench.sandbox.vox.requests.entries.filter(({ status }) => status === 400)).toEqual([]);
  await bench.settle();
  expect(await bench.differences()).toEqual([]);
});
