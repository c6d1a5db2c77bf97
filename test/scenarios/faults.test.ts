import { describe, expect, it, vi } from 'vitest';
import { HOUR, MINUTE, SECOND } from '../../src/clock.ts';
import type { Transport } from '../../src/http/transport.ts';
import type { FaultInput } from '../../src/sandbox/fault-kinds.ts';
import { startBench } from './bench.ts';

/** Faults that a retry mends within the pass: nobody notices but the counters. */
const PASSING: [string, FaultInput[]][] = [
  [
    'server errors',
    [
      { kind: 'server_error', status: 500, times: 2 },
      { kind: 'server_error', status: 503, times: 2, after: 3 },
    ],
  ],
  [
    '429 with Retry-After in seconds',
    [{ kind: 'rate_limited', retryAfter: 'seconds', retryAfterMs: 7_000, times: 3, after: 1 }],
  ],
  [
    '429 with Retry-After as a date',
    [{ kind: 'rate_limited', retryAfter: 'http-date', retryAfterMs: 9_000, times: 3 }],
  ],
  ['429 with Retry-After 0', [{ kind: 'rate_limited', retryAfter: 'zero', times: 3, after: 2 }]],
  ['429 without Retry-After', [{ kind: 'rate_limited', retryAfter: 'none', times: 3 }]],
  ['HTML instead of JSON', [{ kind: 'html', times: 2, after: 1 }]],
  [
    'truncated JSON',
    [
      { kind: 'truncated', times: 2 },
      { kind: 'truncated', route: 'detail', times: 1, after: 4 },
    ],
  ],
  ['empty bodies', [{ kind: 'empty_body', times: 2, after: 1 }]],
  ['connections that are reset', [{ kind: 'reset', times: 2, after: 2 }]],
  ['an empty page that points to another', [{ kind: 'empty_page', route: 'list', times: 2, after: 1 }]],
  ['a cursor that comes back', [{ kind: 'repeated_cursor', route: 'list', times: 2 }]],
  ['a cursor that is refused', [{ kind: 'cursor_refused', times: 1 }]],
  ['cursors that are always refused', [{ kind: 'cursor_refused', times: null }]],
  ['rows that come twice', [{ kind: 'duplicate_rows', times: 3 }]],
  ['a total that is too small', [{ kind: 'total_count_wrong', totalCount: 3, times: null, after: 2 }]],
  ['a total that is too large', [{ kind: 'total_count_wrong', totalCount: 1_000_000, times: 4 }]],
];

/** Faults that last: the pass ends with an error that says what happened, and the next one catches up. */
const LASTING: [string, FaultInput, RegExp][] = [
  ['server errors', { kind: 'server_error', status: 502, times: null }, /answered 502/],
  ['HTML instead of JSON', { kind: 'html', times: null }, /HTML instead of JSON/],
  ['truncated JSON', { kind: 'truncated', times: null }, /broken JSON/],
  ['a cursor that comes back', { kind: 'repeated_cursor', route: 'list', times: null }, /repeated a cursor/],
  [
    'an empty page that points to another',
    { kind: 'empty_page', route: 'list', times: null },
    /empty page with a cursor/,
  ],
  ['connections that are reset', { kind: 'reset', times: null }, /ECONNRESET|UND_ERR_SOCKET/],
  ['redirects', { kind: 'redirect', times: null }, /a redirect: check the base URL/],
];

