import { MINUTE } from '../clock.ts';
import { DETAILS_PER_PAGE } from './pass.ts';
import { WINDOW_ROWS_MAX } from './plan-backfill.ts';

/** What is known of a range before it is read. */
export interface BackfillFacts {
  /** Calls of the range that are not read yet; null when the vendor does not tell how many there are. */
  calls: number | null;
  /** Of a hundred calls so many parts need a detail for their transcript: 0 to 1. */
  transcriptShare: number;
  /** Details that calls of the range, read before, still wait for. */
  detailsOwed: number;
  pageSize: number;
  /** What work in the background may send in a minute, and any work in a second. */
  backgroundPerMinute: number;
  requestsPerSecond: number;
  pollIntervalMs: number;
  bytesPerCall: number;
}

export interface BackfillEstimate {
  listRequests: number;
  detailRequests: number;
  /** What is left of the budget for this work, beside the polling of new calls. */
  requestsPerMinute: number;
  /** Until every call is listed: by `backfill`, which lists alone, and by a worker that reads transcripts beside it. */
  listedMs: number;
  listedBesideDetailsMs: number;
  /** Until every transcript is there. */
  completeMs: number;
  diskBytes: number;
}

/** Requests that one look at new calls takes: the open calls, and the newest time. */
const REQUESTS_PER_POLL = 2;

/** What reading a range will cost; null when nobody can know how many calls it holds. Pure. */
export function estimateBackfill(facts: BackfillFacts): BackfillEstimate | null {
  const { calls, transcriptShare, detailsOwed, pageSize } = facts;
  if (calls === null) return null;
  const listRequests = countLists(calls, pageSize);
  const detailRequests = Math.round(calls * transcriptShare) + detailsOwed;
  const requestsPerMinute = roomPerMinute(facts);
  const timeFor = (requests: number) => Math.round((requests / requestsPerMinute) * MINUTE);
  const turn = 1 + DETAILS_PER_PAGE;
  return {
    listRequests,
    detailRequests,
    requestsPerMinute,
    listedMs: timeFor(listRequests),
    listedBesideDetailsMs: timeFor(Math.min(listRequests * turn, listRequests + detailRequests)),
    completeMs: timeFor(listRequests + detailRequests),
    diskBytes: Math.round(calls * facts.bytesPerCall),
  };
}

/** Full pages, and for each window the page that is not full; a range of many windows is looked at first. */
function countLists(calls: number, pageSize: number): number {
  if (calls === 0) return 0;
  if (calls <= WINDOW_ROWS_MAX) return Math.ceil(calls / pageSize);
  const windows = Math.ceil(calls / WINDOW_ROWS_MAX);
  return Math.ceil(calls / pageSize) + windows + 1;
}

/** New calls are looked for all the while, out of the same budget. */
function roomPerMinute({ backgroundPerMinute, requestsPerSecond, pollIntervalMs }: BackfillFacts): number {
  const most = Math.min(backgroundPerMinute, requestsPerSecond * (MINUTE / 1_000));
  const polling = REQUESTS_PER_POLL * (MINUTE / pollIntervalMs);
  return Math.max(1, Math.floor(most - polling));
}
