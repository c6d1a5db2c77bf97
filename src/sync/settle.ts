import type { Facet, Instant } from '../call.ts';
import type { ReadPart, Source } from '../source.ts';
import { dueDeadLetters, postponeDeadLetters } from '../warehouse/dead-letters.ts';
import { markMissing } from '../warehouse/missing-calls.ts';
import {
  askForDetail,
  type DueCall,
  dueSettlements,
  noteFaults,
  postponeSettlements,
} from '../warehouse/settlements.ts';
import { askForCalls, type CallAnswers, createDoubt } from './ask-for-calls.ts';
import type { SyncContext } from './context.ts';
import { detailsAtOnce } from './details-at-once.ts';
import { fenced } from './fenced.ts';
import { pageEndFrom } from './fill-page.ts';
import { loadCalls } from './load-calls.ts';
import { CEILING_MARGIN_MS } from './plan-live.ts';
import { ifAllowed } from './refused.ts';
import { readWhole } from './walk-window.ts';

const DUE_CALLS_MAX = 500;
type PlacedCall = DueCall & { placedAt: number };

/**
 * Reads the calls that a list can tell of, in as few requests as their times allow. What a list should show and
 * does not is asked for by id. Gives the number of calls that were due.
 */
export async function settleByList(context: SyncContext, stop: () => boolean): Promise<number> {
  const { database, sourceId, clock } = context;
  const due = await dueSettlements(database, sourceId, 'list', clock.now(), DUE_CALLS_MAX);
  if (due.length === 0) return 0;
  // Without a list each is asked for by itself.
  const canList = !context.refused.has('list');
  const placed = due.filter((call): call is PlacedCall => canList && call.placedAt !== null);
  await askForDetails(
    context,
    due.filter((call) => !canList || call.placedAt === null),
  );

  // A list tells of a page of calls at the price of one: each request takes along all that wait beside the oldest.
  let listedTo = Number.NEGATIVE_INFINITY;
  for (const { placedAt } of placed.toSorted((a, b) => a.placedAt - b.placedAt)) {
    if (placedAt <= listedTo) continue;
    if (stop()) return due.length;
    const window = { from: placedAt, to: await endOfList(context, placedAt) };
    listedTo = window.to;
    const seen = await listWindow(context, window);
    const unseen = placed.filter(
      (call) => call.placedAt >= window.from && call.placedAt <= window.to && !seen.has(call.callId),
    );
    await askForDetails(context, unseen);
    context.onProgress({ step: 'settle', done: seen.size, total: due.length });
  }
  return due.length;
}

async function endOfList(context: SyncContext, from: Instant): Promise<Instant> {
  const newest = context.vendorClock.toVendor(context.clock.now()) - CEILING_MARGIN_MS;
  return Math.max(from, (await pageEndFrom(context, from)) ?? newest);
}

function askForDetails(context: SyncContext, calls: readonly DueCall[]): Promise<void> {
  const callIds = calls.map(({ callId }) => callId);
  return fenced(context, (tx) => askForDetail(tx, context.sourceId, callIds, context.clock.now()));
}

/** Whether the list is whole does not matter: what it should show and does not is asked for by id. */
async function listWindow(context: SyncContext, window: { from: number; to: number }): Promise<Set<string>> {
  const seen = new Set<string>();
  const order = context.lists.placedFirst ?? 'oldest_first';
  await readWhole(context, window, { order, urgency: 'background' }, async (page) => {
    for (const { callId } of page.calls) if (callId !== null) seen.add(callId);
    return (await loadCalls(context, { ...page, window, step: 'settle' })).changed;
  });
  return seen;
}

/** Asks for calls by id: what only the call itself can tell. Gives the number of calls asked for. */
export async function settleByDetail(
  context: SyncContext,
  limit: number,
  stop: () => boolean,
): Promise<number> {
  const { database, sourceId, clock, source } = context;
  const due = await dueSettlements(database, sourceId, 'detail', clock.now(), limit, partsRefused(context));
  const letters = await dueDeadLetters(database, sourceId, clock.now(), limit);
  const transcripts = new Set(
    due.filter((call) => wantsTranscript(source, call)).map(({ callId }) => callId),
  );
  const callIds = [...new Set([...due.map(({ callId }) => callId), ...letters])];
  const partOf = (callId: string) =>
    transcripts.has(callId) && !letters.includes(callId) ? 'transcript' : 'whole';
  const doubt = createDoubt();
  let asked = 0;
  for await (const { batch, answers } of askInBatches(context, callIds, partOf, stop)) {
    const store = () => storeDetails(context, answers).then(() => true);
    if (!(await ifAllowed(context, 'transcript', store, false))) return asked;
    doubt(answers);
    const again = batch.filter((callId) => letters.includes(callId));
    if (again.length > 0) {
      await fenced(context, (tx) => postponeDeadLetters(tx, sourceId, again, clock.now()));
    }
    asked += batch.length;
    context.onProgress({ step: 'details', done: asked, total: callIds.length });
  }
  return asked;
}

/** A transcript with a request of its own is all that is asked for, of a call that has ended by what lists tell. */
function wantsTranscript({ facets }: Source, { awaiting }: DueCall): boolean {
  return facets.transcript === 'messages' && awaiting.includes('transcript') && !awaiting.includes('status');
}

function partsRefused({ refused, source }: SyncContext): Facet[] {
  return refused.has('transcript') && source.facets.transcript === 'messages' ? ['transcript'] : [];
}

/**
 * Asks for calls, some at once, and for the next while the last are stored, so that neither waits for the other. The
 * first are waited for: how long they are bounds how many come after them.
 */
async function* askInBatches(
  context: SyncContext,
  callIds: readonly string[],
  partOf: (callId: string) => ReadPart,
  stop: () => boolean,
): AsyncGenerator<{ batch: string[]; answers: CallAnswers }> {
  const { settings, answers: lately } = context;
  const ask = (from: number) => {
    if (from >= callIds.length || stop()) return null;
    const batch = callIds.slice(from, from + detailsAtOnce(settings.detailsAtOnce, lately.longestDetail));
    return { batch, end: from + batch.length, answering: askForCalls(context, batch, partOf) };
  };
  for (let asked = ask(0); asked !== null; ) {
    const { batch, end, answering } = asked;
    const answers = await answering;
    const isAhead = settings.asksAhead && lately.longestDetail > 0 && answers.fault === null;
    const ahead = isAhead ? ask(end) : null;
    yield { batch, answers };
    asked = ahead ?? ask(end);
  }
}

/**
 * Stores what came of asking for some calls in one transaction. A call that the vendor fails on is put off, ever longer,
 * and never holds up the others.
 */
async function storeDetails(context: SyncContext, answers: CallAnswers): Promise<void> {
  const { sourceId, clock, log, source } = context;
  const { calls, requestedAt, unknown, failed, fault } = answers;
  const load = { calls, requestedAt, window: null, step: 'details' } as const;
  const { longest } = await loadCalls(context, load, async (tx) => {
    await markMissing(tx, sourceId, unknown, { now: clock.now(), step: 'details' });
    await postponeSettlements(tx, sourceId, [...failed.keys()], clock.now());
    await noteFaults(tx, sourceId, new Map([...failed].map(([callId, { message }]) => [callId, message])));
  });
  context.answers.longestDetail = longest;
  for (const { message } of failed.values()) {
    log.warn({ source: source.name, reason: message }, 'a call cannot be read now, and is put off');
  }
  // What was answered is stored, whatever became of the others.
  if (fault !== null) throw fault;
}
