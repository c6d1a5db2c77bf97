import { beforeAll, expect, test } from 'vitest';
import { useTestDatabase } from '../support/database.ts';
import { insertCall, insertRow, insertSource } from '../support/rows.ts';

const database = useTestDatabase();
let seoul: number;

/** One row of the view, the columns given. */
async function view(callId: string, columns: string): Promise<unknown> {
  const { rows } = await database.pool.query(
    `select ${columns} from callhouse_analytics.calls where call_id = $1`,
    [callId],
  );
  expect(rows).toHaveLength(1);
  return rows[0];
}

beforeAll(async () => {
  seoul = await insertSource(database.pool, 'vox-seoul', 'Asia/Seoul');
});

test('a call has its business day, hour and weekday in the time zone of its source', async () => {
  // 15:30 UTC is half past midnight of the next day in Seoul; 2026-03-11 is a Wednesday.
  await insertCall(database.pool, { source_id: seoul, call_id: 'late', occurred_at: '2026-03-10T15:30:00Z' });
  expect(await view('late', 'source, vendor, time_zone, day::text, hour, weekday')).toEqual({
    source: 'vox-seoul',
    vendor: 'vox',
    time_zone: 'Asia/Seoul',
    day: '2026-03-11',
    hour: 0,
    weekday: 3,
  });
});

test('a call has its total cost to the digit, its analysis and its extracted fields in one row', async () => {
  const key = { source_id: seoul, call_id: 'rich' };
  await insertCall(database.pool, {
    ...key,
    duration_ms: 61_234,
    cost_amount: '200.10',
    cost_currency: 'KRW',
  });
  await insertRow(database.pool, 'callhouse.call_analyses', {
    ...key,
    summary: '예약',
    sentiment: 'positive',
  });
  const fields = [
    { origin: 'analysis', position: 0, name: 'city', value: '"Busan"' },
    { origin: 'extracted', position: 0, name: 'city', value: '"Seoul"' },
    { origin: 'extracted', position: 1, name: 'guests', value: '4' },
    { origin: 'extracted', position: 2, name: 'note', value: 'null' },
    { origin: 'extracted', position: 3, name: null, value: '"nameless"' },
  ];
  for (const field of fields)
    await insertRow(database.pool, 'callhouse.call_extractions', { ...key, ...field });
  const columns =
    'duration_ms, duration_seconds::text, cost_amount::text, cost_currency, summary, sentiment, extractions';
  expect(await view('rich', columns)).toEqual({
    duration_ms: '61234',
    duration_seconds: '61.234',
    cost_amount: '200.10',
    cost_currency: 'KRW',
    summary: '예약',
    sentiment: 'positive',
    extractions: { city: 'Seoul', guests: 4, note: null },
  });
});

test('a call without children has a row with nulls, and no turns', async () => {
  await insertCall(database.pool, { source_id: seoul, call_id: 'bare' });
  expect(
    await view('bare', 'cost_amount, summary, extractions, awaiting, agent_turns, user_turns, tool_calls'),
  ).toEqual({
    cost_amount: null,
    summary: null,
    extractions: null,
    awaiting: null,
    agent_turns: '0',
    user_turns: '0',
    tool_calls: '0',
  });
});

test('turns are counted by who spoke, tool steps apart', async () => {
  const key = { source_id: seoul, call_id: 'spoken' };
  await insertCall(database.pool, key);
  const items = [
    { role: 'agent', kind: 'speech' },
    { role: 'user', kind: 'speech' },
    { role: 'agent', kind: 'speech' },
    { role: 'tool', kind: 'tool_call' },
    { role: 'tool', kind: 'tool_result' },
    { role: 'system', kind: 'event' },
  ];
  for (const [position, item] of items.entries()) {
    await insertRow(database.pool, 'callhouse.transcript_items', { ...key, position, ...item });
  }
  expect(await view('spoken', 'agent_turns, user_turns, tool_calls')).toEqual({
    agent_turns: '2',
    user_turns: '1',
    tool_calls: '1',
  });
});

