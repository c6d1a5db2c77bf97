import fc from 'fast-check';
import { expect, it, test } from 'vitest';
import { HOUR, MINUTE, SECOND } from '../../src/clock.ts';
import { planSettlementReads } from '../../src/sync/plan-settlement-reads.ts';

const A_CALL_A_SECOND = 1 / SECOND;

it.each<[string, number[], number, [number, number][]]>([
  ['nothing is due', [], A_CALL_A_SECOND, []],
  ['one call is due', [5], A_CALL_A_SECOND, [[5, 5]]],
  [
    'two are so near that fewer than a page lie between',
    [0, 99 * SECOND],
    A_CALL_A_SECOND,
    [[0, 99 * SECOND]],
  ],
  [
    'a page lies between them',
    [0, 100 * SECOND],
    A_CALL_A_SECOND,
    [
      [0, 0],
      [100 * SECOND, 100 * SECOND],
    ],
  ],
  ['they come in any order', [9, 3, 6], A_CALL_A_SECOND, [[3, 9]]],
  ['two began at once', [7, 7], A_CALL_A_SECOND, [[7, 7]]],
  ['a chain of near ones', [0, MINUTE, 2 * MINUTE, 3 * MINUTE], A_CALL_A_SECOND, [[0, 3 * MINUTE]]],
  ['few calls are made', [0, 20 * HOUR], 1 / HOUR, [[0, 20 * HOUR]]],
])('%s', (_, startedAts, callsPerMs, windows) => {
  expect(planSettlementReads(startedAts, callsPerMs, 100)).toEqual(
    windows.map(([from, to]) => ({ from, to })),
  );
});

test('windows hold every call once, are in order and apart, and what is asked for is left as it was', () => {
  const times = fc.array(fc.integer({ min: 0, max: 50 * HOUR }), { maxLength: 60 });
  fc.assert(
    fc.property(times, fc.double({ min: 0, max: 0.01, noNaN: true }), (startedAts, callsPerMs) => {
      const given = [...startedAts];
      const windows = planSettlementReads(startedAts, callsPerMs, 100);
      expect(startedAts).toEqual(given);
      for (const at of startedAts) {
        expect(windows.filter(({ from, to }) => from <= at && at <= to)).toHaveLength(1);
      }
      for (const [i, { from, to }] of windows.entries()) {
        expect(startedAts).toContain(from);
        expect(startedAts).toContain(to);
        expect(from).toBeLessThanOrEqual(to);
        expect(from).toBeGreaterThan(windows[i - 1]?.to ?? -1);
      }
    }),
  );
});
