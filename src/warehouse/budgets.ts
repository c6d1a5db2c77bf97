import type { Instant } from '../call.ts';
import { type Clock, SECOND, type SharedNow } from '../clock.ts';
import { BudgetSpentError } from '../errors.ts';
import { type Budget, type BudgetLimits, limitsFor, type Spent, spendOne } from '../http/budget.ts';
import { type Database, inTransaction, type Sql, toMs, toTimestamp } from './database.ts';

/** Work in the background that must wait longer than this makes room for new calls instead. */
const BACKGROUND_WAIT_MAX_MS = 2 * SECOND;

/**
 * The request budget of a source's key, kept in the database: it holds for all processes together and across
 * restarts. One small statement per request is cheap beside the request.
 */
export function createBudget(
  database: Database,
  clock: Pick<Clock, 'sleep'>,
  options: { sourceId: number; limits: BudgetLimits; sharedNow: SharedNow },
): Budget {
  const { sourceId, limits, sharedNow } = options;
  return {
    async take(urgency, signal) {
      for (;;) {
        signal.throwIfAborted();
        const share = limitsFor(urgency, limits);
        const waitMs = await inTransaction(database, (tx) => spend(tx, sourceId, limits, share, sharedNow()));
        if (waitMs === 0) return;
        if (urgency === 'background' && waitMs > BACKGROUND_WAIT_MAX_MS) throw new BudgetSpentError(waitMs);
        await clock.sleep(waitMs, signal);
      }
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

/** Counts one request as sent and gives 0, or gives how long to wait before asking again. */
async function spend(
  tx: Sql,
  sourceId: number,
  limits: BudgetLimits,
  share: BudgetLimits,
  now: Instant | null,
): Promise<number> {
  const { rows } = await tx.query<{ spent: Partial<Spent>; blocked_until: Date | null; now: Date }>({
    name: 'read budget',
    // The clock is read after the row is ours, not before the wait for it.
    text: `with ours as materialized (
  select spent, blocked_until from callhouse_sync.budgets where source_id = $1 for update
)
select spent, blocked_until, coalesce($2::timestamptz, clock_timestamp()) as now from ours`,
    values: [sourceId, toTimestamp(now)],
  });
  const stored = rows[0];
  if (!stored) throw new Error(`source ${sourceId} has no budget: registerSource gives it one`);
  const nowMs = toMs(stored.now);
  const blockedForMs = (toMs(stored.blocked_until) ?? 0) - nowMs;
  if (blockedForMs > 0) return blockedForMs;
  const before: Spent = { second: stored.spent.second ?? [], minute: stored.spent.minute ?? [] };
  const { waitMs, spent } = spendOne(before, share, nowMs);
  if (waitMs > 0) return waitMs;
  await tx.query({
    name: 'save budget',
    text: `update callhouse_sync.budgets
set spent = $2, requests_per_second = $3, requests_per_minute = $4, saved_at = $5
where source_id = $1`,
    values: [
      sourceId,
      JSON.stringify(spent),
      limits.requestsPerSecond,
      limits.requestsPerMinute,
      toTimestamp(nowMs),
    ],
  });
  return 0;
}
