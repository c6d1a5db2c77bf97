import { describe, expect, it } from 'vitest';
import { HOUR, MINUTE, SECOND } from '../../src/clock.ts';
import type { TimeWindow } from '../../src/source.ts';
import { newReread, type Reread, resyncCalls, resyncWindow } from '../../src/sync/resync.ts';
import { type RunOptions, runUnderLease, type SyncResult } from '../../src/sync/sync-source.ts';
import { type Bench, startBench } from './bench.ts';

type Options = Partial<RunOptions>;
const LIMITED = {
  requestsPerSecond: 5,
  requestsPerMinute: 120,
  env: { VOX_REQUESTS_PER_SECOND: '5', VOX_REQUESTS_PER_MINUTE: '120' },
};

async function resync(
  bench: Bench,
  what: readonly string[] | TimeWindow,
  more: Options = {},
): Promise<SyncResult & { found: Reread }> {
  const found = newReread();
  const signal = new AbortController().signal;
  const options = { command: 'resync', leaseWaitMs: 0, signal, ...more };
  const result = await runUnderLease(bench.synced, options, (context) =>
    'from' in what ? resyncWindow(context, what, found) : resyncCalls(context, what, found),
  );
  return { ...result, found };
}

/** A warehouse that equals the vendor, every call settled. */
async function startSynced(options: Parameters<typeof startBench>[0] = {}): Promise<Bench> {
  const bench = await startBench({ pastCalls: 80, ...options });
  bench.clock.advance(HOUR);
  await bench.settle();
  expect(await bench.differences()).toEqual([]);
  bench.clock.advance(MINUTE);
  return bench;
}

/** A call with a transcript, a cost and extracted fields. */
const richCall = (bench: Bench) =>
  bench.value<string>(`select call_id from callhouse.calls c where transcript_item_count > 3 and not opt_out
  and exists (select from callhouse.call_costs k where k.call_id = c.call_id)
  and exists (select from callhouse.call_extractions e where e.call_id = c.call_id) order by call_id limit 1`);
const ALL: TimeWindow = { from: 0, to: Date.parse('2026-12-01T00:00:00Z') };

const CALL = 'source_id = (select source_id from callhouse.sources) and call_id = $1';
const DAMAGE: [string, string][] = [
  ['transcript items were deleted', `delete from callhouse.transcript_items where ${CALL} and position >= 2`],
  ['all transcript items were deleted', `delete from callhouse.transcript_items where ${CALL}`],
  ['a transcript was reworded', `update callhouse.transcript_items set content = 'x' where ${CALL}`],
  [
    'a transcript has an item too many',
    `insert into callhouse.transcript_items (source_id, call_id, position, role, kind)
     select source_id, call_id, 900, 'user', 'speech' from callhouse.calls where ${CALL}`,
  ],
  ['a cost was changed', `update callhouse.call_costs set amount = amount + 0.01 where ${CALL}`],
  ['a cost was deleted', `delete from callhouse.call_costs where ${CALL}`],
  [
    'a cost was invented',
    `insert into callhouse.call_costs (source_id, call_id, component, amount, currency)
     select source_id, call_id, 'tip', 5, 'KRW' from callhouse.calls where ${CALL}`,
  ],
  [
    'the cost beside the call was changed',
    `update callhouse.calls set cost_amount = cost_amount + 0.01 where ${CALL}`,
  ],
  [
    'a silence was changed',
    `update callhouse.transcript_items set gap_ms = coalesce(gap_ms, 0) + 1 where ${CALL} and position = 2`,
  ],
  ['the analysis was deleted', `delete from callhouse.call_analyses where ${CALL}`],
  [
    'a field was changed',
    `update callhouse.call_extractions set value_text = 'x', value = '"x"' where ${CALL}`,
  ],
  ['the row was changed', `update callhouse.calls set end_reason = 'x', to_number = null where ${CALL}`],
  ['the row has what the vendor never told', `update callhouse.calls set variant_label = 'x' where ${CALL}`],
  ['the whole call was deleted', `delete from callhouse.calls where ${CALL}`],
];

