import { beforeEach, describe, expect, test } from 'vitest';
import { MINUTE, SECOND } from '../../src/clock.ts';
import { type Database, openDatabase } from '../../src/database/database.ts';
import { BudgetSpentError } from '../../src/errors.ts';
import type { Budget } from '../../src/http/budget.ts';
import type { Urgency } from '../../src/requests.ts';
import { createBudget } from '../../src/warehouse/budgets.ts';
import { registerSource } from '../../src/warehouse/sources.ts';
import { ManualClock } from '../http/manual-clock.ts';
import { useTestDatabase } from '../support/database.ts';

const NOON = Date.parse('2026-11-20T03:00:00Z');
const LIMITS = { requestsPerSecond: 5, requestsPerMinute: 20 };
const database = useTestDatabase();
const { signal } = new AbortController();
let sourceId = 0;
let sources = 0;

beforeEach(async () => {
  sources += 1;
  sourceId = await registerSource(database.pool, {
    name: `source-${sources}`,
    vendor: 'any',
    baseUrl: 'https://vendor.invalid',
    timeZone: 'Asia/Seoul',
    staleAfterMs: MINUTE,
    limits: LIMITS,
    now: NOON,
  });
});

const budgetOf = (pool: Database, clock: ManualClock, limits = LIMITS): Budget =>
  createBudget(pool, clock, { sourceId, limits, learns: false, sharedNow: () => clock.now() });

/** A clock that stands still: who must wait is seen to wait, and waits for ever. */
class StandingClock extends ManualClock {
  readonly asleep: Promise<void>;
  #fallAsleep: () => void = () => undefined;

  constructor(nowMs: number) {
    super(nowMs);
    this.asleep = new Promise((resolve) => {
      this.#fallAsleep = resolve;
    });
  }

  override sleep(): Promise<void> {
    this.#fallAsleep();
    return new Promise(() => undefined);
  }
}

/** Whether a request is sent at once or waits. */
function ask(pool: Database, urgency: Urgency = 'live'): Promise<'sent' | 'waits'> {
  const clock = new StandingClock(NOON);
  return Promise.race([
    budgetOf(pool, clock)
      .take(urgency, signal)
      .then(() => 'sent' as const),
    clock.asleep.then(() => 'waits' as const),
  ]);
}

/** Instants at which `count` requests of one worker are sent. */
async function send(budget: Budget, clock: ManualClock, count: number): Promise<number[]> {
  const sent: number[] = [];
  for (let i = 0; i < count; i += 1) {
    await budget.take('live', signal);
    sent.push(clock.now() - NOON);
  }
  return sent;
}

test('requests go out at once up to the limit of a second, and then one second apart', async () => {
  const clock = new ManualClock(NOON);
  const sent = await send(budgetOf(database.pool, clock), clock, 12);
  expect(sent.slice(0, 5)).toEqual([0, 0, 0, 0, 0]);
  expect(sent[5]).toBeGreaterThanOrEqual(SECOND);
  expect((sent[10] ?? 0) - (sent[5] ?? 0)).toBeGreaterThanOrEqual(SECOND);
  expect(sent[11]).toBeLessThan(3 * SECOND);
});

// Holds invariant 11.
test('two workers that ask at once share one budget: no more than the limit is sent', async () => {
  const other = openDatabase(database.url);
  const asked = Array.from({ length: 16 }, (_, i) => ask(i % 2 === 0 ? database.pool : other));
  const outcomes = await Promise.all(asked);
  expect(outcomes.filter((outcome) => outcome === 'sent')).toHaveLength(5);
  expect(outcomes.filter((outcome) => outcome === 'waits')).toHaveLength(11);
  await other.end();
});

// Holds invariant 11.
test('what was sent before a restart counts after it', async () => {
  const clock = new ManualClock(NOON);
  await send(budgetOf(database.pool, clock), clock, 20);
  const spentUntil = clock.now();
  const restarted = openDatabase(database.url);
  await budgetOf(restarted, clock).take('live', signal);
  expect(clock.now() - spentUntil).toBeGreaterThan(50 * SECOND);
  expect(clock.now() - NOON).toBeLessThan(63 * SECOND);
  await restarted.end();
});

test('budgets of two sources know nothing of each other', async () => {
  const clock = new ManualClock(NOON);
  await send(budgetOf(database.pool, clock), clock, 5);
  const other = await registerSource(database.pool, {
    name: `other-${sources}`,
    vendor: 'any',
    baseUrl: 'https://vendor.invalid',
    timeZone: 'Asia/Seoul',
    staleAfterMs: MINUTE,
    limits: LIMITS,
    now: NOON,
  });
  await createBudget(database.pool, clock, {
    sourceId: other,
    limits: LIMITS,
    learns: false,
    sharedNow: () => clock.now(),
  }).take('live', signal);
  expect(clock.sleeps).toEqual([]);
});

// Holds invariant 11.
describe('silence that the vendor asked for', () => {
  test('holds for every worker, for exactly as long', async () => {
    const clock = new ManualClock(NOON);
    await budgetOf(database.pool, clock).block(7_500);
    const other = openDatabase(database.url);
    await budgetOf(other, clock).take('live', signal);
    expect(clock.sleeps).toEqual([7_500]);
    await other.end();
  });

  test('is not shortened by a shorter one', async () => {
    const clock = new ManualClock(NOON);
    const budget = budgetOf(database.pool, clock);
    await budget.block(30_000);
    await budget.block(1_000);
    await budget.take('live', signal);
    expect(clock.now() - NOON).toBe(30_000);
  });
});

