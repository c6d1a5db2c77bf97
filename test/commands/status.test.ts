import { beforeEach, expect, test } from 'vitest';
import { MINUTE } from '../../src/clock.ts';
import { createConsole } from '../../src/commands/console.ts';
import { status } from '../../src/commands/status.ts';
import { readSettings } from '../../src/config/settings.ts';
import { createLogger } from '../../src/log.ts';
import { createBudget } from '../../src/warehouse/budgets.ts';
import { registerSource } from '../../src/warehouse/sources.ts';
import { readStatus } from '../../src/warehouse/status.ts';
import { useTestDatabase } from '../support/database.ts';

const database = useTestDatabase();
const limits = { requestsPerSecond: 5, requestsPerMinute: 20 };
let sourceId = 0;

beforeEach(async () => {
  await database.pool.query('truncate callhouse.sources cascade');
  sourceId = await registerSource(database.pool, {
    name: 'vendor',
    vendor: 'any',
    baseUrl: 'https://vendor.invalid',
    timeZone: 'Asia/Seoul',
    staleAfterMs: MINUTE,
    limits,
    now: Date.now(),
  });
});

const budgetLeft = async () => (await readStatus(database.pool, Date.now()))[0]?.budgetLeft;

async function shown(json: boolean): Promise<string> {
  let text = '';
  const stdout = { write: (more: string) => (text += more) } as unknown as NodeJS.WriteStream;
  const console = createConsole({ json, stdout, stderr: stdout, now: Date.now });
  const settings = readSettings({ DATABASE_URL: database.url });
  const { signal } = new AbortController();
  await status({ settings, console, log: createLogger('silent'), signal });
  return text;
}

test('the budget of a source is full until something is sent', async () => {
  expect(await budgetLeft()).toBe(20);
  const clock = { sleep: async () => undefined };
  const budget = createBudget(database.pool, clock, {
    sourceId,
    limits,
    learns: false,
    sharedNow: () => null,
  });
  await budget.take('live', new AbortController().signal);
  expect(await budgetLeft()).toBe(19);
});

test('a source that no worker has served has a budget that is not known, and not one that is used up', async () => {
  await database.pool.query('delete from callhouse_sync.budgets');
  expect(await budgetLeft()).toBeNull();
  expect(await shown(false)).toMatch(/budget +not known yet: no worker has served this source/);
  expect(JSON.parse(await shown(true))).toMatchObject({ sources: [{ budgetLeft: null }] });
});