describe('a resync after a hand has written into the tables', () => {
  it.each(DAMAGE)('mends the call when %s, though its payload is unchanged', async (_what, damage) => {
    const bench = await startSynced();
    const callId = await richCall(bench);
    await bench.pool.query(damage, [callId]);
    expect((await bench.differences()).length).toBeGreaterThan(0);

    const { outcome, found } = await resync(bench, [callId]);

    expect(outcome).toBe('done');
    expect([...found.told]).toEqual([callId]);
    expect(await bench.differences()).toEqual([]);
    const lastEvent = `select step || ' ' || restated from callhouse.call_events where ${CALL} order by revision desc`;
    // Rows are mended from what was stored; a call that was gone is read as a new one.
    expect(await bench.value(lastEvent, [callId])).toMatch(/^(heal|resync) false$/);
    expect(await bench.value(`select settlement from callhouse.calls where ${CALL}`, [callId])).toBe(
      'settled',
    );
  });

  it.each([
    ['transcript_item_count', '99'],
    ['occurred_at', "'2020-01-01'"],
  ])('mends what follows from the payload: %s', async (column, value) => {
    const bench = await startSynced();
    const callId = await richCall(bench);
    const read = `select ${column}::text from callhouse.calls where ${CALL}`;
    const before = await bench.value(read, [callId]);
    await bench.pool.query(`update callhouse.calls set ${column} = ${value} where ${CALL}`, [callId]);

    await resync(bench, [callId]);

    expect(await bench.value(read, [callId])).toBe(before);
  });

  it('mends a whole range, and leaves what is whole as it is', async () => {
    const bench = await startSynced();
    const callId = await richCall(bench);
    for (const [, damage] of DAMAGE.slice(0, 10)) await bench.pool.query(damage, [callId]);

    const { outcome, counts, found } = await resync(bench, ALL);

    expect(outcome).toBe('done');
    expect(found.listed.size).toBe(80);
    expect(await bench.differences()).toEqual([]);
    const touched = await bench.value(
      "select array_agg(distinct call_id) from callhouse.call_events where step = 'heal'",
    );
    expect(touched).toEqual([callId]);
    expect(counts.callsSeen).toBe(found.listed.size + found.told.size);
  });

  it('writes nothing where nothing differs, and leaves checkpoints and coverage alone', async () => {
    const bench = await startSynced();
    const state = `select jsonb_agg(to_jsonb(c) order by stream)::text from callhouse_sync.checkpoints c`;
    const rows = 'select sum(revision)::text from callhouse.calls';
    const before = [await bench.value(state), await bench.value(rows)];

    const { counts } = await resync(bench, ALL);

    expect(counts).toMatchObject({ callsInserted: 0, callsUpdated: 0, transcriptItemsWritten: 0 });
    expect([await bench.value(state), await bench.value(rows)]).toEqual(before);
  });

  it('keeps what the vendor has withdrawn: that was told once', async () => {
    const bench = await startSynced();
    const callId = await richCall(bench);
    bench.sandbox.vox.faults.add({ kind: 'retention', callId });
    await resync(bench, [callId]);
    const kept = `select retracted, transcript_item_count from callhouse.calls where ${CALL}`;
    const { rows } = await bench.pool.query(kept, [callId]);
    expect(rows[0]?.retracted.length).toBeGreaterThan(0);

    await resync(bench, [callId]);

    expect((await bench.pool.query(kept, [callId])).rows).toEqual(rows);
  });
});

