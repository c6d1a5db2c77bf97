import type { Instant } from '../call.ts';
import { SECOND } from '../clock.ts';
import type { ListQuery, Page, TimeWindow } from '../source.ts';
import type { SeenCalls } from './seen-calls.ts';

/** Why time that was read to the end of its list is not covered. */
export type Doubt =
  /** Its end was told once: an empty answer, or a short one where the vendor does not count. It is asked for again. */
  | 'told_once'
  /** The vendor counts more calls than it lists. */
  | 'fewer_than_counted'
  /** Asked for again from the other side, the list showed calls that it had left out. */
  | 'end_refuted'
  /** The list shows calls of another time: the filter by time is not kept. */
  | 'outside_window'
  /** The rows of a page are in no order of time. */
  | 'out_of_order'
  /** The same page as for another time that was refuted. */
  | 'same_page'
  /** Page after page shows only calls that were shown before. */
  | 'no_progress'
  /** The cursor is refused, and the list cannot be gone on with by time. */
  | 'cursor_refused'
  /** Calls without a place in time fill the pages from both sides. */
  | 'only_unplaced';

/** The list in hand: one question to the vendor, with its pages. A window may take several. */
export interface ListInHand {
  order: ListQuery['order'];
  /** The time from which it goes on, where it does not begin with the window. */
  from: Instant | null;
  pages: number;
  /** Calls that no earlier page of the window had shown. */
  newCalls: number;
  /** The farthest place in time that its rows show, in its order. */
  reached: Instant | null;
  /** Rows of the last page, and of the one before it. */
  lastRows: number;
  rowsBefore: number | null;
  /** Pages, one after the other up to the last, without a new call; and without anything new or placed in time. */
  stalePages: number;
  idlePages: number;
}

/**
 * What the pages of a window have shown so far. Plain data: it is saved with the cursor. What it comes to is decided in
 * `judge-window.ts`.
 */
export interface WindowEvidence {
  /** Up to where lists are asked for, where that is beyond the window: while the vendor's clock is in doubt. */
  askTo: Instant | null;
  list: ListInHand;
  /** What the vendor counts in the window: the most that it told, and what it told last. Null where it does not count. */
  counted: { most: number; last: number } | null;
  /** Calls seen that have a place in time. */
  placed: number;
  /** Calls without a place in time that the vendor adds to every window; null where it is not known to. */
  addedToAll: number | null;
  /** Whether it was asked, and adds none. */
  addsNone: boolean;
  /** A short end was shown to be none: lists are gone on with until they bring nothing new. */
  distrustsEnds: boolean;
  /** Pages after which a cursor of this window was refused; null when none was. */
  cursorsEndAfter: number | null;
  refutedBy: 'outside_window' | 'out_of_order' | null;
}

export function noEvidence(
  order: ListQuery['order'],
  begin: { askTo?: Instant | null; distrustsEnds?: boolean } = {},
): WindowEvidence {
  return {
    askTo: begin.askTo ?? null,
    list: beginList(order, null),
    counted: null,
    placed: 0,
    addedToAll: null,
    addsNone: false,
    distrustsEnds: begin.distrustsEnds ?? false,
    cursorsEndAfter: null,
    refutedBy: null,
  };
}

export function beginList(order: ListQuery['order'], from: Instant | null): ListInHand {
  return {
    order,
    from,
    pages: 0,
    newCalls: 0,
    reached: null,
    lastRows: 0,
    rowsBefore: null,
    stalePages: 0,
    idlePages: 0,
  };
}

/** The time that the list in hand asks for. It overlaps what was read by a moment: calls may share an instant. */
export function askedWindow(window: TimeWindow, { askTo, list }: WindowEvidence): TimeWindow {
  const to = askTo ?? window.to;
  if (list.from === null) return { from: window.from, to };
  return list.order === 'newest_first'
    ? { from: window.from, to: list.from + 1 }
    : { from: list.from - 1, to };
}

/** The evidence with one more page. `seen` gets its calls; gives the bytes by which they can be saved. */
export function addPage(
  evidence: WindowEvidence,
  seen: SeenCalls,
  window: TimeWindow,
  page: Page,
): { evidence: WindowEvidence; added: Buffer } {
  const { list } = evidence;
  const fresh = seen.unseen(page.calls);
  const times = page.calls.flatMap(({ listedAt }) => listedAt ?? []);
  return {
    added: seen.add(fresh),
    evidence: {
      ...evidence,
      list: {
        ...list,
        pages: list.pages + 1,
        newCalls: list.newCalls + fresh.length,
        reached: farthest(list, times),
        lastRows: page.calls.length,
        rowsBefore: list.pages === 0 ? null : list.lastRows,
        stalePages: fresh.length > 0 ? 0 : list.stalePages + 1,
      },
      counted: countedBy(evidence, page),
      placed: evidence.placed + fresh.filter(({ listedAt }) => listedAt !== null).length,
      refutedBy: evidence.refutedBy ?? refutedBy(askedWindow(window, evidence), times),
    },
  };
}

/** A list that goes on from within the window counts a part of it: that says nothing of the whole. */
function countedBy({ counted, list }: WindowEvidence, { totalCount }: Page): WindowEvidence['counted'] {
  if (totalCount === null || list.from !== null) return counted;
  return { most: Math.max(counted?.most ?? 0, totalCount), last: totalCount };
}

function farthest({ order, reached }: ListInHand, times: readonly Instant[]): Instant | null {
  const all = reached === null ? times : [reached, ...times];
  if (all.length === 0) return null;
  return order === 'newest_first' ? Math.min(...all) : Math.max(...all);
}

/** One call of ten may show a time that is wrong by itself: that is the call's fault and not the filter's. */
const ODD_ONE_IN = 10;
/** A vendor may keep its times finer or coarser than it shows them. */
const ROUNDING_MS = SECOND;

/** Whether a call's time lies outside of a window. Both ends belong to it: vendors include them. */
export function isOutside({ from, to }: TimeWindow, at: Instant): boolean {
  return (from !== null && at < from - ROUNDING_MS) || (to !== null && at > to + ROUNDING_MS);
}

/** What the rows of one page say against the filter by time; null when nothing does. */
export function refutedBy(window: TimeWindow, times: readonly Instant[]): WindowEvidence['refutedBy'] {
  if (times.filter((at) => isOutside(window, at)).length * ODD_ONE_IN > times.length) return 'outside_window';
  // Either order is one: a vendor that does not sort as it is told still lists everything.
  const steps = times.slice(1).map((at, i) => at - (times[i] ?? at));
  const forth = steps.filter((step) => step > ROUNDING_MS).length;
  const back = steps.filter((step) => step < -ROUNDING_MS).length;
  return Math.min(forth, back) * ODD_ONE_IN > times.length ? 'out_of_order' : null;
}
