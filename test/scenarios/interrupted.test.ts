import { expect, it } from 'vitest';
import { HOUR, MINUTE } from '../../src/clock.ts';
import { openDatabase } from '../../src/database/database.ts';
import type { Transport } from '../../src/http/transport.ts';
import { type Bench, startBench } from './bench.ts';

/** Lists of which each row has a field of 20 kB that nobody knows. */
const withLargeRows =
  (real: Transport): Transport =>
  async (request, signal) => {
    const response = await real(request, signal);
    if (!request.url.includes('/calls?')) return response;
    const chunks: Uint8Array[] = [];
    for await (const chunk of response.body) chunks.push(chunk);
    const text = Buffer.concat(chunks).toString();
    const large = text.replace(/\{"id":/g, `{"padding":"${'x'.repeat(20_000)}","id":`);
    return {
      ...response,
      body: (async function* () {
        yield Buffer.from(large);
      })(),
    };
  };

/** A worker that dies at a statement of this name, when it is sent the second time. */
function workerThatDies(bench: Bench, statement: string) {
  const opened = openDatabase(bench.databaseUrl);
  let sent = 0;
  const doomed = new WeakSet();
  const connect = async () => {
    const client = await opened.connect();
    if (doomed.has(client)) return client;
    doomed.add(client);
    const query = client.query.bind(client) as (...given: unknown[]) => unknown;
    const dying = (...given: unknown[]) => {
      if ((given[0] as { name?: string }).name !== statement) return query(...given);
      sent += 1;
      return sent === 2 ? Promise.reject(new Error('the worker dies here')) : query(...given);
    };
    return Object.assign(client, { query: dying });
  };
  const database = { ...opened, connect };
  return { database, worker: bench.openAgain({ database }) };
}

/** Stops a pass after the first page of a step. */
async function stopAfterFirst(bench: Bench, step: 'live' | 'backfill'): Promise<void> {
  const stopping = new AbortController();
  const { outcome } = await bench.pass({
    signal: stopping.signal,
    onProgress: (progress) => progress.step === step && stopping.abort(),
  });
  expect(outcome).toBe('stopped');
}

// Holds invariant 3.
it('a window of which some pages are stored covers nothing: its time is still a gap', async () => {
  const bench = await startBench({ pastCalls: 350, historyDays: 3 });
  bench.clock.advance(3 * HOUR);
  await stopAfterFirst(bench, 'backfill');

  expect(await bench.value('select count(*)::integer > 0 from callhouse.calls')).toBe(true);
  const covered = "select covered = '{}' from callhouse_sync.checkpoints where stream = 'backfill'";
  expect(await bench.value(covered)).toBe(true);
  const unread = "select count(*)::integer from callhouse_sync.gaps where reason = 'unread'";
  expect(await bench.value(unread)).toBe(1);

  await bench.settle();
  expect(await bench.differences()).toEqual([]);
  expect(await bench.value('select count(*)::integer from callhouse_sync.gaps')).toBe(0);
});

it('a page that is loaded in pieces is stored as one: a crash between two of them leaves nothing of it', async () => {
  const bench = await startBench({ pastCalls: 90, historyDays: 3, transport: withLargeRows });
  bench.clock.advance(3 * HOUR);
  const backfill = { command: 'backfill', only: 'backfill' } as const;
  const { database, worker } = workerThatDies(bench, 'upsert callhouse.calls');
  await expect(bench.pass(backfill, await worker)).rejects.toThrow('the worker dies here');
  await database.end();

  const calls = 'select count(*)::integer from callhouse.calls';
  expect(await bench.value(calls)).toBe(0);
  const gaps = 'select count(*)::integer from callhouse_sync.gaps';
  expect(await bench.value(`${gaps} where reason = 'unread'`)).toBe(1);

  await bench.pass(backfill);
  expect(await bench.value(calls)).toBe(90);
  expect(await bench.value(gaps)).toBe(0);
  const smallest = 'select min(length(payload::text)) > 20000 from callhouse_sync.raw_payloads';
  expect(await bench.value(smallest)).toBe(true);
  await bench.settle();
  expect(await bench.differences()).toEqual([]);
});

// Holds invariants 3, 4.
it('a cursor is sent only with the window that it came with, however a pass was interrupted', async () => {
  const bench = await startBench({ pastCalls: 0, liveCallsPerSecond: 0.06, liveForMs: HOUR });
  bench.clock.advance(20 * MINUTE);
  await bench.pass();
  bench.clock.advance(40 * MINUTE);
  await stopAfterFirst(bench, 'live');
  expect(
    await bench.value("select cursor is not null from callhouse_sync.checkpoints where stream = 'live'"),
  ).toBe(true);
  bench.clock.advance(MINUTE);

  const { outcome } = await bench.pass();

  expect(outcome).toBe('done');
  // The vendor refuses a cursor with filters that are not its own.
  expect(bench.sandbox.vox.requests.entries.filter(({ status }) => status === 400)).toEqual([]);
  await bench.settle();
  expect(await bench.differences()).toEqual([]);
});
