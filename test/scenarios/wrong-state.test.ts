import { describe, expect, it } from 'vitest';
import { DAY, HOUR, MINUTE } from '../../src/clock.ts';
import { type Bench, startBench } from './bench.ts';

const checkpoint = (bench: Bench, assignments: string, stream = 'backfill') =>
  bench.pool.query(`update callhouse_sync.checkpoints set ${assignments} where stream = $1`, [stream]);

async function expectWhole(bench: Bench): Promise<void> {
  expect(await bench.differences()).toEqual([]);
  expect(await bench.value('select count(*)::integer from callhouse_sync.gaps')).toBe(0);
}

/** A bench of which half of the history was read, with a window of it still open. */
async function startHalfRead(): Promise<Bench> {
  const bench = await startBench({ pastCalls: 300 });
  bench.clock.advance(HOUR);
  const stopping = new AbortController();
  await bench.pass({
    only: 'backfill',
    signal: stopping.signal,
    onProgress: ({ step, done }) => step === 'backfill' && done >= 100 && stopping.abort(),
  });
  expect(
    await bench.value('select cursor is not null from callhouse_sync.checkpoints where stream = $1', [
      'backfill',
    ]),
  ).toBe(true);
  return bench;
}

// Holds invariant 18.
describe('a checkpoint that was written by hand', () => {
  it.each([
    ['with a cursor that is none', "cursor = 'not a cursor'"],
    ['with a window of no time', "open_window = 'empty'"],
    ['with a window that has no end', 'open_window = tstzrange(lower(open_window), null)'],
    ['with a window that ends in years', "open_window = tstzrange(lower(open_window), '2031-01-01')"],
    [
      'with a window that says everything was read already',
      'open_window = tstzrange(null, null), cursor = null',
    ],
    ['without the instant of its opening', 'window_opened_at = null'],
    ['with counts that are nonsense', 'window_pages = -7, window_rows = -700, window_total = -1'],
  ])('%s never makes a call be skipped', async (_what, assignments) => {
    const bench = await startHalfRead();
    await checkpoint(bench, assignments);

    await bench.settle();

    await expectWhole(bench);
  });

  it('that claims to have read time to come is taken back, and no call of that time is lost', async () => {
    const bench = await startBench({ pastCalls: 50, liveCallsPerSecond: 0.005, liveForMs: 12 * HOUR });
    await bench.pass();
    await checkpoint(bench, "covered = '{(,2031-01-01)}', watermark = '2031-01-01'", 'live');
    await bench.pass();
    // The worker is away for longer than the look-back: only coverage knows what was missed.
    bench.clock.advance(10 * HOUR);

    await bench.settle(3 * DAY);

    await expectWhole(bench);
    expect(await bench.value("select max(watermark) < '2030-01-01' from callhouse_sync.checkpoints")).toBe(
      true,
    );
  });

  it.each(['live', 'lookback', 'backfill'])('that is gone for %s is read again', async (stream) => {
    const bench = await startHalfRead();
    await bench.pool.query('delete from callhouse_sync.checkpoints where stream = $1', [stream]);

    await bench.settle();

    await expectWhole(bench);
  });
});

// Holds invariants 5, 18.
describe('a clock', () => {
  it.each([
    ['an hour ahead', HOUR],
    ['an hour behind', -HOUR],
    ['a month ahead', 30 * DAY],
  ])('of the machine that is %s changes nothing: the database’s counts', async (_what, wrongByMs) => {
    const bench = await startBench({ pastCalls: 60, liveCallsPerSecond: 0.01, liveForMs: HOUR });
    const wrong = await bench.openAgain({ wrongByMs });
    await bench.pass({}, wrong);
    for (let minutes = 0; minutes < 70; minutes += 10) {
      bench.clock.advance(10 * MINUTE);
      expect((await bench.pass({}, wrong)).error).toBeNull();
    }

    await bench.settle(3 * DAY);

    await expectWhole(bench);
    const ahead = 'select count(*)::integer from callhouse.calls where checked_at > $1';
    expect(await bench.value(ahead, [new Date(bench.clock.now())])).toBe(0);
  });

  it('of the database that was set back an hour delays nothing by an hour', async () => {
    const bench = await startBench({ pastCalls: 60, liveCallsPerSecond: 0.01, liveForMs: 30 * MINUTE });
    await bench.pass();
    bench.clock.advance(20 * MINUTE);
    // The vendor's time goes on as it should; it is ours that was wrong by an hour for one pass.
    bench.clock.jump(HOUR);
    await bench.pass();
    bench.clock.jump(-HOUR);
    bench.clock.advance(MINUTE);

    const openLists = () =>
      bench.sandbox.vox.requests.entries.filter(({ query }) => query.includes('status=ongoing')).length;
    const listedBefore = openLists();
    expect((await bench.pass()).error).toBeNull();
    expect(openLists()).toBe(listedBefore + 1);
    const stamps = `select count(*)::integer from callhouse.calls where greatest(checked_at, changed_at, first_seen_at) > $1`;
    expect(await bench.value(stamps, [new Date(bench.clock.now())])).toBe(0);
    bench.clock.advance(40 * MINUTE);
    await bench.settle(3 * DAY);
    await expectWhole(bench);
  });

  // Holds invariant 7.
  it('that goes back in the middle of a pass ends it with a word, and the next pass loses nothing', async () => {
    // Two pages of newest calls: those that go on are at the end of the second, and were just read as open ones.
    const bench = await startBench({ pastCalls: 0, liveCallsPerSecond: 0.1, liveForMs: 30 * MINUTE });
    bench.clock.advance(15 * MINUTE);
    await bench.pass();
    bench.clock.advance(15 * MINUTE);

    let jumped = false;
    const torn = await bench.pass({
      onProgress: ({ step }) => {
        if (step === 'live' && !jumped) {
          jumped = true;
          bench.clock.jump(-20 * MINUTE);
        }
      },
    });

    expect(jumped).toBe(true);
    expect(torn.outcome).toBe('failed');
    expect(torn.error?.message).toMatch(/a clock was set back; the next pass reads it again/);
    bench.clock.jump(20 * MINUTE);
    bench.clock.advance(MINUTE);
    await bench.settle(3 * DAY);
    await expectWhole(bench);
  });
});
