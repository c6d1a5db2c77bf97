import { beforeAll, expect, test } from 'vitest';
import { useTestDatabase } from '../support/database.ts';
import { insertCall, insertRow, insertSource, type Row } from '../support/rows.ts';

const database = useTestDatabase();
const call = { agent_id: 'a1', agent_name: 'Mina', occurred_at: '2026-03-10T15:30:00Z' };

async function insertItems(key: { source_id: number; call_id: string }, items: Row[]): Promise<void> {
  await insertCall(database.pool, { ...key, ...call });
  for (const [position, item] of items.entries()) {
    await insertRow(database.pool, 'callhouse.transcript_items', { ...key, position, ...item });
  }
}

beforeAll(async () => {
  const source_id = await insertSource(database.pool, 'seoul', 'Asia/Seoul');
  await insertItems({ source_id, call_id: 'by-offset' }, [
    { role: 'agent', kind: 'speech', content: '안녕하세요', offset_ms: 0, duration_ms: 1500 },
    { role: 'user', kind: 'speech', content: '네', offset_ms: 2100, duration_ms: 400, gap_ms: 600 },
    { role: 'tool', kind: 'tool_call', tool_name: 'book', arguments: '{"seats":2}' },
    { role: 'tool', kind: 'tool_result', tool_name: 'book', result: '"done"' },
    { role: 'agent', kind: 'speech', content: '예약되었습니다', offset_ms: 5000, duration_ms: 900 },
    { role: 'user', kind: 'speech', content: '감사합니다', offset_ms: 5600, duration_ms: 300, gap_ms: -300 },
  ]);
});

test('a transcript reads as one row per item, with its call, and the silence before each', async () => {
  const { rows } = await database.pool.query(
    `select source, agent_id, agent_name, day::text, position, role, kind, content, tool_name, arguments, result, gap_ms
       from callhouse_analytics.turns where call_id = 'by-offset' order by position`,
  );
  const context = { source: 'seoul', agent_id: 'a1', agent_name: 'Mina', day: '2026-03-11' };
  const none = { content: null, tool_name: null, arguments: null, result: null, gap_ms: null };
  expect(rows).toEqual([
    { ...context, ...none, position: 0, role: 'agent', kind: 'speech', content: '안녕하세요' },
    { ...context, ...none, position: 1, role: 'user', kind: 'speech', content: '네', gap_ms: '600' },
    {
      ...context,
      ...none,
      position: 2,
      role: 'tool',
      kind: 'tool_call',
      tool_name: 'book',
      arguments: { seats: 2 },
    },
    {
      ...context,
      ...none,
      position: 3,
      role: 'tool',
      kind: 'tool_result',
      tool_name: 'book',
      result: 'done',
    },
    { ...context, ...none, position: 4, role: 'agent', kind: 'speech', content: '예약되었습니다' },
    { ...context, ...none, position: 5, role: 'user', kind: 'speech', content: '감사합니다', gap_ms: '-300' },
  ]);
});
