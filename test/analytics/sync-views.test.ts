import { beforeEach, describe, expect, test } from 'vitest';
import { HOUR } from '../../src/clock.ts';
import { useTestDatabase } from '../support/database.ts';
import { insertCall, insertCheckpoint, insertRow, insertSource, type Row } from '../support/rows.ts';

const database = useTestDatabase();
let source: number;

beforeEach(async () => {
  await database.pool.query(
    `truncate callhouse.sources, callhouse.calls, callhouse_sync.checkpoints, callhouse_sync.heartbeats,
              callhouse_sync.dead_letters, callhouse_sync.doubts cascade`,
  );
  source = await insertSource(database.pool, 'vox', 'Asia/Seoul');
});

async function all(query: string): Promise<unknown[]> {
  const { rows } = await database.pool.query(query);
  return rows;
}

const instant = (text: string) => new Date(text);

test('gaps are what some stream wanted and no stream covered', async () => {
  await insertCheckpoint(database.pool, {
    source_id: source,
    stream: 'backfill',
    wanted: '{(,2026-01-10T00:00:00Z)}',
    covered: '{[2026-01-01T00:00:00Z,2026-01-04T00:00:00Z),[2026-01-06T00:00:00Z,2026-01-10T00:00:00Z)}',
  });
  await insertCheckpoint(database.pool, {
    source_id: source,
    stream: 'live',
    wanted: '{[2026-01-05T00:00:00Z,2026-01-20T00:00:00Z)}',
    covered: '{[2026-01-05T00:00:00Z,2026-01-12T00:00:00Z)}',
  });
  const gaps =
    'select source_id, source, gap_from, gap_to from callhouse_sync.gaps order by gap_from nulls first';
  expect(await all(gaps)).toEqual([
    { source_id: source, source: 'vox', gap_from: null, gap_to: instant('2026-01-01T00:00:00Z') },
    {
      source_id: source,
      source: 'vox',
      gap_from: instant('2026-01-04T00:00:00Z'),
      gap_to: instant('2026-01-05T00:00:00Z'),
    },
    {
      source_id: source,
      source: 'vox',
      gap_from: instant('2026-01-12T00:00:00Z'),
      gap_to: instant('2026-01-20T00:00:00Z'),
    },
  ]);
});

describe('a stretch that was read and does not prove itself', () => {
  const doubt = (stretch: string, row: Row = {}) =>
    insertRow(database.pool, 'callhouse_sync.doubts', {
      source_id: source,
      stretch,
      reason: 'fewer_than_counted',
      list_order: 'newest_first',
      calls_seen: 1_000,
      calls_counted: 1_500,
      attempts: 1,
      doubted_since: new Date(),
      next_try_at: new Date(),
      ...row,
    });
  const gapsOf = () =>
    all(
      'select gap_from, gap_to, reason, calls_seen, calls_counted from callhouse_sync.gaps order by gap_from',
    );

  test('is a gap of its own, with its reason and both counts; what covers it ends it', async () => {
    await insertCheckpoint(database.pool, {
      source_id: source,
      wanted: '{[2026-01-01T00:00:00Z,2026-01-09T00:00:00Z)}',
      covered: '{[2026-01-06T00:00:00Z,2026-01-09T00:00:00Z)}',
    });
    await doubt('[2026-01-03T00:00:00Z,2026-01-07T00:00:00Z)');
    expect(await gapsOf()).toEqual([
      {
        gap_from: instant('2026-01-01T00:00:00Z'),
        gap_to: instant('2026-01-03T00:00:00Z'),
        reason: 'unread',
        calls_seen: null,
        calls_counted: null,
      },
      {
        gap_from: instant('2026-01-03T00:00:00Z'),
        gap_to: instant('2026-01-06T00:00:00Z'),
        reason: 'fewer_than_counted',
        calls_seen: '1000',
        calls_counted: '1500',
      },
    ]);
    await database.pool.query(
      "update callhouse_sync.checkpoints set covered = '{[2026-01-01T00:00:00Z,2026-01-09T00:00:00Z)}'",
    );
    expect(await gapsOf()).toEqual([]);
  });

  test('is yellow for an hour, then red', async () => {
    await readUpTo(1);
    const { rows } = await database.pool.query('select fresh_to from callhouse_sync.coverage');
    const at = (hours: number) => new Date(rows[0].fresh_to.getTime() - hours * HOUR).toISOString();
    await database.pool.query(
      'update callhouse_sync.checkpoints set covered = covered - tstzmultirange(tstzrange($1, $2))',
      [at(5), at(4)],
    );
    await doubt(`[${at(5)},${at(4)})`);
    expect(await health()).toMatchObject({ state: 'yellow' });
    expect((await health()).reasons[0]).toMatch(
      /^Time was read and does not prove itself complete yet: 1 stretches \(fewer_than_counted\)/,
    );
    await database.pool.query('update callhouse_sync.doubts set doubted_since = $1', [at(2)]);
    expect(await health()).toMatchObject({ state: 'red' });
    expect((await health()).reasons[0]).toMatch(
      /^Time was read and does not prove itself complete: 1 stretches, since /,
    );
  });

  test('is none where its end was told once, at the newest seconds, while it is young', async () => {
    await readUpTo(1);
    const { rows } = await database.pool.query('select fresh_to from callhouse_sync.coverage');
    const from = rows[0].fresh_to as Date;
    const to = new Date(from.getTime() + 15_000);
    await database.pool.query(
      'update callhouse_sync.checkpoints set wanted = wanted + tstzmultirange(tstzrange($1, $2))',
      [from, to],
    );
    await doubt(`[${from.toISOString()},${to.toISOString()})`, { reason: 'told_once' });
    expect(await gapsOf()).toEqual([]);
    expect(await health()).toMatchObject({ state: 'green' });
    await database.pool.query("update callhouse_sync.doubts set doubted_since = now() - interval '1 hour'");
    expect(await gapsOf()).toMatchObject([{ reason: 'told_once' }]);
  });
});

