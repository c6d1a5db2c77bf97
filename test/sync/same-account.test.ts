import { describe, expect, it } from 'vitest';
import { SourceError, TransientError } from '../../src/errors.ts';
import type { CallAnswers } from '../../src/sync/ask-for-calls.ts';
import { knowsOne, sampleOf } from '../../src/sync/same-account.ts';

const NOON = Date.UTC(2026, 10, 20, 12);
/** Calls of every minute before noon, newest first. */
const calls = (count: number) =>
  Array.from({ length: count }, (_, i) => ({ callId: `call-${i}`, placedAt: NOON - i * 60_000 }));

describe('what an account is told by', () => {
  it.each([0, 1, 4])('%i calls tell nothing', (count) => {
    expect(sampleOf(calls(count))).toBeNull();
  });

  it('is exactly the time of the calls, and three of them, spread', () => {
    expect(sampleOf(calls(5))).toEqual({
      callIds: new Set(['call-0', 'call-1', 'call-2', 'call-3', 'call-4']),
      window: { from: NOON - 4 * 60_000, to: NOON + 1 },
      asked: ['call-0', 'call-2', 'call-4'],
    });
    expect(sampleOf(calls(20))?.asked).toEqual(['call-0', 'call-10', 'call-19']);
  });
});

describe('answers to calls that are asked for by id', () => {
  const transient = new TransientError('answered 500', { status: 500 });
  const refused = new SourceError('answered 403', { status: 403 });
  const answers = (more: Partial<CallAnswers>): CallAnswers => {
    return { calls: [], requestedAt: NOON, unknown: [], failed: new Map(), fault: null, ...more };
  };
  const known = [{ callId: 'a', payloads: {}, cleanedTexts: 0, listedAt: NOON }];

  it('show the account when one of them is known, whatever the others are', () => {
    expect(knowsOne(answers({ calls: known, unknown: ['b'], failed: new Map([['c', transient]]) }))).toBe(
      true,
    );
    expect(knowsOne(answers({ calls: known, fault: transient }))).toBe(true);
  });

  it('show another account when all are unknown or refused', () => {
    expect(knowsOne(answers({ unknown: ['a', 'b', 'c'] }))).toBe(false);
    expect(knowsOne(answers({ unknown: ['a'], failed: new Map([['b', refused]]) }))).toBe(false);
  });

  it('show nothing while the vendor fails', () => {
    const failed = new Map([['b', transient]]);
    expect(() => knowsOne(answers({ unknown: ['a'], failed }))).toThrow(transient);
    expect(() => knowsOne(answers({ unknown: ['a'], fault: refused }))).toThrow(refused);
  });
});
