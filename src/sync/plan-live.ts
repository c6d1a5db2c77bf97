import type { Instant } from '../call.ts';
import { MINUTE, SECOND } from '../clock.ts';
import type { TimeWindow } from '../source.ts';

/** The end of a live window stays this far behind the vendor's now, for calls that are being written. */
export const CEILING_MARGIN_MS = 3 * SECOND;
/** Overlap of two live windows when the whole look-back is too dear: calls that ring unanswered take a minute. */
const LIVE_OVERLAP_MS = 2 * MINUTE;
/** Share of the request budget that look-backs of their own may use: few calls appear that late. */
const LOOKBACK_SHARE = 1 / 300;
/** However busy the days are, each hour is looked back at so many times before the look-back has passed it. */
const LOOKBACKS_OF_EACH_MIN = 3;

/** Time after which the whole look-back is read again. */
export function wholeLookbackEveryMs(lookbackMs: number): number {
  return lookbackMs / LOOKBACKS_OF_EACH_MIN;
}

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
  /** Since when the newest calls that are known fill a page; null when they do not. */
  pageFrom: Instant | null;
}): LivePlan {
  const to = state.vendorNow - CEILING_MARGIN_MS;
  const lookbackFrom = to - state.lookbackMs;
  const pageFrom = state.pageFrom ?? lookbackFrom;
  const wide = state.coveredTo === null || pageFrom <= lookbackFrom;
  const overlapFrom = Math.min(to, state.coveredTo ?? to) - LIVE_OVERLAP_MS;
  const from = wide ? lookbackFrom : Math.max(lookbackFrom, Math.min(overlapFrom, pageFrom));
  return { live: { from: Math.min(to, Math.max(from, state.since ?? from)), to }, wide };
}

/** How late calls came to be seen decides how far most look-backs reach. */
const REACH_OVER_LATENESS = 2;
const REACH_MIN_MS = 10 * MINUTE;

export interface LookbackPlan {
  reachMs: number;
  /** Whether it is the whole look-back. */
  whole: boolean;
  /** Time since the last one after which this one is due. */
  everyMs: number;
}

/**
 * A look-back of its own: the whole of it often enough that each hour is looked back at some times, and in between as
 * far as late calls have lately come, as often as its share of the budget allows.
 */
export function planLookback(look: {
  lookbackMs: number;
  /** How late all but one call in a thousand came to be seen; null where nothing is known. */
  latenessMs: number | null;
  callsInLookback: number;
  pageSize: number;
  requestsPerMinute: number;
  wholeIsDue: boolean;
}): LookbackPlan {
  const { lookbackMs, latenessMs } = look;
  const whole = look.wholeIsDue || latenessMs === null;
  const lateMs = Math.max(REACH_MIN_MS, REACH_OVER_LATENESS * (latenessMs ?? 0));
  const reachMs = whole ? lookbackMs : Math.min(lookbackMs, lateMs);
  const pages = Math.ceil((look.callsInLookback * reachMs) / lookbackMs / look.pageSize);
  const affordableMs = (pages / (look.requestsPerMinute * LOOKBACK_SHARE)) * MINUTE;
  return { reachMs, whole, everyMs: Math.round(Math.min(affordableMs, wholeLookbackEveryMs(lookbackMs))) };
}
