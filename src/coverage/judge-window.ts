import { beginList, type Doubt, type ListInHand, type WindowEvidence } from './window-evidence.ts';

/** What is to be done about a window whose list has come to its end. */
export type Verdict =
  /** Its pages prove it: it is covered. */
  | { is: 'proved' }
  /** The list ended too early: it is asked for again from where it stopped. */
  | { is: 'go_on'; list: ListInHand }
  /** It is not covered, and read again later. */
  | { is: 'doubted'; doubt: Doubt };

export interface Surroundings {
  /** Calls that the window has shown, each once. */
  seen: number;
  /** Rows of a full page. */
  pageSize: number;
  /**
   * Calls that have not ended, as far as the warehouse knows: so many may have left the window while it was read,
   * because a call moves in time when it connects.
   */
  mayHaveMoved: number;
}

/**
 * Judges a window whose list has ended. A window is proved when the calls seen reach what the vendor counts. Where it
 * does not count, or counts nothing, an end is believed when it is told twice: the second time is asked for later.
 */
export function judgeEnd(evidence: WindowEvidence, surroundings: Surroundings): Verdict {
  if (evidence.refutedBy !== null) return { is: 'doubted', doubt: evidence.refutedBy };
  const reached = reachesCount(evidence, surroundings);
  if (reached === true) return { is: 'proved' };
  const rest = goOn(evidence);
  if (reached === false) return rest ?? { is: 'doubted', doubt: 'fewer_than_counted' };
  const isUnlikely = evidence.distrustsEnds || isFull(evidence.list, surroundings.pageSize);
  return (isUnlikely && rest) || { is: 'doubted', doubt: 'told_once' };
}

/** Whether the calls seen reach the vendor's count; null where there is no count to go by. */
function reachesCount(
  { counted, placed, addedToAll }: WindowEvidence,
  { seen, mayHaveMoved }: Surroundings,
): boolean | null {
  // An answer without a call proves nothing by its zero: it may be a fault that passes.
  if (counted === null || counted.most === 0) return null;
  // More calls than it counts: whatever it counts, it is not these.
  if (seen > counted.most + mayHaveMoved) return null;
  const needed = Math.max(counted.last, counted.most - mayHaveMoved);
  return seen >= needed || (addedToAll !== null && placed >= needed - addedToAll);
}

/** A last page that is full, or as long as the page before it, is more likely cut off than the last. */
function isFull({ lastRows, rowsBefore }: ListInHand, pageSize: number): boolean {
  return lastRows >= pageSize || (lastRows > 0 && rowsBefore !== null && lastRows >= rowsBefore);
}

/** Goes on from where the list stopped, as long as it brings what was not seen before. */
export function goOn({ list }: WindowEvidence): { is: 'go_on'; list: ListInHand } | null {
  if (list.newCalls === 0 || list.reached === null || list.reached === list.from) return null;
  return { is: 'go_on', list: beginList(list.order, list.reached) };
}
