import type { NetworkFault } from './story.ts';

/** Faults of the way to the vendor that are switched on. A request is struck by one at most, the first. */
export interface Network {
  /** Gives a function that switches it off. */
  add(fault: NetworkFault, times: number, delayMs: number): () => void;
  /** The fault that strikes a request now. Asking counts. */
  strike(): { fault: NetworkFault; delayMs: number } | null;
}

export function createNetwork(): Network {
  let active: { fault: NetworkFault; timesLeft: number; delayMs: number }[] = [];
  return {
    add(fault, times, delayMs) {
      const entry = { fault, timesLeft: times, delayMs };
      active.push(entry);
      return () => {
        active = active.filter((one) => one !== entry);
      };
    },
    strike() {
      const [first] = active;
      if (!first) return null;
      first.timesLeft -= 1;
      if (first.timesLeft <= 0) active = active.filter((one) => one !== first);
      return first;
    },
  };
}
