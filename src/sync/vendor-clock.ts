import type { Instant } from '../call.ts';
import { DAY, MINUTE, SECOND } from '../clock.ts';

/** What an answer of the vendor tells of the time. Our own instants are on the database's clock. */
export interface HeardAnswer {
  requestedAt: Instant;
  receivedAt: Instant;
  /** The vendor's `Date` header. */
  vendorNow: Instant | null;
  /** The newest time of a call that the answer shows, as the vendor wrote it. */
  newestCallAt?: Instant | null;
}

/**
 * The vendor's clock, seen through its `Date` header. Windows and settlement compare vendor times with vendor
 * times only; our own clock may be wrong. The header is cut to the second and was written before the answer came, so
 * the estimate lags a little: late is safe, early would close a window on calls that are still to come.
 *
 * A header is a word, too: a cache or a broken machine may write it. One that is not near the database's clock is
 * believed only while the vendor's own calls do not speak against it; see `judge`.
 */
export interface VendorClock {
  /** Vendor time minus ours, in milliseconds, as far as it is believed. */
  readonly offsetMs: number;
  /** False until the vendor has answered once. */
  readonly known: boolean;
  /** What the last header said that is not believed, as vendor time minus ours; null while all are believed. */
  readonly doubtedOffsetMs: number | null;
  /** Whether the last answer told a time that is believed. */
  readonly isBelieved: boolean;
  observe(answer: HeardAnswer): void;
  /** Our instant as the vendor would write it, and back. */
  toVendor(ours: Instant): Instant;
  toOurs(vendor: Instant): Instant;
  /** The latest that the vendor's clock can show at our instant; null before it was heard. `toVendor` is the earliest. */
  latest(ours: Instant): Instant | null;
  /**
   * The latest at our instant by whichever clock, where the vendor's is far from the database's or in doubt: a list that
   * is asked for up to here shows new calls whoever is right.
   */
  farthest(ours: Instant): Instant;
}

/** Two clocks in order differ by less. It must stay under the overlap of two live windows, which makes up for it. */
const TOLERANCE_MS = MINUTE;
/** A header that is off by more is nonsense: no list needs to reach there. */
const REACH_MAX_MS = 2 * DAY;

/**
 * `initialOffsetMs` is what an earlier pass believed at its end; null before the first. `doubtedBeforeMs` is what it was
 * told and did not believe: lists are asked for up to there before the vendor is heard again.
 */
export function createVendorClock(
  initialOffsetMs: number | null,
  doubtedBeforeMs: number | null = null,
): VendorClock {
  let offsetMs = initialOffsetMs ?? 0;
  let known = initialOffsetMs !== null;
  let heardOffsetMs: number | null = null;
  let doubtedOffsetMs: number | null = null;
  let inDoubtMs = doubtedBeforeMs;
  let isBelieved = true;
  let latestOffsetMs: number | null = null;
  return {
    get offsetMs() {
      return offsetMs;
    },
    get known() {
      return known;
    },
    get doubtedOffsetMs() {
      return doubtedOffsetMs;
    },
    get isBelieved() {
      return isBelieved;
    },
    observe({ requestedAt, receivedAt, vendorNow, newestCallAt = null }) {
      if (vendorNow === null) return;
      const told = vendorNow - receivedAt;
      const newestCall = newestCallAt === null ? null : newestCallAt - receivedAt;
      const wasDoubted = doubtedOffsetMs !== null && Math.abs(told - doubtedOffsetMs) <= TOLERANCE_MS;
      const before = heardOffsetMs ?? offsetMs;
      offsetMs = judge({ told, newestCall, heard: heardOffsetMs, before, wasDoubted });
      isBelieved = offsetMs === told;
      inDoubtMs = isBelieved ? null : told;
      if (isBelieved) heardOffsetMs = told;
      else doubtedOffsetMs = told;
      latestOffsetMs = isBelieved ? vendorNow + SECOND - requestedAt : Math.max(0, offsetMs) + TOLERANCE_MS;
      known = true;
    },
    toVendor: (ours) => ours + offsetMs,
    toOurs: (vendor) => vendor - offsetMs,
    latest: (ours) => (latestOffsetMs === null ? null : ours + latestOffsetMs),
    farthest(ours) {
      const told = inDoubtMs === null ? offsetMs : Math.min(inDoubtMs, REACH_MAX_MS);
      return ours + (Math.abs(told) <= TOLERANCE_MS ? offsetMs : Math.max(offsetMs, told, 0));
    },
  };
}

/**
 * What the vendor's clock is taken for, given what a header told. All are offsets to the database's clock. What is told
 * is given back when it is believed; else the latest time that is sure to have come for the vendor.
 */
function judge(word: {
  told: number;
  /** The newest call in the same answer. A call cannot begin after the vendor's now. */
  newestCall: number | null;
  /** The last header of this pass that was believed: no clock goes back while it is watched. */
  heard: number | null;
  /** What was believed last, in whatever pass. */
  before: number;
  /** Whether an earlier answer of this pass told the same and was not believed. */
  wasDoubted: boolean;
}): number {
  const { told, newestCall, heard, before, wasDoubted } = word;
  if (Math.abs(told) <= TOLERANCE_MS) return told;
  if (told > 0) {
    // Calls of a time that has not come by the database's clock show that the vendor's is ahead.
    const isShown = newestCall !== null && newestCall > TOLERANCE_MS && newestCall <= told + TOLERANCE_MS;
    return isShown || Math.abs(told - before) <= TOLERANCE_MS ? told : Math.min(before, told);
  }
  if (heard !== null && told < heard - TOLERANCE_MS) return heard;
  const isRefuted = newestCall !== null && newestCall > told + TOLERANCE_MS && newestCall <= TOLERANCE_MS;
  if (isRefuted) return Math.min(0, Math.max(newestCall, heard ?? newestCall));
  return wasDoubted ? Math.min(0, before) : told;
}