describe('a fault of the vendor', () => {
  // Holds invariants 1, 4.
  it.each(PASSING)('is outlived: %s', async (_name, faults) => {
    const bench = await startBench({ pastCalls: 250 });
    bench.clock.advance(HOUR);
    bench.sandbox.vox.faults.add(...faults);

    const { outcome, error } = await bench.pass();

    expect(error).toBeNull();
    expect(outcome).toBe('done');
    expect(await bench.differences()).toEqual([]);
    expect(await bench.value('select count(*)::integer from callhouse_sync.gaps')).toBe(0);
  });

  // Holds invariants 3, 4.
  it.each(LASTING)('that lasts is told and caught up with afterwards: %s', async (_name, fault, words) => {
    const bench = await startBench({ pastCalls: 250 });
    bench.clock.advance(HOUR);
    bench.sandbox.vox.faults.add(fault);

    const failed = await bench.pass();

    expect(failed.outcome).toBe('failed');
    expect(failed.error?.message).toMatch(words);
    expect(failed.error?.message).not.toContain('sandbox-key');
    expect(
      await bench.value('select error from callhouse_sync.runs order by started_at desc limit 1'),
    ).toMatch(words);
    expect(await bench.value('select last_error from callhouse_sync.health')).toMatch(words);
    const sent = bench.sandbox.vox.requests.counts;
    expect(sent.list + sent.detail).toBeLessThan(60);

    bench.sandbox.vox.faults.clear();
    bench.clock.advance(MINUTE);
    expect((await bench.pass()).outcome).toBe('done');
    expect(await bench.differences()).toEqual([]);
    expect(await bench.value('select count(*)::integer from callhouse_sync.gaps')).toBe(0);
    expect(await bench.value('select last_error from callhouse_sync.health')).toBeNull();
  });

  it.each([
    ['whose headers never come', 'hang'],
    ['whose body stops in the middle', 'hang_body'],
  ] as const)('does not hold the worker: a connection %s', async (_name, kind) => {
    const bench = await startBench({ pastCalls: 120, deadlineMs: 400 });
    bench.clock.advance(HOUR);
    bench.sandbox.vox.faults.add({ kind, times: 2, after: 1 });

    const { outcome, counts } = await bench.pass();

    expect(outcome).toBe('done');
    expect(counts.retries).toBeGreaterThanOrEqual(2);
    expect(await bench.differences()).toEqual([]);
  });

  it('with a wrong key stops the source at once and says so', async () => {
    const bench = await startBench({ env: { VOX_API_KEY: 'not-the-key' } });

    const { outcome, error } = await bench.pass();

    expect(outcome).toBe('failed');
    expect(error?.message).toMatch(/401: the API key is not accepted/);
    expect(error?.message).not.toContain('not-the-key');
    expect(bench.sandbox.vox.requests.entries).toHaveLength(1);
  });

  // Holds invariant 3.
  it('of hours leaves a gap for all to see, and the gap is read when the vendor is back', async () => {
    const bench = await startBench({ pastCalls: 50, liveCallsPerSecond: 0.02, liveForMs: 12 * HOUR });
    await bench.pass();
    bench.sandbox.vox.faults.add({ kind: 'server_error', status: 503, times: null });
    for (let hour = 0; hour < 10; hour += 1) {
      bench.clock.advance(HOUR);
      expect((await bench.pass()).outcome).toBe('failed');
    }
    bench.sandbox.vox.faults.clear();
    bench.clock.advance(3 * HOUR);

    await bench.settle();

    expect(await bench.differences()).toEqual([]);
    expect(await bench.value('select count(*)::integer from callhouse_sync.gaps')).toBe(0);
  });
});

/** What is set aside and not yet read, by call. */
const UNREAD = `select call_id, kind, path, scope, facet from callhouse_sync.dead_letters
where resolved_at is null order by call_id, kind, path`;
const PARTLY = `select f.partly_read_calls::integer as freshness, h.reasons::text as reasons
from callhouse_analytics.freshness f join callhouse_sync.health h using (source_id)`;

