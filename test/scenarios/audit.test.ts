import { describe, expect, it } from 'vitest';
import { DAY, HOUR, MINUTE } from '../../src/clock.ts';
import { audit } from '../../src/sync/audit.ts';
import { runUnderLease } from '../../src/sync/sync-source.ts';
import type { Comparison } from '../../src/warehouse/audits.ts';
import { type Bench, startBench } from './bench.ts';

const NOTHING = { notStored: [], notListed: [] };

/** Audits all of the history of a bench in one window. */
async function auditAll(bench: Bench, method: 'count' | 'ids', heal: boolean): Promise<Comparison> {
  const found: Comparison[] = [];
  const window = { from: bench.clock.now() - 30 * DAY, to: bench.clock.now() - MINUTE };
  const { error } = await runUnderLease(
    bench.synced,
    { command: 'verify', signal: new AbortController().signal, leaseWaitMs: 0 },
    async (context) => {
      found.push(await audit(context, window, { method, heal }));
    },
  );
  expect(error).toBeNull();
  const [comparison] = found;
  if (!comparison) throw new Error('nothing was compared');
  return comparison;
}

async function startSettled(pastCalls: number): Promise<Bench> {
  const bench = await startBench({ pastCalls, historyDays: 5 });
  bench.clock.advance(2 * HOUR);
  await bench.settle();
  return bench;
}

/** Ids of some stored calls, spread over time. */
async function someCalls(bench: Bench, count: number, where = 'true'): Promise<string[]> {
  const { rows } = await bench.pool.query<{ call_id: string }>(
    `select call_id from (select call_id from callhouse.calls where ${where} order by md5(call_id) limit ${count}) as chosen
order by call_id collate "C"`,
  );
  return rows.map(({ call_id }) => call_id);
}

// Holds invariant 16.
describe('an audit', () => {
  it('of equal windows takes one request by count, and one for each page by id, and finds nothing', async () => {
    const bench = await startSettled(450);
    await bench.pool.query('delete from callhouse_sync.audits');
    bench.sandbox.vox.requests.reset();

    expect(await auditAll(bench, 'count', false)).toMatchObject({
      vendorCalls: 450,
      storedCalls: 450,
      ...NOTHING,
    });
    expect(bench.sandbox.vox.requests.counts).toMatchObject({ list: 1, detail: 0 });
    bench.sandbox.vox.requests.reset();
    expect(await auditAll(bench, 'ids', false)).toMatchObject({
      vendorCalls: 450,
      storedCalls: 450,
      ...NOTHING,
    });
    expect(bench.sandbox.vox.requests.counts).toMatchObject({ list: 5, detail: 0 });
    expect(
      await bench.value(
        "select string_agg(method || ' ' || outcome, ', ' order by method) from callhouse_sync.audits",
      ),
    ).toBe('count equal, ids equal');
  });

  it.each(['count', 'ids'] as const)(
    'by %s names rows that somebody deleted, and heals them when told to',
    async (method) => {
      const bench = await startSettled(450);
      const victims = await someCalls(bench, 3);
      await bench.pool.query('delete from callhouse.calls where call_id = any($1)', [victims]);
      bench.sandbox.vox.requests.reset();

      const looked = await auditAll(bench, method, false);
      expect(looked).toMatchObject({ vendorCalls: 450, storedCalls: 447, notListed: [] });
      expect(new Set(looked.notStored)).toEqual(new Set(victims));
      expect(looked.differsIn.length).toBeGreaterThan(0);
      expect(await bench.value('select count(*)::integer from callhouse.calls')).toBe(447);
      // Three places, each found by halving five days down to a page.
      expect(bench.sandbox.vox.requests.counts.list).toBeLessThan(30);
      expect(await bench.value('select audit_differences::integer from callhouse_sync.health')).toBe(1);

      await auditAll(bench, method, true);
      await bench.settle();
      expect(await bench.differences()).toEqual([]);
    },
  );

  it('finds what the vendor no longer has, and keeps the rows as missing', async () => {
    const bench = await startSettled(250);
    const gone = await someCalls(bench, 2, 'started_at is not null');
    bench.sandbox.vox.faults.add(...gone.map((callId) => ({ kind: 'deleted' as const, callId })));

    const looked = await auditAll(bench, 'ids', false);
    expect(new Set(looked.notListed)).toEqual(new Set(gone));
    expect(
      await bench.value("select count(*)::integer from callhouse.calls where settlement = 'missing'"),
    ).toBe(0);

    await auditAll(bench, 'ids', true);
    expect(await someCalls(bench, 9, "settlement = 'missing' and missing_since is not null")).toEqual(gone);
    expect(await bench.differences()).toEqual([]);
    // Once it is known to be missing there is no difference any more.
    expect(await auditAll(bench, 'ids', false)).toMatchObject(NOTHING);
  });

  it('by id sees what counts cannot: one call missing here and another one there', async () => {
    const bench = await startSettled(250);
    const [lost = '', gone = ''] = await someCalls(bench, 2, 'started_at is not null');
    await bench.pool.query('delete from callhouse.calls where call_id = $1', [lost]);
    bench.sandbox.vox.faults.add({ kind: 'deleted', callId: gone });

    expect(await auditAll(bench, 'count', false)).toMatchObject(NOTHING);
    expect(await auditAll(bench, 'ids', false)).toMatchObject({ notStored: [lost], notListed: [gone] });
  });

  it('does not believe a list that leaves out calls that the vendor knows', async () => {
    const bench = await startSettled(250);
    bench.sandbox.vox.faults.add({ kind: 'vendor_sees_late', share: 1, delayMs: 90 * DAY });
    bench.sandbox.vox.requests.reset();

    expect(await auditAll(bench, 'ids', true)).toMatchObject({ vendorCalls: 0, ...NOTHING });

    expect(bench.sandbox.vox.requests.counts.detail).toBeLessThan(30);
    expect(
      await bench.value("select count(*)::integer from callhouse.calls where settlement = 'missing'"),
    ).toBe(0);
    expect(
      await bench.value("select seen_count::integer from callhouse_sync.drift where path = 'left_out'"),
    ).toBe(1);
  });

  it('takes back that a call is missing when the vendor lists it again', async () => {
    const bench = await startSettled(60);
    const [gone = ''] = await someCalls(bench, 1, 'started_at is not null');
    bench.sandbox.vox.faults.add({ kind: 'deleted', callId: gone });
    await auditAll(bench, 'ids', true);
    bench.sandbox.vox.faults.clear();
    await bench.pool.query('delete from callhouse_sync.settlements');

    expect(await auditAll(bench, 'ids', true)).toMatchObject({ notStored: [gone] });
    await bench.settle();
    expect(await bench.differences()).toEqual([]);
    expect(
      await bench.value("select count(*)::integer from callhouse.calls where settlement = 'settled'"),
    ).toBe(60);
  });
});

