import { z } from 'zod';
import { Dice } from './dice.ts';
import {
  Fault,
  type FaultInput,
  type ListLie,
  type RequestFault,
  type StandingFault,
} from './fault-kinds.ts';
import type { RequestKind } from './request-log.ts';

/** What decides whether a fault strikes a request. */
interface StruckRequest {
  kind: RequestKind;
  /** The cursor that the request carries. */
  cursor: string | null;
}

/** A fault on its way through its occasions. */
interface ActiveFault {
  fault: RequestFault;
  /** Requests that it may still let pass. */
  passesLeft: number;
  /** Requests that it will still strike; null = no end. */
  strikesLeft: number | null;
  /** The first cursor that came by while it was set. */
  firstCursor: string | null;
}

/** A fault that strikes a request now. */
export interface Strike {
  fault: RequestFault;
  firstCursor: string | null;
}

/**
 * The faults that are switched on. A request is struck by one at most: the first in the list whose turn it is. So
 * a list of faults plays in its order. What holds for all requests (calls that are deleted, lists that lie) stands beside.
 */
export class Faults {
  #active: ActiveFault[] = [];
  #standing: StandingFault[] = [];

  /**
   * Switches faults on behind those that already are. Throws a ZodError when one is not understood. Gives a function
   * that switches these faults off again, and no others.
   */
  add(...inputs: readonly FaultInput[]): () => void {
    const faults: ReadonlySet<RequestFault | StandingFault> = new Set(z.array(Fault).parse(inputs));
    for (const fault of faults) {
      if (isStanding(fault)) this.#standing.push(fault);
      else {
        this.#active.push({
          fault,
          passesLeft: fault.after,
          strikesLeft: fault.times,
          firstCursor: null,
        });
      }
    }
    return () => {
      this.#active = this.#active.filter(({ fault }) => !faults.has(fault));
      this.#standing = this.#standing.filter((fault) => !faults.has(fault));
    };
  }

  /** Switches all faults off. What was deleted is back. */
  clear(): void {
    this.#active = [];
    this.#standing = [];
  }

  /** What is still switched on. */
  get active(): readonly (RequestFault | StandingFault)[] {
    return [...this.#active.map(({ fault }) => fault), ...this.#standing];
  }

  /** The fault that strikes this request, if any. Asking counts: ask once for each request. */
  strike(request: StruckRequest): Strike | null {
    let strike: Strike | null = null;
    for (const active of this.#active.filter(({ fault }) => matches(fault, request))) {
      active.firstCursor ??= request.cursor;
      if (active.passesLeft > 0) active.passesLeft -= 1;
      else if (strike === null) {
        if (active.strikesLeft !== null) active.strikesLeft -= 1;
        strike = { fault: active.fault, firstCursor: active.firstCursor };
      }
    }
    this.#active = this.#active.filter(({ strikesLeft }) => strikesLeft !== 0);
    return strike;
  }

  isDeleted(callId: string): boolean {
    return this.#standing.some((fault) => fault.kind === 'deleted' && fault.callId === callId);
  }

  /** Whether the call's transcript, recording and analysis have expired. */
  isExpired(callId: string): boolean {
    return this.#standing.some((fault) => fault.kind === 'retention' && fault.callId === callId);
  }

  /** What lists say that is not so. */
  get listLies(): readonly ListLie[] {
    return this.#standing.filter((fault) => fault.kind === 'list_lies');
  }

  /** Where calls that never connected are added to every list; null where they are not. */
  get unplacedFirstIn(): 'asc' | 'desc' | null {
    return this.#standing.find((fault) => fault.kind === 'unplaced_added')?.firstIn ?? null;
  }

  /** What the `Date` header of the nth answer is wrong by, in milliseconds. */
  dateWrongByMs(answer: number): number {
    const fault = this.#standing.find(({ kind }) => kind === 'date_wrong');
    return fault?.kind === 'date_wrong' && answer % fault.everyNth === 0 ? fault.byMs : 0;
  }

  /** How many milliseconds after its creation the call turns up in lists. */
  listedAfterMs(callId: string): number {
    let delayMs = 0;
    for (const fault of this.#standing) {
      if (fault.kind !== 'vendor_sees_late') continue;
      if (new Dice('late', callId).chance(fault.share)) delayMs = Math.max(delayMs, fault.delayMs);
    }
    return delayMs;
  }

  /** Whether lists differ from the world at all. */
  get touchLists(): boolean {
    return this.#standing.some(({ kind }) => kind === 'deleted' || kind === 'vendor_sees_late');
  }
}

const STANDING: ReadonlySet<string> = new Set<StandingFault['kind']>([
  'deleted',
  'retention',
  'vendor_sees_late',
  'list_lies',
  'unplaced_added',
  'date_wrong',
]);

function isStanding(fault: RequestFault | StandingFault): fault is StandingFault {
  return STANDING.has(fault.kind);
}

const LIST_ONLY: ReadonlySet<RequestFault['kind']> = new Set([
  'repeated_cursor',
  'empty_page',
  'empty_end',
  'cursor_refused',
  'duplicate_rows',
  'total_count_wrong',
]);

/** Faults that make no sense without a cursor wait for one. */
const CURSOR_ONLY: ReadonlySet<RequestFault['kind']> = new Set(['repeated_cursor', 'cursor_refused']);

const CALL_ONLY: ReadonlySet<RequestFault['kind']> = new Set([
  'poison_row',
  'unknown_status',
  'unknown_field',
  'nul_text',
]);

function matches(fault: RequestFault, { kind, cursor }: StruckRequest): boolean {
  if (CURSOR_ONLY.has(fault.kind) && cursor === null) return false;
  if (LIST_ONLY.has(fault.kind) && kind !== 'list') return false;
  if (CALL_ONLY.has(fault.kind) && kind !== 'list' && kind !== 'detail') return false;
  return fault.route === undefined || fault.route === 'any' || fault.route === kind;
}
