import { BudgetSpentError } from '../errors.ts';
import type { SyncContext } from './context.ts';

/**
 * The same context for work that is done in one go: where a pass turns to something else while the budget is spent,
 * this waits for it.
 */
export function patient(context: SyncContext): SyncContext {
  const { source, clock, signal } = context;
  const waiting = async <T>(ask: () => Promise<T>): Promise<T> => {
    for (;;) {
      try {
        return await ask();
      } catch (error) {
        if (!(error instanceof BudgetSpentError)) throw error;
        await clock.sleep(error.waitMs, signal);
      }
    }
  };
  return {
    ...context,
    source: {
      ...source,
      listCalls: (query, accept, stop) => waiting(() => source.listCalls(query, accept, stop)),
      readCall: (callId, stop) => waiting(() => source.readCall(callId, stop)),
    },
  };
}
