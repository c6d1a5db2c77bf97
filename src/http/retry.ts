import pRetry from 'p-retry';
import { type Clock, type Random, SECOND } from '../clock.ts';
import { TransientError } from '../errors.ts';

export interface RetryPolicy {
  /** Attempts after the first. */
  retries: number;
  /** Longest wait of the first back-off; doubles from there. */
  firstWaitMs: number;
  waitMaxMs: number;
}

export const DEFAULT_RETRY: RetryPolicy = { retries: 5, firstWaitMs: SECOND, waitMaxMs: 30 * SECOND };

export interface RetryDeps {
  clock: Clock;
  random: Random;
  signal: AbortSignal;
  /** Told of each fault that will be tried again. */
  onRetry(error: TransientError, waitMs: number): Promise<void> | void;
}

/**
 * Runs `attempt` again while it throws `TransientError`, within the policy. p-retry counts and classifies; the
 * waits are ours, on the clock that was passed in, so that `Retry-After` is honoured exactly and a simulation
 * can pass time.
 */
export function retryTransient<T>(
  attempt: () => Promise<T>,
  policy: RetryPolicy,
  deps: RetryDeps,
): Promise<T> {
  return pRetry(attempt, {
    retries: policy.retries,
    minTimeout: 0,
    maxTimeout: 0,
    signal: deps.signal,
    shouldRetry: ({ error }) => error instanceof TransientError,
    onFailedAttempt: async ({ error, attemptNumber, retriesLeft }) => {
      if (!(error instanceof TransientError) || retriesLeft === 0) return;
      const waitMs = error.retryAfterMs ?? backoff(policy, attemptNumber, deps.random);
      await deps.onRetry(error, waitMs);
      await deps.clock.sleep(waitMs, deps.signal);
    },
  });
}

/** Full jitter over a doubling span, with a floor so that no retry is immediate. */
function backoff({ firstWaitMs, waitMaxMs }: RetryPolicy, attemptNumber: number, random: Random): number {
  const span = Math.min(waitMaxMs, firstWaitMs * 2 ** (attemptNumber - 1));
  return Math.round(span * (0.25 + 0.75 * random()));
}
