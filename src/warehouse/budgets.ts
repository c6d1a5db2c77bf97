import type { Instant } from '../call.ts';
import { type Clock, SECOND, type SharedNow } from '../clock.ts';
import { type Database, inTransaction, type Sql, toMs, toTimestamp } from '../database/database.ts';
import { BudgetSpentError } from '../errors.ts';
import {
  type Budget,
  type BudgetLimits,
  type Learned,
  limitsFor,
  limitsOf,
  lowered,
  raised,
  type Spent,
  sentInMinute,
  spendOne,
} from '../http/budget.ts';
import type { Urgency } from '../requests.ts';

/** Work in the background that must wait longer than this makes room for new calls instead. */
const BACKGROUND_WAIT_MAX_MS = 2 * SECOND;

export interface KeyBudget {
  sourceId: number;
  /** As set, or where the rate is learned, the first guess. */
  limits: BudgetLimits;
  /** Whether the vendor documents no limit and the settings say none. */
  learns: boolean;
  sharedNow: SharedNow;
}

/**
 * The request budget of a source's key, kept in the database: it holds for all processes together and across
 * restarts. Requests that ask at the same time are granted in one transaction.
 */
export function createBudget(database: Database, clock: Pick<Clock, 'sleep'>, options: KeyBudget): Budget {
  const { sourceId, sharedNow } = options;
  const ask = together<Urgency, number>((urgencies) =>
    inTransaction(database, (tx) => spend(tx, options, urgencies)),
  );
  return {
    async take(urgency, signal) {
      for (;;) {
        signal.throwIfAborted();
        const waitMs = await ask(urgency);
        if (waitMs === 0) return;
        if (urgency === 'background' && waitMs > BACKGROUND_WAIT_MAX_MS) throw new BudgetSpentError(waitMs);
        await clock.sleep(waitMs, signal);
      }
    },
    async refused() {
      if (!options.learns) return;
      await inTransaction(database, async (tx) => {
        const { learned, nowMs } = await readBudget(tx, options);
        await tx.query('update callhouse_sync.budgets set learned = $2 where source_id = $1', [
          sourceId,
          JSON.stringify(lowered(learned, nowMs)),
        ]);
      });
    },
    async block(forMs) {
      await database.query(
        `update callhouse_sync.budgets set blocked_until =
  greatest(blocked_until, coalesce($2::timestamptz, clock_timestamp()) + $3 * interval '1 millisecond')
where source_id = $1`,
        [sourceId, toTimestamp(sharedNow()), forMs],
      );
    },
  };
}

/** The budget as it stands, held until the transaction ends. */
async function readBudget(
  tx: Sql,
  { sourceId, limits, sharedNow }: KeyBudget,
): Promise<{ spent: Spent; learned: Learned; blockedForMs: number; nowMs: Instant }> {
  const { rows } = await tx.query<{
    spent: Partial<Spent>;
    blocked_until: Date | null;
    learned: Learned | null;
    now: Date;
  }>({
    name: 'read budget',
    // The clock is read after the row is ours, not before the wait for it.
    text: `with ours as materialized (
  select spent, blocked_until, learned from callhouse_sync.budgets where source_id = $1 for update
)
select spent, blocked_until, learned, coalesce($2::timestamptz, clock_timestamp()) as now from ours`,
    values: [sourceId, toTimestamp(sharedNow())],
  });
  const stored = rows[0];
  if (!stored) throw new Error(`source ${sourceId} has no budget: registerSource gives it one`);
  const nowMs = toMs(stored.now);
  return {
    spent: { second: stored.spent.second ?? [], minute: stored.spent.minute ?? [] },
    learned: stored.learned ?? { requestsPerMinute: limits.requestsPerMinute, changedAt: nowMs },
    blockedForMs: (toMs(stored.blocked_until) ?? 0) - nowMs,
    nowMs,
  };
}

/** Counts requests as sent, in their order; gives for each 0, or how long to wait before asking again. */
async function spend(tx: Sql, budget: KeyBudget, urgencies: readonly Urgency[]): Promise<number[]> {
  const { sourceId, learns } = budget;
  const { spent: before, learned: known, blockedForMs, nowMs } = await readBudget(tx, budget);
  if (blockedForMs > 0) return urgencies.map(() => blockedForMs);
  const learned = raised(known, budget.limits, sentInMinute(before, nowMs), nowMs);
  const limits = learns ? limitsOf(learned) : budget.limits;
  let spent = before;
  const waits = urgencies.map((urgency) => {
    const next = spendOne(spent, limitsFor(urgency, limits), nowMs);
    if (next.waitMs === 0) spent = next.spent;
    return next.waitMs;
  });
  if (spent === before) return waits;
  await tx.query({
    name: 'save budget',
    text: `update callhouse_sync.budgets
set spent = $2, requests_per_second = $3, requests_per_minute = $4, saved_at = $5, learned = $6
where source_id = $1`,
    values: [
      sourceId,
      JSON.stringify(spent),
      limits.requestsPerSecond,
      limits.requestsPerMinute,
      toTimestamp(nowMs),
      learns ? JSON.stringify(learned) : null,
    ],
  });
  return waits;
}

/** Makes one call of many that are made while another is on its way: as rows of a statement cost less than statements. */
function together<Question, Answer>(
  ask: (questions: readonly Question[]) => Promise<readonly Answer[]>,
): (question: Question) => Promise<Answer> {
  let waiting: { question: Question; resolve: (answer: Answer) => void; reject: (error: unknown) => void }[] =
    [];
  let asking = false;
  const askAll = async () => {
    asking = true;
    // Those who ask in the same moment come along.
    await Promise.resolve();
    while (waiting.length > 0) {
      const batch = waiting;
      waiting = [];
      try {
        const answers = await ask(batch.map(({ question }) => question));
        for (const [i, answer] of answers.entries()) batch[i]?.resolve(answer);
      } catch (error) {
        for (const { reject } of batch) reject(error);
      }
    }
    asking = false;
  };
  return (question) =>
    new Promise((resolve, reject) => {
      waiting.push({ question, resolve, reject });
      if (!asking) void askAll();
    });
}
