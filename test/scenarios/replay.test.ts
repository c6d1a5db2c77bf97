import { describe, expect, it } from 'vitest';
import type { CallReading } from '../../src/call.ts';
import { HOUR, MINUTE } from '../../src/clock.ts';
import type { Database } from '../../src/database/database.ts';
import { type DeadLettersRead, type ReplayResult, replay, replayDeadLetters } from '../../src/sync/replay.ts';
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

async function replayAll(bench: Bench, synced = bench.synced): Promise<ReplayResult> {
  let result: ReplayResult | null = null;
  await underLease(synced, async (context) => {
    const options = { since: null, within: null, write: true, step: 'replay' } as const;
    result = await replay(context, options, () => undefined);
  });
  if (!result) throw new Error('nothing was replayed');
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

// Holds invariants 13, 17.
describe('a dead letter', () => {
  async function readLetters(bench: Bench): Promise<DeadLettersRead> {
    let read: DeadLettersRead | null = null;
    await underLease(bench.synced, async (context) => {
      read = await replayDeadLetters(context);
    });
    if (!read) throw new Error('nothing was read');
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
