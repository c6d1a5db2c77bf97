import { expect, test } from 'vitest';
import { detailsAtOnce } from '../../src/sync/details-at-once.ts';

test.each([
  ['nothing is known of their length', 32, 0, 32],
  ['they are as long as most', 32, 6_400, 32],
  ['one of them has 2,000 turns', 32, 600_000, 3],
  ['one of them is longer than all that may be on its way', 32, 10_000_000, 1],
  ['few may be asked for anyway', 2, 600_000, 2],
])('details are bounded by their text as well as by their count: %s', (_, most, longestText, atOnce) => {
  expect(detailsAtOnce(most, longestText)).toBe(atOnce);
});