test('a clock of the vendor that is not believed is told', async () => {
  await readUpTo(1, { doubted_clock_offset_ms: 26 * HOUR });
  expect(await health()).toEqual({
    state: 'yellow',
    reasons: [
      "The vendor says a time that is 1 day 02:00:00 off the database's clock and does not fit its own calls. It is not believed; new calls are read all the same.",
    ],
  });
});

test('coverage tells the newest time read, and the instant up to which nothing is missing', async () => {
  const coverage = 'select fresh_to, complete_to from callhouse_sync.coverage';
  expect(await all(coverage)).toEqual([{ fresh_to: null, complete_to: null }]);
  await insertCheckpoint(database.pool, {
    source_id: source,
    wanted: '{[2026-01-01T00:00:00Z,2026-01-20T00:00:00Z)}',
    covered: '{[2026-01-01T00:00:00Z,2026-01-04T00:00:00Z),[2026-01-06T00:00:00Z,2026-01-20T00:00:00Z)}',
  });
  expect(await all(coverage)).toEqual([
    { fresh_to: instant('2026-01-20T00:00:00Z'), complete_to: instant('2026-01-04T00:00:00Z') },
  ]);
  await database.pool.query('update callhouse_sync.checkpoints set covered = wanted');
  expect(await all(coverage)).toEqual([
    { fresh_to: instant('2026-01-20T00:00:00Z'), complete_to: instant('2026-01-20T00:00:00Z') },
  ]);
});

/** Queues a call that is read again `minutes` from now. */
async function queue(callId: string, settlement: string, awaiting: string[], minutes: number): Promise<void> {
  await insertCall(database.pool, { source_id: source, call_id: callId, settlement });
  await database.pool.query(
    `insert into callhouse_sync.settlements
       (source_id, call_id, next_check_at, deadline_at, awaiting, next_read, queued_at)
     values ($1, $2, now() + $3 * interval '1 minute', '2026-03-12T03:00:00Z', $4, 'detail', now())`,
    [source, callId, minutes, awaiting],
  );
}

test('the backlog groups calls by what they wait for, and says how many are due', async () => {
  await queue('c1', 'settling', ['cost'], -5);
  await queue('c2', 'settling', ['cost'], 5);
  await queue('c3', 'open', ['status', 'cost'], 5);
  expect(
    await all(
      `select source, settlement, awaiting, next_read, calls, due, earliest_deadline_at,
              oldest_next_check_at < now() as overdue
         from callhouse_sync.backlog order by settlement`,
    ),
  ).toEqual([
    {
      source: 'vox',
      settlement: 'open',
      awaiting: ['status', 'cost'],
      next_read: 'detail',
      calls: '1',
      due: '0',
      earliest_deadline_at: instant('2026-03-12T03:00:00Z'),
      overdue: false,
    },
    {
      source: 'vox',
      settlement: 'settling',
      awaiting: ['cost'],
      next_read: 'detail',
      calls: '2',
      due: '1',
      earliest_deadline_at: instant('2026-03-12T03:00:00Z'),
      overdue: true,
    },
  ]);
});

