import { CursorRefusedError, TransientError } from '../errors.ts';
import type { ListQuery, Page } from '../source.ts';
import type { SyncContext } from './context.ts';

/** A list that goes on beyond this is not one. */
const PAGES_MAX = 20_000;
const RESTARTS_MAX = 2;

/** What reading a list needs of a pass. */
export type Listing = Pick<SyncContext, 'source' | 'signal' | 'vendorClock' | 'log'>;

/** A page, and whether the list had to begin again with it because the vendor refused a cursor. */
export interface ReadPage {
  page: Page;
  restarted: boolean;
}

/**
 * The pages of one list, from its cursor to its end. A cursor may expire: then the list begins again, a few times;
 * what was stored of it stays. @throws TransientError when the vendor refuses every cursor or never ends
 */
export async function* readPages(context: Listing, query: ListQuery): AsyncGenerator<ReadPage> {
  const cursors = new Set<string>();
  let { cursor } = query;
  let restarts = 0;
  let restarted = false;
  for (let pages = 0; pages < PAGES_MAX; pages += 1) {
    let page: Page;
    try {
      page = await fetchPage(context, { ...query, cursor }, cursors);
    } catch (error) {
      if (!(error instanceof CursorRefusedError)) throw error;
      if (restarts === RESTARTS_MAX) {
        throw new TransientError(`the vendor refuses its own cursors: ${error.message}`, { cause: error });
      }
      context.log.warn(
        { source: context.source.name, reason: error.message },
        'cursor refused, the list begins again',
      );
      restarts += 1;
      restarted = true;
      cursors.clear();
      cursor = null;
      continue;
    }
    yield { page, restarted };
    restarted = false;
    cursor = page.nextCursor;
    if (cursor === null) return;
  }
  throw new TransientError(`a list of ${context.source.name} did not end after ${PAGES_MAX} pages`);
}

/** Text of a page beyond which the next is not asked for before it is stored. A usual page has a quarter of it. */
const TEXT_AHEAD_MAX = 1_000_000;

/**
 * The pages of one list, each on its way while the one before it is stored, as long as they are small: pages on their
 * way are bounded by their text as well as by their count. `goOn` is asked when a page has come; false makes it the last.
 */
export async function* readPagesAhead(
  context: Listing & Pick<SyncContext, 'settings' | 'answers'>,
  query: ListQuery,
  goOn: () => boolean,
): AsyncGenerator<ReadPage> {
  const { settings, answers } = context;
  const pages = readPages(context, query);
  for (let next = pages.next(); ; ) {
    const { value, done } = await next;
    if (done) return;
    const isLast = value.page.nextCursor === null || !goOn();
    const { lastPageText } = answers;
    const isAhead = settings.asksAhead && lastPageText > 0 && lastPageText <= TEXT_AHEAD_MAX;
    if (isAhead && !isLast) {
      next = pages.next();
      // Heard of when it is its turn, unless the page before it cannot be stored.
      next.catch(() => undefined);
    }
    yield value;
    if (isLast) return;
    if (!isAhead) next = pages.next();
  }
}

/**
 * Asks for one page and refuses what cannot be true: a cursor that came before, or an empty page that points to
 * another. Refused pages are asked for again, within bounds, and never followed.
 */
export async function fetchPage(context: Listing, query: ListQuery, cursors: Set<string>): Promise<Page> {
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
