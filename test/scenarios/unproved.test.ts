import { describe, expect, it } from 'vitest';
import { DAY, HOUR, MINUTE, SECOND } from '../../src/clock.ts';
import type { FaultInput } from '../../src/sandbox/fault-kinds.ts';
import { type AnyVendor, DIGA, VOICY, VOX } from '../support/vendors.ts';
import { type Bench, startBench } from './bench.ts';

const VENDORS: readonly AnyVendor[] = [VOX, VOICY, DIGA];
const CALLS = 1_500;
const GAPS = 'select count(*)::integer from callhouse_sync.gaps';
const STORED = 'select count(*)::integer from callhouse.calls';
const REASONS = 'select array_agg(distinct reason order by reason) from callhouse_sync.gaps';
const LISTS_ONLY = { only: 'backfill' } as const;

/** History of which all calls have been over for hours. */
async function start(vendor: AnyVendor, pastCalls = CALLS): Promise<Bench> {
  const bench = await startBench({ vendor, pastCalls, historyDays: 30 });
  bench.clock.advance(3 * HOUR);
  return bench;
}

const lists = (bench: Bench): number => bench.vendor.requests.counts.list;
/** Calls that the warehouse lacks; their details do not matter here. */
const notStored = async (bench: Bench): Promise<string[]> =>
  (await bench.differences()).filter((text) => text.includes('is not in the warehouse'));
async function reasonsOf(bench: Bench): Promise<string> {
  return (await bench.value<string[]>('select reasons from callhouse_sync.health')).join(' ');
}

/** Polls as `run` does, with the newest calls a moment old. */
async function poll(bench: Bench, times: number, everyMs = 15 * SECOND): Promise<void> {
  for (let polls = 0; polls < times; polls += 1) {
    bench.clock.advance(everyMs);
    expect((await bench.pass({ until: bench.clock.now() + everyMs / 2 })).error).toBeNull();
  }
}

// Holds invariant 3.
describe.each(VENDORS)('lists of $name', (vendor) => {
  it.each<[string, FaultInput, number]>([
    ['(a) end after 1,000 rows', { kind: 'list_lies', lie: 'rows_capped', n: 1_000 }, 25],
    ['(b) have one page of 60 rows', { kind: 'list_lies', lie: 'page_capped', n: 60 }, 40],
    ['(g) refuse cursors beyond the second page', { kind: 'list_lies', lie: 'cursor_depth', n: 2 }, 25],
  ])('that %s are gone on with from what was read, and proved', async (_name, fault, requestsMax) => {
    const bench = await start(vendor);
    bench.vendor.faults.add(fault);

    expect((await bench.pass(LISTS_ONLY)).error).toBeNull();

    expect(await notStored(bench)).toEqual([]);
    expect(await bench.value(GAPS)).toBe(0);
    expect(lists(bench)).toBeLessThanOrEqual(requestsMax);
  });

  it('(f) that are empty once cover nothing by that', async () => {
    for (const after of [0, 1, 2, 3]) {
      const bench = await start(vendor, 300);
      bench.vendor.faults.add({ kind: 'empty_end', times: 1, after, route: 'list' });

      expect((await bench.pass(LISTS_ONLY)).error).toBeNull();

      expect(await notStored(bench)).toEqual([]);
      expect(await bench.value(GAPS)).toBe(0);
    }
  });

  it('of an account without calls are believed when they are empty twice', async () => {
    const bench = await start(vendor, 0);
    expect((await bench.pass({ until: bench.clock.now() + 10 * SECOND })).error).toBeNull();
    expect(await bench.value(REASONS)).toEqual(['told_once']);

    bench.clock.advance(15 * SECOND);
    expect((await bench.pass()).error).toBeNull();

    expect(await bench.value(GAPS)).toBe(0);
    expect(lists(bench)).toBeLessThanOrEqual(8);
  });

  it.each<[string, FaultInput]>([
    ['a day ahead', { kind: 'date_wrong', byMs: DAY }],
    ['a day ahead on every second answer', { kind: 'date_wrong', byMs: DAY, everyNth: 2 }],
    ['an hour behind on every second answer', { kind: 'date_wrong', byMs: -HOUR, everyNth: 2 }],
    ['an hour behind', { kind: 'date_wrong', byMs: -HOUR }],
    ['of the year 9999', { kind: 'date_wrong', byMs: 7_973 * 365 * DAY }],
  ])('with a date that is %s are read to the newest call', async (_name, fault) => {
    const bench = await startBench({
      vendor,
      pastCalls: 60,
      liveCallsPerSecond: 0.1,
      timings: { queueScale: 0, ringScale: 0 },
    });
    bench.vendor.faults.add(fault);
    await poll(bench, 20);

    const newest = await bench.value<Date>('select max(occurred_at) from callhouse.calls');
    expect(bench.clock.now() - newest.getTime()).toBeLessThan(MINUTE);
    expect(
      await bench.value('select max(upper(covered)) <= $1 from callhouse_sync.checkpoints', [
        new Date(bench.clock.now()),
      ]),
    ).toBe(true);
    expect(await reasonsOf(bench)).toMatch(
      /a time that is .* off the database’s clock|a time that is .* off the database's clock/,
    );

    bench.vendor.faults.clear();
    await poll(bench, 2);
    const covered = await bench.value<Date>('select fresh_to from callhouse_sync.coverage');
    expect(bench.clock.now() - covered.getTime()).toBeLessThan(MINUTE);
    expect(await reasonsOf(bench)).not.toMatch(/off the database/);
  });
});

