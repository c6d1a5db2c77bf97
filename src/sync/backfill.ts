import type { Page, TimeWindow } from '../source.ts';
import { type OpenWindow, openWindow, readGaps, readOpenWindow } from '../warehouse/checkpoints.ts';
import type { SyncContext } from './context.ts';
import { loadCalls } from './load-calls.ts';
import { learnPace, planAfterProbe, planBackfill } from './plan-backfill.ts';
import { fetchPage, readWindow } from './read-window.ts';

/**
 * Reads history and gaps, newest first, some pages at a time: the open window from its cursor, or the next one of
 * the newest gap. Gives false when nothing is missing.
 */
export async function backfill(context: SyncContext, pause: () => boolean): Promise<boolean> {
  const next = await nextWindow(context);
  if (next === null) return false;
  const { pace } = context;
  const { window, closed } = await readWindow(
    { ...context, onProgress: (progress) => context.onProgress(overall(context, progress.done)) },
    next.open,
    { stream: 'backfill', order: 'newest_first', step: 'backfill', pause },
    next.firstPage,
  );
  if (closed) learnPace(pace, window.window, window.rows);
  return true;
}

interface NextWindow {
  open: OpenWindow;
  firstPage: Page | null;
}

async function nextWindow(context: SyncContext): Promise<NextWindow | null> {
  const { database, sourceId, clock, pace } = context;
  const interrupted = await readOpenWindow(database, sourceId, 'backfill');
  if (interrupted) {
    pace.remainingRows ??= interrupted.total;
    return { open: interrupted, firstPage: null };
  }
  const [gap] = await readGaps(database, sourceId, context.settings.backfillWithin);
  if (!gap) return null;
  const planned = planBackfill(gap, pace);
  return planned ? { open: openWindow(planned, clock.now()), firstPage: null } : probe(context, gap);
}

/** Looks at the first page of a gap to judge how it is cut. Its rows are stored whatever comes of it. */
async function probe(context: SyncContext, gap: TimeWindow): Promise<NextWindow> {
  const { clock, pace } = context;
  const query = { window: gap, openOnly: false, order: 'newest_first', cursor: null } as const;
  const page = await fetchPage(context, query, new Set());
  const times = page.calls.flatMap(({ listedAt }) => listedAt ?? []);
  const window = planAfterProbe(gap, {
    rows: page.calls.length,
    oldest: times.length > 0 ? Math.min(...times) : null,
    totalCount: page.totalCount,
    isLast: page.nextCursor === null,
  });
  pace.remainingRows = page.totalCount;
  if (window.from === gap.from) return { open: openWindow(gap, clock.now()), firstPage: page };
  await loadCalls(context, { ...page, window: gap });
  return { open: openWindow(window, clock.now()), firstPage: null };
}

/** Progress over all of history, not of one window. */
function overall({ pace }: SyncContext, doneInWindow: number) {
  const done = pace.readRows + doneInWindow;
  const total =
    pace.remainingRows === null ? null : pace.readRows + Math.max(pace.remainingRows, doneInWindow);
  return { step: 'backfill', done: done, total } as const;
}
