import { describe, expect, it } from 'vitest';
import { HOUR } from '../../src/clock.ts';
import { openDatabase } from '../../src/database/database.ts';
import type { Transport } from '../../src/http/transport.ts';
import { noteFailure } from '../../src/warehouse/runs.ts';
import { type Bench, startBench } from './bench.ts';

const HEARTBEAT = 'select failures_in_a_row, last_error from callhouse_sync.heartbeats';
const LAST_RUN = 'select outcome, error from callhouse_sync.runs order by started_at desc limit 1';

async function first(bench: Bench, sql: string): Promise<unknown> {
  return (await bench.pool.query(sql)).rows[0];
}

const whoseParserBreaks = (): Transport => async () => {
  throw new RangeError('a sentence of somebody who spoke of 010-1234-5678');
};

// Holds invariant 21.
describe('a pass that breaks', () => {
  it('by an error that nobody foresaw is a failure of its run and its source, without a word of what was said', async () => {
    const bench = await startBench({ transport: whoseParserBreaks });
    for (const failures of [1, 2, 3]) {
      await expect(bench.pass()).rejects.toThrow(RangeError);

      const error = expect.stringMatching(/^callhouse broke: RangeError at (src|dist)\/[\w/-]+\.[jt]s:\d+$/);
      expect(await first(bench, LAST_RUN)).toEqual({ outcome: 'failed', error });
      expect(await first(bench, HEARTBEAT)).toEqual({ failures_in_a_row: failures, last_error: error });
    }
    const { state, reasons } = (await first(bench, 'select state, reasons from callhouse_sync.health')) as {
      state: string;
      reasons: string[];
    };
    expect(state).toBe('red');
    expect(reasons.join()).toMatch(/The last 3 passes failed/);
    expect(reasons.join()).not.toMatch(/1234/);
  });

  it('by a statement that the database refuses tells its SQLSTATE', async () => {
    const bench = await startBench({ pastCalls: 20 });
    bench.clock.advance(HOUR);
    await bench.pool.query(
      'alter table callhouse.calls add constraint no_calls check (call_id is null) not valid',
    );

    await expect(bench.pass()).rejects.toThrow(/no_calls/);

    expect(await first(bench, LAST_RUN)).toEqual({
      outcome: 'failed',
      error: expect.stringMatching(/^the database refused a statement \(SQLSTATE 23514\)/),
    });
    expect(await first(bench, HEARTBEAT)).toMatchObject({ failures_in_a_row: 1 });
    await bench.pool.query('alter table callhouse.calls drop constraint no_calls');
    expect((await bench.pass()).outcome).toBe('done');
    expect(await first(bench, HEARTBEAT)).toEqual({ failures_in_a_row: 0, last_error: null });
  });

  it('before its run has begun is told all the same', async () => {
    const bench = await startBench();
    const database = openDatabase(bench.databaseUrl);
    const worker = await bench.openAgain({ database });
    await bench.pool.query('alter table callhouse_sync.leases rename to gone');

    await expect(bench.pass({}, worker)).rejects.toThrow(/leases/);

    await bench.pool.query('alter table callhouse_sync.gone rename to leases');
    await database.end();
    expect(await first(bench, HEARTBEAT)).toEqual({
      failures_in_a_row: 1,
      last_error: expect.stringMatching(/SQLSTATE 42P01/),
    });
  });

  it('because its process ends is told by the next one', async () => {
    const bench = await startBench({ pastCalls: 20 });
    bench.clock.advance(HOUR);
    await bench.pass();
    for (const failures of [1, 2]) {
      await bench.pool.query("update callhouse_sync.runs set outcome = 'running'");
      const stopping = new AbortController();
      await bench.pass({ signal: stopping.signal, onProgress: () => stopping.abort() });
      expect(await first(bench, HEARTBEAT)).toEqual({
        failures_in_a_row: failures,
        last_error: 'the process ended before the run did',
      });
    }
  });
});

describe('a refusal of 200 kB that repeats what somebody said', () => {
  const long = `${'지금 010-1234-5678 '.repeat(12_000)}`;
  const body = JSON.stringify({
    error: { code: 'LOCKED', message: long, details: { field: long, reason: long } },
  });
  const refusing = (status: number, path: RegExp): ((real: Transport) => Transport) => {
    return (real) => (request, signal) =>
      path.test(new URL(request.url).pathname)
        ? Promise.resolve({
            status,
            headers: {},
            body: (async function* () {
              yield Buffer.from(body);
            })(),
          })
        : real(request, signal);
  };

  // Holds invariant 19.
  it.each([402, 403, 422, 503])('of a list (%i) is stored in a few words', async (status) => {
    const bench = await startBench({ transport: refusing(status, /calls$/) });
    expect((await bench.pass()).outcome).toBe('failed');
    const { error } = (await first(bench, LAST_RUN)) as { error: string };
    expect(error).toMatch(new RegExp(`answered ${status}: .*LOCKED; field 지금 \\[NUMBER\\]`));
    expect(error.length).toBeLessThanOrEqual(500);
    expect(error).not.toMatch(/1234/);
    expect(await first(bench, HEARTBEAT)).toMatchObject({ last_error: error });
    const told = await bench.value<number>('select length(reasons::text) from callhouse_sync.health');
    expect(told).toBeLessThan(1_500);
  });

  it('of a call stands beside it in a few words', async () => {
    const bench = await startBench({ pastCalls: 5, transport: refusing(423, /calls\/./) });
    bench.clock.advance(HOUR);
    expect((await bench.pass()).error).toBeNull();
    const faults = 'select max(length(last_fault)) from callhouse_sync.settlements';
    expect(await bench.value<number>(faults)).toBeLessThanOrEqual(500);
    const { last_fault: fault } = (await first(
      bench,
      'select last_fault from callhouse_sync.settlements where last_fault is not null',
    )) as { last_fault: string };
    expect(fault).toMatch(/answered 423: LOCKED; /);
  });
});

describe('a fault of any length', () => {
  it('is stored by its beginning, whoever worded it', async () => {
    const bench = await startBench();
    const { sourceId } = bench.synced;
    await noteFailure(bench.pool, sourceId, `the vendor answered 500: ${'x'.repeat(200_000)}`, 0);
    const { last_error: error } = (await first(bench, HEARTBEAT)) as { last_error: string };
    expect(error).toMatch(/^the vendor answered 500: x+…$/);
    expect(error).toHaveLength(500);
  });
});
