import { type Clock, type Random, SECOND } from '../clock.ts';
import { TransientError } from '../errors.ts';
import type { RequestCounts, RequestKind, Urgency } from '../requests.ts';
import type { Budget } from './budget.ts';
import { type ExchangeLimits, exchange, withoutQuery } from './exchange.ts';
import { type JsonAnswer, readAnswer } from './read-answer.ts';
import { DEFAULT_RETRY, type RetryPolicy, retryTransient } from './retry.ts';
import type { HttpRequest, Transport } from './transport.ts';

export interface JsonClientDeps {
  transport: Transport;
  clock: Clock;
  random: Random;
  budget: Budget;
  /** Counted here, for every request that leaves. */
  counts: RequestCounts;
  /** Told of each fault that will be tried again. */
  onRetry?: (fault: { url: string; reason: string; waitMs: number }) => void;
  limits?: Partial<HttpLimits>;
}

export interface HttpLimits extends ExchangeLimits {
  retry: RetryPolicy;
}

export const DEFAULT_LIMITS: HttpLimits = {
  headersTimeoutMs: 20 * SECOND,
  totalTimeoutMs: 60 * SECOND,
  bodyMaxBytes: 64 * 1024 * 1024,
  retry: DEFAULT_RETRY,
};

export type JsonClient = <T>(
  request: HttpRequest,
  as: { kind: RequestKind; urgency: Urgency },
  /** Reads the answer. A `TransientError` from here sends the request again: a page that cannot be true. */
  read: (answer: JsonAnswer) => T,
  signal: AbortSignal,
) => Promise<T>;

/**
 * Sends a request within the budget and reads JSON, with deadlines on headers and body, and tries again what may
 * pass by itself. What is thrown: `TransientError` when the retries are used up, `SourceError` for what no retry
 * can mend (401, 403, redirects, other 4xx), the signal's reason when it aborts.
 */
export function createJsonClient(deps: JsonClientDeps): JsonClient {
  const limits = { ...DEFAULT_LIMITS, ...deps.limits };
  return (request, { kind, urgency }, read, signal) => {
    let attempts = 0;
    // Whatever becomes of this request, the others of the key keep silent as long as the vendor asks.
    const heed = async (error: unknown) => {
      if (error instanceof TransientError && error.status === 429) {
        await deps.budget.refused();
        if (error.retryAfterMs !== null) await deps.budget.block(error.retryAfterMs);
      }
      throw error;
    };
    const sendOnce = async () => readAnswer(request, kind, await exchange(request, deps, limits, signal));
    const attempt = async () => {
      await deps.budget.take(urgency, signal);
      deps.counts.sent[kind] += 1;
      if (attempts > 0) deps.counts.retries += 1;
      attempts += 1;
      return read(await sendOnce().catch(heed));
    };
    return retryTransient(attempt, limits.retry, {
      clock: deps.clock,
      random: deps.random,
      signal,
      onRetry: async (error, waitMs) => {
        deps.onRetry?.({ url: withoutQuery(request.url), reason: error.message, waitMs });
        if (error.status === 429 && error.retryAfterMs === null) await deps.budget.block(waitMs);
      },
    });
  };
}
