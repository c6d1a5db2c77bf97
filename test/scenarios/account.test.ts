import { describe, expect, it } from 'vitest';
import { DAY, HOUR, MINUTE } from '../../src/clock.ts';
import { openSources } from '../../src/commands/open-sources.ts';
import { readSettings } from '../../src/config/settings.ts';
import { SourceError } from '../../src/errors.ts';
import { createHttpTransport } from '../../src/http/transport.ts';
import { createLogger } from '../../src/log.ts';
import { newReread, resyncCalls } from '../../src/sync/resync.ts';
import { runUnderLease, type SyncedSource } from '../../src/sync/sync-source.ts';
import { verify } from '../../src/sync/verify.ts';
import { apart, rowsOf } from '../conformance/dump.ts';
import { type Bench, startBench } from './bench.ts';

const OTHER_ACCOUNT =
  /the vendor knows none of the 20 calls .*is the key of another account\? Fix: put the old key back/;
const MARK = 'select key_mark from callhouse_sync.budgets';
const REASONS = "select array_to_string(reasons, ' ') from callhouse_sync.health";

/** A source all of whose calls are settled, hours ago. */
async function startSettled(options: Parameters<typeof startBench>[0] = {}): Promise<Bench> {
  const bench = await startBench(options);
  bench.clock.advance(2 * HOUR);
  expect((await bench.settle()).error).toBeNull();
  bench.clock.advance(MINUTE);
  return bench;
}

/** Work of another command than sync. */
async function underLease(worker: SyncedSource, work: Parameters<typeof runUnderLease>[2]) {
  const run = { command: 'verify', signal: new AbortController().signal, leaseWaitMs: 0 };
  return runUnderLease(worker, run, work);
}

describe('a new key of the same account', () => {
  it('is taken for one list, once', async () => {
    const bench = await startSettled();
    const before = await bench.value<string>(MARK);
    expect(before).toMatch(/^[0-9a-f]{16}$/);
    bench.vendor.requests.reset();
    await bench.pass();
    const usual = bench.vendor.requests.counts.list;
    const { worker, vendor } = await bench.openWithKey('new-key');

    expect((await bench.pass({}, worker)).error).toBeNull();

    expect(vendor.requests.counts).toMatchObject({ list: usual + 1, detail: 0 });
    const mark = await bench.value<string>(MARK);
    expect(mark).not.toBe(before);
    vendor.requests.reset();
    bench.clock.advance(MINUTE);
    expect((await bench.pass({}, worker)).error).toBeNull();
    expect(vendor.requests.counts).toMatchObject({ list: usual, detail: 0 });
    expect(await bench.value(MARK)).toBe(mark);
    expect(await bench.differences()).toEqual([]);
  });

  it('is taken where the list lies, when the vendor knows a call by its id', async () => {
    const bench = await startSettled();
    const { worker, vendor } = await bench.openWithKey('new-key');
    vendor.faults.add({ kind: 'list_lies', lie: 'newest_only', n: 0 });

    expect((await bench.pass({}, worker)).error).toBeNull();

    expect(vendor.requests.counts.detail).toBe(3);
    expect(await bench.value(MARK)).not.toBeNull();
    const missing = "select count(*)::integer from callhouse.calls where settlement = 'missing'";
    expect(await bench.value(missing)).toBe(0);
  });

  it('waits where the vendor fails: nothing is decided', async () => {
    const bench = await startSettled();
    const before = await bench.value<string>(MARK);
    const { worker, vendor } = await bench.openWithKey('new-key');
    vendor.faults.add({ kind: 'list_lies', lie: 'newest_only', n: 0 });
    vendor.faults.add({ kind: 'server_error', route: 'detail', times: null });

    expect((await bench.pass({}, worker)).error?.message).toMatch(/answered 500/);

    expect(await bench.value(MARK)).toBe(before);
    vendor.faults.clear();
    expect((await bench.pass({}, worker)).error).toBeNull();
    expect(await bench.value(MARK)).not.toBe(before);
  });

  it('is taken by an empty warehouse, and by one that has hardly a call', async () => {
    for (const pastCalls of [0, 4]) {
      const bench = await startSettled({ pastCalls });
      const { worker, vendor } = await bench.openWithKey('new-key', 2);
      expect((await bench.pass({}, worker)).error).toBeNull();
      expect(vendor.requests.counts.list).toBeLessThanOrEqual(4);
    }
  });
});

