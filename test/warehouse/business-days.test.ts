import { expect, test } from 'vitest';
import { MINUTE } from '../../src/clock.ts';
import { registerSource } from '../../src/warehouse/sources.ts';
import { useTestDatabase } from '../support/database.ts';
import { insertCall } from '../support/rows.ts';

const database = useTestDatabase();

test('the business day of a call follows the time zone of its source, also when that is set anew', async () => {
  const register = (timeZone: string) =>
    registerSource(database.pool, {
      name: 'branch',
      vendor: 'any',
      baseUrl: 'https://vendor.invalid',
      timeZone,
      staleAfterMs: MINUTE,
      limits: { requestsPerSecond: 1, requestsPerMinute: 1 },
      now: Date.parse('2026-11-20T00:00:00Z'),
    });
  const dayOf = async () => {
    const { rows } = await database.pool.query<{ table_day: string; view_day: string }>(
      `select c.day::text as table_day, v.day::text as view_day from callhouse.calls c
join callhouse_analytics.calls v using (source_id, call_id)`,
    );
    return rows;
  };
  const sourceId = await register('Asia/Seoul');
  await insertCall(database.pool, { source_id: sourceId, call_id: 'a', occurred_at: '2026-03-10T20:00:00Z' });
  expect(await dayOf()).toEqual([{ table_day: '2026-03-11', view_day: '2026-03-11' }]);

  expect(await register('Europe/Madrid')).toBe(sourceId);
  expect(await dayOf()).toEqual([{ table_day: '2026-03-10', view_day: '2026-03-10' }]);
});
