import type { Instant } from '../call.ts';
import { chooseGap, type DoubtedStretch, type NextGap, nextTryOf } from '../coverage/doubts.ts';
import { common } from '../coverage/stretches.ts';
import { noEvidence } from '../coverage/window-evidence.ts';
import type { TimeWindow } from '../source.ts';
import { type OpenWindow, openWindow, readGaps, readOpenWindow } from '../warehouse/checkpoints.ts';
import { readDoubts } from '../warehouse/doubts.ts';
import { confirmEnd } from './confirm-end.ts';
import type { Progress, SyncContext } from './context.ts';
import { loadCalls } from './load-calls.ts';
import { learnPace, planAfterProbe, planBackfill } from './plan-backfill.ts';
import { CEILING_MARGIN_MS } from './plan-live.ts';
import { fetchPage } from './read-pages.ts';
import { readWindow, storePage, type WindowReading } from './read-window.ts';

const ORDER = 'newest_first';
const BACKFILL = { stream: 'backfill', step: 'backfill', urgency: 'background', isTry: true } as const;

/**
 * Reads history and gaps, newest first, some pages at a time: the open window from its cursor, or the next one of
 * the newest gap. Gives false when nothing is missing that is due.
 */
export async function backfill(context: SyncContext, pause: () => boolean): Promise<boolean> {
  const { pace } = context;
  const told = { ...context, onProgress: ({ done }: Progress) => context.onProgress(overall(context, done)) };
  const open = await nextWindow(told);
  if (open === null) return false;
  if (open === 'read') return true;
  const { window, end } = await readWindow(told, open, { ...BACKFILL, pause });
  if (end !== null) learnPace(pace, window.window, window.rows);
  return true;
}

/** When the next stretch is due that was read in vain by `since` and is still in doubt; null when there is none. */
export async function nextDoubtAt(context: SyncContext, since: Instant): Promise<Instant | null> {
  const { database, sourceId } = context;
  const within = beforeHorizon(context);
  if (within === null) return null;
  const doubts = await readDoubts(database, sourceId);
  return nextTryOf(
    await readGaps(database, sourceId, within),
    doubts.filter((doubt) => doubt.since <= since),
  );
}

/** The window to read on; null when nothing is due; `read` when one request was all of it. */
async function nextWindow(context: SyncContext): Promise<OpenWindow | 'read' | null> {
  const { database, sourceId, clock, pace } = context;
  const interrupted = await readOpenWindow(database, sourceId, 'backfill', ORDER);
  if (interrupted) {
    pace.remainingRows ??= interrupted.total;
    return interrupted;
  }
  const within = beforeHorizon(context);
  if (within === null) return null;
  const gaps = await readGaps(database, sourceId, within);
  const next = chooseGap(gaps, await readDoubts(database, sourceId), clock.now());
  return next && openGap(context, next, within);
}

async function openGap(
  context: SyncContext,
  next: NextGap,
  within: TimeWindow,
): Promise<OpenWindow | 'read' | null> {
  const { clock, pace } = context;
  if (next.is === 'told_once') {
    await confirmEnd(context, next.doubt);
    return 'read';
  }
  if (next.is === 'doubted') return openDoubted(context, next.doubt, within);
  // An empty window may lie before the first call of all, whatever a total says: only a look ends the way back.
  const planned = pace.last?.rows === 0 ? null : planBackfill(next.window, pace);
  return planned ? openWindow(planned, noEvidence(ORDER), clock.now()) : probe(context, next.window);
}

/** A stretch that was read in vain is read again. */
function openDoubted(
  { clock }: SyncContext,
  { stretch, reason }: DoubtedStretch,
  within: TimeWindow,
): OpenWindow | null {
  const [window] = common(stretch, within);
  const evidence = noEvidence(ORDER, { distrustsEnds: reason === 'end_refuted' });
  return window === undefined ? null : openWindow(window, evidence, clock.now());
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
  const query = { window: gap, openOnly: false, order: ORDER, cursor: null, urgency: 'background' } as const;
  const page = await fetchPage(context, query, new Set());
  const times = page.calls.flatMap(({ listedAt }) => listedAt ?? []);
  const window = planAfterProbe(gap, {
    rows: page.calls.length,
    oldest: times.length > 0 ? Math.min(...times) : null,
    totalCount: page.totalCount,
    isLast: page.nextCursor === null,
  });
  pace.remainingRows = page.totalCount;
  const open = (of: TimeWindow) => openWindow(of, noEvidence(ORDER), clock.now());
  if (window.from !== gap.from) {
    await loadCalls(context, { ...page, window: gap, step: 'backfill' });
    return open(window);
  }
  const { walk, next } = await storePage(context, open(gap), page, BACKFILL satisfies Partial<WindowReading>);
  if (next.is !== 'ended') return walk;
  learnPace(pace, walk.window, walk.rows);
  return 'read';
}

/** Progress over all of history, not of one window. */
function overall({ pace }: SyncContext, doneInWindow: number): Progress {
  const done = pace.readRows + doneInWindow;
  const total =
    pace.remainingRows === null ? null : pace.readRows + Math.max(pace.remainingRows, doneInWindow);
  return { step: 'backfill', done, total };
}
