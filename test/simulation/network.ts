import type { NetworkFault } from './story.ts';
import type { VendorName } from './vendors/vendor.ts';

/** Faults of the ways to the vendors that are switched on. A request is struck by one at most, the first. */
export interface Network {
  /** Gives a function that switches it off. */
  add(vendor: VendorName, fault: NetworkFault, times: number, delayMs: number): () => void;
  /** The fault that strikes a request to a vendor now. Asking counts. */
  strike(vendor: VendorName): { fault: NetworkFault; delayMs: number } | null;
}

export function createNetwork(): Network {
  let active: { vendor: VendorName; fault: NetworkFault; timesLeft: number; delayMs: number }[] = [];
  return {
    add(vendor, fault, times, delayMs) {
      const entry = { vendor, fault, timesLeft: times, delayMs };
      active.push(entry);
      return () => {
        active = active.filter((one) => one !== entry);
      };
    },
    strike(vendor) {
      const first = active.find((one) => one.vendor === vendor);
      if (!first) return null;
      first.timesLeft -= 1;
      if (first.timesLeft <= 0) active = active.filter((one) => one !== first);
      return first;
    },
  };
}
