import { expect } from 'vitest';
import { DAY, HOUR, SECOND } from '../../src/clock.ts';
import type { ListQuery, Page } from '../../src/source.ts';
import type { SyncedSource } from '../../src/sync/sync-source.ts';
import { type ConformanceBench, pageSizeOf, startConformance, worldThatLists } from './bench.ts';
import { row } from './row.ts';

/** Paging is of lists alone: nobody waits for the details of thousands of calls. */
const LISTS = { only: 'backfill' } as const;
/**
 * Beside the pages of history: open calls, the newest ones, agents and numbers, a look at the whole gap; and for each of
 * a few windows the second word of its end, where the vendor does not count.
 */
const REQUESTS_BESIDE = 8;

async function expectAllOnce(bench: ConformanceBench): Promise<void> {
  expect(await bench.storedIds()).toEqual(bench.listedIds());
  const inserted = 'select sum(calls_inserted)::integer from callhouse_sync.runs';
  expect(await bench.value(inserted)).toBe(bench.truth().size);
}

row('pages', async (vendor) => {
  const pageSize = await pageSizeOf(vendor);
  const bench = await startConformance(vendor, { pastCalls: Math.ceil(pageSize * 2.3) });

  expect((await bench.pass(LISTS)).error).toBeNull();

  await expectAllOnce(bench);
  const pages = Math.ceil(bench.truth().size / pageSize);
  expect(pages).toBe(3);
  expect(bench.vendor.requests.counts.list).toBeLessThanOrEqual(pages + REQUESTS_BESIDE);
});

row('exact', async (vendor) => {
  const pageSize = await pageSizeOf(vendor);
  const bench = await startConformance(vendor, { pastCalls: worldThatLists(vendor, pageSize) });
  expect(bench.truth().size).toBe(pageSize);

  expect((await bench.pass(LISTS)).error).toBeNull();

  await expectAllOnce(bench);
  expect(bench.vendor.requests.counts.list).toBeLessThanOrEqual(1 + REQUESTS_BESIDE);
});

row('ties', async (vendor) => {
  const pageSize = await pageSizeOf(vendor);
  const bench = await startConformance(vendor, {
    pastCalls: Math.ceil(pageSize * 1.3),
    // Nearly all of them are born in one millisecond, the last one of the past, and connect at once.
    historyDays: SECOND / DAY,
    timings: { queueScale: 0, ringScale: 0 },
  });
  const tiedAt = Date.parse('2026-11-20T03:00:00Z') - 1;
  bench.clock.advance(3 * HOUR);

  for (const backfillWithin of [
    { from: tiedAt, to: null },
    { from: null, to: tiedAt },
  ]) {
    bench.synced.settings.backfillWithin = backfillWithin;
    expect((await bench.pass(LISTS)).error).toBeNull();
  }

  const tied = 'select count(*)::integer from callhouse.calls where occurred_at = to_timestamp($1 / 1000.0)';
  expect(await bench.value(tied, [tiedAt])).toBeGreaterThan(pageSize);
  await expectAllOnce(bench);
});

row('resume', async (vendor) => {
  const pageSize = await pageSizeOf(vendor);
  const bench = await startConformance(vendor, { pastCalls: Math.ceil(pageSize * 1.3) });
  bench.clock.advance(3 * HOUR);
  const stopping = new AbortController();
  const stopped = await bench.pass({
    ...LISTS,
    signal: stopping.signal,
    onProgress: ({ step }) => step === 'backfill' && stopping.abort(),
  });
  expect(stopped.outcome).toBe('stopped');
  const cursor = await bench.value<string>(
    "select cursor from callhouse_sync.checkpoints where stream = 'backfill'",
  );
  expect(cursor).toEqual(expect.any(String));
  const before = bench.sent.length;

  const result = await bench.pass(LISTS, await bench.openAgain());

  expect(result.error).toBeNull();
  const carrying = bench.sent
    .slice(before)
    .filter(({ url, body }) => `${new URL(url).searchParams} ${body}`.includes(encodedIn(url, cursor)));
  expect(carrying).toHaveLength(1);
  await expectAllOnce(bench);
});

/** A worker whose source lies: the page is changed on its way, whatever the vendor. */
function withLists(bench: ConformanceBench, change: (page: Page, query: ListQuery) => Page): SyncedSource {
  const { source } = bench.synced;
  return {
    ...bench.synced,
    source: {
      ...source,
      listCalls: async (query, accept, signal) => {
        const page = change(await source.listCalls(query, () => undefined, signal), query);
        accept(page);
        return page;
      },
    },
  };
}

const GAPS = 'select count(*)::integer from callhouse_sync.gaps';

row('cutOff', async (vendor) => {
  const pageSize = await pageSizeOf(vendor);
  const bench = await startConformance(vendor, { pastCalls: Math.ceil(pageSize * 2.3) });
  const lying = withLists(bench, (page) => ({ ...page, nextCursor: null }));

  expect((await bench.pass(LISTS, lying)).error).toBeNull();

  await expectAllOnce(bench);
  expect(await bench.value(GAPS)).toBe(0);
});

row('emptyOnce', async (vendor) => {
  for (const nth of [1, 2, 3, 4]) {
    const bench = await startConformance(vendor);
    let asked = 0;
    const lying = withLists(bench, (page) => {
      asked += 1;
      return asked === nth
        ? { ...page, calls: [], nextCursor: null, totalCount: page.totalCount && 0 }
        : page;
    });

    expect((await bench.pass(LISTS, lying)).error).toBeNull();

    await expectAllOnce(bench);
    expect(await bench.value(GAPS)).toBe(0);
  }
});

row('filterless', async (vendor) => {
  const bench = await startConformance(vendor, { beginsAfterMs: 3 * HOUR });
  const { source } = bench.synced;
  const all = {
    window: null,
    openOnly: false,
    order: 'oldest_first',
    cursor: null,
    urgency: 'live',
  } as const;
  const { calls } = await source.listCalls(all, () => undefined, new AbortController().signal);
  const same = calls.slice(0, 20);
  const lying = withLists(bench, (page, { openOnly }) =>
    openOnly ? page : { ...page, calls: same, nextCursor: null, totalCount: page.totalCount && same.length },
  );

  expect((await bench.pass(LISTS, lying)).error).toBeNull();

  expect((await bench.storedIds()).length).toBe(20);
  expect(
    await bench.value(
      "select coalesce(array_agg(distinct reason), '{}') <@ '{outside_window,same_page}' from callhouse_sync.gaps",
    ),
  ).toBe(true);
  expect(await bench.value<number>(GAPS)).toBeGreaterThan(0);
  expect(await bench.value("select array_to_string(reasons, ' ') from callhouse_sync.health")).toMatch(
    /does not prove itself/,
  );
});

/** A cursor as it stands in a query string, or in the body of a request that has none. */
function encodedIn(url: string, cursor: string): string {
  return new URL(url).search === '' ? cursor : new URLSearchParams({ c: cursor }).toString().slice(2);
}