/** Read as a whole, twice, and in halves: the most that a pass spends on time that does not prove itself. */
const UNPROVED_REQUESTS_MAX = 140;

// Holds invariants 3, 12.
describe('lists that show something else than they were asked for', () => {
  it.each<[string, FaultInput, number]>([
    ['(c) the same 20 calls for every window', { kind: 'list_lies', lie: 'filter_ignored', n: 20 }, 20],
    [
      '(c) the same 20 calls for every window, with a total of 20',
      { kind: 'list_lies', lie: 'filter_ignored', n: 20, countsRows: true },
      20,
    ],
    ['(d) the newest 100, whatever is asked', { kind: 'list_lies', lie: 'newest_only', n: 100 }, 100],
    [
      '(d) the newest 100, with a total of 100',
      { kind: 'list_lies', lie: 'newest_only', n: 100, countsRows: true },
      100,
    ],
  ])('%s: cover nothing, are told, and are read when they are mended', async (_name, fault, stored) => {
    const bench = await start(VOX);
    const mend = bench.vendor.faults.add(fault);

    expect((await bench.pass(LISTS_ONLY)).outcome).toBe('done');

    expect(await bench.value(STORED)).toBe(stored);
    expect(await bench.value('select fresh_to from callhouse_sync.coverage')).toBeNull();
    expect(await bench.value(REASONS)).toEqual(['outside_window', 'same_page']);
    expect(await reasonsOf(bench)).toMatch(/does not prove itself complete/);
    expect(await bench.value('select state from callhouse_sync.health')).toBe('red');
    expect(lists(bench)).toBeLessThanOrEqual(UNPROVED_REQUESTS_MAX);

    mend();
    bench.clock.advance(DAY);
    await bench.pass(LISTS_ONLY);
    expect(await notStored(bench)).toEqual([]);
    expect(await bench.value(GAPS)).toBe(0);
  });

  it('and that passed for a window of their own, are taken back when another window shows them', async () => {
    const bench = await startBench({ pastCalls: 150, historyDays: 1 / 24, timings: { ringScale: 0 } });
    bench.clock.advance(20 * MINUTE);
    const mend = bench.vendor.faults.add({ kind: 'list_lies', lie: 'newest_only', n: 60, countsRows: true });

    expect((await bench.pass(LISTS_ONLY)).outcome).toBe('done');

    expect(await bench.value(STORED)).toBe(60);
    expect(await bench.value('select fresh_to from callhouse_sync.coverage')).toBeNull();
    expect(await bench.value('select max(watermark) from callhouse_sync.checkpoints')).toBeNull();
    mend();
    bench.clock.advance(DAY);
    await bench.pass(LISTS_ONLY);
    expect(await notStored(bench)).toEqual([]);
    expect(await bench.value(GAPS)).toBe(0);
  });

  it('for ever are asked ever more rarely', async () => {
    const bench = await start(VOX, 300);
    bench.vendor.faults.add({ kind: 'list_lies', lie: 'filter_ignored', n: 20 });
    await bench.pass(LISTS_ONLY);
    const before = lists(bench);
    const polls = 120;

    await poll(bench, polls, 3 * MINUTE);

    // Two a poll: the open calls and the newest time. The pieces rest for an hour, two, four.
    expect(lists(bench) - before).toBeLessThanOrEqual(2 * polls + 3 * UNPROVED_REQUESTS_MAX);
  });

  it('(e) pages that shift between two requests: the count tells, and smaller pieces prove themselves', async () => {
    const bench = await start(VOX, 900);
    bench.vendor.faults.add({ kind: 'list_lies', lie: 'pages_shift', n: 2 });

    expect((await bench.pass(LISTS_ONLY)).error).toBeNull();

    expect(await notStored(bench)).toEqual([]);
    expect(await bench.value(GAPS)).toBe(0);
    expect(lists(bench)).toBeLessThanOrEqual(UNPROVED_REQUESTS_MAX);
  });

  it('the same pages that shift, and right themselves, cost the window once more', async () => {
    const bench = await start(VOX, 900);
    const mend = bench.vendor.faults.add({ kind: 'list_lies', lie: 'pages_shift', n: 2 });
    const mended = bench.pass({
      ...LISTS_ONLY,
      onProgress: ({ done }) => done >= 850 && mend(),
    });

    expect((await mended).error).toBeNull();
    expect(await notStored(bench)).toEqual([]);
    expect(await bench.value(GAPS)).toBe(0);
    expect(lists(bench)).toBeLessThanOrEqual(2 * 9 + 8);
  });
});

