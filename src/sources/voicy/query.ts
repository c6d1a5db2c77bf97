import type { Instant } from '../../call.ts';
import type { ListQuery, TimeWindow } from '../../source.ts';
import { OPEN_STATUSES } from './words.ts';

/** The most that the vendor gives at once. */
export const PAGE_SIZE = 1_000;

/** Before the first call of this vendor and after the last that could be true. */
const FAR_PAST: Instant = Date.UTC(2015, 0, 1);
const FAR_FUTURE: Instant = Date.UTC(2100, 0, 1);

export type ListQuestion = Pick<ListQuery, 'window' | 'openOnly' | 'order' | 'cursor'>;

/** The JSON body of one page. What has a default is said all the same: a default may change. */
export function listBody({ window, openOnly, order, cursor }: ListQuestion, withTestCalls: boolean): string {
  return JSON.stringify({
    filter_criteria: {
      ...(window !== null && { start_timestamp: bounds(window) }),
      ...(openOnly && { call_status: OPEN_STATUSES }),
      include_test_calls: withTestCalls,
    },
    sort_order: order === 'oldest_first' ? 'ascending' : 'descending',
    limit: PAGE_SIZE,
    ...(cursor !== null && { pagination_key: cursor }),
  });
}

/**
 * Whether a bound may stand alone, and whether a call on it belongs, is not documented: both are always sent, and the
 * lower one a millisecond early, so that no call can fall between two windows. One that comes in both is harmless.
 */
function bounds({ from, to }: TimeWindow): { lower_threshold: Instant; upper_threshold: Instant } {
  return {
    lower_threshold: from === null ? FAR_PAST : from - 1,
    upper_threshold: to ?? FAR_FUTURE,
  };
}
