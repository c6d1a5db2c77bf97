import { randomUUID } from 'node:crypto';
import type { SharedNow, SteadyClock } from '../clock.ts';
import type { Database } from '../database/database.ts';
import { explainDatabase } from '../database/explain.ts';
import { isDatabaseFault } from '../database/faults.ts';
import { LeaseLostError, nameFault, SourceError, TransientError } from '../errors.ts';
import type { Logger } from '../log.ts';
import type { Source } from '../source.ts';
import { readNumbers } from '../warehouse/directory.ts';
import { acquireLease, type Lease, type LeaseWatch, releaseLease, watchLease } from '../warehouse/leases.ts';
import {
  finishRun,
  noCounts,
  noteFailure,
  type RunCounts,
  type RunOutcome,
  startRun,
} from '../warehouse/runs.ts';
import type { ListsLearned, NotBefore, Progress, SyncContext, SyncSettings } from './context.ts';
import { fenced } from './fenced.ts';
import { type PassOptions, runPass } from './pass.ts';
import type { BackfillPace } from './plan-backfill.ts';
import { healStamps, putClockRight } from './right-clock.ts';
import { guardAccount } from './same-account.ts';
import { createVendorClock, type VendorClock } from './vendor-clock.ts';

/** A source with all that is needed to sync it, for the life of the process. */
export interface SyncedSource {
  database: Database;
  source: Source;
  sourceId: number;
  settings: SyncSettings;
  clock: SteadyClock;
  sharedNow: SharedNow;
  log: Logger;
  /** By which its key is known again. */
  keyMark: string;
  /** Host, process and a random part. */
  worker: string;
  /** Whether a holder of a lease is a process that is known to be dead. */
  holderIsGone: (holder: string) => boolean;
  leaseWatch: LeaseWatch;
  /** Kept from pass to pass. */
  pace: BackfillPace;
  notBefore: NotBefore;
  lists: ListsLearned;
}

export interface RunOptions {
  /** As it is noted in `runs`. */
  command: string;
  signal: AbortSignal;
  /** Whether it asks the vendor: else how it ends says nothing of how the source fares. Default true. */
  asksVendor?: boolean;
  /** How long to wait for another worker to let go of the source. */
  leaseWaitMs: number;
  onProgress?: (progress: Progress) => void;
}

export type SyncOptions = RunOptions & PassOptions;

export interface SyncResult {
  outcome: RunOutcome | 'busy';
  error: Error | null;
  counts: RunCounts;
}

/** How often one who waits for a source looks whether it is free. */
export const LEASE_RETRY_MS = 250;

/** Runs one pass over a source. */
export function syncSource(synced: SyncedSource, options: SyncOptions): Promise<SyncResult> {
  return runUnderLease(synced, options, (context) => runPass(context, options));
}

/**
 * Does some work on a source under its lease, and notes it in `runs`. A fault of the vendor or the database is a
 * result, not an exception, so that one failing source never stops another; a bug is thrown. Whatever ends the work is
 * noted first, in `runs` and `heartbeats`: nothing looks well while passes break.
 */
export async function runUnderLease(
  synced: SyncedSource,
  options: RunOptions,
  work: (context: SyncContext) => Promise<void>,
): Promise<SyncResult> {
  const counts = noCounts();
  let lease: Lease | null;
  try {
    lease = await waitForLease(synced, options);
  } catch (error) {
    return { ...(await judgeAndNote(synced, error, options.signal)), counts };
  }
  if (lease === null) {
    const error = new SourceError(`another worker is syncing ${synced.source.name}; try again later`);
    return { outcome: 'busy', error, counts };
  }
  let run: NotedRun;
  try {
    run = await runAndNote(synced, options, lease, counts, work);
  } catch (error) {
    // The work's own faults are noted already: this came before or after it.
    return { ...(await judgeAndNote(synced, error, options.signal)), counts };
  } finally {
    synced.clock.keepAlive = null;
    // A lease that cannot be given back expires; why the work ended matters more.
    await releaseLease(synced.database, lease).catch((error: Error) =>
      synced.log.warn({ source: synced.source.name, reason: error.message }, 'the lease was not given back'),
    );
  }
  if (run.bug !== null) throw run.bug.thrown;
  const { outcome, error } = run;
  return { outcome, error, counts };
}

/** How work ended, with what nobody foresaw, if that was it. */
interface NotedRun {
  outcome: RunOutcome;
  error: Error | null;
  bug: { thrown: unknown } | null;
}

