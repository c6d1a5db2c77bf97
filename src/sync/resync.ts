import type { Instant } from '../call.ts';
import { SourceError, TransientError } from '../errors.ts';
import type { ListedCall, TimeWindow } from '../source.ts';
import type { Sql } from '../warehouse/database.ts';
import { markMissing } from '../warehouse/missing-calls.ts';
import { callsToAskFor } from '../warehouse/reread.ts';
import type { SyncContext } from './context.ts';
import { loadCalls } from './load-calls.ts';
import { type Patient, patient } from './patient.ts';
import { readPages } from './read-pages.ts';
import { rederiveCalls } from './rederive.ts';

/** What came of reading again, filled as it goes on: what was read before a failure counts. */
export interface Reread {
  /** Calls that a list showed. */
  listed: Set<string>;
  /** Calls that the vendor told, asked for by id. */
  told: Set<string>;
  /** Calls that the vendor answered not to know. */
  unknown: Set<string>;
  /** Calls that gave no answer that can be used, with the reason. */
  failed: Map<string, string>;
}

export function newReread(): Reread {
  return { listed: new Set(), told: new Set(), unknown: new Set(), failed: new Map() };
}

/** One call may be broken at the vendor; when so many fail one after the other, it is the vendor. */
const FAILURES_IN_A_ROW_MAX = 5;

/** Asks for calls by id, whatever the schedule says, and mends rows that are not what the vendor says. */
export async function resyncCalls(
  context: SyncContext,
  callIds: readonly string[],
  found: Reread,
): Promise<void> {
  await askForAll(patient(context), callIds, found);
}

/**
 * Lists a window newest first, then asks for every call of it that can have a transcript, and for those that the
 * warehouse places there and the list does not show. Coverage and checkpoints stay as they are: nothing is claimed.
 */
export async function resyncWindow(context: SyncContext, window: TimeWindow, found: Reread): Promise<void> {
  const care = patient(context);
  const { database, sourceId, source } = context;
  const query = {
    window,
    openOnly: false,
    order: 'newest_first',
    cursor: null,
    urgency: 'background',
  } as const;
  for await (const { page } of readPages(care.context, query)) {
    await storeAndMend(context, page, window);
    for (const { callId } of page.calls) if (callId !== null) found.listed.add(callId);
    context.onProgress({ step: 'resync', done: found.listed.size, total: page.totalCount });
    await care.keepFresh();
  }
  const wantTranscripts = source.facets.transcript === 'detail';
  const rest = await callsToAskFor(database, sourceId, window, [...found.listed], wantTranscripts);
  await askForAll(care, rest, found);
}

async function askForAll(care: Patient, callIds: readonly string[], found: Reread): Promise<void> {
  const { context } = care;
  const { settings, signal } = context;
  let failures: TransientError[] = [];
  for (let i = 0; i < callIds.length; i += settings.detailsAtOnce) {
    signal.throwIfAborted();
    await care.keepFresh();
    const batch = callIds.slice(i, i + settings.detailsAtOnce);
    for (const failure of await askFor(context, batch, found)) {
      if (failure === null) failures = [];
      else if (failure instanceof TransientError) failures.push(failure);
    }
    const last = failures.at(-1);
    if (last && failures.length >= FAILURES_IN_A_ROW_MAX) throw last;
    context.onProgress({ step: 'details', done: i + batch.length, total: callIds.length });
  }
}

/** Asks for some calls at once and stores what was answered in one transaction. Gives what failed, call by call. */
async function askFor(
  context: SyncContext,
  callIds: readonly string[],
  found: Reread,
): Promise<(Error | null)[]> {
  const { source, signal, vendorClock, clock, sourceId } = context;
  const askedAt = clock.now();
  const answers = await Promise.allSettled(callIds.map((callId) => source.readCall(callId, signal)));
  const calls: ListedCall[] = [];
  const unknown: string[] = [];
  const times: number[] = [];
  const faults = new Map<string, unknown>();
  for (const [i, callId] of callIds.entries()) {
    const result = answers[i];
    if (result === undefined) continue;
    if (result.status === 'rejected') faults.set(callId, result.reason);
    else if (result.value === null) unknown.push(callId);
    else if (result.value.call.callId !== callId) faults.set(callId, NAMELESS);
    else {
      vendorClock.observe(result.value);
      calls.push(result.value.call);
      times.push(result.value.requestedAt);
    }
  }
  const requestedAt = times.length > 0 ? Math.min(...times) : askedAt;
  await storeAndMend(context, { calls, requestedAt }, null, (tx) =>
    markMissing(tx, sourceId, unknown, { now: clock.now(), step: 'resync' }),
  );
  // What was answered is stored and counted, whatever became of the others.
  for (const { callId } of calls) if (callId !== null) found.told.add(callId);
  for (const callId of unknown) found.unknown.add(callId);
  return callIds.map((callId) => {
    const fault = faults.get(callId);
    if (fault === undefined) return null;
    if (!isOfOneCall(fault)) throw fault;
    found.failed.set(callId, fault.message);
    return fault;
  });
}

/** Stores an answer, and mends rows that are not what their payloads say: an equal payload would leave them alone. */
async function storeAndMend(
  context: SyncContext,
  answer: { calls: readonly ListedCall[]; requestedAt: Instant },
  window: TimeWindow | null,
  alongside?: (tx: Sql) => Promise<void>,
): Promise<void> {
  await loadCalls(context, { ...answer, window, step: 'resync' }, alongside);
  const callIds = answer.calls.flatMap(({ callId }) => callId ?? []);
  await rederiveCalls(context, callIds, { write: true, step: 'heal' });
}

const NAMELESS = new SourceError('the vendor answered a record without an id', { status: 422 });

/** Whether a fault may be of this one call, so that the others can still be read. */
function isOfOneCall(fault: unknown): fault is TransientError | SourceError {
  if (fault instanceof TransientError) return true;
  return fault instanceof SourceError && [400, 410, 422].includes(fault.status ?? 0);
}
