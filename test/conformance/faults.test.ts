import { expect } from 'vitest';
import { DAY, HOUR, MINUTE } from '../../src/clock.ts';
import type { FaultInput } from '../../src/sandbox/fault-kinds.ts';
import { type ConformanceBench, pageSizeOf, startConformance, worldThatLists } from './bench.ts';
import type { ConformanceCase } from './case.ts';
import { row } from './row.ts';
import type { Row } from './rows.ts';

/** However long a fault lasts, a pass sends no more requests than this while it does. */
const REQUESTS_MAX = 40;
/** What a pass spends on time that does not prove itself: read again, and in halves, up to a bound. */
const UNPROVED_REQUESTS_MAX = 160;

async function expectNothingLost(bench: ConformanceBench): Promise<void> {
  expect(await bench.storedIds()).toEqual(bench.listedIds());
  expect(await bench.value('select count(*)::integer from callhouse_sync.gaps')).toBe(0);
}

/** Faults of whatever was asked, with the words that tell of them when they last. */
const ANYWHERE: [Row, FaultInput, RegExp][] = [
  ['serverError', { kind: 'server_error', status: 503 }, /answered 503/],
  ['html', { kind: 'html' }, /HTML instead of JSON/],
  ['truncated', { kind: 'truncated' }, /broken JSON/],
  ['emptyBody', { kind: 'empty_body' }, /an empty body instead of JSON/],
  ['reset', { kind: 'reset' }, /ECONNRESET|UND_ERR_SOCKET/],
];

for (const [name, fault, words] of ANYWHERE) {
  row(name, async (vendor) => {
    const bench = await startConformance(vendor);
    bench.vendor.faults.add(
      { ...fault, times: 2 } as FaultInput,
      { ...fault, times: 1, after: 3 } as FaultInput,
    );
    const { error, counts } = await bench.pass();
    expect(error).toBeNull();
    expect(counts.retries).toBeGreaterThanOrEqual(3);
    await expectNothingLost(bench);

    await expectTold(await startConformance(vendor), fault, words, (worker) => worker.pass());
  });
}

/** The fault lasts: the pass ends, says why wherever one looks, and the next one catches up. */
async function expectTold(
  bench: ConformanceBench,
  fault: FaultInput,
  words: RegExp,
  pass: (bench: ConformanceBench) => ReturnType<ConformanceBench['pass']>,
): Promise<void> {
  const mend = bench.vendor.faults.add({ ...fault, times: null } as FaultInput);
  const { outcome, error } = await pass(bench);
  expect(outcome).toBe('failed');
  expect(error?.message).toMatch(words);
  expect(await bench.value('select last_error from callhouse_sync.health')).toMatch(words);
  expect(bench.sent.length).toBeLessThanOrEqual(REQUESTS_MAX);

  mend();
  bench.clock.advance(MINUTE);
  expect((await pass(bench)).error).toBeNull();
  await expectNothingLost(bench);
}

row('hang', async (vendor) => {
  for (const kind of ['hang', 'hang_body'] as const) {
    const bench = await startConformance(vendor, { deadlineMs: 250 });
    bench.vendor.faults.add({ kind, times: 2, after: 1 });

    const { error, counts } = await bench.pass();

    expect(error).toBeNull();
    expect(counts.retries).toBeGreaterThanOrEqual(2);
    await expectNothingLost(bench);
  }
});

/** Faults of lists need one of two pages, which is read without the details of all its calls. */
async function startPaged(vendor: ConformanceCase): Promise<ConformanceBench> {
  const pageSize = await pageSizeOf(vendor);
  const bench = await startConformance(vendor, { pastCalls: worldThatLists(vendor, pageSize + 5) });
  bench.clock.advance(3 * HOUR);
  return bench;
}
const readList = (bench: ConformanceBench) => bench.pass({ only: 'backfill' });

row('repeated', async (vendor) => {
  const bench = await startPaged(vendor);
  const fault = { kind: 'repeated_cursor', route: 'list' } as const;
  bench.vendor.faults.add({ ...fault, times: 1 });
  expect((await readList(bench)).error).toBeNull();
  await expectNothingLost(bench);

  await expectTold(await startPaged(vendor), fault, /repeated a cursor/, readList);
});

row('cursor', async (vendor) => {
  for (const times of [1, null]) {
    const bench = await startPaged(vendor);
    bench.vendor.faults.add({ kind: 'cursor_refused', times });

    expect((await readList(bench)).error).toBeNull();

    await expectNothingLost(bench);
    expect(bench.sent.length).toBeLessThanOrEqual(REQUESTS_MAX);
  }
});

row('emptyPage', async (vendor) => {
  const bench = await startConformance(vendor);
  bench.vendor.faults.add({ kind: 'empty_page', times: 2 });
  expect((await readList(bench)).error).toBeNull();
  await expectNothingLost(bench);

  await expectTold(await startConformance(vendor), { kind: 'empty_page' }, /empty page with/, readList);
});

row('duplicates', async (vendor) => {
  const bench = await startConformance(vendor);
  bench.vendor.faults.add({ kind: 'duplicate_rows', times: null });

  expect((await bench.settle()).error).toBeNull();

  expect(await bench.differences()).toEqual([]);
  const inserted = 'select sum(calls_inserted)::integer from callhouse_sync.runs';
  expect(await bench.value(inserted)).toBe(bench.truth().size);
});

row('total', async (vendor) => {
  for (const totalCount of [0, 3, 1_000_000]) {
    const bench = await startPaged(vendor);
    const mend = bench.vendor.faults.add({ kind: 'total_count_wrong', totalCount, times: null });

    expect((await readList(bench)).error).toBeNull();

    expect(await bench.storedIds()).toEqual(bench.listedIds());
    expect(bench.sent.length).toBeLessThanOrEqual(UNPROVED_REQUESTS_MAX);
    // More than is listed may be missing: that is told, until the total is right.
    const reasons = 'select array_agg(distinct reason) from callhouse_sync.gaps';
    expect(await bench.value(reasons)).toEqual(totalCount === 0 ? null : ['fewer_than_counted']);
    mend();
    bench.clock.advance(DAY);
    expect((await readList(bench)).error).toBeNull();
    await expectNothingLost(bench);
  }
});