async function runAndNote(
  synced: SyncedSource,
  options: RunOptions,
  lease: Lease,
  counts: RunCounts,
  work: (context: SyncContext) => Promise<void>,
): Promise<NotedRun> {
  const { database, sourceId, clock, source, log } = synced;
  const context = await openContext(synced, options, lease, counts);
  const { vendorClock, runId } = context;
  const { command, asksVendor = true } = options;
  // Waiting for budget, or for a vendor that asked for silence, may take longer than a lease lives.
  clock.keepAlive = {
    everyMs: context.settings.leaseTtlMs / 3,
    renew: () => fenced(context, async () => undefined),
  };
  await healStamps(context);
  await fenced(context, (tx) =>
    startRun(tx, { runId, sourceId, command, asksVendor, worker: synced.worker, now: clock.now() }),
  );
  const before = structuredClone(source.requests);
  const guarded = async () => {
    if (asksVendor) await guardAccount(context, synced.keyMark);
    await work(context);
  };
  const { outcome, error, bug } = await judged(guarded(), options.signal);
  counts.listRequests = source.requests.sent.list - before.sent.list;
  counts.detailRequests = source.requests.sent.detail - before.sent.detail;
  counts.otherRequests = source.requests.sent.other - before.sent.other;
  counts.retries = source.requests.retries - before.retries;
  const { known, isBelieved, doubtedOffsetMs, offsetMs } = vendorClock;
  await finishRun(database, {
    lease,
    runId,
    sourceId,
    asksVendor,
    outcome,
    error: error?.message ?? null,
    counts,
    vendorClockOffsetMs: known && isBelieved ? offsetMs : null,
    doubtedClockOffsetMs: doubtedOffsetMs,
    now: clock.now(),
  }).catch((reason: Error) => {
    if (bug === null) throw reason;
    log.warn({ source: source.name, reason: reason.message }, 'a pass that broke could not be noted');
  });
  return { outcome, error, bug };
}

async function openContext(
  synced: SyncedSource,
  options: RunOptions,
  lease: Lease,
  counts: RunCounts,
): Promise<SyncContext> {
  await putClockRight(synced);
  const { database, source, sourceId, settings, clock, sharedNow, log, pace, notBefore, lists } = synced;
  return {
    database,
    source,
    sourceId,
    settings,
    clock,
    sharedNow,
    log,
    signal: options.signal,
    runId: randomUUID(),
    lease,
    counts,
    answers: { stored: 0, longestDetail: 0, lastPageText: 0 },
    vendorClock: await readVendorClock(database, sourceId),
    pace,
    notBefore,
    lists,
    horizon: { to: null },
    numbers: await readNumbers(database, sourceId),
    refused: new Map(),
    onProgress: options.onProgress ?? (() => undefined),
  };
}

/** Sorts how work ended: what a person or the vendor must mend is a result, everything else is a bug. */
async function judged(work: Promise<void>, signal: AbortSignal): Promise<NotedRun> {
  try {
    await work;
    return { outcome: 'done', error: null, bug: null };
  } catch (thrown) {
    const foreseen = judge(thrown, signal);
    if (foreseen !== null) return { ...foreseen, bug: null };
    return { outcome: 'failed', error: new Error(nameFault(thrown)), bug: { thrown } };
  }
}

/** Null for what nobody foresaw. */
function judge(error: unknown, signal: AbortSignal): { outcome: RunOutcome; error: Error | null } | null {
  if (signal.aborted) return { outcome: 'stopped', error: null };
  if (error instanceof LeaseLostError) return { outcome: 'stopped', error };
  if (error instanceof SourceError || error instanceof TransientError) return { outcome: 'failed', error };
  if (isDatabaseFault(error)) {
    return {
      outcome: 'failed',
      error: new TransientError(explainDatabase(error, null) ?? error.message, { cause: error }),
    };
  }
  return null;
}

/** The same for what ended work before it was noted as begun, or after it was noted as over. @throws what nobody foresaw */
async function judgeAndNote(
  { database, sourceId, clock, log, source }: SyncedSource,
  error: unknown,
  signal: AbortSignal,
): Promise<{ outcome: RunOutcome; error: Error | null }> {
  const judged = judge(error, signal);
  if (judged?.outcome === 'stopped') return judged;
  const what = judged?.error?.message ?? nameFault(error);
  await noteFailure(database, sourceId, what, clock.now()).catch((reason: Error) =>
    log.warn({ source: source.name, reason: reason.message }, 'a failed pass could not be noted'),
  );
  if (judged === null) throw error;
  return judged;
}

async function waitForLease(synced: SyncedSource, options: RunOptions): Promise<Lease | null> {
  const { database, sourceId, clock, leaseWatch, sharedNow } = synced;
  const { leaseTtlMs: ttlMs } = synced.settings;
  const waitUntil = clock.now() + options.leaseWaitMs;
  let unrenewed: string | null = null;
  for (;;) {
    options.signal.throwIfAborted();
    const { worker: holder, holderIsGone } = synced;
    const answer = await acquireLease(database, {
      sourceId,
      holder,
      now: sharedNow(),
      ttlMs,
      holderIsGone,
      unrenewed,
    });
    if ('lease' in answer) return answer.lease;
    unrenewed = watchLease(leaseWatch, answer.heldBy, clock.now(), ttlMs);
    if (unrenewed !== null) {
      const { holder: lost } = answer.heldBy;
      synced.log.warn(
        { source: synced.source.name, holder: lost },
        'a lease that nobody renews is taken over',
      );
      continue;
    }
    if (clock.now() >= waitUntil) return null;
    await clock.sleep(LEASE_RETRY_MS, options.signal);
  }
}

/** The vendor's clock as the last pass left it. */
async function readVendorClock(database: Database, sourceId: number): Promise<VendorClock> {
  const { rows } = await database.query<{ believed: string | null; doubted: string | null }>(
    `select vendor_clock_offset_ms as believed, doubted_clock_offset_ms as doubted
from callhouse_sync.heartbeats where source_id = $1`,
    [sourceId],
  );
  const { believed = null, doubted = null } = rows[0] ?? {};
  return createVendorClock(
    believed === null ? null : Number(believed),
    doubted === null ? null : Number(doubted),
  );
}
