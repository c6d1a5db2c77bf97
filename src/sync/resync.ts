import type { Instant } from '../call.ts';
import type { Sql } from '../database/database.ts';
import type { ListedCall, TimeWindow } from '../source.ts';
import { markMissing } from '../warehouse/missing-calls.ts';
import { callsToAskFor } from '../warehouse/reread.ts';
import { askForCalls, type CallAnswers, createDoubt } from './ask-for-calls.ts';
import type { SyncContext } from './context.ts';
import { loadCalls } from './load-calls.ts';
import { type Patient, patient } from './patient.ts';
import { rederiveCalls } from './rederive.ts';
import { readWhole } from './walk-window.ts';

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
  const list = { order: 'newest_first', urgency: 'background' } as const;
  await readWhole(care.context, window, list, async (page) => {
    const changed = await storeAndMend(context, page, window);
    for (const { callId } of page.calls) if (callId !== null) found.listed.add(callId);
    context.onProgress({ step: 'resync', done: found.listed.size, total: page.totalCount });
    await care.keepFresh();
    return changed;
  });
  const wantTranscripts = source.facets.transcript !== undefined;
  const rest = await callsToAskFor(database, sourceId, window, [...found.listed], wantTranscripts);
  await askForAll(care, rest, found);
}

async function askForAll(care: Patient, callIds: readonly string[], found: Reread): Promise<void> {
  const { context } = care;
  const { settings, signal } = context;
  const doubt = createDoubt();
  for (let i = 0; i < callIds.length; i += settings.detailsAtOnce) {
    signal.throwIfAborted();
    await care.keepFresh();
    const batch = callIds.slice(i, i + settings.detailsAtOnce);
    doubt(await askFor(context, batch, found));
    context.onProgress({ step: 'details', done: i + batch.length, total: callIds.length });
  }
}

/** Asks for some calls at once and stores what was answered in one transaction. */
async function askFor(context: SyncContext, callIds: readonly string[], found: Reread): Promise<CallAnswers> {
  const { clock, sourceId } = context;
  const answers = await askForCalls(context, callIds);
  const { calls, requestedAt, unknown, failed, fault } = answers;
  await storeAndMend(context, { calls, requestedAt }, null, (tx) =>
    markMissing(tx, sourceId, unknown, { now: clock.now(), step: 'resync' }),
  );
  // What was answered is stored and counted, whatever became of the others.
  for (const { callId } of calls) if (callId !== null) found.told.add(callId);
  for (const callId of unknown) found.unknown.add(callId);
  for (const [callId, { message }] of failed) found.failed.set(callId, message);
  if (fault !== null) throw fault;
  return answers;
}

/** Stores an answer, and mends rows that are not what their payloads say: an equal payload would leave them alone. */
async function storeAndMend(
  context: SyncContext,
  answer: { calls: readonly ListedCall[]; requestedAt: Instant },
  window: TimeWindow | null,
  alongside?: (tx: Sql) => Promise<void>,
): Promise<number> {
  const { changed } = await loadCalls(context, { ...answer, window, step: 'resync' }, alongside);
  const callIds = answer.calls.flatMap(({ callId }) => callId ?? []);
  await rederiveCalls(context, callIds, { write: true, step: 'heal' });
  return changed;
}
