import type { Instant } from '../call.ts';
import { MINUTE, SECOND } from '../clock.ts';
import { RecordError } from '../errors.ts';
import type { ListedCall, ListQuery, PlacedCall, Source } from '../source.ts';
import { type Listing, readPages } from './read-pages.ts';
import type { SyncedSource } from './sync-source.ts';
import { createVendorClock } from './vendor-clock.ts';

/** Pauses before each look: a list may show a new call at once, or some time after. */
const PAUSES_MS = [2, 5, 10, 20, 20].map((seconds) => seconds * SECOND);
const SEARCH_MAX_MS = MINUTE;
/** The vendor may take a call for older than the order for it. */
const MARGIN_MS = MINUTE;

/** The member of a call's metadata by which an order of ours is told from all others. */
export const PLACEMENT_MARK = 'callhouse_placement';

export interface Search {
  found: PlacedCall | null;
  /** How often the lists were read to their ends. */
  looks: number;
  /** Why they could not be read the last time. */
  fault: string | null;
}

/**
 * Looks for the call of an order whose answer never came, a few times within a minute: among the calls that have not
 * ended, and those of the time since the order was sent. Gives what it has when the signal aborts, and whatever fails:
 * what is known of the order must be told.
 */
export async function findPlaced(
  { source, clock, log }: Pick<SyncedSource, 'source' | 'clock' | 'log'>,
  order: { placement: string; sentAt: Instant },
  signal: AbortSignal,
): Promise<Search> {
  const end = clock.deadline(SEARCH_MAX_MS);
  const stop = AbortSignal.any([signal, end.signal]);
  const listing: Listing = { source, log, signal: stop, vendorClock: createVendorClock(null) };
  const search: Search = { found: null, looks: 0, fault: null };
  for (const pauseMs of PAUSES_MS) {
    try {
      await clock.sleep(pauseMs, stop);
      search.found = await look(listing, order);
      search.looks += 1;
      search.fault = null;
    } catch (error) {
      if (stop.aborted) break;
      search.fault = error instanceof Error ? error.message : String(error);
    }
    if (search.found !== null) break;
  }
  end.clear();
  return search;
}

async function look(
  listing: Listing,
  { placement, sentAt }: { placement: string; sentAt: Instant },
): Promise<PlacedCall | null> {
  const { source, vendorClock } = listing;
  const isOurs = (call: ListedCall) => markOf(source, call) === placement;
  const open = source.listsOpen ? await findIn(listing, { window: null, openOnly: true }, isOurs) : null;
  // The list before this one has told the vendor's clock, by which windows are.
  const since = vendorClock.toVendor(sentAt) - MARGIN_MS;
  return open ?? findIn(listing, { window: { from: since, to: null }, openOnly: false }, isOurs);
}

async function findIn(
  listing: Listing,
  which: Pick<ListQuery, 'window' | 'openOnly'>,
  isOurs: (call: ListedCall) => boolean,
): Promise<PlacedCall | null> {
  const query = { ...which, order: 'newest_first', cursor: null, urgency: 'live' } as const;
  for await (const page of readPages(listing, query)) {
    const { requestedAt, receivedAt, vendorNow } = page;
    const call = page.calls.find(isOurs);
    if (call?.callId) return { callId: call.callId, call, requestedAt, receivedAt, vendorNow };
  }
  return null;
}

/** A record that cannot be read is no answer to anything. */
function markOf(source: Source, { payloads }: ListedCall): unknown {
  try {
    return source.normalize(payloads, new Map()).facts.metadata?.[PLACEMENT_MARK];
  } catch (error) {
    if (error instanceof RecordError) return null;
    throw error;
  }
}
