import fs from 'node:fs';
import { expect, vi } from 'vitest';
import { DAY, MINUTE } from '../../src/clock.ts';
import { allSlices, newReplay, replayCalls } from '../../src/sync/replay.ts';
import { newReread, resyncCalls } from '../../src/sync/resync.ts';
import { type ConformanceBench, KEY, startConformance } from './bench.ts';
import { apart, everythingIn, rowsOf } from './dump.ts';
import { row } from './row.ts';

row('unchanged', async (vendor) => {
  const bench = await startConformance(vendor);
  await bench.settle();
  const callIds = [...bench.truth().keys()];
  const askForAll = () => bench.underLease((context) => resyncCalls(context, callIds, newReread()));
  await askForAll();
  const before = await rowsOf(bench.pool);
  bench.clock.advance(10 * MINUTE);

  await bench.pool.query('delete from callhouse_sync.checkpoints');
  expect((await bench.pass()).error).toBeNull();
  // By id as well: a link that is signed anew at each reading is no change.
  const again = await askForAll();

  expect(again.error).toBeNull();
  expect(again.counts.callsSeen).toBe(callIds.length);
  expect(apart(before, await rowsOf(bench.pool))).toEqual([]);
});

row('replay', async (vendor) => {
  const bench = await startConformance(vendor);
  await bench.settle();
  const before = await rowsOf(bench.pool);
  const asked = bench.sent.length;

  const { error } = await bench.underLease(async (context) => {
    const options = { since: null, within: null, write: true, step: 'replay' } as const;
    const result = newReplay();
    await allSlices(context, replayCalls(options, result));
    expect(result).toEqual({ calls: bench.truth().size, differing: [], unreadable: [] });
  });

  expect(error).toBeNull();
  expect(bench.sent).toHaveLength(asked);
  expect(apart(before, await rowsOf(bench.pool))).toEqual([]);
  const nothing = { notStored: [], notListed: [], damaged: [], unreadable: [] };
  expect(await bench.verify({ heal: false })).toMatchObject(nothing);
});

/** What is logged from now on, at every level, until the end of the test. */
function listenToLog({ synced }: ConformanceBench): { text(): string; stop(): void } {
  const lines: string[] = [];
  const write = fs.writeSync;
  const spy = vi.spyOn(fs, 'writeSync').mockImplementation(((fd: number, text: string, ...rest: []) => {
    if (fd !== 2) return write(fd, text, ...rest);
    lines.push(text);
    return Buffer.byteLength(text);
  }) as typeof fs.writeSync);
  synced.log.level = 'trace';
  return { text: () => lines.join(''), stop: () => spy.mockRestore() };
}

row('secrets', async (vendor) => {
  const bench = await startConformance(vendor);
  const numbers = [...bench.truth().values()]
    .flatMap(({ from_number: from, to_number: to }) => [from, to])
    .filter((number): number is string => typeof number === 'string');
  const log = listenToLog(bench);
  const errors: string[] = [];
  const echo = `Bearer ${KEY} of ${numbers[0]}`;
  const trouble: (() => () => void)[] = [
    () => bench.vendor.faults.add({ kind: 'server_error', times: null }),
    () => bench.vendor.faults.add({ kind: 'unauthorized', times: null }),
    () => bench.vendor.faults.add({ kind: 'redirect', times: null }),
    () =>
      bench.tamper((answer) => {
        answer.status = 400;
        answer.json = { error: echo, message: echo, detail: echo };
      }),
    () =>
      bench.tamper(({ calls }) => {
        for (const call of calls) call.headers = { Authorization: KEY, other: `Bearer ${KEY}` };
        for (const call of calls.slice(0, 1)) call[vendor.fields.status] = echo;
        for (const call of calls) call[`note_${numbers[0]}`] = echo;
        for (const call of calls.slice(1, 2)) call[vendor.poison.field] = echo;
      }),
  ];
  try {
    for (const begin of trouble) {
      const end = begin();
      errors.push((await bench.pass()).error?.message ?? '');
      end();
      bench.clock.advance(DAY / 24);
    }
    await bench.settle();
  } finally {
    log.stop();
  }

  const told = [log.text(), ...errors].join('\n');
  expect(log.text().split('\n').length).toBeGreaterThan(3);
  for (const secret of [KEY, ...numbers]) expect(told).not.toContain(secret);
  expect(await everythingIn(bench.pool)).not.toContain(KEY);
});

row('noCalls', async (vendor) => {
  const bench = await startConformance(vendor, { liveCallsPerSecond: 0.005, liveForMs: DAY / 24 });
  await bench.settle();
  await bench.verify({ heal: true });
  await bench.underLease((context) => resyncCalls(context, [...bench.truth().keys()], newReread()));
  bench.clock.advance(DAY);
  await bench.settle();

  const { counts, entries } = bench.vendor.requests;
  expect(entries.length).toBeGreaterThan(bench.truth().size);
  expect(counts.create).toBe(0);
  expect(counts.other).toBe(0);
});
