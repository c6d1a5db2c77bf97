import type { Instant } from '../call.ts';
import { readNthFrom, readNthNewest } from '../warehouse/call-density.ts';
import type { SyncContext } from './context.ts';

/** A page that is asked for anyway is filled so far: calls that are not known yet must not push it over the edge. */
const PAGE_FILL = 0.8;
/** The same for time that was read before, where hardly a call is new. */
const PAGE_FILL_KNOWN = 0.95;

/** Since when the newest known calls fill a page; null when they do not. */
export function newestPageFrom({ database, sourceId, source }: SyncContext): Promise<Instant | null> {
  return readNthNewest(database, sourceId, Math.floor(PAGE_FILL * source.pageSize));
}

/** Until when the known calls from an instant on fill a page; null when they do not. */
export function pageEndFrom(
  { database, sourceId, source }: SyncContext,
  from: Instant,
): Promise<Instant | null> {
  return readNthFrom(database, sourceId, from, Math.floor(PAGE_FILL_KNOWN * source.pageSize));
}
