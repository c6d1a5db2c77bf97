import type { DoubtedStretch } from '../coverage/doubts.ts';
import { refutedBy } from '../coverage/window-evidence.ts';
import type { Sql } from '../database/database.ts';
import type { Page } from '../source.ts';
import { lackingCalls } from '../warehouse/audits.ts';
import type { SyncContext } from './context.ts';
import { loadCalls } from './load-calls.ts';
import { fetchPage } from './read-pages.ts';
import { noteDoubted, noteProved } from './read-window.ts';

const BACKFILL = { stream: 'backfill', isTry: true } as const;

/**
 * Asks for a stretch a second time, some time after its end was told once: from its other side, so that an end that comes
 * too early shows calls that were left out. What is shown is known: then the stretch is covered.
 */
export async function confirmEnd(context: SyncContext, doubt: DoubtedStretch): Promise<void> {
  const { stretch } = doubt;
  const order = doubt.order === 'newest_first' ? 'oldest_first' : 'newest_first';
  const query = { window: stretch, openOnly: false, order, cursor: null, urgency: 'background' } as const;
  const page = await fetchPage(context, query, new Set());
  const times = page.calls.flatMap(({ listedAt }) => listedAt ?? []);
  const refuted = refutedBy(stretch, times);
  // Asked before the page is stored: what it shows is known afterwards.
  const isKnown = await knowsAll(context.database, context, page);
  await loadCalls(context, { ...page, window: stretch, step: 'backfill' }, async (tx) => {
    const reason = refuted ?? (isKnown && fits(page, doubt) ? null : 'end_refuted');
    if (reason === null) return noteProved(tx, context, 'backfill', stretch);
    return noteDoubted(tx, context, BACKFILL, stretch, {
      reason,
      order,
      callsSeen: Math.max(page.calls.length, doubt.callsSeen),
      callsCounted: page.totalCount,
    });
  });
}

async function knowsAll(sql: Sql, { sourceId }: SyncContext, { calls }: Page): Promise<boolean> {
  const callIds = calls.flatMap(({ callId }) => callId ?? []);
  return (await lackingCalls(sql, sourceId, callIds)).length === 0;
}

/**
 * Whether the other side fits what was told before: no more calls are counted than were seen, and where more pages follow
 * here, more calls than these were seen there. A count that is less than its own page is no count.
 */
function fits({ nextCursor, calls, totalCount }: Page, { callsSeen }: DoubtedStretch): boolean {
  const isCounted = totalCount !== null && totalCount > 0 && totalCount >= calls.length;
  if (isCounted) return totalCount <= Math.max(callsSeen, calls.length);
  return nextCursor === null || callsSeen > calls.length;
}
