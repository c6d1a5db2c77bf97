import { describe, expect, it } from 'vitest';
import type { CallReading } from '../../src/call.ts';
import { HOUR, MINUTE } from '../../src/clock.ts';
import type { Database } from '../../src/database/database.ts';
import { runInTurns } from '../../src/sync/in-turns.ts';
import {
  allSlices,
  type DeadLettersRead,
  inOrder,
  newReplay,
  noLettersRead,
  type ReplayResult,
  replayCalls,
  replayFields,
  replayRecords,
} from '../../src/sync/replay.ts';
import { runUnderLease, type SyncedSource } from '../../src/sync/sync-source.ts';
import { type Bench, startBench } from './bench.ts';

const TABLES = ['calls', 'call_costs', 'call_analyses', 'call_extractions', 'transcript_items'];
/** What says when something was noted, and how often: two ways to the same content differ in it. */
const NOTED = [
  'first_seen_at',
  'changed_at',
  'checked_at',
  'settled_at',
  'revision',
  'occurred_at_basis',
  'occurred_at',
];

/** Every row of every table about calls, each as one line. */
async function dump(pool: Database, without: readonly string[] = []): Promise<Set<string>> {
  const lines = new Set<string>();
  for (const table of TABLES) {
    const { rows } = await pool.query<{ row: string }>(
      `select (to_jsonb(t) - $1::text[])::text as row from callhouse.${table} t`,
      [without],
    );
    for (const { row } of rows) lines.add(`${table} ${row}`);
  }
  return lines;
}

/** The first rows that only one of two dumps has. */
function apart(one: ReadonlySet<string>, other: ReadonlySet<string>): string[] {
  const only = (a: ReadonlySet<string>, b: ReadonlySet<string>) =>
    [...a].filter((line) => !b.has(line)).slice(0, 2);
  return [...only(one, other).map((line) => `- ${line}`), ...only(other, one).map((line) => `+ ${line}`)];
}

async function underLease(synced: SyncedSource, work: Parameters<typeof runUnderLease>[2]): Promise<void> {
  const run = { command: 'replay', signal: new AbortController().signal, leaseWaitMs: 0 };
  const { error } = await runUnderLease(synced, run, work);
  expect(error).toBeNull();
}

const REPLAY = { since: null, within: null, write: true, step: 'replay' } as const;

async function replayAll(bench: Bench, synced = bench.synced): Promise<ReplayResult> {
  const result = newReplay();
  await underLease(synced, (context) => allSlices(context, replayCalls(REPLAY, result)));
  return result;
}

async function startSettled(): Promise<Bench> {
  const bench = await startBench({ pastCalls: 250, historyDays: 5 });
  bench.clock.advance(2 * HOUR);
  await bench.settle();
  bench.sandbox.vox.requests.reset();
  return bench;
}

/** The same source with a mapping that reads some things in another way. */
function mappedAnew(synced: SyncedSource): SyncedSource {
  const normalize = (reading: CallReading): CallReading => ({
    ...reading,
    facts: {
      ...reading.facts,
      variantLabel: null,
      agentName: `agent ${reading.facts.agentId}`,
      status: reading.facts.status === 'canceled' ? 'not_connected' : reading.facts.status,
    },
    costs: reading.costs?.map((cost) => ({ ...cost, component: 'call' })) ?? reading.costs,
    extractions: reading.extractions?.slice(1) ?? reading.extractions,
    transcript:
      reading.transcript
        ?.filter(({ kind }) => kind === 'speech')
        .map((item, position) => ({ ...item, position, content: `${item.content} ✓` })) ?? reading.transcript,
  });
  const { source } = synced;
  return {
    ...synced,
    source: {
      ...source,
      normalizerVersion: source.normalizerVersion + 1,
      normalize: (payloads, numbers) => normalize(source.normalize(payloads, numbers)),
    },
  };
}

