import { expect, it } from 'vitest';
import { DAY, HOUR, MINUTE } from '../../src/clock.ts';
import { VOICY, VOX } from '../support/vendors.ts';
import { startBench } from './bench.ts';

it('a call that an operator has analysed anew is read again at the age of a day, though no list shows it', async () => {
  const bench = await startBench({
    vendor: VOICY,
    pastCalls: 40,
    historyDays: 0.05,
    reanalysis: { share: 1, afterMs: 20 * HOUR },
  });
  bench.clock.advance(HOUR);
  await bench.settle(12 * HOUR);
  expect(await bench.differences()).toEqual([]);
  const settled = await bench.value<number>(
    `select count(*)::integer from callhouse.calls where settlement = 'settled'`,
  );

  bench.clock.advance(20 * HOUR);
  await bench.pass();
  expect((await bench.differences()).length).toBeGreaterThan(0);

  bench.clock.advance(6 * HOUR);
  await bench.pass();
  expect(await bench.differences()).toEqual([]);
  // What changed after the end is a restatement, and nothing was called provisional for it.
  const restated = `select count(distinct call_id)::integer from callhouse.call_events where restated`;
  expect(await bench.value<number>(restated)).toBeGreaterThan(0);
  const stillSettled = `select count(*)::integer from callhouse.calls where settlement = 'settled'`;
  expect(await bench.value<number>(stillSettled)).toBe(settled);
});

it('a settled call is asked for again once at each age, and not in between', async () => {
  const bench = await startBench({ vendor: VOICY, pastCalls: 20, historyDays: 0.02 });
  bench.clock.advance(HOUR);
  await bench.settle(12 * HOUR);
  const connected = await bench.value<number>(
    'select count(*)::integer from callhouse.calls where started_at is not null',
  );
  const { requests } = bench.vendor;
  const detailsWithin = async (days: number) => {
    requests.reset();
    for (let hours = 0; hours < days * 24; hours += 6) {
      bench.clock.advance(6 * HOUR);
      await bench.pass();
    }
    return requests.counts.detail;
  };
  expect(await detailsWithin(2)).toBe(connected);
  expect(await detailsWithin(4)).toBe(0);
  expect(await detailsWithin(3)).toBe(connected);
});

it('where lists show every change no settled call is asked for again', async () => {
  const bench = await startBench({ vendor: VOX, pastCalls: 20, historyDays: 0.02 });
  bench.clock.advance(HOUR);
  await bench.settle();
  const { rows } = await bench.pool.query<{ call_id: string }>(
    `select call_id from callhouse.calls where settlement = 'settled' and started_at is not null`,
  );
  expect(rows.length).toBeGreaterThan(5);
  bench.vendor.requests.reset();
  bench.clock.advance(DAY + 10 * MINUTE);
  await bench.pass();
  const asked = bench.vendor.requests.entries.filter(({ kind }) => kind === 'detail').map(({ path }) => path);
  expect(asked.filter((path) => rows.some(({ call_id }) => path.endsWith(call_id)))).toEqual([]);
});
