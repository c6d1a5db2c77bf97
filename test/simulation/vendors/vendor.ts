import type { FaultInput } from '../../../src/sandbox/fault-kinds.ts';
import type { SilentSandbox } from '../../../src/sandbox/server.ts';
import type { AnyVendor } from '../../support/vendors.ts';
import type { StoredCall } from '../stored-calls.ts';
import type { Story } from '../story.ts';

export type VendorName = AnyVendor['name'];
export const VENDOR_NAMES: readonly VendorName[] = ['vox', 'voicy', 'diga'];

/** A call as the warehouse must hold it, column by column. */
export type Row = Record<string, unknown>;

/** The course of a call in the terms of all vendors. Instants are unix ms on the vendor's clock. */
export interface Course {
  id: string;
  birthMs: number;
  /** Null when nobody ever answered. */
  connectMs: number | null;
  /** Null for a call that never ends. */
  finishMs: number | null;
  /** The time that lists place it by when it is over; null where they show none. */
  placedMs: number | null;
  /** Ended as calls should, so that nothing of it changes but by the late fields. */
  isWhole: boolean;
  /** Whether its late fields are waited for when it ended as calls should. */
  isOptedOut: boolean;
  /** Whose calls teach what calls never get. */
  agentId: string | null;
  /** Whether its agent gives no analysis. */
  lacksAnalysis: boolean;
  /** How long after its end the last of what is waited for appears, or is given up. */
  lateMs: number;
  /** When an operator has it analysed again. */
  rerunMs: number | null;
  /** Who took it and how it ended, for people. */
  words: string;
}

/** A call that exists now: whole, whatever faults hide of it. */
export interface SimulatedCall {
  course: Course;
  row: Row;
  /** Whether a wrong value may stand here: a right one must replace it, for one that is withdrawn is kept for good. */
  fits(fault: FaultInput): boolean;
}

interface Asked {
  path: string;
  body: string | null;
}

/** What the warehouse has of the late fields of a call. */
export type LateFields = Pick<StoredCall, 'recording' | 'analysis' | 'summary' | 'transcriptItems'>;

/** A vendor in the terms that incidents and checks are told in. */
export interface SimulatedVendor {
  /** Its name, its settings, and the rows to expect. */
  case: AnyVendor;
  /** What its base URL ends in; every path of it begins with `path`. */
  baseUrl: string;
  path: string;
  /** Asks for fewer rows: a vendor may give less than it is asked for. */
  withPageSize(asked: Asked, rows: number): Asked;
  /** The call that a path asks for by id, and the field without which the answer says nothing. */
  askedFor(path: string): { callId: string; field: string } | null;
  courseOf(sandbox: SilentSandbox, callId: string, nowMs: number, story: Story): Course | null;
  /** What lists show, oldest first. */
  calls(sandbox: SilentSandbox, nowMs: number, story: Story): Generator<SimulatedCall>;
  /** The row of a call that cannot be asked for by id, or that is not: as far as lists tell. */
  withoutDetail(row: Row, stored: StoredCall | undefined): Row;
  /** The row of a call of which retention left no more than this. */
  afterRetention(row: Row, left: LateFields): Row;
  /** What has to be named as withdrawn, one of each group, of a call that had this before retention. */
  retracted(before: LateFields): string[][];
  /** Columns that nothing is waited for to fill: they may come when a call is read again. */
  unawaited: readonly string[];
}

/** The items of a row, no more of them than were read. */
export function withItems(row: Row, count: number): Row {
  return { ...row, items: Array.isArray(row.items) ? row.items.slice(0, count) : [] };
}