// Holds invariant 17.
describe('a replay', () => {
  it('leaves everything as it was, asks the vendor nothing, and writes no row', async () => {
    const bench = await startSettled();
    const before = await dump(bench.pool);

    expect(await replayAll(bench)).toEqual({ calls: 250, differing: [], unreadable: [] });

    expect(apart(before, await dump(bench.pool))).toEqual([]);
    expect(bench.sandbox.vox.requests.entries).toEqual([]);
    expect(await bench.value('select max(revision) from callhouse.call_events')).toBe(
      await bench.value('select max(revision) from callhouse.calls'),
    );
  });

  it('puts back what somebody deleted or overwrote, from the payloads alone', async () => {
    const bench = await startSettled();
    const before = await dump(bench.pool, NOTED);
    await bench.pool.query('delete from callhouse.transcript_items where position % 3 = 1');
    await bench.pool.query('delete from callhouse.call_analyses');
    await bench.pool.query("update callhouse.call_costs set amount = amount + 0.01, currency = 'USD'");
    await bench.pool.query(
      "update callhouse.call_extractions set value = '1', value_text = '1' where position = 0",
    );
    await bench.pool.query(
      "update callhouse.calls set from_number = '0', duration_ms = 1, transcript_item_count = 77",
    );

    const { differing } = await replayAll(bench);

    expect(differing).toHaveLength(250);
    expect(apart(before, await dump(bench.pool, NOTED))).toEqual([]);
    expect(await bench.differences()).toEqual([]);
    expect(bench.sandbox.vox.requests.entries).toEqual([]);
  });

  it('after a new mapping gives what a fresh sync with it would give', async () => {
    const bench = await startSettled();
    const fresh = await startBench({ pastCalls: 250, historyDays: 5 });
    fresh.clock.advance(2 * HOUR);
    const anew = mappedAnew(fresh.synced);
    await fresh.pass({}, anew);
    await fresh.pass({}, anew);

    const { differing } = await replayAll(bench, mappedAnew(bench.synced));

    expect(differing.length).toBeGreaterThan(200);
    expect(apart(await dump(fresh.pool, NOTED), await dump(bench.pool, NOTED))).toEqual([]);
    expect(bench.sandbox.vox.requests.entries).toEqual([]);
    expect(
      await bench.value(
        "select count(*)::integer from callhouse.call_events where step = 'replay' and restated",
      ),
    ).toBe(differing.length);
    expect(await replayAll(bench, mappedAnew(bench.synced))).toMatchObject({ differing: [] });
    // The next list finds payloads that were read by this mapping, and leaves them alone.
    const again = await bench.pass({}, mappedAnew(bench.synced));
    expect(again.counts.callsUpdated).toBe(0);
  });

  it('keeps what the vendor has withdrawn since: no payload has it any more', async () => {
    const bench = await startSettled();
    const victim = await bench.value<string>(
      'select call_id from callhouse.call_analyses join callhouse.calls using (source_id, call_id) where transcript_item_count > 0 limit 1',
    );
    bench.sandbox.vox.faults.add({ kind: 'retention', callId: victim });
    await bench.pool.query('delete from callhouse_sync.checkpoints');
    await bench.settle();
    const retracted = 'select cardinality(retracted) > 0 from callhouse.calls where call_id = $1';
    expect(await bench.value(retracted, [victim])).toBe(true);
    const before = await dump(bench.pool);

    expect(await replayAll(bench)).toMatchObject({ differing: [] });
    expect(apart(before, await dump(bench.pool))).toEqual([]);
  });

  it('opens a call again that has not ended after all, and settles one that has', async () => {
    const bench = await startSettled();
    const { source } = bench.synced;
    const victim = await bench.value<string>(
      "select call_id from callhouse.calls where status = 'ended' limit 1",
    );
    const doubting: SyncedSource = {
      ...bench.synced,
      source: {
        ...source,
        normalizerVersion: 99,
        normalize(payloads, numbers) {
          const reading = source.normalize(payloads, numbers);
          return reading.callId === victim
            ? { ...reading, facts: { ...reading.facts, status: 'unknown' } }
            : reading;
        },
      },
    };
    const settlement = 'select settlement from callhouse.calls where call_id = $1';

    await replayAll(bench, doubting);
    expect(await bench.value(settlement, [victim])).toMatch(/open|stuck/);
    expect(await bench.value('select count(*)::integer from callhouse_sync.settlements')).toBe(1);

    await replayAll(bench);
    expect(await bench.value(settlement, [victim])).toBe('settled');
    expect(await bench.value('select count(*)::integer from callhouse_sync.settlements')).toBe(0);
    expect(await bench.differences()).toEqual([]);
  });
});

