import type { Instant } from '../call.ts';
import { SECOND } from '../clock.ts';

/**
 * The vendor's clock, seen through its `Date` header. Windows and settlement compare vendor times with vendor
 * times only; our own clock may be wrong. The header is cut to the second and was written before the answer came, so
 * the estimate lags a little: late is safe, early would close a window on calls that are still to come.
 */
export interface VendorClock {
  /** Vendor time minus ours, in milliseconds. */
  readonly offsetMs: number;
  /** False until the vendor has answered once. */
  readonly known: boolean;
  observe(answer: { requestedAt: Instant; receivedAt: Instant; vendorNow: Instant | null }): void;
  /** Our instant as the vendor would write it, and back. */
  toVendor(ours: Instant): Instant;
  toOurs(vendor: Instant): Instant;
  /** The latest that the vendor's clock can show at our instant; null before it was heard. `toVendor` is the earliest. */
  latest(ours: Instant): Instant | null;
}

export function createVendorClock(initialOffsetMs: number | null): VendorClock {
  let offsetMs = initialOffsetMs ?? 0;
  let known = initialOffsetMs !== null;
  let latestOffsetMs: number | null = null;
  return {
    get offsetMs() {
      return offsetMs;
    },
    get known() {
      return known;
    },
    observe({ requestedAt, receivedAt, vendorNow }) {
      if (vendorNow === null) return;
      offsetMs = vendorNow - receivedAt;
      latestOffsetMs = vendorNow + SECOND - requestedAt;
      known = true;
    },
    toVendor: (ours) => ours + offsetMs,
    toOurs: (vendor) => vendor - offsetMs,
    latest: (ours) => (latestOffsetMs === null ? null : ours + latestOffsetMs),
  };
}