// Holds invariant 13.
describe('a field that cannot be read', () => {
  it('is null and told while its call is stored and its page goes on, and is read when the vendor has mended it', async () => {
    const bench = await startBench({ pastCalls: 80 });
    bench.clock.advance(HOUR);
    const victim = [...bench.sandbox.vox.world.details(bench.clock.now())].findLast(
      ({ call_cost }) => call_cost !== null,
    );
    const callId = victim?.id ?? '';
    bench.sandbox.vox.faults.add({
      kind: 'poison_row',
      poison: 'cost_word',
      callId,
      route: 'any',
      times: null,
    });

    expect((await bench.pass()).outcome).toBe('done');

    expect(await bench.value('select count(*)::integer from callhouse.calls')).toBe(80);
    const known = await bench.pool.query(
      'select cost_amount, status, settlement from callhouse.calls where call_id = $1',
      [callId],
    );
    expect(known.rows).toEqual([{ cost_amount: null, status: 'ended', settlement: 'settling' }]);
    const letter = {
      call_id: callId,
      kind: 'list',
      path: 'call_cost.total_cost',
      scope: 'field',
      facet: 'cost',
    };
    expect((await bench.pool.query(UNREAD)).rows).toEqual([letter]);
    expect(await bench.value('select payload from callhouse_sync.dead_letters')).toBe('abc');
    expect((await bench.pool.query(PARTLY)).rows).toMatchObject([
      { freshness: 1, reasons: expect.stringContaining('a field could not be read: 1.') },
    ]);
    await bench.pass();
    expect((await bench.pool.query(UNREAD)).rows).toEqual([letter]);
    expect(
      await bench.value("select seen_count from callhouse_sync.drift where kind = 'unread_field'"),
    ).not.toBe('0');

    bench.sandbox.vox.faults.clear();
    bench.clock.advance(10 * MINUTE);
    await bench.settle();
    expect(await bench.differences()).toEqual([]);
    expect((await bench.pool.query(UNREAD)).rows).toEqual([]);
  });

  it('is awaited until the deadline where a part of the call hangs on it, and then expired, never settled', async () => {
    const bench = await startBench({ pastCalls: 12 });
    bench.clock.advance(HOUR);
    bench.sandbox.vox.faults.add({
      kind: 'poison_row',
      poison: 'cost_word',
      route: 'any',
      times: null,
      row: 2,
    });
    await bench.pass();
    const settlementOf = async (callId: string) =>
      bench.value<string>('select settlement from callhouse.calls where call_id = $1', [callId]);
    const [letter] = (await bench.pool.query<{ call_id: string }>(UNREAD)).rows;
    const callId = letter?.call_id ?? '';
    bench.sandbox.vox.faults.clear();
    bench.sandbox.vox.faults.add({
      kind: 'poison_row',
      poison: 'cost_word',
      route: 'any',
      times: null,
      callId,
    });
    expect(await settlementOf(callId)).toBe('settling');
    for (let hours = 0; hours < 60; hours += 6) {
      bench.clock.advance(6 * HOUR);
      await bench.pass();
    }
    expect(await settlementOf(callId)).toBe('expired');
  });

  it('is not asked for in a circle when only details show it', async () => {
    const bench = await startBench({ pastCalls: 80 });
    bench.clock.advance(HOUR);
    bench.sandbox.vox.faults.add({ kind: 'poison_row', poison: 'cost_word', route: 'detail', times: null });

    expect((await bench.pass()).outcome).toBe('done');
    const asked = bench.sandbox.vox.requests.counts.detail;
    expect(await bench.value('select count(*)::integer from callhouse.calls')).toBe(80);
    expect((await bench.pool.query(UNREAD)).rows).not.toEqual([]);
    await bench.pass();
    expect(bench.sandbox.vox.requests.counts.detail).toBe(asked);

    bench.sandbox.vox.faults.clear();
    bench.clock.advance(10 * MINUTE);
    await bench.settle();
    expect(await bench.differences()).toEqual([]);
    expect(
      await bench.value("select count(*)::integer from callhouse.calls where settlement = 'settled'"),
    ).toBe(80);
    expect((await bench.pool.query(UNREAD)).rows).toEqual([]);
  });
});

