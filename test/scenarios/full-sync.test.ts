import { describe, expect, it, vi } from 'vitest';
import { MINUTE, SECOND } from '../../src/clock.ts';
import { openDatabase } from '../../src/database/database.ts';
import { type Bench, startBench } from './bench.ts';

const ROWS_WRITTEN = `select coalesce(sum(n_tup_ins + n_tup_upd + n_tup_del), 0)::integer
from pg_stat_user_tables
where schemaname = 'callhouse' or relname in ('raw_payloads', 'settlements', 'dead_letters', 'drift')`;

describe('a full sync of history', () => {
  // Holds invariants 1, 12.
  it('makes 2,000 calls equal to the vendor, column by column, for about the fewest requests there can be', async () => {
    const bench = await startBench({ pastCalls: 2_000, historyDays: 30 });
    bench.clock.advance(60 * MINUTE);
    bench.synced.settings.detailsAtOnce = 4;

    const { outcome, counts } = await bench.pass();

    expect(outcome).toBe('done');
    expect(await bench.differences()).toEqual([]);
    expect(await bench.value('select count(*)::integer from callhouse.calls')).toBe(2_000);
    const withTranscript = await bench.value<number>(
      'select count(*)::integer from callhouse.calls where started_at is not null and not opt_out',
    );
    // 20 full pages; the newest calls, the open ones and the look-back add one request each.
    expect(bench.sandbox.vox.requests.counts.list).toBeLessThanOrEqual(23);
    expect(bench.sandbox.vox.requests.counts.detail).toBe(withTranscript);
    expect(counts.retries).toBe(0);
    expect(await bench.value('select count(*)::integer from callhouse_sync.gaps')).toBe(0);
    expect(
      await bench.value(
        "select lower(covered) is null from callhouse_sync.checkpoints where stream = 'backfill'",
      ),
    ).toBe(true);
  });

  // Holds invariants 7, 12.
  it('writes nothing when nothing has changed', async () => {
    const bench = await startBench({ pastCalls: 2_000, historyDays: 30 });
    bench.clock.advance(60 * MINUTE);
    expect(await rowsWritten(bench)).toBeGreaterThan(10_000);
    expect(
      await bench.value("select count(*)::integer from callhouse.calls where settlement = 'settled'"),
    ).toBe(2_000);
    await bench.pool.query('delete from callhouse_sync.checkpoints');
    const listsBefore = bench.sandbox.vox.requests.counts.list;
    const detailsBefore = bench.sandbox.vox.requests.counts.detail;

    expect(await rowsWritten(bench)).toBe(0);

    expect(bench.sandbox.vox.requests.counts.list - listsBefore).toBeGreaterThanOrEqual(20);
    expect(bench.sandbox.vox.requests.counts.detail - detailsBefore).toBe(0);
  });

  // Holds invariants 1, 6, 8.
  it('follows live calls from queued to settled without losing one', async () => {
    const bench = await startBench({ pastCalls: 100, liveCallsPerSecond: 2, liveForMs: 2 * MINUTE });
    const end = bench.clock.now() + 2 * MINUTE;
    while (bench.clock.now() < end) {
      await bench.pass({ until: bench.clock.now() + 15 * SECOND });
      bench.clock.advance(15 * SECOND);
    }

    await bench.settle();

    expect(await bench.differences()).toEqual([]);
    expect(await bench.value('select count(*)::integer from callhouse.calls')).toBe(340);
    expect(
      await bench.value("select count(*)::integer from callhouse.calls where settlement <> 'settled'"),
    ).toBe(0);
    const withTranscript = await bench.value<number>(
      'select count(*)::integer from callhouse.calls where started_at is not null and not opt_out',
    );
    expect(bench.sandbox.vox.requests.counts.detail).toBeLessThanOrEqual(withTranscript * 1.25);
  });
});

/** Rows that one pass inserts, updates or deletes. PostgreSQL adds a session's counters when the session ends. */
async function rowsWritten(bench: Bench): Promise<number> {
  const before = await bench.value<number>(ROWS_WRITTEN);
  const database = openDatabase(bench.databaseUrl);
  const worker = await bench.openAgain({ database });
  const { outcome } = await bench.pass({}, worker);
  expect(outcome).toBe('done');
  await database.end();
  await vi.waitFor(async () => {
    const sessions = `select count(*)::integer from pg_stat_activity
where datname = current_database() and pid <> pg_backend_pid() and application_name = 'callhouse' and state is not null`;
    expect(await bench.value(sessions)).toBe(0);
  });
  return (await bench.value<number>(ROWS_WRITTEN)) - before;
}
