import fc from 'fast-check';
import { expect, test } from 'vitest';
import { type Facet, isTerminal } from '../../src/call.ts';
import { decideSettlement, type SettlementInput } from '../../src/settlement/decide-settlement.ts';
import { anyCall, FACETS, P } from './calls.ts';

/** Holds for any call at any age. */
function law(holds: (call: SettlementInput, decision: ReturnType<typeof decideSettlement>) => void): void {
  fc.assert(
    fc.property(anyCall, (call) => holds(call, decideSettlement(call, P))),
    { numRuns: 2_000 },
  );
}

// Holds invariant 8.
test('a settled call awaits nothing and is not read again; every other awaits something', () => {
  law((_, { settlement, awaiting, next }) => {
    expect(awaiting.length === 0).toBe(settlement === 'settled');
    if (settlement === 'settled' || settlement === 'expired') expect(next).toBe(null);
    else expect(next).not.toBe(null);
  });
});

test('the next read is never in the past, and never more than a week away', () => {
  law(({ now }, { next }) => {
    if (next === null) return;
    expect(next.at).toBeGreaterThanOrEqual(now);
    expect(next.at - now).toBeLessThanOrEqual(7 * 24 * 3_600_000);
    expect(Number.isInteger(next.at)).toBe(true);
  });
});

// Holds invariant 8.
test('a call expires only after its deadline, and after its transcript was asked for in calm', () => {
  law((call, { settlement, awaiting, deadlineAt }) => {
    if (settlement !== 'expired') return;
    expect(call.now).toBeGreaterThanOrEqual(deadlineAt);
    if (awaiting.includes('transcript')) {
      expect(call.transcriptReadAt ?? Number.NEGATIVE_INFINITY).toBeGreaterThanOrEqual(
        call.endedAt + P.calmMs,
      );
    }
  });
});

test('open and stuck are for calls that have not ended, settled and expired for those that have', () => {
  law(({ status }, { settlement, awaiting }) => {
    expect(['open', 'stuck'].includes(settlement)).toBe(!isTerminal(status));
    if (!isTerminal(status)) expect(awaiting).toEqual(['status']);
  });
});

test('a call with everything present, its transcript read in calm, is settled', () => {
  law((call) => {
    const full: SettlementInput = {
      ...call,
      status: 'ended',
      present: new Set(FACETS),
      unread: new Set(),
      transcriptReadAt: call.endedAt + P.calmMs,
      now: Math.max(call.now, call.endedAt + P.calmMs),
    };
    expect(decideSettlement(full, P).settlement).toBe('settled');
  });
});

test('nothing is awaited that is there and can be read, is not offered, or never comes', () => {
  law((call, { awaiting }) => {
    if (!isTerminal(call.status)) return;
    const late = awaiting.filter((facet) => facet !== 'status');
    for (const facet of late) {
      expect(facet in call.offered).toBe(true);
      if (call.optOut) expect(facet).toBe('cost');
      if (call.startedAt === null && call.unread.has('transcript')) continue;
      if (call.startedAt === null && !call.unread.has(facet))
        expect.unreachable(`a call that never connected awaits ${facet}`);
      if (call.unread.has(facet)) continue;
      expect(call.neverComing.has(facet)).toBe(false);
      if (facet !== 'transcript') expect(call.present.has(facet)).toBe(false);
    }
  });
});

test('what was told and cannot be read is awaited until the deadline, and then expired, never settled', () => {
  law((call, decision) => {
    if (!isTerminal(call.status) || call.optOut) return;
    const unread = [...call.unread].filter((facet) => facet === 'status' || facet in call.offered);
    if (unread.length === 0) return;
    expect(decision.awaiting).toEqual(expect.arrayContaining(unread));
    expect(decision.settlement).toMatch(/^(settling|expired)$/);
    if (decision.settlement === 'expired') expect(call.now).toBeGreaterThanOrEqual(decision.deadlineAt);
  });
});

test('more that is present never brings more that is awaited', () => {
  fc.assert(
    fc.property(
      anyCall,
      fc.constantFrom<Facet[]>('transcript', 'analysis', 'cost', 'recording'),
      (call, facet) => {
        const lateOf = (input: SettlementInput) =>
          decideSettlement(input, P).awaiting.filter((awaited) => awaited !== 'status');
        const more = lateOf({ ...call, present: new Set([...call.present, facet]) });
        expect(lateOf(call)).toEqual(expect.arrayContaining(more));
      },
    ),
    { numRuns: 1_000 },
  );
});

// Holds invariants 8, 12.
test('a call with no news is read a bounded number of times before it is final', () => {
  fc.assert(
    fc.property(anyCall, (call) => {
      fc.pre(isTerminal(call.status));
      let at = { ...call, now: Math.max(call.now, call.endedAt), transcriptReadAt: null as number | null };
      for (let reads = 0; reads < 60; reads += 1) {
        const { next } = decideSettlement(at, P);
        if (next === null) return;
        at = {
          ...at,
          now: next.at,
          transcriptReadAt: next.read === 'detail' ? next.at : at.transcriptReadAt,
        };
      }
      expect.unreachable('it is still not final after 60 reads');
    }),
    { numRuns: 300 },
  );
});

test('the same facts give the same decision, and are left as they were', () => {
  law((call, decision) => {
    const copy = structuredClone(call);
    expect(decideSettlement(copy, P)).toEqual(decision);
    expect(copy).toEqual(call);
  });
});