test('the agent keeps the name of the time of the call; without one it has its name of today', async () => {
  await insertRow(database.pool, 'callhouse.agents', {
    source_id: seoul,
    agent_id: 'a1',
    name: 'New name',
    first_seen_at: '2026-01-01T00:00:00Z',
    last_seen_at: '2026-01-01T00:00:00Z',
  });
  await insertCall(database.pool, {
    source_id: seoul,
    call_id: 'own',
    agent_id: 'a1',
    agent_name: 'Old name',
  });
  await insertCall(database.pool, { source_id: seoul, call_id: 'none', agent_id: 'a1' });
  expect(await view('own', 'agent_id, agent_name')).toEqual({ agent_id: 'a1', agent_name: 'Old name' });
  expect(await view('none', 'agent_id, agent_name')).toEqual({ agent_id: 'a1', agent_name: 'New name' });
});

const start = '2026-03-10T03:00:00Z';
test.each([
  { status: 'ended', started_at: start, duration_ms: 1, connected: true },
  { status: 'ended', started_at: null, duration_ms: 1000, connected: true },
  { status: 'ended', started_at: null, duration_ms: null, connected: false },
  { status: 'ongoing', started_at: start, duration_ms: null, connected: true },
  { status: 'failed', started_at: start, duration_ms: null, connected: true },
  { status: 'failed', started_at: null, duration_ms: 0, connected: false },
  { status: 'not_connected', started_at: start, duration_ms: 0, connected: false },
  { status: 'ringing', started_at: start, duration_ms: null, connected: false },
  { status: 'queued', started_at: start, duration_ms: null, connected: false },
])('connected is $connected for status $status, start $started_at, length $duration_ms', async (row) => {
  const { connected, ...facts } = row;
  const callId = `${row.status} ${row.started_at} ${row.duration_ms}`;
  await insertCall(database.pool, { source_id: seoul, call_id: callId, occurred_at: start, ...facts });
  expect(await view(callId, 'connected')).toEqual({ connected });
});

test.each([
  { settlement: 'open', test_call: false, is_final: false, is_counted: true },
  { settlement: 'settling', test_call: false, is_final: false, is_counted: true },
  { settlement: 'settled', test_call: false, is_final: true, is_counted: true },
  { settlement: 'expired', test_call: false, is_final: true, is_counted: true },
  { settlement: 'missing', test_call: false, is_final: true, is_counted: true },
  { settlement: 'stuck', test_call: false, is_final: false, is_counted: false },
  { settlement: 'settled', test_call: true, is_final: true, is_counted: false },
])('a $settlement call (test: $test_call) is final: $is_final, counted: $is_counted', async (row) => {
  const { is_final, is_counted, ...facts } = row;
  const callId = `${row.settlement} ${row.test_call}`;
  await insertCall(database.pool, { source_id: seoul, call_id: callId, ...facts });
  expect(await view(callId, 'is_final, is_counted')).toEqual({ is_final, is_counted });
});

test('what a call waits for is told until it is final', async () => {
  const key = { source_id: seoul, call_id: 'waiting' };
  await insertCall(database.pool, { ...key, settlement: 'settling' });
  await insertRow(database.pool, 'callhouse_sync.settlements', {
    ...key,
    next_check_at: start,
    deadline_at: start,
    awaiting: ['cost', 'analysis'],
    next_read: 'list',
    queued_at: start,
  });
  expect(await view('waiting', 'awaiting')).toEqual({ awaiting: ['cost', 'analysis'] });
});

test.each([
  { query: 'select count(*) from callhouse_analytics.calls', read: ['calls'] },
  { query: 'select source, day from callhouse_analytics.calls', read: ['calls', 'sources'] },
  { query: 'select agent_turns from callhouse_analytics.calls', read: ['calls', 'transcript_items'] },
  { query: 'select sum(cost_amount) from callhouse_analytics.calls', read: ['calls'] },
  { query: 'select extractions from callhouse_analytics.calls', read: ['call_extractions', 'calls'] },
  { query: 'select outcome from callhouse_analytics.calls', read: ['calls', 'outcomes', 'sources'] },
  { query: 'select attempted_calls from callhouse_analytics.calls_daily', read: ['calls', 'sources'] },
])('what is not selected is not read: $query', async ({ query, read }) => {
  const { rows } = await database.pool.query<{ 'QUERY PLAN': unknown }>(`explain (format json) ${query}`);
  const plan = JSON.stringify(rows[0]?.['QUERY PLAN']);
  const relations = [...plan.matchAll(/"Relation Name":"(\w+)"/g)].map(([, relation]) => relation);
  expect(new Set(relations)).toEqual(new Set(read));
});