describe('a call that the vendor deleted', () => {
  it('is called missing when it is asked for by id', async () => {
    const bench = await startSynced();
    const callId = await richCall(bench);
    bench.sandbox.vox.faults.add({ kind: 'deleted', callId });

    const { outcome, found } = await resync(bench, [callId, 'never-heard-of']);

    expect(outcome).toBe('done');
    expect([...found.unknown]).toEqual([callId, 'never-heard-of']);
    expect(await bench.value(`select settlement from callhouse.calls where ${CALL}`, [callId])).toBe(
      'missing',
    );
    const event = `select step from callhouse.call_events where ${CALL} order by revision desc`;
    expect(await bench.value(event, [callId])).toBe('resync');
    expect(
      await bench.value("select count(*)::integer from callhouse.calls where call_id = 'never-heard-of'"),
    ).toBe(0);
  });

  it('is found by a range, whose list shows it no more, and comes back when the vendor knows it again', async () => {
    const bench = await startSynced();
    const callId = await richCall(bench);
    bench.sandbox.vox.faults.add({ kind: 'deleted', callId });
    expect([...(await resync(bench, ALL)).found.unknown]).toEqual([callId]);

    bench.sandbox.vox.faults.clear();
    bench.clock.advance(SECOND);
    await resync(bench, [callId]);

    expect(await bench.differences()).toEqual([]);
    expect(await bench.value(`select settlement from callhouse.calls where ${CALL}`, [callId])).toBe(
      'settled',
    );
  });
});

describe('faults during a resync', () => {
  it('of one call leave the others read; the faulty one is named', async () => {
    const bench = await startSynced();
    const callIds = await bench.value<string[]>(
      'select array_agg(call_id) from (select call_id from callhouse.calls where started_at is not null limit 4) c',
    );
    bench.sandbox.vox.faults.add({ kind: 'server_error', route: 'detail', times: 6 });

    const { outcome, found } = await resync(bench, callIds);

    expect(outcome).toBe('done');
    expect([...found.failed.keys()]).toEqual([callIds[0]]);
    expect([...found.told]).toEqual(callIds.slice(1));
  });

  it('of every call end it, with the reason', async () => {
    const bench = await startSynced();
    bench.sandbox.vox.faults.add({ kind: 'server_error', route: 'detail', times: null });

    const { outcome, error } = await resync(bench, ALL);

    expect(outcome).toBe('failed');
    expect(error?.message).toMatch(/answered 500/);
  });

  it('stop it in the middle when it is told to', async () => {
    const bench = await startSynced();
    const stopping = new AbortController();

    const { outcome, found } = await resync(bench, ALL, {
      signal: stopping.signal,
      onProgress: ({ step, done }) => step === 'details' && done >= 3 && stopping.abort(),
    });

    expect(outcome).toBe('stopped');
    expect(found.told.size).toBe(3);
    expect(await bench.value('select holder from callhouse_sync.leases')).toBeNull();
  });

  it('wait for a lease that another worker holds, and are told when it does not let go', async () => {
    const bench = await startSynced();
    const callId = await richCall(bench);
    await bench.pool.query(
      "update callhouse_sync.leases set holder = 'other:1:x', token = token + 1, expires_at = $1",
      [new Date(bench.clock.now() + 20 * SECOND)],
    );

    expect((await resync(bench, [callId])).outcome).toBe('busy');
    expect((await resync(bench, [callId], { leaseWaitMs: 30 * SECOND })).outcome).toBe('done');
  });
});

describe('the budget', () => {
  it('holds during the resync of a range, the lease is kept, and new calls are not kept waiting', async () => {
    const bench = await startBench({
      pastCalls: 400,
      liveCallsPerSecond: 0.05,
      liveForMs: 30 * MINUTE,
      ...LIMITED,
    });
    await bench.pass({ until: bench.clock.now() + 2 * MINUTE });
    const startedAt = bench.clock.now();
    let oldestDataMs = 0;
    const watch = async () => {
      const freshTo = await bench.value<Date>('select fresh_to from callhouse_sync.coverage');
      oldestDataMs = Math.max(oldestDataMs, bench.clock.now() - freshTo.getTime());
    };
    const looks: Promise<void>[] = [];

    const { outcome } = await resync(bench, ALL, { onProgress: () => looks.push(watch()) });

    await Promise.all(looks);
    expect(outcome).toBe('done');
    expect(bench.clock.now() - startedAt).toBeGreaterThan(MINUTE);
    expect(bench.sandbox.vox.requests.counts.rateLimited).toBe(0);
    expect(oldestDataMs).toBeLessThan(3 * MINUTE);
  });
});