/** A source that is read up to `minutesAgo`, and whose data may be 10 minutes old. */
async function readUpTo(minutesAgo: number, heartbeat: Record<string, unknown> = {}): Promise<void> {
  await database.pool.query(
    `insert into callhouse_sync.checkpoints (source_id, stream, wanted, covered, saved_at)
     select $1, 'live', covered, covered, now()
       from (select tstzmultirange(tstzrange('2026-01-01Z', now() - $2 * interval '1 minute')) as covered) as read`,
    [source, minutesAgo],
  );
  await insertRow(database.pool, 'callhouse_sync.heartbeats', {
    source_id: source,
    stale_after_ms: 600_000,
    ...heartbeat,
  });
}

/** The state of the one source, and the beginning of each reason. */
async function health(): Promise<{ state: string; reasons: string[] }> {
  const { rows } = await database.pool.query<{ state: string; reasons: string[] }>(
    'select state, reasons from callhouse_sync.health',
  );
  const [row] = rows;
  if (!row) throw new Error('the source has no health');
  return row;
}

test('a source that was read lately and lacks nothing is green, without a reason', async () => {
  await readUpTo(5);
  expect(await health()).toEqual({ state: 'green', reasons: [] });
});

test('a source that was never read is red', async () => {
  expect(await health()).toEqual({
    state: 'red',
    reasons: ['Nothing was read from this source yet. Start `callhouse run`, or run `callhouse sync` once.'],
  });
});

// Holds invariant 20.
test('data that gets too old turns red while nothing writes', async () => {
  await readUpTo(11);
  const { state, reasons } = await health();
  expect(state).toBe('red');
  expect(reasons).toEqual([
    expect.stringMatching(
      /^The newest data is 00:11:\d\d old, the limit is 00:10:00\. .* run `callhouse check`\.$/,
    ),
  ]);
});

test('three failed passes in a row are red, one or two are yellow', async () => {
  await readUpTo(1, { failures_in_a_row: 2, last_error: 'the vendor answered 500' });
  expect(await health()).toEqual({
    state: 'yellow',
    reasons: ['The last pass failed; the next one tries again by itself. Error: the vendor answered 500'],
  });
  await database.pool.query('update callhouse_sync.heartbeats set failures_in_a_row = 3');
  expect(await health()).toEqual({
    state: 'red',
    reasons: ['The last 3 passes failed. Run `callhouse check`. Last error: the vendor answered 500'],
  });
});

test('a source that failed and was not tried again is red, one that is being tried is not', async () => {
  await readUpTo(1, { failures_in_a_row: 1, last_error: 'the key was refused (401)' });
  const passes = `update callhouse_sync.heartbeats
    set last_pass_at = now() - $1 * interval '1 minute', last_error_at = now() - $2 * interval '1 minute'`;
  await database.pool.query(passes, [10, 9]);
  expect((await health()).state).toBe('yellow');
  await database.pool.query(passes, [12, 11]);
  expect(await health()).toEqual({
    state: 'red',
    reasons: [
      'The last pass failed and none was tried since. Mend what the error says and see that `callhouse run` is running. Error: the key was refused (401)',
    ],
  });
  await database.pool.query(passes, [5, 11]);
  expect((await health()).state).toBe('yellow');
});

test('gaps, dead letters, partly read calls and overdue re-reads are yellow, and each says what to do', async () => {
  await readUpTo(1);
  await database.pool.query(
    `update callhouse_sync.checkpoints
        set covered = covered - '{[2026-01-02Z,2026-01-03Z),[2026-01-04Z,2026-01-05Z)}'::tstzmultirange`,
  );
  await queue('c1', 'settling', ['cost'], -11);
  await queue('c2', 'settling', ['cost'], -9);
  const letter = (callId: string, scope: 'record' | 'field', path: string) =>
    insertRow(database.pool, 'callhouse_sync.dead_letters', {
      source_id: source,
      call_id: callId,
      kind: 'list',
      path,
      scope,
      reason: 'not a number',
      payload: '{}',
      payload_hash: 'x',
      first_seen_at: '2026-03-10T03:00:00Z',
      last_seen_at: '2026-03-10T03:00:00Z',
      attempts: 1,
    });
  await letter('bad', 'record', 'id');
  await letter('c1', 'field', 'call_cost');
  await letter('c1', 'field', 'metadata');
  expect(await health()).toEqual({
    state: 'yellow',
    reasons: [
      'Stretches of time that are not read yet: 2. `callhouse backfill` reads them, callhouse_sync.gaps names them.',
      'Records that could not be read: 1. callhouse_sync.dead_letters says why; they are asked for again by themselves.',
      'Calls of which a field could not be read: 1. They are stored with null there; callhouse_sync.dead_letters names each field, and `callhouse replay --dead-letters` reads them again after an upgrade.',
      'Calls that should have been read again by now: 1. The request budget may be too small: run `callhouse status`.',
    ],
  });
  const trust = 'select partly_read_calls::integer as calls from callhouse_analytics.freshness';
  expect((await database.pool.query(trust)).rows).toEqual([{ calls: 1 }]);
});