describe('a replay beside a worker', () => {
  /** Reading a call takes long: a turn is one slice. */
  async function startLong(): Promise<{ bench: Bench; replayer: SyncedSource; turns: () => number }> {
    const bench = await startBench({ pastCalls: 900, historyDays: 5 });
    bench.clock.advance(2 * HOUR);
    await bench.settle();
    const replayer = await bench.openAgain();
    const { clock } = replayer;
    const { sleep } = clock;
    let turns = 1;
    replayer.source = {
      ...replayer.source,
      normalize: (payloads, numbers) => {
        bench.clock.advance(20);
        return bench.synced.source.normalize(payloads, numbers);
      },
    };
    clock.sleep = (ms, signal) => {
      turns += 1;
      return sleep.call(clock, ms, signal);
    };
    return { bench, replayer, turns: () => turns };
  }
  const run = { command: 'replay', signal: new AbortController().signal, leaseWaitMs: 0, asksVendor: false };

  // Holds invariants 10, 17.
  it('gives the source away between its turns, and comes to the same end', async () => {
    const { bench, replayer, turns } = await startLong();
    const before = await dump(bench.pool, NOTED);
    await bench.pool.query("update callhouse.calls set from_number = '0'");
    const { clock } = replayer;
    const { sleep } = clock;
    const passes: string[] = [];
    clock.sleep = async (ms, signal) => {
      passes.push((await bench.pass()).outcome);
      return sleep.call(clock, ms, signal);
    };
    const result = newReplay();

    expect(await runInTurns(replayer, run, replayCalls(REPLAY, result))).toMatchObject({ outcome: 'done' });

    expect(turns()).toBeGreaterThan(3);
    expect(passes).toHaveLength(turns() - 1);
    expect(new Set(passes)).toEqual(new Set(['done']));
    expect(result).toMatchObject({ calls: 900, unreadable: [] });
    expect(result.differing).toHaveLength(900);
    expect(apart(before, await dump(bench.pool, NOTED))).toEqual([]);
    expect(
      await bench.value('select count(*)::integer from callhouse_sync.leases where holder is not null'),
    ).toBe(0);
  });

  it('writes nothing of a slice whose lease another has', async () => {
    const { bench, replayer } = await startLong();
    await bench.pool.query("update callhouse.calls set from_number = '0'");
    const slices = replayCalls(REPLAY, newReplay());
    let taken = 0;
    const { outcome, error } = await runInTurns(replayer, run, async (context) => {
      taken += 1;
      if (taken === 2) await bench.pool.query('update callhouse_sync.leases set token = token + 1');
      return slices(context);
    });
    expect([outcome, error?.name, taken]).toEqual(['stopped', 'LeaseLostError', 2]);
    const mended = "select count(*)::integer from callhouse.calls where from_number <> '0'";
    expect(await bench.value(mended)).toBeLessThanOrEqual(200);
  });

  it('stops between two turns when it is told to, and holds nothing', async () => {
    const { bench, replayer, turns } = await startLong();
    const stopping = new AbortController();
    const slices = replayCalls(REPLAY, newReplay());
    const { outcome } = await runInTurns(replayer, { ...run, signal: stopping.signal }, async (context) => {
      const isLeft = await slices(context);
      if (turns() === 2) stopping.abort(new Error('stopped'));
      return isLeft;
    });
    expect(outcome).toBe('stopped');
    const left = "select count(*)::integer from callhouse_sync.runs where outcome = 'running'";
    expect(await bench.value(left)).toBe(0);
    expect(
      await bench.value('select count(*)::integer from callhouse_sync.leases where holder is not null'),
    ).toBe(0);
  });

  // Holds invariant 21.
  it('says nothing of how the source fares: what failed before it is still told', async () => {
    const { bench, replayer } = await startLong();
    bench.sandbox.vox.faults.add({ kind: 'unauthorized', times: null });
    for (let i = 0; i < 3; i += 1) expect((await bench.pass()).outcome).toBe('failed');
    const heartbeat = 'select to_jsonb(h) from callhouse_sync.heartbeats h';
    const before = await bench.value(heartbeat);
    await runInTurns(replayer, run, replayCalls(REPLAY, newReplay()));
    expect(await bench.value(heartbeat)).toEqual(before);
    expect(await bench.value('select state from callhouse_sync.health')).toBe('red');
  });
});

// Holds invariants 13, 17.
describe('a dead letter', () => {
  async function readLetters(bench: Bench): Promise<DeadLettersRead> {
    const read = noLettersRead();
    const slices = inOrder([replayRecords(read), replayFields(read)]);
    await underLease(bench.synced, (context) => allSlices(context, slices));
    return read;
  }
  const letters = 'select count(*)::integer from callhouse_sync.dead_letters where resolved_at is null';

  it('stays while it cannot be read, and is stored once a version can read it, without a request', async () => {
    const bench = await startBench({ pastCalls: 60 });
    bench.clock.advance(HOUR);
    const poisoned = (await bench.openAgain()).source;
    const { normalize } = bench.synced.source;
    bench.sandbox.vox.faults.add({
      kind: 'poison_row',
      poison: 'cost_word',
      row: 5,
      route: 'list',
      times: null,
    });
    await bench.pass({ only: 'backfill' });
    expect(await bench.value(letters)).toBe(1);
    expect(await readLetters(bench)).toEqual({ read: 0, left: 1, overtaken: 0 });

    // A version that takes an unreadable cost for none.
    poisoned.normalize = (payloads, numbers) => {
      const list = payloads.list as { call_cost?: { total_cost: string } };
      return normalize(
        list.call_cost?.total_cost === 'abc' ? { list: { ...list, call_cost: null } } : payloads,
        numbers,
      );
    };
    const able: Bench = { ...bench, synced: { ...bench.synced, source: poisoned } };
    bench.sandbox.vox.requests.reset();
    expect(await readLetters(able)).toEqual({ read: 1, left: 0, overtaken: 0 });

    expect(await bench.value(letters)).toBe(0);
    expect(await bench.value('select count(*)::integer from callhouse.calls')).toBe(60);
    expect(bench.sandbox.vox.requests.entries).toEqual([]);
    bench.sandbox.vox.faults.clear();
    bench.clock.advance(10 * MINUTE);
    await bench.settle();
    expect(await bench.differences()).toEqual([]);
  });
});