describe('work in the background', () => {
  /** In twenty a minute, five in ten seconds. */
  const takeFive = async (budget: Budget) => {
    for (let i = 0; i < 5; i += 1) await budget.take('background', signal);
  };

  test('is spread over the minute, and sent away rather than kept waiting', async () => {
    const clock = new ManualClock(NOON);
    const budget = budgetOf(database.pool, clock);
    await takeFive(budget);
    await expect(budget.take('background', signal)).rejects.toThrow(BudgetSpentError);
    expect(clock.now()).toBe(NOON);
  });

  test('leaves the last request of a minute to new calls, and the next that becomes free', async () => {
    const clock = new ManualClock(NOON);
    const budget = budgetOf(database.pool, clock);
    for (let i = 0; i < 3; i += 1) {
      await takeFive(budget);
      await clock.sleep(11 * SECOND, signal);
    }
    for (let i = 0; i < 4; i += 1) await budget.take('background', signal);
    await expect(budget.take('background', signal)).rejects.toThrow(BudgetSpentError);
    await budget.take('live', signal);
    expect(clock.now() - NOON).toBe(33 * SECOND);
    await budget.take('live', signal);
    expect(clock.now() - NOON).toBe(60.5 * SECOND);
  });

  test('waits for its turn within a second or two', async () => {
    const clock = new ManualClock(NOON);
    const budget = budgetOf(database.pool, clock, { requestsPerSecond: 2, requestsPerMinute: 60 });
    for (let i = 0; i < 6; i += 1) await budget.take('background', signal);
    expect(clock.sleeps.length).toBeGreaterThan(0);
    expect(Math.max(...clock.sleeps)).toBeLessThan(2 * SECOND);
  });
});

describe('a rate that no vendor documents', () => {
  const learning = (clock: ManualClock): Budget =>
    createBudget(database.pool, clock, {
      sourceId,
      limits: LIMITS,
      learns: true,
      sharedNow: () => clock.now(),
    });
  const perMinute = async () => {
    const { rows } = await database.pool.query<{ requests_per_minute: number }>(
      'select requests_per_minute from callhouse_sync.budgets where source_id = $1',
      [sourceId],
    );
    return rows[0]?.requests_per_minute;
  };
  /** Sends all that is allowed, for so many minutes. */
  const useUp = async (budget: Budget, clock: ManualClock, minutes: number) => {
    const until = clock.now() + minutes * MINUTE;
    while (clock.now() < until) await budget.take('live', signal);
  };

  test('grows by a tenth of the first a minute while it is used up, up to five times it', async () => {
    const clock = new ManualClock(NOON);
    await useUp(learning(clock), clock, 5);
    expect(await perMinute()).toBeGreaterThanOrEqual(26);
    expect(await perMinute()).toBeLessThanOrEqual(30);
    await useUp(learning(clock), clock, 60);
    expect(await perMinute()).toBe(100);
  });

  test('stays as it is while it is not used up', async () => {
    const clock = new ManualClock(NOON);
    for (let i = 0; i < 20; i += 1) {
      await learning(clock).take('live', signal);
      await clock.sleep(MINUTE);
    }
    expect(await perMinute()).toBe(20);
  });

  test('is halved by a refusal, once for all requests that were on their way, and for every worker', async () => {
    const clock = new ManualClock(NOON);
    await useUp(learning(clock), clock, 1);
    await clock.sleep(11 * SECOND);
    const before = (await perMinute()) ?? 0;
    await Promise.all([learning(clock).refused(), learning(clock).refused()]);
    await learning(clock).take('live', signal);
    expect(await perMinute()).toBe(Math.floor(before / 2));
  });

  test('is never lowered where the settings say it', async () => {
    const clock = new ManualClock(NOON);
    await budgetOf(database.pool, clock).refused();
    await budgetOf(database.pool, clock).take('live', signal);
    expect(await perMinute()).toBe(20);
  });
});

test('a stop ends the wait and spends nothing', async () => {
  const clock = new ManualClock(NOON);
  const controller = new AbortController();
  const reason = new Error('stopped');
  controller.abort(reason);
  await expect(budgetOf(database.pool, clock).take('live', controller.signal)).rejects.toBe(reason);
  expect(await send(budgetOf(database.pool, clock), clock, 5)).toEqual([0, 0, 0, 0, 0]);
});

test('people can see the budget: its limits and when it was last used', async () => {
  const clock = new ManualClock(NOON);
  await send(
    createBudget(database.pool, clock, {
      sourceId,
      limits: { requestsPerSecond: 9, requestsPerMinute: 90 },
      learns: false,
      sharedNow: () => clock.now(),
    }),
    clock,
    1,
  );
  const { rows } = await database.pool.query(
    'select requests_per_second, requests_per_minute, saved_at from callhouse_sync.budgets where source_id = $1',
    [sourceId],
  );
  expect(rows).toEqual([{ requests_per_second: 9, requests_per_minute: 90, saved_at: new Date(NOON) }]);
});
