import { SECOND } from '../clock.ts';
import type { Urgency } from '../requests.ts';
import type { ListQuery, Page, TimeWindow } from '../source.ts';
import { closeWindow, type OpenWindow, type Stream, saveOpenWindow } from '../warehouse/checkpoints.ts';
import type { Sql } from '../warehouse/database.ts';
import { countDrift } from '../warehouse/drift.ts';
import type { Progress, SyncContext } from './context.ts';
import { loadCalls } from './load-calls.ts';
import { CEILING_MARGIN_MS } from './plan-live.ts';
import { readPagesAhead } from './read-pages.ts';

export interface WindowReading {
  stream: Stream;
  order: ListQuery['order'];
  step: Progress['step'];
  urgency: Urgency;
  /** Asked when a page has come: true leaves the window open behind it, to go on later from its cursor. */
  pause: () => boolean;
}

/**
 * Pages an open window to its end. Each page is stored in one transaction with the checkpoint that speaks of it,
 * so a crash anywhere costs at most that page read again. Gives the window as it was left, and whether it closed.
 */
export async function readWindow(
  context: SyncContext,
  opened: OpenWindow,
  reading: WindowReading,
): Promise<{ window: OpenWindow; closed: boolean }> {
  const query = {
    window: opened.window,
    openOnly: false,
    order: reading.order,
    cursor: opened.cursor,
    urgency: reading.urgency,
  };
  let window = opened;
  for await (const { page, restarted } of readPagesAhead(context, query, () => !reading.pause())) {
    const before = restarted ? { ...window, pages: 0, rows: 0 } : window;
    window = await storePage(context, before, page, reading);
    if (page.nextCursor === null) return { window, closed: true };
  }
  return { window, closed: false };
}

/** Stores a page of a window with its checkpoint, and gives the window after it. */
export async function storePage(
  context: SyncContext,
  before: OpenWindow,
  page: Page,
  { stream, step }: Pick<WindowReading, 'stream' | 'step'>,
): Promise<OpenWindow> {
  const window = advance(before, page);
  if (window.window !== before.window) {
    context.log.warn(
      { source: context.source.name, stream },
      'a window reached beyond the vendor’s clock; it is cut',
    );
  }
  const { total } = await loadCalls(context, { ...page, window: window.window, step }, (tx) =>
    saveProgress(tx, context, stream, window, page),
  );
  context.answers.lastPageText = total;
  context.onProgress({ step, done: window.rows, total: window.total });
  return window;
}

function advance(open: OpenWindow, page: Page): OpenWindow {
  return {
    ...open,
    window: withinVendorTime(open.window, page),
    cursor: page.nextCursor,
    pages: open.pages + 1,
    rows: open.rows + page.calls.length,
    total: page.totalCount ?? open.total,
  };
}

async function saveProgress(
  tx: Sql,
  { sourceId, clock }: SyncContext,
  stream: Stream,
  open: OpenWindow,
  page: Page,
): Promise<void> {
  const now = clock.now();
  const outside = page.calls.filter(({ listedAt }) => listedAt !== null && !contains(open.window, listedAt));
  await countDrift(
    tx,
    sourceId,
    outside.map(({ callId }) => ({ kind: 'page_fault', path: 'outside_window', value: '', callId })),
    now,
  );
  if (page.nextCursor === null) await closeWindow(tx, sourceId, stream, open.window, now);
  else await saveOpenWindow(tx, sourceId, stream, open, now);
}

/**
 * What a page can speak for: no time after the vendor's clock, as its answer shows it. A window is opened well behind
 * that, so this cuts only when our own clock was set meanwhile; what is cut off is wanted again by the next pass.
 */
function withinVendorTime(window: TimeWindow, { vendorNow }: Page): TimeWindow {
  if (vendorNow === null || window.to === null || window.to <= vendorNow + SECOND) return window;
  const to = vendorNow - CEILING_MARGIN_MS;
  return { from: window.from === null ? null : Math.min(window.from, to), to };
}

/** Both bounds included: a vendor's windows are closed, ours are half-open, and a double is harmless. */
function contains({ from, to }: TimeWindow, at: number): boolean {
  return (from === null || at >= from) && (to === null || at <= to);
}
