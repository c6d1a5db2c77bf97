import { CursorRefusedError, TransientError } from '../errors.ts';
import type { ListQuery, Page } from '../source.ts';
import type { SyncContext } from './context.ts';

/** A list that goes on beyond this is not one. */
const PAGES_MAX = 20_000;
const RESTARTS_MAX = 2;

/** What reading a list needs of a pass. */
export type Listing = Pick<SyncContext, 'source' | 'signal' | 'vendorClock' | 'log'>;

/**
 * The pages of a list without a window that counts as read, from its first page to its end. A cursor may expire: then
 * the list begins again, a few times. @throws TransientError when the vendor refuses every cursor or never ends
 */
export async function* readPages(context: Listing, query: ListQuery): AsyncGenerator<Page> {
  for (let restarts = 0; ; restarts += 1) {
    try {
      yield* pagesOf(context, query);
      return;
    } catch (error) {
      if (!(error instanceof CursorRefusedError)) throw error;
      if (restarts === RESTARTS_MAX) {
        throw new TransientError(`the vendor refuses its own cursors: ${error.message}`, { cause: error });
      }
      context.log.warn(
        { source: context.source.name, reason: error.message },
        'cursor refused, the list begins again',
      );
    }
  }
}

/** The pages of one list, from its cursor to its end. @throws CursorRefusedError, TransientError when it never ends */
async function* pagesOf(context: Listing, query: ListQuery): AsyncGenerator<Page> {
  const cursors = new Set<string>();
  let { cursor } = query;
  for (let pages = 0; pages < PAGES_MAX; pages += 1) {
    const page = await fetchPage(context, { ...query, cursor }, cursors);
    yield page;
    cursor = page.nextCursor;
    if (cursor === null) return;
  }
  throw new TransientError(`a list of ${context.source.name} did not end after ${PAGES_MAX} pages`);
}

/** Text of a page beyond which the next is not asked for before it is stored. A usual page has a quarter of it. */
const TEXT_AHEAD_MAX = 1_000_000;

/**
 * The pages of one list, each on its way while the one before it is stored, as long as they are small: pages on their
 * way are bounded by their text as well as by their count. `goOn` is asked when a page has come; false makes it the
 * last. @throws CursorRefusedError when the vendor refuses a cursor of it
 */
export async function* readPagesAhead(
  context: Listing & Pick<SyncContext, 'settings' | 'answers'>,
  query: ListQuery,
  goOn: () => boolean,
): AsyncGenerator<Page> {
  const { settings, answers } = context;
  const pages = pagesOf(context, query);
  for (let next = pages.next(); ; ) {
    const { value: page, done } = await next;
    if (done) return;
    const isLast = page.nextCursor === null || !goOn();
    const { lastPageText } = answers;
    const isAhead = settings.asksAhead && lastPageText > 0 && lastPageText <= TEXT_AHEAD_MAX;
    if (isAhead && !isLast) {
      next = pages.next();
      // Heard of when it is its turn, unless the page before it cannot be stored.
      next.catch(() => undefined);
    }
    yield page;
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
  const times = page.calls.flatMap(({ listedAt }) => listedAt ?? []);
  context.vendorClock.observe({ ...page, newestCallAt: times.length > 0 ? Math.max(...times) : null });
  return page;
}
