import type { TimeWindow } from '../source.ts';
import { type OpenWindow, openWindow, readGaps, readOpenWindow } from '../warehouse/checkpoints.ts';
import type { Progress, SyncContext } from './context.ts';
import { loadCalls } from './load-calls.ts';
import { learnPace, planAfterProbe, planBackfill } from './plan-backfill.ts';
import { CEILING_MARGIN_MS } from './plan-live.ts';
import { fetchPage } from './read-pages.ts';
import { readWindow, storePage } from './read-window.ts';

const BACKFILL = {
  stream: 'backfill',
  order: 'newest_first',
  step: 'backfill',
  urgency: 'background',
} as const;

/**
 * Reads history and gaps, newest first, some pages at a time: the open window from its cursor, or the next one of
 * the newest gap. Gives false when nothing is missing.
 */
export async function backfill(context: SyncContext, pause: () => boolean): Promise<boolean> {
  const { pace } = context;
  const told = { ...context, onProgress: ({ done }: Progress) => context.onProgress(overall(context, done)) };
  const open = await nextWindow(told);
  if (open === null) return false;
  if (open === 'read') return true;
  const { window, closed } = await readWindow(told, open, { ...BACKFILL, pause });
  if (closed) learnPace(pace, window.window, window.rows);
  return true;
}

/** The window to read on; null when nothing is missing; `read` when a look at the gap was all of it. */
async function nextWindow(context: SyncContext): Promise<OpenWindow | 'read' | null> {
  const { database, sourceId, clock, pace } = context;
  const interrupted = await readOpenWindow(database, sourceId, 'backfill');
  if (interrupted) {
    pace.remainingRows ??= interrupted.total;
    return interrupted;
  }
  const within = beforeHorizon(context);
  const [gap] = within ? await readGaps(database, sourceId, within) : [];
  if (!gap) return null;
  // An empty window may lie before the first call of all, whatever a total says: only a look ends the way back.
  const planned = pace.last?.rows === 0 ? null : planBackfill(gap, pace);
  return planned ? openWindow(planned, clock.now()) : probe(context, gap);
}

/**
 * What may be read as a gap: time before the end of the last live window, and before the vendor's now as it is known by
 * now. A clock that ran ahead when that window was planned would else leave a gap of time to come, read in a circle.
 */
function beforeHorizon({ horizon, settings, vendorClock, clock }: SyncContext): TimeWindow | null {
  const vendorNow = vendorClock.toVendor(clock.now()) - CEILING_MARGIN_MS;
  horizon.to = Math.min(horizon.to ?? vendorNow, vendorNow);
  const { from, to } = settings.backfillWithin;
  const end = Math.min(to ?? horizon.to, horizon.to);
  return from !== null && from >= end ? null : { from, to: end };
}

/** Looks at the first page of a gap to judge how it is cut. Its rows are stored whatever comes of it. */
async function probe(context: SyncContext, gap: TimeWindow): Promise<OpenWindow | 'read'> {
  const { clock, pace } = context;
  const query = {
    window: gap,
    openOnly: false,
    order: 'newest_first',
    cursor: null,
    urgency: 'background',
  } as const;
  const page = await fetchPage(context, query, new Set());
  const times = page.calls.flatMap(({ listedAt }) => listedAt ?? []);
  const window = planAfterProbe(gap, {
    rows: page.calls.length,
    oldest: times.length > 0 ? Math.min(...times) : null,
    totalCount: page.totalCount,
    isLast: page.nextCursor === null,
  });
  pace.remainingRows = page.totalCount;
  if (window.from !== gap.from) {
    await loadCalls(context, { ...page, window: gap, step: 'backfill' });
    return openWindow(window, clock.now());
  }
  const stored = await storePage(context, openWindow(gap, clock.now()), page, BACKFILL);
  if (page.nextCursor !== null) return stored;
  learnPace(pace, stored.window, stored.rows);
  return 'read';
}

/** Progress over all of history, not of one window. */
function overall({ pace }: SyncContext, doneInWindow: number): Progress {
  const done = pace.readRows + doneInWindow;
  const total =
    pace.remainingRows === null ? null : pace.readRows + Math.max(pace.remainingRows, doneInWindow);
  return { step: 'backfill', done, total };
}
