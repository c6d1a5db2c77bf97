import { beforeAll, expect, test } from 'vitest';
import { useTestDatabase } from '../support/database.ts';
import { insertCall, insertCheckpoint, insertSource, type Row } from '../support/rows.ts';

const database = useTestDatabase();

beforeAll(async () => {
  const source = await insertSource(database.pool, 'seoul', 'Asia/Seoul');
  const year = '{[2026-01-01T00:00:00Z,2027-01-01T00:00:00Z)}';
  await insertCheckpoint(database.pool, { source_id: source, wanted: year, covered: year });
  const failed = { status: 'not_connected', started_at: null, duration_ms: null };
  const calls: Row[] = [
    { end_reason: 'user_hangup', duration_ms: 10_000 },
    { end_reason: 'user_hangup', duration_ms: 15_000 },
    { end_reason: 'agent_hangup', duration_ms: 1_000, settlement: 'settling' },
    { end_reason: 'dial_busy', ...failed },
    { end_reason: 'dial_busy', test_call: true, ...failed },
    { status: 'ongoing', settlement: 'stuck' },
    { end_reason: 'user_hangup', occurred_at: '2026-03-11T12:00:00+09:00' },
  ];
  for (const [at, call] of calls.entries()) {
    await insertCall(database.pool, { source_id: source, call_id: String(at), ...call });
  }
});

test('each end reason has its share of the counted calls of its day', async () => {
  const { rows } = await database.pool.query(
    `select day::text, status, end_reason, calls, day_calls, share_of_day::float8 as share,
            average_duration_seconds as average, settled_share::float8 as settled, is_provisional
       from callhouse_analytics.end_reasons order by day, end_reason`,
  );
  const tenth = { day: '2026-03-10', day_calls: '4', is_provisional: true };
  expect(rows).toEqual([
    {
      ...tenth,
      status: 'ended',
      end_reason: 'agent_hangup',
      calls: '1',
      share: 0.25,
      average: '1.000',
      settled: 0,
    },
    {
      ...tenth,
      status: 'not_connected',
      end_reason: 'dial_busy',
      calls: '1',
      share: 0.25,
      average: null,
      settled: 1,
    },
    {
      ...tenth,
      status: 'ended',
      end_reason: 'user_hangup',
      calls: '2',
      share: 0.5,
      average: '12.500',
      settled: 1,
    },
    {
      day: '2026-03-11',
      status: 'ended',
      end_reason: 'user_hangup',
      calls: '1',
      day_calls: '1',
      share: 1,
      average: '60.000',
      settled: 1,
      is_provisional: false,
    },
  ]);
});
