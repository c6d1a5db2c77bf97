import type { Instant } from '../call.ts';
import type { Clock, SharedNow } from '../clock.ts';
import type { Database } from '../database/database.ts';
import type { PartRefusedError } from '../errors.ts';
import type { Logger } from '../log.ts';
import type { RetractionPolicy } from '../merge/merge-call.ts';
import type { SettlementPolicy } from '../settlement/policy.ts';
import type { ListQuery, Source, TimeWindow } from '../source.ts';
import type { Lease } from '../warehouse/leases.ts';
import type { RunCounts } from '../warehouse/runs.ts';
import type { BackfillPace } from './plan-backfill.ts';
import type { VendorClock } from './vendor-clock.ts';

export interface SyncSettings {
  /** Time between two reads of the newest calls. */
  pollIntervalMs: number;
  /** Overlap that is re-read behind the newest covered time. */
  lookbackMs: number;
  /** Start of history; null is all of it. */
  since: Instant | null;
  settlement: SettlementPolicy;
  onRetraction: RetractionPolicy;
  leaseTtlMs: number;
  /** Details asked for at the same time: enough to use the budget on a slow API, few enough to stay polite. */
  detailsAtOnce: number;
  /** Whether the next request is on its way while an answer is stored. A crash then costs both. */
  asksAhead: boolean;
  /** What backfill may read: everything, but for `backfill --from --to`. */
  backfillWithin: TimeWindow;
  /** Requests per minute that the key may send, to weigh the look-back against. */
  requestsPerMinute: number;
}

/** Instants before which something is not tried again. Kept from pass to pass by the process. */
export interface NotBefore {
  /** The open calls were listed a moment ago. */
  open: Instant;
  /** The whole look-back was read lately: until then only what late calls have shown to be worth it. */
  wholeLookback: Instant;
  /** No audit is due: asking the database at every pass would only cost. */
  audit: Instant;
  /** The lists of agents and numbers could not be read: names are welcome, not needed. */
  directory: Instant;
  /** Nothing is to be asked for again after a long time. */
  recheck: Instant;
}

export function nothingPutOff(): NotBefore {
  return { open: 0, wholeLookback: 0, audit: 0, directory: 0, recheck: 0 };
}

/** What the lists of a vendor have taught this process. Kept from pass to pass. */
export interface ListsLearned {
  /** The calls of a first page that was refuted for its window: it proves no other window either. */
  refutedPage: ReadonlySet<string> | null;
  /** The windows that were proved last, with the calls of their first pages: those may turn out to be of no window. */
  proved: { window: TimeWindow; firstPage: ReadonlySet<string> }[];
  /** In which order the calls that have a place in time come before those that have none. */
  placedFirst: ListQuery['order'] | null;
  /** How many calls without a place in time the vendor adds to every window, and when that was asked. */
  added: { calls: number; at: Instant } | null;
}

export function nothingLearned(): ListsLearned {
  return { refutedPage: null, proved: [], placedFirst: null, added: null };
}

/** What every step of a pass over one source needs. One context per pass. */
export interface SyncContext {
  readonly database: Database;
  readonly source: Source;
  readonly sourceId: number;
  readonly settings: SyncSettings;
  readonly clock: Clock;
  readonly sharedNow: SharedNow;
  readonly log: Logger;
  readonly signal: AbortSignal;
  /** Key of the run in `runs`. */
  readonly runId: string;
  readonly lease: Lease;
  readonly counts: RunCounts;
  /**
   * Answers of this run that were stored so far; the characters of the longest of the details that came last, and of the
   * last page. 0 while none has come.
   */
  readonly answers: { stored: number; longestDetail: number; lastPageText: number };
  readonly vendorClock: VendorClock;
  /** What earlier windows taught of the density of history. */
  readonly pace: BackfillPace;
  readonly notBefore: NotBefore;
  readonly lists: ListsLearned;
  /** Vendor time up to which new calls were listed last: what lies beyond is no gap yet. Only ever moves with a list. */
  readonly horizon: { to: Instant | null };
  /** Our own numbers by their ids. Grows when the vendor's list of them is read. */
  readonly numbers: Map<string, string>;
  /** What the key may not do, found out in this pass: left out, and told at its end. */
  readonly refused: Map<PartRefusedError['part'], PartRefusedError>;
  /** Told of each step, for progress bars. */
  readonly onProgress: (progress: Progress) => void;
}

/** The part of a pass that asks the vendor. */
export type ReadStep =
  | 'open'
  | 'live'
  | 'lookback'
  | 'settle'
  | 'details'
  | 'backfill'
  | 'audit'
  | 'resync'
  | 'place'
  | 'replay';

export interface Progress {
  step: Exclude<ReadStep, 'open'>;
  /** Rows of the step that are stored, and how many there will be, as far as known. */
  done: number;
  total: number | null;
}
