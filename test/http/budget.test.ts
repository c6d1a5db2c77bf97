import fc from 'fast-check';
import { describe, expect, it, test } from 'vitest';
import { HOUR, MINUTE, SECOND } from '../../src/clock.ts';
import { type BudgetLimits, budgetLeft, limitsFor, type Spent, spendOne } from '../../src/http/budget.ts';

const NOTHING: Spent = { second: [], minute: [] };
const START = Date.UTC(2026, 10, 20, 3);

const limits = fc.record({
  requestsPerSecond: fc.integer({ min: 1, max: 20 }),
  requestsPerMinute: fc.integer({ min: 1, max: 300 }),
});

/** Asks at each of the instants, and gives those that were let through. */
function letThrough(instants: readonly number[], allowed: BudgetLimits): number[] {
  let spent = NOTHING;
  return instants.filter((at) => {
    const answer = spendOne(spent, allowed, at);
    spent = answer.spent;
    return answer.waitMs === 0;
  });
}

/** The most requests that any span of this length holds. */
function mostIn(spanMs: number, sent: readonly number[]): number {
  return Math.max(0, ...sent.map((at) => sent.filter((other) => other >= at && other < at + spanMs).length));
}

// Holds invariant 11.
test('whatever the instants of the requests, no second and no minute ever holds more than its limit', () => {
  const gaps = fc.array(fc.oneof(fc.integer({ min: 0, max: 120 }), fc.integer({ min: 0, max: 20_000 })), {
    minLength: 1,
    maxLength: 400,
  });
  fc.assert(
    fc.property(gaps, limits, fc.integer({ min: 0, max: 999 }), (between, allowed, offset) => {
      let at = START + offset;
      const sent = letThrough(
        between.map((gap) => {
          at += gap;
          return at;
        }),
        allowed,
      );
      expect(mostIn(SECOND, sent)).toBeLessThanOrEqual(allowed.requestsPerSecond);
      expect(mostIn(MINUTE, sent)).toBeLessThanOrEqual(allowed.requestsPerMinute);
    }),
    { numRuns: 200 },
  );
});

test('who waits as long as told goes on at once, and gets at least 90 % of the limit over ten minutes', () => {
  fc.assert(
    fc.property(limits, fc.integer({ min: 0, max: 999 }), (allowed, offset) => {
      let spent = NOTHING;
      let at = START + offset;
      let sent = 0;
      while (at < START + offset + 10 * MINUTE) {
        const answer = spendOne(spent, allowed, at);
        spent = answer.spent;
        if (answer.waitMs === 0) sent += 1;
        else expect(spendOne(spent, allowed, at + answer.waitMs).waitMs).toBe(0);
        at += answer.waitMs;
      }
      const most = Math.min(10 * allowed.requestsPerMinute, 600 * allowed.requestsPerSecond);
      expect(sent).toBeGreaterThanOrEqual(0.9 * most);
      expect(sent).toBeLessThanOrEqual(most + Math.max(allowed.requestsPerMinute, allowed.requestsPerSecond));
    }),
    { numRuns: 60 },
  );
});

describe('a clock that is set back', () => {
  const allowed = { requestsPerSecond: 5, requestsPerMinute: 120 };
  const spentNow = (): Spent => {
    let spent = NOTHING;
    for (let i = 0; i < 5; i += 1) ({ spent } = spendOne(spent, allowed, START));
    return spent;
  };

  it.each([1, 50, 400, 999])('by %i ms can delay a request and never lets one more through', (backMs) => {
    const { waitMs } = spendOne(spentNow(), allowed, START - backMs);
    expect(waitMs).toBeGreaterThanOrEqual(SECOND);
    expect(waitMs).toBeLessThanOrEqual(SECOND + backMs + 200);
  });

  it.each([MINUTE, HOUR, 24 * HOUR])('by %i ms delays a request by no more than two minutes', (backMs) => {
    let spent = spentNow();
    let at = START - backMs;
    let waited = 0;
    for (let sent = 0; sent < 1; ) {
      const answer = spendOne(spent, allowed, at);
      spent = answer.spent;
      at += answer.waitMs;
      waited += answer.waitMs;
      if (answer.waitMs === 0) sent += 1;
    }
    expect(waited).toBeLessThanOrEqual(2 * MINUTE);
  });
});

