import { beforeAll, beforeEach, expect, test } from 'vitest';
import { useTestDatabase } from '../support/database.ts';
import { insertCall, insertCheckpoint, insertRow, insertSource, type Row } from '../support/rows.ts';

const database = useTestDatabase();
let seoul: number;
let madrid: number;

/** All of March is read, but for an hour of the 20th in Seoul. */
const march =
  '{[2026-03-01T00:00:00+09,2026-03-20T12:00:00+09),[2026-03-20T13:00:00+09,2026-04-01T00:00:00+09)}';

beforeAll(async () => {
  seoul = await insertSource(database.pool, 'seoul', 'Asia/Seoul');
  madrid = await insertSource(database.pool, 'madrid', 'Europe/Madrid');
  const wanted = '{[2026-03-01T00:00:00+09,2026-04-01T00:00:00+09)}';
  await insertCheckpoint(database.pool, { source_id: seoul, wanted, covered: march });
  const october = '{[2026-10-01T00:00:00Z,2026-11-01T00:00:00Z)}';
  await insertCheckpoint(database.pool, { source_id: madrid, wanted: october, covered: october });
});

beforeEach(async () => {
  await database.pool.query('truncate callhouse.calls cascade');
});

/** Inserts calls at noon of a Seoul day. */
async function seoulCalls(day: string, calls: Row[]): Promise<void> {
  for (const [at, call] of calls.entries()) {
    const key = { source_id: seoul, call_id: `${day}-${at}` };
    await insertCall(database.pool, {
      ...key,
      occurred_at: `${day}T12:00:00+09:00`,
      agent_id: 'a1',
      ...call,
    });
  }
}

async function daily(columns: string): Promise<unknown[]> {
  const { rows } = await database.pool.query(
    `select ${columns} from callhouse_analytics.calls_daily order by source, day, agent_id, agent_name, direction`,
  );
  return rows;
}

test('a day counts its calls by outcome and keeps test calls and stuck calls apart', async () => {
  await seoulCalls('2026-03-10', [
    { duration_ms: 10_000 },
    { duration_ms: 20_000 },
    { duration_ms: 60_500 },
    { status: 'failed', started_at: '2026-03-10T12:00:00+09:00', duration_ms: null },
    { status: 'failed', started_at: null, duration_ms: null },
    { status: 'canceled', started_at: null, duration_ms: null },
    { status: 'not_connected', started_at: null, duration_ms: 0 },
    { status: 'queued', started_at: null, duration_ms: null, settlement: 'open' },
    { test_call: true, duration_ms: 999_000 },
    { status: 'ongoing', duration_ms: null, settlement: 'stuck' },
  ]);
  const columns = `source, day::text, agent_id, direction, attempted_calls, connected_calls, not_connected_calls,
    failed_calls, canceled_calls, open_calls, connection_rate::float8, calls_with_duration,
    trim_scale(total_duration_seconds) as total, average_duration_seconds as average,
    median_duration_seconds as median, test_calls, stuck_calls`;
  expect(await daily(columns)).toEqual([
    {
      source: 'seoul',
      day: '2026-03-10',
      agent_id: 'a1',
      direction: 'inbound',
      attempted_calls: '8',
      connected_calls: '4',
      not_connected_calls: '1',
      failed_calls: '2',
      canceled_calls: '1',
      open_calls: '1',
      connection_rate: 0.5,
      calls_with_duration: '3',
      total: '90.5',
      average: '30.167',
      median: '20.000',
      test_calls: '1',
      stuck_calls: '1',
    },
  ]);
});

test('a median is that of all calls, whatever their status, their settlement and the name of their agent', async () => {
  const connected = { agent_id: 'a1', status: 'ended', started_at: '2026-03-10T03:00:00Z' };
  await seoulCalls('2026-03-10', [
    { ...connected, duration_ms: 1_000 },
    { ...connected, duration_ms: 9_000, settlement: 'settling' },
    { ...connected, duration_ms: 4_000, status: 'failed', settlement: 'expired' },
    { ...connected, duration_ms: 2_000, agent_name: 'Mina' },
    { ...connected, duration_ms: 500_000, test_call: true },
    { ...connected, duration_ms: 500_000, status: 'not_connected' },
    { ...connected, duration_ms: null },
  ]);
  const columns = 'agent_name, connected_calls, calls_with_duration, median_duration_seconds';
  expect(await daily(columns)).toEqual([
    { agent_name: 'Mina', connected_calls: '5', calls_with_duration: '4', median_duration_seconds: '3.000' },
  ]);
});

test('a day of test calls only has no rate, rather than a rate of 0', async () => {
  await seoulCalls('2026-03-10', [{ test_call: true }]);
  const columns =
    'attempted_calls, connection_rate, average_duration_seconds, median_duration_seconds, settled_share, test_calls';
  expect(await daily(columns)).toEqual([
    {
      attempted_calls: '0',
      connection_rate: null,
      average_duration_seconds: null,
      median_duration_seconds: null,
      settled_share: null,
      test_calls: '1',
    },
  ]);
});