// Holds invariant 16.
describe('at night', () => {
  it('the day that is over is read again, once, and late overwrites and deletions come to light', async () => {
    const bench = await startBench({
      pastCalls: 40,
      liveCallsPerSecond: 0.002,
      liveForMs: 6 * HOUR,
      reanalysis: { share: 0.3, afterMs: 5 * DAY },
    });
    for (let hours = 0; hours < 12; hours += 1) {
      bench.clock.advance(HOUR);
      await bench.pass();
    }
    const audits =
      "select count(*)::integer from callhouse_sync.audits where outcome = 'equal' and method = 'ids'";
    expect(await bench.value(audits)).toBe(0);

    bench.clock.advance(12 * HOUR);
    await bench.pass();
    expect(await bench.value(audits)).toBe(1);
    await bench.pass();
    expect(await bench.value(audits)).toBe(1);

    // Five days later the vendor words some summaries anew, and a call goes.
    const [gone = ''] = await someCalls(
      bench,
      1,
      "first_seen_at > '2026-11-20T03:30:00Z' and settlement = 'settled'",
    );
    bench.clock.advance(5 * DAY);
    bench.sandbox.vox.faults.add({ kind: 'deleted', callId: gone });
    expect((await bench.differences()).length).toBeGreaterThan(0);
    for (let days = 0; days < 3; days += 1) {
      bench.clock.advance(DAY);
      await bench.pass();
    }

    const live = (await bench.differences()).filter((line) => !line.startsWith(gone));
    const { rows } = await bench.pool.query<{ call_id: string }>(
      "select call_id from callhouse.calls where first_seen_at > '2026-11-20T03:30:00Z'",
    );
    const ids = new Set(rows.map(({ call_id }) => call_id));
    expect(live.filter((line) => ids.has(line.split(' ')[0] ?? ''))).toEqual([]);
    expect(await bench.value('select settlement from callhouse.calls where call_id = $1', [gone])).toBe(
      'missing',
    );
    expect(await bench.value('select bool_or(restated) from callhouse.call_events')).toBe(true);
  });
});