test('a difference that an audit found is yellow until a later audit of the same window finds none', async () => {
  await readUpTo(1);
  const audit = (outcome: string, auditedAt: string, day: number) =>
    insertRow(database.pool, 'callhouse_sync.audits', {
      source_id: source,
      window_from: `2026-03-0${day}T00:00:00Z`,
      window_to: `2026-03-0${day + 1}T00:00:00Z`,
      method: 'ids',
      audited_at: auditedAt,
      run_id: '00000000-0000-4000-8000-000000000000',
      stored_calls: 7,
      outcome,
      requests: 1,
    });
  await audit('equal', '2026-03-10T03:00:00Z', 1);
  await audit('differs', '2026-03-11T03:00:00Z', 1);
  await audit('differs', '2026-03-11T03:00:00Z', 2);
  await audit('healed', '2026-03-11T03:00:00Z', 3);
  expect((await health()).reasons).toEqual([
    'Windows that differ from the vendor: 2. `callhouse verify --repair` reads them again, callhouse_sync.audits names the calls.',
  ]);
  await audit('equal', '2026-03-12T03:00:00Z', 1);
  await audit('healed', '2026-03-12T03:00:00Z', 2);
  expect(await health()).toEqual({ state: 'green', reasons: [] });
});

test('the stretch that the live pass reads next is no gap', async () => {
  await readUpTo(1);
  await database.pool.query(
    `update callhouse_sync.checkpoints set wanted = wanted + tstzmultirange(tstzrange(upper(covered), now()))`,
  );
  expect(await health()).toEqual({ state: 'green', reasons: [] });
});

test('health counts calls by how final they are', async () => {
  await readUpTo(1);
  const settlements = ['open', 'open', 'settling', 'settled', 'expired', 'stuck', 'missing'];
  for (const [at, settlement] of settlements.entries()) {
    await insertCall(database.pool, { source_id: source, call_id: String(at), settlement });
  }
  expect(
    await all(
      `select open_calls, settling_calls, expired_calls, stuck_calls, missing_calls, gaps, dead_letters,
              failures_in_a_row, last_error
         from callhouse_sync.health`,
    ),
  ).toEqual([
    {
      open_calls: '2',
      settling_calls: '1',
      expired_calls: '1',
      stuck_calls: '1',
      missing_calls: '1',
      gaps: '0',
      dead_letters: '0',
      failures_in_a_row: 0,
      last_error: null,
    },
  ]);
});

test('freshness stands beside the charts: state, watermark and how much of the last days is settled', async () => {
  await readUpTo(1);
  const hoursAgo = (hours: number) => new Date(Date.now() - hours * 3_600_000);
  const calls = [
    { occurred_at: hoursAgo(1), settlement: 'settling' },
    { occurred_at: hoursAgo(2), settlement: 'settled' },
    { occurred_at: hoursAgo(3), settlement: 'settled', test_call: true },
    { occurred_at: hoursAgo(30), settlement: 'settled' },
    { occurred_at: hoursAgo(31), settlement: 'settled' },
    { occurred_at: hoursAgo(24 * 8), settlement: 'settled' },
  ];
  for (const [at, call] of calls.entries()) {
    await insertCall(database.pool, { source_id: source, call_id: String(at), ...call });
  }
  expect(
    await all(
      `select source, vendor, state, complete_to = fresh_to as complete, calls_last_day, settled_last_day,
              settled_share_last_day::float8 as day_share, calls_last_7_days, settled_last_7_days,
              settled_share_last_7_days::float8 as week_share, last_call_at
         from callhouse_analytics.freshness`,
    ),
  ).toEqual([
    {
      source: 'vox',
      vendor: 'vox',
      state: 'green',
      complete: true,
      calls_last_day: '2',
      settled_last_day: '1',
      day_share: 0.5,
      calls_last_7_days: '4',
      settled_last_7_days: '3',
      week_share: 0.75,
      last_call_at: calls[0]?.occurred_at,
    },
  ]);
});
