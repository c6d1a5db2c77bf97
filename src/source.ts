import type { Agent, CallPayloads, CallReading, Facet, Instant, PayloadKind } from './call.ts';
import type { RequestCounts, Urgency } from './requests.ts';

/** Half-open span of vendor time, `from ≤ t < to`. Null is unbounded. `to` is frozen when the window is opened. */
export interface TimeWindow {
  from: Instant | null;
  to: Instant | null;
}

/** What one list request asks for. A cursor belongs to one query: the others may not change under it. */
export interface ListQuery {
  window: TimeWindow | null;
  /** Only calls that have not ended, whatever their time. */
  openOnly: boolean;
  order: 'oldest_first' | 'newest_first';
  cursor: string | null;
  /** Whether new calls wait for the answer, or the request may wait itself. */
  urgency: Urgency;
}

export interface ListedCall {
  /** Null when the record has no readable id. */
  callId: string | null;
  payloads: CallPayloads;
  /** Texts in which U+0000 or a lone surrogate was replaced. */
  cleanedTexts: number;
  /** The time that the list is ordered by, where the record shows one. */
  listedAt: Instant | null;
}

/** One page of a list, as the vendor sent it, secrets scrubbed. */
export interface Page {
  calls: ListedCall[];
  nextCursor: string | null;
  /** The vendor's count of all matches: a hint, it moves while pages are read. */
  totalCount: number | null;
  /** Our clock when the request was sent, and when the answer was there. */
  requestedAt: Instant;
  receivedAt: Instant;
  /** The vendor's clock, from its Date header. */
  vendorNow: Instant | null;
}

/** One call asked for by id. */
export interface CallAnswer {
  call: ListedCall;
  requestedAt: Instant;
  receivedAt: Instant;
  vendorNow: Instant | null;
}

/**
 * All that the engine knows of a vendor. A source asks for one page or one call and translates; the loops,
 * windows, settlement, retries across requests and the storage exist once, outside.
 */
export interface Source {
  readonly name: string;
  readonly vendor: string;
  readonly baseUrl: string;
  /** Grows when `normalize` changes its meaning, so that equal payloads are read again. */
  readonly normalizerVersion: number;
  /** Rows of a full page. */
  readonly pageSize: number;
  /** Where each facet is told. A facet that is absent here never comes from this vendor. */
  readonly facets: Partial<Record<Facet, PayloadKind>>;
  readonly requests: RequestCounts;

  /**
   * One page. `accept` may refuse it with a `TransientError` (a page that cannot be true): it is asked for again
   * within the same budget of retries. @throws TransientError, SourceError, CursorRefusedError
   */
  listCalls(query: ListQuery, accept: (page: Page) => void, signal: AbortSignal): Promise<Page>;
  /** Null when the vendor does not know the call. @throws TransientError, SourceError */
  readCall(callId: string, signal: AbortSignal): Promise<CallAnswer | null>;
  /** All agents, or null when the key may not list them. @throws TransientError, SourceError */
  listAgents(signal: AbortSignal): Promise<Agent[] | null>;
  /** Pure: vendor payloads in, our terms out. @throws RecordError */
  normalize(payloads: CallPayloads): CallReading;
}
