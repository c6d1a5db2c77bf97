import { beforeAll, beforeEach, expect, test } from 'vitest';
import { useTestDatabase } from '../support/database.ts';
import { insertCall, insertCheckpoint, insertSource, type Row } from '../support/rows.ts';

const database = useTestDatabase();
const year = '{[2026-01-01T00:00:00Z,2027-01-01T00:00:00Z)}';
let source: number;
let count = 0;

beforeAll(async () => {
  source = await insertSource(database.pool, 'seoul', 'Asia/Seoul');
  await insertCheckpoint(database.pool, { source_id: source, wanted: year, covered: year });
});

beforeEach(async () => {
  await database.pool.query('truncate callhouse.calls cascade');
});

/** A call at noon of 2026-03-10 in Seoul by agent a1, with a cost such as `200.00 KRW`, or none. */
async function call(cost: string | null, row: Row = {}): Promise<void> {
  const key = { source_id: source, call_id: `call-${count++}` };
  const [cost_amount, cost_currency] = cost?.split(' ') ?? [];
  await insertCall(database.pool, { ...key, agent_id: 'a1', cost_amount, cost_currency, ...row });
}

/** A call whose cost is still awaited. */
async function awaitingCost(row: Row = {}): Promise<void> {
  await call(null, { settlement: 'settling', ...row });
  await database.pool.query(
    `insert into callhouse_sync.settlements
       (source_id, call_id, next_check_at, deadline_at, awaiting, next_read, queued_at)
     values ($1, $2, now(), now(), '{cost}', 'list', now())`,
    [source, `call-${count - 1}`],
  );
}

async function costs(columns: string): Promise<unknown[]> {
  const { rows } = await database.pool.query(
    `select ${columns} from callhouse_analytics.costs_daily order by day, agent_id, currency`,
  );
  return rows;
}

test('a day adds its costs to the last digit, where floats would not', async () => {
  for (const cost of ['0.1 USD', '0.2 USD', '0.0000000000000000001 USD']) await call(cost);
  expect(await costs('day::text, agent_id, currency, amount, calls_with_cost')).toEqual([
    {
      day: '2026-03-10',
      agent_id: 'a1',
      currency: 'USD',
      amount: '0.3000000000000000001',
      calls_with_cost: '3',
    },
  ]);
});

test('costs per call and minute divide by the connected calls that have a cost, and show both', async () => {
  await call('200.00 KRW', { duration_ms: 90_000 });
  await call('150.00 KRW', { duration_ms: 30_000 });
  await call('10.00 KRW', { status: 'not_connected', started_at: null, duration_ms: 0 });
  await call(null, { duration_ms: 600_000 });
  const columns = `amount, calls_with_cost, connected_calls, trim_scale(connected_minutes) as minutes,
    trim_scale(cost_per_connected_call) as per_call, trim_scale(cost_per_connected_minute) as per_minute`;
  expect(await costs(columns)).toEqual([
    {
      amount: '360.00',
      calls_with_cost: '3',
      connected_calls: '2',
      minutes: '2',
      per_call: '180',
      per_minute: '180',
    },
  ]);
});

test('amounts of different currencies are never added', async () => {
  await call('200.00 KRW');
  await call('0.10 USD');
  await call('100.00 KRW');
  expect(await costs('currency, amount, calls_with_cost, calls')).toEqual([
    { currency: 'KRW', amount: '300.00', calls_with_cost: '2', calls: '3' },
    { currency: 'USD', amount: '0.10', calls_with_cost: '1', calls: '3' },
  ]);
});

test('a day whose costs have not all come says so in every row', async () => {
  await call('200.00 KRW');
  await awaitingCost();
  await awaitingCost({ agent_id: 'a2' });
  const columns =
    'agent_id, currency, amount, calls_with_cost, calls_awaiting_cost, settled_share::float8, is_provisional';
  expect(await costs(columns)).toEqual([
    {
      agent_id: 'a1',
      currency: 'KRW',
      amount: '200.00',
      calls_with_cost: '1',
      calls_awaiting_cost: '1',
      settled_share: 0.5,
      is_provisional: true,
    },
    {
      agent_id: 'a2',
      currency: null,
      amount: null,
      calls_with_cost: '0',
      calls_awaiting_cost: '1',
      settled_share: 0,
      is_provisional: true,
    },
  ]);
});

test('the cost of test calls and stuck calls stands apart', async () => {
  await call('200.00 KRW');
  await call('70.00 KRW', { test_call: true });
  await call('5.00 KRW', { settlement: 'stuck', status: 'ongoing' });
  expect(await costs('amount, test_and_stuck_amount, calls, calls_with_cost, is_provisional')).toEqual([
    {
      amount: '200.00',
      test_and_stuck_amount: '75.00',
      calls: '1',
      calls_with_cost: '1',
      is_provisional: false,
    },
  ]);
});

test('a cost without a connected call has no price per call', async () => {
  await call('10.00 KRW', { status: 'failed', started_at: null, duration_ms: null });
  expect(await costs('amount, connected_calls, cost_per_connected_call, cost_per_connected_minute')).toEqual([
    { amount: '10.00', connected_calls: '0', cost_per_connected_call: null, cost_per_connected_minute: null },
  ]);
});