// Holds invariant 12.
describe('the list of open calls', () => {
  it.each([VOX, VOICY])(
    'of $name that shows all of history is left out, told, and open calls are followed',
    async (vendor) => {
      const bench = await startBench({
        vendor,
        pastCalls: 600,
        liveCallsPerSecond: 0.05,
        liveForMs: 5 * MINUTE,
      });
      bench.vendor.faults.add({ kind: 'list_lies', lie: 'status_ignored' });
      await bench.pass(LISTS_ONLY);
      const before = lists(bench);

      await poll(bench, 40);

      const openLists = bench.vendor.requests.entries
        .slice(before)
        .filter(({ query }) => query.includes('status='));
      expect(openLists.length).toBeLessThanOrEqual(1);
      expect(
        await bench.value(
          "select seen_count::integer from callhouse_sync.drift where path = 'open_filter_ignored'",
        ),
      ).toBeGreaterThanOrEqual(1);
      expect((await bench.settle()).error).toBeNull();
      expect(await notStored(bench)).toEqual([]);
      expect(await bench.value(`${STORED} where settlement = 'open'`)).toBe(0);
    },
  );
});

// Holds invariant 12.
describe('calls without a place in time that are added to every window', () => {
  it.each(['asc', 'desc'] as const)(
    'first in the order %s: cost a poll a few requests, however many they are',
    async (firstIn) => {
      for (const pastCalls of [400, 1_200]) {
        const bench = await startBench({
          pastCalls,
          historyDays: 30,
          liveCallsPerSecond: 0.02,
          liveForMs: 20 * MINUTE,
        });
        bench.clock.advance(HOUR);
        bench.vendor.faults.add({ kind: 'unplaced_added', firstIn });
        await bench.pass(LISTS_ONLY);
        expect(await notStored(bench)).toEqual([]);
        expect(await bench.value(GAPS)).toBe(0);
        await poll(bench, 2);
        const before = lists(bench);

        await poll(bench, 20);

        expect((lists(bench) - before) / 20).toBeLessThanOrEqual(5);
        expect(await notStored(bench)).toEqual([]);
      }
    },
  );
});

// Holds invariant 16.
it('history is compared by count soon after it is read', async () => {
  const bench = await start(VOX, 300);
  await bench.pass(LISTS_ONLY);
  const gone = await bench.value<string>(
    'select call_id from callhouse.calls order by occurred_at offset 50 limit 1',
  );
  await bench.pool.query('delete from callhouse.calls where call_id = $1', [gone]);

  expect((await bench.pass()).error).toBeNull();

  expect(await notStored(bench)).toEqual([]);
  expect(await bench.value("select not_stored from callhouse_sync.audits where outcome = 'healed'")).toEqual([
    gone,
  ]);
});
