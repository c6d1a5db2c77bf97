/** What a request asked for: `messages` is a transcript with a path of its own, `agents` also our own numbers. `other` is a path that the vendor does not have. */
export type RequestKind = 'list' | 'detail' | 'messages' | 'agents' | 'create' | 'other';

/** One request for a path of the vendor. */
export interface LoggedRequest {
  /** Unix ms on the sandbox's clock. */
  atMs: number;
  kind: RequestKind;
  method: string;
  path: string;
  /** The raw query text without its question mark. */
  query: string;
  /** HTTP status of the answer; null while none was sent (a hanging or reset connection stays null). */
  status: number | null;
}

interface RequestCounts {
  list: number;
  detail: number;
  messages: number;
  agents: number;
  create: number;
  other: number;
  /** Answers with status 429, whatever was asked. */
  rateLimited: number;
}

/** A sandbox that runs for days must not fill the memory with its log. The counts go on. */
const LONGEST_LOG = 100_000;

/** Counts and remembers the requests for vendor paths. The paths under /sandbox are not among them. */
export class RequestLog {
  #entries: LoggedRequest[] = [];
  #counts = noRequests();

  get entries(): readonly LoggedRequest[] {
    return this.#entries;
  }

  get counts(): Readonly<RequestCounts> {
    return this.#counts;
  }

  /** Notes a request. The status of the returned entry is filled in by `answered`. */
  received(request: Omit<LoggedRequest, 'status'>): LoggedRequest {
    const entry = { ...request, status: null };
    if (this.#entries.length === LONGEST_LOG) this.#entries.splice(0, LONGEST_LOG / 2);
    this.#entries.push(entry);
    this.#counts[request.kind] += 1;
    return entry;
  }

  answered(entry: LoggedRequest, status: number): void {
    entry.status = status;
    if (status === 429) this.#counts.rateLimited += 1;
  }

  /** Forgets the log and sets the counts to zero. */
  reset(): void {
    this.#entries = [];
    this.#counts = noRequests();
  }
}

function noRequests(): RequestCounts {
  return { list: 0, detail: 0, messages: 0, agents: 0, create: 0, other: 0, rateLimited: 0 };
}
