import { DAY, HOUR } from '../clock.ts';
import { countCallsSince } from '../warehouse/count-calls.ts';
import { dueDeadLetters, postponeDeadLetters } from '../warehouse/dead-letters.ts';
import { markMissing } from '../warehouse/missing-calls.ts';
import { askForDetail, type DueCall, dueSettlements, postponeSettlements } from '../warehouse/settlements.ts';
import { askForCalls, type CallAnswers, createDoubt } from './ask-for-calls.ts';
import type { SyncContext } from './context.ts';
import { fenced } from './fenced.ts';
import { loadCalls } from './load-calls.ts';
import { planSettlementReads } from './plan-settlement-reads.ts';
import { readPages } from './read-pages.ts';

const DUE_CALLS_MAX = 500;

/**
 * Reads the calls that a list can tell of, in as few requests as their times allow. What a list should show and
 * does not is asked for by id. Gives the number of calls that were due.
 */
export async function settleByList(context: SyncContext, stop: () => boolean): Promise<number> {
  const { database, sourceId, clock, source } = context;
  const due = await dueSettlements(database, sourceId, 'list', clock.now(), DUE_CALLS_MAX);
  if (due.length === 0) return 0;
  const unplaced = due.filter(({ startedAt }) => startedAt === null);
  await askForDetails(context, unplaced);

  const placed = due.filter((call): call is DueCall & { startedAt: number } => call.startedAt !== null);
  const windows = planSettlementReads(
    placed.map(({ startedAt }) => startedAt),
    await callsPerMs(context),
    source.pageSize,
  );
  for (const window of windows) {
    if (stop()) return due.length;
    const seen = await listWindow(context, window);
    const unseen = placed.filter(
      ({ callId, startedAt }) => startedAt >= window.from && startedAt <= window.to && !seen.has(callId),
    );
    await askForDetails(context, unseen);
    context.onProgress({ step: 'settle', done: seen.size, total: due.length });
  }
  return due.length;
}

function askForDetails(context: SyncContext, calls: readonly DueCall[]): Promise<void> {
  const callIds = calls.map(({ callId }) => callId);
  return fenced(context, (tx) => askForDetail(tx, context.sourceId, callIds, context.clock.now()));
}

async function listWindow(context: SyncContext, window: { from: number; to: number }): Promise<Set<string>> {
  const seen = new Set<string>();
  const query = {
    window,
    openOnly: false,
    order: 'oldest_first',
    cursor: null,
    urgency: 'background',
  } as const;
  for await (const { page } of readPages(context, query)) {
    await loadCalls(context, { ...page, window, step: 'settle' });
    for (const { callId } of page.calls) if (callId !== null) seen.add(callId);
  }
  return seen;
}

/** Asks for calls by id: what only the call itself can tell. Gives the number of calls asked for. */
export async function settleByDetail(
  context: SyncContext,
  limit: number,
  stop: () => boolean,
): Promise<number> {
  const { database, sourceId, clock, settings } = context;
  const due = await dueSettlements(database, sourceId, 'detail', clock.now(), limit);
  const letters = await dueDeadLetters(database, sourceId, clock.now(), limit);
  const callIds = [...new Set([...due.map(({ callId }) => callId), ...letters])];
  const doubt = createDoubt();
  let asked = 0;
  for (let i = 0; i < callIds.length && !stop(); i += settings.detailsAtOnce) {
    const batch = callIds.slice(i, i + settings.detailsAtOnce);
    doubt(await readDetails(context, batch));
    const again = batch.filter((callId) => letters.includes(callId));
    await fenced(context, (tx) => postponeDeadLetters(tx, sourceId, again, clock.now()));
    asked += batch.length;
    context.onProgress({ step: 'details', done: asked, total: callIds.length });
  }
  return asked;
}

/**
 * Reads some calls at once and stores them in one transaction. A call that the vendor fails on is put off, ever longer,
 * and never holds up the others.
 */
async function readDetails(context: SyncContext, callIds: readonly string[]): Promise<CallAnswers> {
  const { sourceId, clock, log, source } = context;
  const answers = await askForCalls(context, callIds);
  const { calls, requestedAt, unknown, failed, fault } = answers;
  await loadCalls(context, { calls, requestedAt, window: null, step: 'details' }, async (tx) => {
    await markMissing(tx, sourceId, unknown, { now: clock.now(), step: 'details' });
    await postponeSettlements(tx, sourceId, [...failed.keys()], clock.now());
  });
  for (const { message } of failed.values()) {
    log.warn({ source: source.name, reason: message }, 'a call cannot be read now, and is put off');
  }
  // What was answered is stored, whatever became of the others.
  if (fault !== null) throw fault;
  return answers;
}

/** How dense calls have lately been; a quiet hour says little of the day before, so a page a day is the least. */
async function callsPerMs({ database, sourceId, vendorClock, clock, source }: SyncContext): Promise<number> {
  const calls = await countCallsSince(database, sourceId, vendorClock.toVendor(clock.now()) - HOUR);
  return Math.max(calls / HOUR, source.pageSize / DAY);
}
