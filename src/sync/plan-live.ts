import type { Instant } from '../call.ts';
import { MINUTE, SECOND } from '../clock.ts';
import type { TimeWindow } from '../source.ts';

/** The end of a live window stays this far behind the vendor's now, for calls that are being written. */
export const CEILING_MARGIN_MS = 3 * SECOND;
/** Overlap of two live windows when the whole look-back is too dear: calls that ring unanswered take a minute. */
const LIVE_OVERLAP_MS = 2 * MINUTE;
/** The look-back rides along with every live pass while it fits into so many pages. */
const LOOKBACK_PAGES_MAX = 2;
/** Share of the request budget that the look-back may use when it does not fit: few calls appear that late. */
const LOOKBACK_SHARE = 0.02;
/** A page of the live window is filled so far: new calls must not push it over the edge. */
const LIVE_PAGE_FILL = 0.8;

export interface LivePlan {
  /** Read on this pass. */
  live: TimeWindow;
  /** Whether `live` holds the whole look-back, so that no look-back of its own is needed. */
  wide: boolean;
}

/**
 * The window of a live pass: from a little before what is covered up to just behind the vendor's now, and as much
 * further back as the same page holds anyway, because there are the calls whose late fields are awaited. A gap that an
 * outage left older than the look-back is not its work: it is a gap, and backfill reads it.
 */
export function planLive(state: {
  vendorNow: Instant;
  coveredTo: Instant | null;
  since: Instant | null;
  lookbackMs: number;
  /** Calls known in the look-back, as a guess of its pages. */
  callsInLookback: number;
  pageSize: number;
}): LivePlan {
  const to = state.vendorNow - CEILING_MARGIN_MS;
  const lookbackFrom = to - state.lookbackMs;
  const wide = state.coveredTo === null || state.callsInLookback <= LOOKBACK_PAGES_MAX * state.pageSize;
  const overlapFrom = Math.min(to, state.coveredTo ?? to) - LIVE_OVERLAP_MS;
  const msPerCall = state.lookbackMs / Math.max(1, state.callsInLookback);
  const narrowFrom = Math.min(overlapFrom, to - Math.round(state.pageSize * LIVE_PAGE_FILL * msPerCall));
  const from = wide ? lookbackFrom : Math.max(lookbackFrom, narrowFrom);
  return { live: { from: Math.min(to, Math.max(from, state.since ?? from)), to }, wide };
}

/** Time between two look-backs of their own, so that they use no more than their share of the budget. */
export function lookbackIntervalMs(calls: number, pageSize: number, requestsPerMinute: number): number {
  const pages = Math.ceil(calls / pageSize);
  return Math.round((pages / (requestsPerMinute * LOOKBACK_SHARE)) * MINUTE);
}