test('a business day in Seoul begins at 15:00 UTC', async () => {
  const at = ['2026-03-10T14:59:59.999Z', '2026-03-10T15:00:00Z', '2026-03-11T14:59:59.999Z'];
  for (const occurred_at of at) {
    await insertCall(database.pool, { source_id: seoul, call_id: occurred_at, occurred_at });
  }
  expect(await daily('day::text, attempted_calls')).toEqual([
    { day: '2026-03-10', attempted_calls: '1' },
    { day: '2026-03-11', attempted_calls: '2' },
  ]);
});

test('the day on which Madrid leaves summer time has 25 hours', async () => {
  // 2026-10-25 lasts from 22:00 UTC of the day before to 23:00 UTC; 02:30 local time comes twice.
  const hours = Array.from({ length: 27 }, (_, hour) => new Date(Date.UTC(2026, 9, 24, 21 + hour, 30)));
  for (const instant of hours) {
    const occurred_at = instant.toISOString();
    await insertCall(database.pool, { source_id: madrid, call_id: occurred_at, occurred_at });
  }
  expect(await daily('source, day::text, attempted_calls, is_provisional')).toEqual([
    { source: 'madrid', day: '2026-10-24', attempted_calls: '1', is_provisional: false },
    { source: 'madrid', day: '2026-10-25', attempted_calls: '25', is_provisional: false },
    { source: 'madrid', day: '2026-10-26', attempted_calls: '1', is_provisional: false },
  ]);
  const { rows } = await database.pool.query(
    `select hour, count(*)::integer as calls from callhouse_analytics.calls
      where day = '2026-10-25' and hour between 1 and 3 group by hour order by hour`,
  );
  expect(rows).toEqual([
    { hour: 1, calls: 1 },
    { hour: 2, calls: 2 },
    { hour: 3, calls: 1 },
  ]);
});

test('a day says how much of it is settled, and stays provisional while a call of it waits', async () => {
  await seoulCalls('2026-03-10', [{}, {}, {}, { settlement: 'settling' }]);
  await seoulCalls('2026-03-11', [{}, { settlement: 'expired' }, { settlement: 'missing' }, {}]);
  await seoulCalls('2026-03-12', [{}, { settlement: 'stuck', status: 'ongoing' }]);
  expect(await daily('day::text, settled_calls, settled_share::float8, is_provisional')).toEqual([
    { day: '2026-03-10', settled_calls: '3', settled_share: 0.75, is_provisional: true },
    { day: '2026-03-11', settled_calls: '2', settled_share: 0.5, is_provisional: false },
    { day: '2026-03-12', settled_calls: '1', settled_share: 1, is_provisional: false },
  ]);
});

test('a settled day is provisional while an hour of it is not read, or its end is still to come', async () => {
  for (const day of ['2026-03-19', '2026-03-20', '2026-03-31', '2026-04-01']) await seoulCalls(day, [{}]);
  expect(await daily('day::text, settled_share::float8, is_provisional')).toEqual([
    { day: '2026-03-19', settled_share: 1, is_provisional: false },
    { day: '2026-03-20', settled_share: 1, is_provisional: true },
    { day: '2026-03-31', settled_share: 1, is_provisional: false },
    { day: '2026-04-01', settled_share: 1, is_provisional: true },
  ]);
});

test('agents and directions have rows of their own; a renamed agent stays one', async () => {
  await insertRow(database.pool, 'callhouse.agents', {
    source_id: seoul,
    agent_id: 'a2',
    name: 'Today',
    first_seen_at: '2026-01-01T00:00:00Z',
    last_seen_at: '2026-01-01T00:00:00Z',
  });
  await seoulCalls('2026-03-10', [
    { agent_id: 'a1', agent_name: 'Mina' },
    { agent_id: 'a1', agent_name: 'Mina', direction: 'outbound' },
    { agent_id: 'a2', agent_name: 'Before' },
    { agent_id: 'a2', agent_name: 'After' },
    { agent_id: null, agent_name: 'Noa' },
    { agent_id: null, agent_name: 'Tal' },
  ]);
  expect(await daily('agent_id, agent_name, direction, attempted_calls as calls')).toEqual([
    { agent_id: 'a1', agent_name: 'Mina', direction: 'inbound', calls: '1' },
    { agent_id: 'a1', agent_name: 'Mina', direction: 'outbound', calls: '1' },
    { agent_id: 'a2', agent_name: 'Today', direction: 'inbound', calls: '2' },
    { agent_id: null, agent_name: 'Noa', direction: 'inbound', calls: '1' },
    { agent_id: null, agent_name: 'Tal', direction: 'inbound', calls: '1' },
  ]);
});
