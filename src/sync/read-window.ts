import { CursorRefusedError, TransientError } from '../errors.ts';
import type { ListQuery, Page, TimeWindow } from '../source.ts';
import { closeWindow, type OpenWindow, type Stream, saveOpenWindow } from '../warehouse/checkpoints.ts';
import type { Sql } from '../warehouse/database.ts';
import { countDrift } from '../warehouse/drift.ts';
import type { Progress, SyncContext } from './context.ts';
import { loadCalls } from './load-calls.ts';

/** A list that goes on beyond this is not one. */
const PAGES_MAX = 20_000;
const RESTARTS_MAX = 2;

export interface WindowReading {
  stream: Stream;
  order: ListQuery['order'];
  step: Progress['step'];
  /** Asked after each page: true leaves the window open, to go on later from its cursor. */
  pause: () => boolean;
}

/**
 * Pages an open window to its end. Each page is stored in one transaction with the checkpoint that speaks of it,
 * so a crash anywhere costs at most that page read again. Gives the window as it was left, and whether it closed.
 * `firstPage` is one that the caller has asked for already.
 */
export async function readWindow(
  context: SyncContext,
  opened: OpenWindow,
  reading: WindowReading,
  firstPage: Page | null = null,
): Promise<{ window: OpenWindow; closed: boolean }> {
  let window = opened;
  let restarts = 0;
  let given = firstPage;
  const cursors = new Set<string>();
  while (window.pages < PAGES_MAX) {
    let page: Page;
    try {
      page = given ?? (await fetchPage(context, listQuery(window, reading.order), cursors));
      given = null;
    } catch (error) {
      if (!(error instanceof CursorRefusedError) || restarts === RESTARTS_MAX) throw error;
      // A cursor may expire. What is stored stays; the window begins again, because only its end counts.
      context.log.warn(
        { source: context.source.name, reason: error.message },
        'cursor refused, window restarts',
      );
      restarts += 1;
      cursors.clear();
      window = { ...window, cursor: null, pages: 0, rows: 0 };
      continue;
    }
    window = advance(window, page);
    const closed = page.nextCursor === null;
    await loadCalls(context, { ...page, window: window.window }, (tx) =>
      saveProgress(tx, context, reading.stream, window, page, closed),
    );
    context.onProgress({ step: reading.step, done: window.rows, total: window.total });
    if (closed) return { window, closed };
    if (reading.pause()) return { window, closed };
  }
  throw new TransientError(`a window of ${context.source.name} did not end after ${PAGES_MAX} pages`);
}

/**
 * Asks for one page and refuses what cannot be true: a cursor that came before, or an empty page that points to
 * another. Refused pages are asked for again, within bounds, and never followed.
 */
export async function fetchPage(context: SyncContext, query: ListQuery, cursors: Set<string>): Promise<Page> {
  if (query.cursor !== null) cursors.add(query.cursor);
  const accept = ({ nextCursor, calls }: Page) => {
    if (nextCursor === null) return;
    if (cursors.has(nextCursor)) throw new TransientError('the list repeated a cursor: it would never end');
    if (calls.length === 0) throw new TransientError('the list answered an empty page with a cursor');
  };
  const page = await context.source.listCalls(query, accept, context.signal);
  context.vendorClock.observe(page);
  return page;
}

function listQuery({ window, cursor }: OpenWindow, order: ListQuery['order']): ListQuery {
  return { window, openOnly: false, order, cursor };
}

function advance(open: OpenWindow, page: Page): OpenWindow {
  return {
    ...open,
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
  closed: boolean,
): Promise<void> {
  const now = clock.now();
  const outside = page.calls.filter(({ listedAt }) => listedAt !== null && !contains(open.window, listedAt));
  await countDrift(
    tx,
    sourceId,
    outside.map(({ callId }) => ({ kind: 'page_fault', path: 'outside_window', value: '', callId })),
    now,
  );
  if (closed) await closeWindow(tx, sourceId, stream, open.window, now);
  else await saveOpenWindow(tx, sourceId, stream, open, now);
}

/** Both bounds included: a vendor's windows are closed, ours are half-open, and a double is harmless. */
function contains({ from, to }: TimeWindow, at: number): boolean {
  return (from === null || at >= from) && (to === null || at <= to);
}
