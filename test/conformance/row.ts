import { describe, expect, it } from 'vitest';
import { startConformance } from './bench.ts';
import type { ConformanceCase } from './case.ts';
import { CASES } from './cases.ts';
import { type Row, titleOf } from './rows.ts';

/** One test for each vendor: of the row, or of the reason why it cannot be. */
export function row(name: Row, check: (vendor: ConformanceCase) => Promise<void>): void {
  describe.each(CASES.map((vendor) => ({ vendor, source: vendor.vendor.name })))('$source', ({ vendor }) => {
    const notOf = vendor.notOf[name];
    if (notOf === undefined) {
      it(titleOf(name, null), () => check(vendor));
      return;
    }
    it(titleOf(name, notOf.reason), async () => {
      expect(await notOf.holds(await startConformance(vendor))).toBe(true);
    });
  });
}