// Holds invariant 13.
describe('a record that cannot be read', () => {
  it.each([
    'id_missing',
    'id_number',
    'row_null',
    'status_number',
    'start_absurd',
    'metadata_text',
    'end_fraction',
  ] as const)('never stops a page: %s', async (poison) => {
    const bench = await startBench({ pastCalls: 80 });
    bench.clock.advance(HOUR);
    bench.sandbox.vox.faults.add({ kind: 'poison_row', poison, row: 5, route: 'list', times: 3 });

    expect((await bench.pass()).outcome).toBe('done');
    expect(
      await bench.value('select count(*)::integer from callhouse_sync.dead_letters'),
    ).toBeGreaterThanOrEqual(1);
    bench.clock.advance(10 * MINUTE);
    // A record without an id cannot be asked for: the next read of its window has it again.
    await bench.pool.query('delete from callhouse_sync.checkpoints');
    await bench.settle();
    expect(await bench.differences()).toEqual([]);
  });
});

describe('calls that are refused one after the other', () => {
  const refusing =
    (status: number) =>
    (real: Transport): Transport =>
    async (request, signal) => {
      const answer = await real(request, signal);
      return /\/calls\/./.test(new URL(request.url).pathname) ? { ...answer, status } : answer;
    };

  it('may be a matter of the key: then the pass says so, and what lists tell is stored', async () => {
    const bench = await startBench({ pastCalls: 40, transport: refusing(403) });
    bench.clock.advance(HOUR);
    const { error } = await bench.pass();
    expect(error?.message).toMatch(
      /403: the key may not read this call; so were \d+ calls in a row: see what the key/,
    );
    expect(await bench.value('select count(*)::integer from callhouse.calls')).toBeGreaterThan(30);
  });

  it('are each put off by themselves where it cannot be the key', async () => {
    const bench = await startBench({ pastCalls: 40, transport: refusing(423) });
    bench.clock.advance(HOUR);
    expect((await bench.pass()).error).toBeNull();
    expect(await bench.value('select count(*)::integer from callhouse.calls')).toBe(40);
    const without = 'select count(*)::integer from callhouse_sync.settlements where last_fault is null';
    expect(await bench.value(without)).toBe(0);
    const put = 'select count(*)::integer from callhouse_sync.settlements where next_check_at > $1';
    expect(await bench.value(put, [new Date(bench.clock.now())])).toBeGreaterThan(10);
  });
});

describe('what is new at the vendor', () => {
  it('loads and is counted: an unknown status, unknown fields, U+0000 in texts', async () => {
    const bench = await startBench({ pastCalls: 60 });
    bench.clock.advance(HOUR);
    bench.sandbox.vox.faults.add(
      { kind: 'unknown_status', status: 'dreaming', row: 1, route: 'list', times: 1, after: 2 },
      { kind: 'unknown_field', route: 'list', times: 2 },
      { kind: 'nul_text', route: 'detail', times: 2 },
    );
    await bench.pass();

    const { rows } = await bench.pool.query<{ kind: string; path: string; value: string }>(
      'select kind, path, value from callhouse_sync.drift order by kind, path',
    );
    expect(rows.map(({ kind }) => kind)).toContain('unknown_field');
    expect(rows.map(({ kind }) => kind)).toContain('cleaned_text');
    bench.clock.advance(MINUTE);
    await bench.pool.query('delete from callhouse_sync.checkpoints');
    await bench.settle();
    expect(await bench.value('select count(*)::integer from callhouse.calls')).toBe(60);
  });
});

