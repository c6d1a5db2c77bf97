import type { CallPayloads, CallReading, Directory, Facet, Instant, PayloadKind } from './call.ts';
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

/** A call to be placed, as a person asks for it. */
export interface CallOrder {
  fromNumber: string;
  toNumber: string;
  /** Null leaves the choice to the vendor, where a number has agents of its own. */
  agentId: string | null;
  /** The number that is shown to who is called; null is the one that calls. */
  presentationNumber: string | null;
  variables: Readonly<Record<string, string>>;
  metadata: Readonly<Record<string, string>>;
}

/** A call that was placed, as the vendor told it. */
export interface PlacedCall extends CallAnswer {
  callId: string;
}

/** What a vendor would not take, by the part of the order. */
export interface OrderProblem {
  part: keyof CallOrder;
  reason: string;
}

/** The one thing that changes the world: a call rings at somebody's, and costs money. Only a person may ask for it. */
export interface CallPlacing {
  /** The order in the vendor's spelling, or everything that is wrong with it. Sends nothing. */
  checkOrder(order: CallOrder): { order: CallOrder } | { problems: OrderProblem[] };
  /**
   * Sends the order, once, whatever happens. `SourceError` and `TransientError` say that no call was placed, the first
   * because the vendor refused. @throws PlacementUnknownError when nobody can say
   */
  send(order: CallOrder, signal: AbortSignal): Promise<PlacedCall>;
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
  /**
   * Where each facet is told: `status` stands for all that is a fact of the call itself. A facet that is absent here
   * never comes from this vendor.
   */
  readonly facets: Partial<Record<Facet, PayloadKind>>;
  /** Field of a record that tells when a call ended, or how long it lasted. */
  readonly endField: string;
  /** The instant that lists are windowed and ordered by: a call has no place in them before it has one. */
  readonly placedBy: 'started' | 'created';
  /** Whether the calls that have not ended can be listed alone. Else each is followed by itself. */
  readonly listsOpen: boolean;
  /** Fields of a record that are worded anew at every reading, such as signed links: never a change by themselves. */
  readonly perishable: ReadonlySet<string>;
  /** Whether a call can change long after its end without a sign in its list row, so that only asking for it tells. */
  readonly changesUnseen: boolean;
  readonly requests: RequestCounts;
  /** Null where callhouse places no calls. */
  readonly placeCall: CallPlacing | null;

  /**
   * One page. `accept` may refuse it with a `TransientError` (a page that cannot be true): it is asked for again
   * within the same budget of retries. @throws TransientError, SourceError, PartRefusedError, CursorRefusedError
   */
  listCalls(query: ListQuery, accept: (page: Page) => void, signal: AbortSignal): Promise<Page>;
  /**
   * `transcript` asks for no more than that, where it has an endpoint of its own; elsewhere it is the whole call. Null
   * when the vendor does not know the call. @throws TransientError, SourceError, PartRefusedError
   */
  readCall(callId: string, part: ReadPart, signal: AbortSignal): Promise<CallAnswer | null>;
  /** All agents and numbers, or null when the key may not list them. @throws TransientError, SourceError */
  readDirectory(signal: AbortSignal): Promise<Directory | null>;
  /** Pure: vendor payloads in, our terms out. `numbers` are our own by their ids. @throws RecordError */
  normalize(payloads: CallPayloads, numbers: ReadonlyMap<string, string>): CallReading;
}

export type ReadPart = 'whole' | 'transcript';
