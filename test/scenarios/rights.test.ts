import { expect, it } from 'vitest';
import { HOUR, MINUTE, SECOND } from '../../src/clock.ts';
import { DIGA } from '../support/vendors.ts';
import { startBench } from './bench.ts';

const count = (where: string) => `select count(*)::integer from callhouse.calls where ${where}`;

it.each([403, 404, 405])(
  'a list that is refused (%i) leaves the calls that are known, which are followed by id',
  async (status) => {
    let refused = false;
    const bench = await startBench({
      vendor: DIGA,
      pastCalls: 20,
      liveCallsPerSecond: 0.05,
      liveForMs: 5 * MINUTE,
      transport: (real) => (request, signal) =>
        refused && new URL(request.url).pathname === '/v1/call/'
          ? Promise.resolve({ status, headers: {}, body: (async function* () {})() })
          : real(request, signal),
    });
    bench.clock.advance(5 * MINUTE);
    await bench.pass();
    const open = await bench.value<number>(count(`settlement = 'open'`));
    expect(open).toBeGreaterThan(0);

    refused = true;
    bench.clock.advance(HOUR);
    const { outcome, error } = await bench.pass();
    expect(outcome).toBe('failed');
    expect(error?.message).toMatch(new RegExp(`^GET /v1/call/ answered ${status}: `));
    expect(await bench.value<number>(count(`settlement = 'open'`))).toBe(0);

    refused = false;
    await bench.settle();
    expect(await bench.differences()).toEqual([]);
  },
);

it('a key that may not read transcripts has all the rest, and gets them when it may', async () => {
  const bench = await startBench({ vendor: DIGA, pastCalls: 40 });
  bench.sandbox.diga.world.rights.messages = false;
  bench.clock.advance(HOUR);
  const { outcome, error } = await bench.pass();
  expect(outcome).toBe('failed');
  expect(error?.message).toMatch(/messages\.view/);
  expect(await bench.value<number>(count('true'))).toBe(40);
  expect(await bench.value<number>('select count(*)::integer from callhouse_sync.gaps')).toBe(0);
  expect(await bench.value<number>(count('transcript_item_count is not null'))).toBe(0);

  bench.sandbox.diga.world.rights.messages = true;
  bench.clock.advance(10 * MINUTE + SECOND);
  await bench.settle(6 * HOUR);
  expect(await bench.differences()).toEqual([]);
});