describe('records with 20,000 fields that nobody knows', () => {
  /** Adds fields to each record of a list, other ones to each. */
  const withFields = (real: Transport): Transport => {
    return async (request, signal) => {
      const answer = await real(request, signal);
      if (!/calls$/.test(new URL(request.url).pathname)) return answer;
      const page = JSON.parse(await textOf(answer.body));
      for (const item of page.items) for (let i = 0; i < 20_000; i += 1) item[`f_${item.id}_${i}`] = '';
      const body = JSON.stringify(page);
      return {
        ...answer,
        body: (async function* () {
          yield Buffer.from(body);
        })(),
      };
    };
  };
  const textOf = async (body: AsyncIterable<Uint8Array>) => {
    const parts: Uint8Array[] = [];
    for await (const part of body) parts.push(part);
    return Buffer.concat(parts).toString();
  };

  it('are stored, and fill neither the table nor the log', async () => {
    const bench = await startBench({ pastCalls: 30, transport: withFields });
    const warn = vi.spyOn(bench.synced.log, 'warn');
    bench.clock.advance(HOUR);
    expect((await bench.pass()).error).toBeNull();

    expect(await bench.value('select count(*)::integer from callhouse.calls')).toBe(30);
    expect(await bench.value('select count(*)::integer from callhouse_sync.drift')).toBeLessThanOrEqual(
      1_006,
    );
    const more = `select seen_count::integer from callhouse_sync.drift where path = '(more)' and kind = 'unknown_field'`;
    expect(await bench.value(more)).toBeGreaterThan(30 * 19_000);
    const logged = warn.mock.calls.map((call) => JSON.stringify(call)).join('\n');
    expect(logged).toContain('more is new: see callhouse_sync.drift');
    expect(logged.length).toBeLessThan(20_000);
  });
});

describe('a call that the vendor forgets', () => {
  // Holds invariant 8.
  it('is kept and called missing', async () => {
    const bench = await startBench({ pastCalls: 40 });
    bench.clock.advance(HOUR);
    await bench.pass();
    const gone = await bench.value<string>(
      'select call_id from callhouse.calls where started_at is not null limit 1',
    );
    await bench.pool.query(
      `insert into callhouse_sync.settlements
  (source_id, call_id, next_check_at, deadline_at, awaiting, next_read, queued_at)
values ($1, $2, '2026-01-01', '2026-01-01', '{transcript}', 'detail', '2026-01-01')`,
      [bench.synced.sourceId, gone],
    );
    bench.sandbox.vox.faults.add({ kind: 'deleted', callId: gone });

    await bench.pass();

    const row = await bench.pool.query(
      'select settlement, missing_since is not null as since from callhouse.calls where call_id = $1',
      [gone],
    );
    expect(row.rows).toEqual([{ settlement: 'missing', since: true }]);
  });

  // Holds invariant 15.
  it('keeps what was stored when its fields are withdrawn, and says so once', async () => {
    const bench = await startBench({ pastCalls: 40 });
    bench.clock.advance(HOUR);
    await bench.pass();
    const [call] = (
      await bench.pool.query<{ call_id: string }>(
        `select call_id from callhouse.calls c join callhouse.call_analyses using (source_id, call_id)
join callhouse.call_extractions using (source_id, call_id)
where recording_url is not null and transcript_item_count > 3 limit 1`,
      )
    ).rows;
    bench.sandbox.vox.faults.add({ kind: 'retention', callId: call?.call_id ?? '' });
    for (let pass = 0; pass < 2; pass += 1) {
      bench.clock.advance(SECOND);
      await bench.pool.query('delete from callhouse_sync.checkpoints');
      await bench.pass();
    }

    const { rows } = await bench.pool.query(
      `select settlement, retracted, recording_url is not null as kept, transcript_item_count > 3 as said
from callhouse.calls where call_id = $1`,
      [call?.call_id],
    );
    expect(rows).toEqual([
      {
        settlement: 'settled',
        retracted: ['analysis', 'extractions', 'recording_url', 'transcript'],
        kept: true,
        said: true,
      },
    ]);
    const restated = 'select count(*)::integer from callhouse.call_events where restated and call_id = $1';
    expect(await bench.value(restated, [call?.call_id])).toBe(2);
  });
});