test('the state stays small at any limit: one entry for each slot, not for each request', () => {
  const allowed = { requestsPerSecond: 1_000, requestsPerMinute: 60_000 };
  let spent = NOTHING;
  for (let i = 0; i < 20_000; i += 1) ({ spent } = spendOne(spent, allowed, START + i * 5));
  expect(spent.second.length).toBeLessThanOrEqual(22);
  expect(spent.minute.length).toBeLessThanOrEqual(242);
});

test.each([
  ['nothing was sent', 0, 0, 120],
  ['seven were sent', 7, 0, 113],
  ['all were sent', 120, 0, 0],
  ['a minute and more has passed', 7, MINUTE + 3 * SECOND, 120],
])('what is left of a minute is told when %s', (_, sent, laterMs, left) => {
  const allowed = { requestsPerSecond: 200, requestsPerMinute: 120 };
  let spent = NOTHING;
  for (let i = 0; i < sent; i += 1) ({ spent } = spendOne(spent, allowed, START));
  expect(budgetLeft(spent, allowed, START + laterMs)).toBe(left);
});

test('a limit that was lowered holds for what was sent before it', () => {
  let spent = NOTHING;
  const before = { requestsPerSecond: 50, requestsPerMinute: 100 };
  for (let i = 0; i < 30; i += 1) ({ spent } = spendOne(spent, before, START + i * 100));
  const after = { requestsPerSecond: 50, requestsPerMinute: 10 };
  const { waitMs } = spendOne(spent, after, START + 3_000);
  expect(waitMs).toBeGreaterThan(57 * SECOND);
  expect(spendOne(spent, after, START + 3_000 + waitMs).waitMs).toBe(0);
});

test.each([
  [120, 119, 21],
  [600_000, 599_999, 100_001],
  [10, 9, 3],
  [2, 1, 2],
  [1, 1, 2],
])(
  'of %i requests a minute, work in the background may use %i, in ten seconds %i, and new calls all',
  (requestsPerMinute, minute, tenSeconds) => {
    const allowed = { requestsPerSecond: 5, requestsPerMinute };
    expect(limitsFor('background', allowed)).toEqual({
      requestsPerSecond: 5,
      requestsPerMinute: minute,
      requestsPerTenSeconds: tenSeconds,
    });
    expect(limitsFor('live', allowed)).toEqual(allowed);
  },
);

describe('a backlog that takes all it may, at 5 requests a second and 120 a minute', () => {
  const allowed = { requestsPerSecond: 5, requestsPerMinute: 120 };
  const background = limitsFor('background', allowed);

  /** Works off the backlog for so long, with some new calls every 15 s. Gives what was sent, and how long they waited. */
  function work(forMs: number, newCalls: number): { sent: number; waitedMs: number[] } {
    let spent = NOTHING;
    let sent = 0;
    const waitedMs: number[] = [];
    let newAt = newCalls === 0 ? Number.POSITIVE_INFINITY : START + 15 * SECOND;
    let left = 0;
    for (let at = START; at < START + forMs; ) {
      if (left === 0 && at >= newAt) left = newCalls;
      const answer = spendOne(spent, left > 0 ? allowed : background, at);
      spent = answer.spent;
      if (answer.waitMs > 0) {
        at = left > 0 ? at + answer.waitMs : Math.min(at + answer.waitMs, newAt);
        continue;
      }
      sent += 1;
      if (left > 0) {
        left -= 1;
        if (left === 0) {
          waitedMs.push(at - newAt);
          newAt += 15 * SECOND;
        }
      }
    }
    return { sent, waitedMs };
  }

  it.each([0, 4])(
    'uses at least 98 % of the budget, with %i requests for new calls every 15 s',
    (newCalls) => {
      expect(work(30 * MINUTE, newCalls).sent).toBeGreaterThanOrEqual(0.98 * 30 * 120);
    },
  );

  it('keeps new calls waiting for less than 3 s', () => {
    const { waitedMs } = work(30 * MINUTE, 4);
    expect(waitedMs.length).toBeGreaterThan(100);
    expect(Math.max(...waitedMs)).toBeLessThan(3 * SECOND);
  });
});
