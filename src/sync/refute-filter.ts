import type { Doubt, WindowEvidence } from '../coverage/window-evidence.ts';
import type { Page, TimeWindow } from '../source.ts';
import type { ListsLearned } from './context.ts';

/** Windows of which the first pages are remembered. */
const REMEMBERED_MAX = 20;

/**
 * What a page says against the filter by time, beside what it has said by itself. A first page that was refuted for one
 * window proves no other: the vendor shows it whatever is asked.
 */
export function refutation(
  lists: ListsLearned,
  { list, refutedBy }: WindowEvidence,
  page: Page,
): Doubt | null {
  if (list.pages > 1) return refutedBy;
  const calls = callsOf(page);
  if (refutedBy !== null) lists.refutedPage = calls;
  else if (isSame(calls, lists.refutedPage)) return 'same_page';
  else lists.refutedPage = null;
  return refutedBy;
}

/** Remembers the first page of a window that is taken for proved. */
export function rememberProved(lists: ListsLearned, window: TimeWindow, firstPage: Page): void {
  lists.proved.push({ window, firstPage: callsOf(firstPage) });
  lists.proved.splice(0, lists.proved.length - REMEMBERED_MAX);
}

/**
 * The windows that were proved by calls which the vendor shows for another time, too: their pages were not theirs, and
 * they are proved no more. Forgets them.
 */
export function refutedWith(lists: ListsLearned, page: Page): TimeWindow[] {
  const calls = callsOf(page);
  const isRefuted = ({ firstPage }: ListsLearned['proved'][number]) =>
    [...calls].filter((callId) => firstPage.has(callId)).length * 2 > calls.size;
  const refuted = lists.proved.filter(isRefuted);
  lists.proved = lists.proved.filter((one) => !refuted.includes(one));
  return refuted.map(({ window }) => window);
}

function callsOf({ calls }: Page): Set<string> {
  return new Set(calls.flatMap(({ callId }) => callId ?? []));
}

function isSame(calls: ReadonlySet<string>, others: ReadonlySet<string> | null): boolean {
  if (calls.size === 0 || others === null || calls.size !== others.size) return false;
  return [...calls].every((callId) => others.has(callId));
}
