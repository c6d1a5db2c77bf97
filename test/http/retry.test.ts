import { describe, expect, it, test } from 'vitest';
import { MINUTE } from '../../src/clock.ts';
import { SourceError, TransientError } from '../../src/errors.ts';
import { DEFAULT_RETRY, type RetryPolicy, retryTransient } from '../../src/http/retry.ts';
import { parseRetryAfter, RETRY_AFTER_MAX_MS, waitAsked } from '../../src/http/retry-after.ts';
import { ManualClock } from './manual-clock.ts';

const VENDOR_NOW = Date.parse('2026-11-20T03:00:00Z');

describe('Retry-After', () => {
  it.each([
    ['1', 1_000],
    [' 30 ', 30_000],
    ['0.5', 500],
    ['0.0001', 1],
    ['299', 299_000],
    ['301', RETRY_AFTER_MAX_MS],
    ['86400', RETRY_AFTER_MAX_MS],
    ['99999999999999999999999', RETRY_AFTER_MAX_MS],
    ['Fri, 20 Nov 2026 03:00:07 GMT', 7_000],
    ['Fri, 20 Nov 2026 04:00:00 GMT', RETRY_AFTER_MAX_MS],
    ['2026-11-20T03:00:10Z', 10_000],
    ['Fri, 20 Nov 2026 03:00:00 GMT', null],
    ['Fri, 20 Nov 2026 02:59:59 GMT', null],
    ['0', null],
    ['0.0', null],
    ['-5', null],
    ['', null],
    ['   ', null],
    ['soon', null],
    ['5 seconds', null],
    ['1e3', null],
    ['Infinity', null],
    ['NaN', null],
    ['120, 60', null],
    [undefined, null],
  ])('%j is read as %j ms', (header, waitMs) => {
    expect(parseRetryAfter(header, VENDOR_NOW)).toBe(waitMs);
  });
});

describe('a refusal that asks for silence in words', () => {
  it.each([
    ['{"error":"Too many requests, come back in 20 seconds."}', 20_000],
    ['Rate limit: wait 5s', 5_000],
    ['please try again after 7 sec', 7_000],
    ['Too many requests. Try the 300s plan for more.', null],
    ['limit of 120 requests in 60', null],
  ])('%s', (body, waitMs) => {
    expect(waitAsked({}, body, VENDOR_NOW)).toBe(waitMs);
  });
});

const POLICY: RetryPolicy = { retries: 4, firstWaitMs: 1_000, waitMaxMs: 3_000 };

/** Runs attempts that throw the errors one after the other and then succeed, and tells what happened. */
async function run(
  errors: readonly unknown[],
  options: { policy?: RetryPolicy; random?: number; controller?: AbortController; stopAt?: number } = {},
) {
  const clock = new ManualClock(0);
  const controller = options.controller ?? new AbortController();
  const told: number[] = [];
  let attempts = 0;
  const attempt = async (): Promise<string> => {
    const error = errors[attempts];
    attempts += 1;
    if (error !== undefined) throw error;
    return 'done';
  };
  const outcome: unknown = await retryTransient(attempt, options.policy ?? POLICY, {
    clock,
    random: () => options.random ?? 0.5,
    signal: controller.signal,
    onRetry: (_, waitMs) => {
      told.push(waitMs);
      if (told.length === options.stopAt) controller.abort(new Error('stopped by SIGTERM'));
    },
  }).catch((reason: unknown) => reason);
  return { outcome, attempts, told, sleeps: clock.sleeps };
}

const faults = (count: number) =>
  Array.from({ length: count }, (_, i) => new TransientError(`fault ${i + 1}`));

describe('what may pass by itself is tried again', () => {
  test('until it passes, with waits that double up to the longest', async () => {
    const { outcome, attempts, sleeps } = await run(faults(4), { random: 1 - Number.EPSILON });
    expect({ outcome, attempts, sleeps }).toEqual({
      outcome: 'done',
      attempts: 5,
      sleeps: [1_000, 2_000, 3_000, 3_000],
    });
  });

  test('no more often than the policy says; the last fault is thrown as it is, without a wait after it', async () => {
    const errors = faults(9);
    const { outcome, attempts, sleeps } = await run(errors);
    expect(outcome).toBe(errors[4]);
    expect(attempts).toBe(5);
    expect(sleeps).toHaveLength(4);
  });

  test('never at once: even the luckiest jitter waits a quarter of the span', async () => {
    expect((await run(faults(4), { random: 0 })).sleeps).toEqual([250, 500, 750, 750]);
  });

  test('after exactly what the vendor asked for, whatever the back-off would be', async () => {
    const asked = [7_000, 12, 200_000].map(
      (retryAfterMs) => new TransientError('429', { status: 429, retryAfterMs }),
    );
    const { sleeps, told } = await run([...asked, ...faults(1)]);
    expect(sleeps).toEqual([7_000, 12, 200_000, 1_875]);
    expect(told).toEqual(sleeps);
  });

  test('not at all with a policy of no retries', async () => {
    const { attempts, sleeps } = await run(faults(1), { policy: { ...POLICY, retries: 0 } });
    expect({ attempts, sleeps }).toEqual({ attempts: 1, sleeps: [] });
  });

  test('by default for no longer than two minutes of back-off', async () => {
    const { sleeps, attempts } = await run(faults(20), { policy: DEFAULT_RETRY, random: 1 - Number.EPSILON });
    expect(attempts).toBe(6);
    expect(sleeps.reduce((sum, ms) => sum + ms, 0)).toBeLessThanOrEqual(2 * MINUTE);
  });
});

test.each([
  ['a refusal', new SourceError('401')],
  ['a bug', new TypeError('x is not a function')],
  ['a bug of another kind', new RangeError('Invalid time value')],
])('%s is thrown at once', async (_, error) => {
  const { outcome, attempts, sleeps } = await run([error]);
  expect(outcome).toBe(error);
  expect({ attempts, sleeps }).toEqual({ attempts: 1, sleeps: [] });
});

describe('a stop', () => {
  test('before the first attempt sends nothing', async () => {
    const controller = new AbortController();
    const reason = new Error('stopped');
    controller.abort(reason);
    const { outcome, attempts } = await run([], { controller });
    expect(outcome).toBe(reason);
    expect(attempts).toBe(0);
  });

  test('during a wait ends it with the reason of the stop, and nothing is sent after it', async () => {
    const { outcome, attempts, sleeps } = await run(faults(4), { stopAt: 2 });
    expect(outcome).toEqual(new Error('stopped by SIGTERM'));
    expect({ attempts, sleeps: sleeps.length }).toEqual({ attempts: 2, sleeps: 1 });
  });
});
