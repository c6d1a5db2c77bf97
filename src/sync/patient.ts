import { BudgetSpentError } from '../errors.ts';
import type { SyncContext } from './context.ts';
import { discover } from './discover.ts';

/** A context for work that is done in one go, and may take hours. */
export interface Patient {
  /** The same context, with a source that waits where the budget is spent. */
  context: SyncContext;
  /** Reads the newest calls when they are due: nobody's fresh data waits for a long re-read. */
  keepFresh: () => Promise<void>;
}

/** Where a pass turns to something else while the budget is spent, this waits for it. */
export function patient(context: SyncContext): Patient {
  const { source, clock, signal, settings } = context;
  let discoverAt = clock.now() + settings.pollIntervalMs;
  const patiently = async <T>(ask: () => Promise<T>): Promise<T> => {
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
    context: {
      ...context,
      source: {
        ...source,
        listCalls: (query, accept, stop) => patiently(() => source.listCalls(query, accept, stop)),
        readCall: (callId, part, stop) => patiently(() => source.readCall(callId, part, stop)),
      },
    },
    async keepFresh() {
      signal.throwIfAborted();
      if (clock.now() < discoverAt) return;
      await discover(context);
      discoverAt = clock.now() + settings.pollIntervalMs;
    },
  };
}