// Holds invariant 22.
describe('a key of another account', () => {
  it('writes nothing, marks nothing missing, and is told until the old key is back', async () => {
    const bench = await startSettled();
    const checkpoints =
      'select jsonb_agg(to_jsonb(c) order by stream)::text from callhouse_sync.checkpoints c';
    const covered = await bench.value<string>(checkpoints);
    const { worker, vendor } = await bench.openWithKey('wrong-key', 2);
    const before = await rowsOf(bench.pool);

    // Audits of several nights would be due.
    for (let day = 0; day < 3; day += 1) {
      bench.clock.advance(DAY);
      const { outcome, error } = await bench.pass({}, worker);
      expect(outcome).toBe('failed');
      expect(error).toBeInstanceOf(SourceError);
      expect(error?.message).toMatch(OTHER_ACCOUNT);
      expect(error?.message).not.toContain('wrong-key');
    }
    expect(vendor.requests.counts).toMatchObject({ list: 3, detail: 9 });
    expect(apart(before, await rowsOf(bench.pool))).toEqual([]);
    expect(await bench.value(checkpoints)).toBe(covered);
    // Three failures in a row are red.
    expect(await bench.value(REASONS)).toMatch(
      new RegExp(`The last 3 passes failed.*${OTHER_ACCOUNT.source}`),
    );

    expect((await bench.settle()).error).toBeNull();
    expect(await bench.differences()).toEqual([]);
    expect(await bench.value(REASONS)).not.toMatch(/failed/);
  });

  it('is refused by every command that asks the vendor', async () => {
    const bench = await startSettled();
    const { worker } = await bench.openWithKey('wrong-key', 2);
    const before = await rowsOf(bench.pool);
    const known = await bench.value<string>('select call_id from callhouse.calls limit 1');
    const all = { from: null, to: null, ids: true, heal: true };

    const results = [
      await bench.pass({ command: 'backfill', only: 'backfill' }, worker),
      await underLease(worker, (context) => resyncCalls(context, [known], newReread())),
      await underLease(worker, async (context) => void (await verify(context, all, () => undefined))),
    ];

    for (const { error } of results) expect(error?.message).toMatch(OTHER_ACCOUNT);
    expect(apart(before, await rowsOf(bench.pool))).toEqual([]);
    expect(
      await bench.value('select count(*)::integer from callhouse_sync.audits where not_listed <> $1', [[]]),
    ).toBe(0);
  });

  it('stops its own source alone', async () => {
    const bench = await startSettled();
    const http = createHttpTransport();
    const { clock } = bench;
    const [other] = await openSources(
      readSettings({ DIGA_API_KEY: 'sandbox-key', DIGA_BASE_URL: bench.sandbox.diga.baseUrl }),
      bench.pool,
      {
        clock,
        sharedNow: clock.now,
        random: () => 0.5,
        transport: http.transport,
        log: createLogger('silent'),
      },
    );
    expect((await bench.pass({}, other)).error).toBeNull();
    // One key, and a mark of its own for each source.
    expect(await bench.value('select count(distinct key_mark)::integer from callhouse_sync.budgets')).toBe(2);
    const { worker } = await bench.openWithKey('wrong-key', 2);

    const [wrong, right] = await Promise.all([bench.pass({}, worker), bench.pass({}, other)]);

    expect(wrong.error?.message).toMatch(OTHER_ACCOUNT);
    expect(right.error).toBeNull();
    await http.close();
  });
});

describe('an account all of whose calls were deleted', () => {
  it.each(['a week later', 'when a person forgets the old key'])('is taken %s', async (way) => {
    const bench = await startSettled();
    const { worker, vendor } = await bench.openWithKey('new-key');
    for (const { id } of bench.sandbox.vox.truth(bench.clock.now())) {
      vendor.faults.add({ kind: 'deleted', callId: id });
    }
    expect((await bench.pass({}, worker)).error?.message).toMatch(OTHER_ACCOUNT);

    if (way === 'a week later') bench.clock.advance(7 * DAY);
    else await bench.pool.query('update callhouse_sync.budgets set key_mark = null');

    expect((await bench.pass({}, worker)).error).toBeNull();
  });
});
