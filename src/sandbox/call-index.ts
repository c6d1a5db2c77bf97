/** What the index needs to know of a call. Times are unix ms. */
export interface IndexedCall {
  id: string;
  birthMs: number;
  /** What the call sorts by for good, from that instant on; before it the call sorts by its birth. */
  settledKeyMs: number;
}

/** A place in the order of a list: key time, then id. */
export interface Place {
  keyMs: number;
  id: string;
}

/** What of the world a question is about. Bounds are unix ms, both included. */
export interface Span {
  nowMs: number;
  fromMs: number;
  toMs: number;
}

/**
 * Calls in the order of their key times. Nearly all of them have settled and stand in one sorted array; the few that
 * are between birth and connection are found by their birth and merged in at each question.
 */
export class CallIndex<Call extends IndexedCall> {
  readonly #byId = new Map<string, Call>();
  #byBirth: Call[] = [];
  #bySettledKey: Call[] = [];
  #longestWaitMs = 0;

  /** Takes many calls in at once. */
  fill(calls: readonly Call[]): void {
    for (const call of calls) this.#remember(call);
    this.#byBirth = [...this.#byBirth, ...calls].sort(byPlace(birthPlace));
    this.#bySettledKey = [...this.#bySettledKey, ...calls].sort(byPlace(settledPlace));
  }

  /** Takes one call in; quick when it is among the latest. */
  add(call: Call): void {
    this.#remember(call);
    insert(this.#byBirth, call, birthPlace);
    insert(this.#bySettledKey, call, settledPlace);
  }

  get(id: string): Call | undefined {
    return this.#byId.get(id);
  }

  /** Every call born by then, oldest birth first. */
  born(nowMs: number): Call[] {
    return this.#byBirth.slice(0, firstBeyond(this.#byBirth, birthPlace, { keyMs: nowMs, id: LAST_ID }));
  }

  /** How many calls of a span fulfil the condition. */
  count(span: Span, accepts: ((call: Call) => boolean) | null): number {
    const [from, to] = this.#settledRange(span);
    const waiting = this.#waiting(span);
    if (accepts === null) return Math.max(0, to - from) + waiting.length;
    let count = waiting.filter(accepts).length;
    for (let at = from; at < to; at += 1) {
      const call = this.#bySettledKey[at];
      if (call !== undefined && accepts(call)) count += 1;
    }
    return count;
  }

  /** The calls of a span in order, beginning behind a place. */
  *walk(span: Span, order: 'asc' | 'desc', behind: Place | null): Generator<{ call: Call; place: Place }> {
    const step = order === 'asc' ? 1 : -1;
    const [from, to] = this.#settledRange(span);
    const waiting = this.#waiting(span).map((call) => ({ call, place: birthPlace(call) }));
    const ahead = waiting.filter(({ place }) => behind === null || step * compare(place, behind) > 0);
    if (order === 'desc') ahead.reverse();
    let next = 0;
    let at = order === 'asc' ? Math.max(from, this.#beyond(behind)) : Math.min(to, this.#until(behind)) - 1;
    for (; at >= from && at < to; at += step) {
      const call = this.#bySettledKey[at];
      if (call === undefined) break;
      const place = settledPlace(call);
      for (
        let queued = ahead[next];
        queued && step * compare(queued.place, place) < 0;
        queued = ahead[next]
      ) {
        yield queued;
        next += 1;
      }
      yield { call, place };
    }
    yield* ahead.slice(next);
  }

  #remember(call: Call): void {
    this.#byId.set(call.id, call);
    this.#longestWaitMs = Math.max(this.#longestWaitMs, call.settledKeyMs - call.birthMs);
  }

  #beyond(place: Place | null): number {
    return place === null ? 0 : firstBeyond(this.#bySettledKey, settledPlace, place);
  }

  #until(place: Place | null): number {
    return place === null
      ? this.#bySettledKey.length
      : firstNotBefore(this.#bySettledKey, settledPlace, place);
  }

  /** Positions of the calls that have settled by now, from the first inside the span to behind the last. */
  #settledRange({ nowMs, fromMs, toMs }: Span): [from: number, to: number] {
    const from = firstNotBefore(this.#bySettledKey, settledPlace, { keyMs: fromMs, id: '' });
    const to = firstBeyond(this.#bySettledKey, settledPlace, { keyMs: Math.min(toMs, nowMs), id: LAST_ID });
    return [from, to];
  }

  /** Calls that are born and not settled, in order of birth. */
  #waiting({ nowMs, fromMs, toMs }: Span): Call[] {
    const earliestMs = Math.max(fromMs, nowMs - this.#longestWaitMs);
    const from = firstNotBefore(this.#byBirth, birthPlace, { keyMs: earliestMs, id: '' });
    const to = firstBeyond(this.#byBirth, birthPlace, { keyMs: Math.min(toMs, nowMs), id: LAST_ID });
    return this.#byBirth.slice(from, Math.max(from, to)).filter((call) => call.settledKeyMs > nowMs);
  }
}

/** Sorts behind every id of hexadecimal digits. */
const LAST_ID = '~';

function birthPlace(call: IndexedCall): Place {
  return { keyMs: call.birthMs, id: call.id };
}

function settledPlace(call: IndexedCall): Place {
  return { keyMs: call.settledKeyMs, id: call.id };
}

function compare(left: Place, right: Place): number {
  if (left.keyMs !== right.keyMs) return left.keyMs - right.keyMs;
  return left.id < right.id ? -1 : left.id > right.id ? 1 : 0;
}

function byPlace(placeOf: (call: IndexedCall) => Place): (left: IndexedCall, right: IndexedCall) => number {
  return (left, right) => compare(placeOf(left), placeOf(right));
}

function insert<Call extends IndexedCall>(
  calls: Call[],
  call: Call,
  placeOf: (one: IndexedCall) => Place,
): void {
  calls.splice(firstBeyond(calls, placeOf, placeOf(call)), 0, call);
}

function firstNotBefore(
  calls: readonly IndexedCall[],
  placeOf: (call: IndexedCall) => Place,
  place: Place,
): number {
  return firstThat(calls, (call) => compare(placeOf(call), place) >= 0);
}

function firstBeyond(
  calls: readonly IndexedCall[],
  placeOf: (call: IndexedCall) => Place,
  place: Place,
): number {
  return firstThat(calls, (call) => compare(placeOf(call), place) > 0);
}

/** Binary search for the first call that fulfils a condition which, once true, stays true. */
function firstThat(calls: readonly IndexedCall[], holds: (call: IndexedCall) => boolean): number {
  let low = 0;
  let high = calls.length;
  while (low < high) {
    const middle = (low + high) >>> 1;
    const call = calls[middle];
    if (call !== undefined && !holds(call)) low = middle + 1;
    else high = middle;
  }
  return low;
}
