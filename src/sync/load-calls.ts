import type { CallPayloads, CallReading, DriftNote, Instant, PayloadKind } from '../call.ts';
import { SECOND } from '../clock.ts';
import { answersTo, type Sql } from '../database/database.ts';
import { contentRefused } from '../database/faults.ts';
import { RecordError, TransientError } from '../errors.ts';
import { mergeCall } from '../merge/merge-call.ts';
import { told } from '../told.ts';
import { type DeadLetter, resolveDeadLetters, saveDeadLetters } from '../warehouse/dead-letters.ts';
import { noteAgents, notePhones } from '../warehouse/directory.ts';
import { countDrift, type DriftSighting } from '../warehouse/drift.ts';
import { type Glance, glanceAtCalls, readKnownCalls } from '../warehouse/known-calls.ts';
import { saveRequest } from '../warehouse/requests.ts';
import {
  dequeueSettlements,
  postponeSettlements,
  queueSettlements,
  readNeverComing,
} from '../warehouse/settlements.ts';
import type { KnownCall, Lineage } from '../warehouse/stored-call.ts';
import { readPayloads } from '../warehouse/stored-payloads.ts';
import { type CallWrite, erasePayloads, writeCalls, writePayloads } from '../warehouse/write-calls.ts';
import { boundedDrift } from './bounded-drift.ts';
import type { ReadStep, SyncContext } from './context.ts';
import { type Decided, type Draft, decideWrite } from './decide-write.ts';
import { fenced } from './fenced.ts';
import { type Load, type Loaded, type LoadSome, sumOf } from './load.ts';
import { apart } from './load-apart.ts';
import { groupsOf, JUDGE_CALLS_OLDER_THAN_MS, neverOf } from './never-coming.ts';
import { withPlausibleTimes } from './plausible-times.ts';
import { type PreparedCall, preparePage, sliceByText } from './prepare-page.ts';
import { fieldLetters, recordLetter, unreadDrift } from './set-aside.ts';

/** Two workers, one after the other, may have clocks that differ so much though both are in order. */
const CLOCKS_APART_MS = SECOND;
/** Characters of a name or a word of the vendor that are logged. */
const WORD_TOLD_MAX = 100;
/** Names and words of one answer that are logged. */
const NEWS_TOLD_MAX = 20;
/** Text that is turned into rows at once. A usual page has half of it. */
const TEXT_AT_ONCE_MAX = 500_000;

/**
 * Stores the records of one answer, and `alongside` (the checkpoint) in the same transaction: all of it, or none.
 * Records that are as they were write nothing at all. Gives the characters of the longest record, and of all, and how many
 * calls were new or different, which `alongside` is told too.
 */
export async function loadCalls(
  context: SyncContext,
  load: Load,
  alongside: (tx: Sql, changed: number) => Promise<void> = async () => undefined,
): Promise<{ longest: number; total: number; changed: number }> {
  const prepared = preparePage(load.calls, load.window, context.source.perishable);
  const store = (loadSome: LoadSome) =>
    fenced(context, async (tx) => {
      const loaded = await loadSlices(tx, context, prepared, load, loadSome);
      const changed = loaded.inserted + loaded.updated;
      await alongside(tx, changed + loaded.letters);
      await noteAnswer(tx, context, load, changed);
      return loaded;
    });
  const result = await store(loadPrepared).catch((error: unknown) => {
    // One of the records is what the database cannot take: found by halves, so that all the others are stored.
    if (contentRefused(error)) return store(apart(loadPrepared));
    throw error;
  });
  const { counts } = context;
  counts.callsSeen += prepared.length;
  counts.callsInserted += result.inserted;
  counts.callsUpdated += result.updated;
  counts.callsUnchanged += prepared.length - result.inserted - result.updated - result.letters;
  counts.callsSettled += result.settled;
  counts.transcriptItemsWritten += result.transcriptItems;
  counts.deadLettersWritten += result.letters + result.fields;
  tellDrift(context, result.newDrift);
  const lengths = prepared.map(({ textLength }) => textLength);
  return {
    longest: Math.max(0, ...lengths),
    total: lengths.reduce((sum, length) => sum + length, 0),
    changed: result.inserted + result.updated + result.letters,
  };
}

/** A word that nobody knows may be anything, and a page may hold thousands. The table `drift` has them whole. */
function tellDrift({ log, source }: SyncContext, news: Loaded['newDrift']): void {
  for (const { kind, ...note } of news.slice(0, NEWS_TOLD_MAX)) {
    const [path, value] = [note.path, note.value].map((word) => told(word, WORD_TOLD_MAX));
    log.warn({ source: source.name, kind, path, value }, 'the vendor sent something new');
  }
  const more = news.length - NEWS_TOLD_MAX;
  if (more > 0) log.warn({ source: source.name, more }, 'more is new: see callhouse_sync.drift');
}

/** An answer that changed nothing is noted once in so many. */
const SAMPLE_ONE_IN = 50;
/** Steps whose answers are about calls by their ids. */
const ONE_BY_ONE: ReadonlySet<ReadStep> = new Set(['details', 'resync', 'place']);

async function noteAnswer(tx: Sql, context: SyncContext, load: Load, changed: number): Promise<void> {
  const { answers, runId, sourceId, clock } = context;
  answers.stored += 1;
  if (changed === 0 && load.requestedAt % SAMPLE_ONE_IN !== 0) return;
  const { step, window, requestedAt, calls } = load;
  const callIds = ONE_BY_ONE.has(step) ? calls.flatMap(({ callId }) => callId ?? []) : null;
  await saveRequest(tx, {
    sourceId,
    runId,
    position: answers.stored,
    step,
    window,
    requestedAt,
    storedAt: clock.now(),
    calls: calls.length,
    changed,
    callIds: window === null ? callIds : null,
  });
}

/** Loads a page piece by piece, so that memory is bounded by bytes. The pieces are committed together. */
async function loadSlices(
  tx: Sql,
  context: SyncContext,
  prepared: readonly PreparedCall[],
  load: Load,
  loadSome: LoadSome,
): Promise<Loaded> {
  const all: Loaded[] = [];
  for (const slice of sliceByText(prepared, TEXT_AT_ONCE_MAX)) {
    all.push(await loadSome(tx, context, slice, load));
  }
  return sumOf(all);
}

async function loadPrepared(
  tx: Sql,
  context: SyncContext,
  prepared: PreparedCall[],
  load: Load,
): Promise<Loaded> {
  const { sourceId, clock } = context;
  const now = clock.now();
  const glances = await glanceAtCalls(tx, sourceId, idsOf(prepared));
  const toRead = prepared.filter(
    (call) => load.again || !isUnchanged(call, glances.get(call.callId), context, load.step),
  );
  const { readings, letters } = normalizeAll(context, toRead, await readRest(tx, sourceId, toRead));
  const { drafts, drift } = await mergeAll(tx, context, readings, glances, load.requestedAt);
  const decided = await decideAll(tx, context, drafts, load);

  const writes = decided.flatMap(({ write }) => write ?? []);
  const understood = new Set(drafts.map(({ call }) => call));
  const fields = drafts.flatMap(({ call, reading }) =>
    fieldLetters(call.callId, reading.unread, (kind) => call.hashes[kind], now),
  );
  const useless = prepared.filter((call) => !understood.has(call) && glances.get(call.callId)?.queued);
  const payloads = decided.flatMap((one) => one.payloads);
  const queue = decided.flatMap((one) => one.queue ?? []);
  const dequeue = decided.flatMap((one) => one.dequeue ?? []);
  await erasePayloads(tx, sourceId, idsOf(drafts.filter(mustForget).map(({ call }) => call)));
  // Calls first, then what refers to them, without waiting for one another.
  const [{ transcriptItems }, lettersWritten, fieldsWritten, newDrift] = await answersTo([
    writeCalls(tx, sourceId, writes),
    saveDeadLetters(tx, sourceId, letters),
    saveDeadLetters(tx, sourceId, fields),
    countDrift(tx, sourceId, drift, now),
    writePayloads(tx, sourceId, payloads),
    queueSettlements(tx, sourceId, queue),
    dequeueSettlements(tx, sourceId, dequeue),
    postponeSettlements(tx, sourceId, idsOf(useless), now),
    noteAgents(tx, sourceId, agentsOf(writes), now),
    notePhones(tx, sourceId, phonesOf(writes), now),
    resolveDeadLetters(tx, sourceId, recovered(understood, glances), fields, now),
  ]);
  return {
    inserted: writes.filter(({ stored }) => stored.revision === 1).length,
    updated: writes.filter(({ stored }) => stored.revision > 1).length,
    settled: decided.filter(({ becameSettled }) => becameSettled).length,
    transcriptItems,
    letters: lettersWritten,
    fields: fieldsWritten,
    newDrift,
  };
}

/**
 * Merges readings into what is stored. One whose status is behind what is known is left out, and counted.
 * @throws TransientError for a reading that was asked for before the stored one was
 */
async function mergeAll(
  tx: Sql,
  context: SyncContext,
  readings: readonly ReadCall[],
  glances: ReadonlyMap<string, Glance>,
  requestedAt: Instant,
): Promise<{ drafts: Draft[]; drift: DriftSighting[] }> {
  const known = await readKnownCalls(
    tx,
    context.sourceId,
    idsOf(readings.map(({ call }) => call)),
    idsOf(readings.filter(needsTranscript).map(({ call }) => call)),
  );
  const drafts: Draft[] = [];
  const drift: DriftSighting[] = [];
  for (const { call, reading: told } of readings) {
    const before = known.get(call.callId) ?? null;
    const readAt = firstReadAt(call, before, requestedAt);
    const reading = withPlausibleTimes(told, call.payloads, context.source.endField, readAt);
    refuseOlder(call, before, requestedAt);
    const content = before?.stored.content ?? null;
    const merged = mergeCall(content, reading, context.settings.onRetraction, context.source.perishable);
    if (merged.outcome === 'stale') {
      drift.push({ ...merged.drift, callId: call.callId });
      continue;
    }
    if (hasNewPayload(call, before)) drift.push(...driftOf(call, reading));
    const hasDeadLetter = (glances.get(call.callId)?.deadLetter ?? null) !== null;
    drafts.push({ ...merged, call, reading, known: before, hasDeadLetter });
  }
  return { drafts, drift };
}

/** When these payloads were first read: a record that is as it was may have come long ago. */
function firstReadAt(call: PreparedCall, known: KnownCall | null, requestedAt: Instant): Instant {
  const kind = call.hashes.list === undefined ? 'detail' : 'list';
  const stored = known?.payloads[kind];
  return stored?.hash === call.hashes[kind] ? (stored?.fetchedAt ?? requestedAt) : requestedAt;
}

/**
 * An older reading never overwrites a newer one. Under a lease readings come in order, so this is a clock that was
 * set back: to leave the call out would lose a change without a word, so the pass ends and is made again.
 */
function refuseOlder(call: PreparedCall, known: KnownCall | null, requestedAt: Instant): void {
  const newestAt = Math.max(known?.stored.checkedAt ?? 0, ...fetchedAts(call, known));
  if (newestAt <= requestedAt + CLOCKS_APART_MS) return;
  throw new TransientError(
    `call ${call.callId} was read at ${new Date(newestAt).toISOString()}, later than this answer was asked for ` +
      `(${new Date(requestedAt).toISOString()}): a clock was set back; the next pass reads it again`,
  );
}

function fetchedAts(call: PreparedCall, known: KnownCall | null): Instant[] {
  return (Object.keys(call.hashes) as PayloadKind[]).map((kind) => known?.payloads[kind]?.fetchedAt ?? 0);
}

/** Decides what each call writes, knowing what calls like it never get. */
async function decideAll(
  tx: Sql,
  context: SyncContext,
  drafts: readonly Draft[],
  { step, requestedAt, window }: Load,
): Promise<Decided[]> {
  const { sourceId, vendorClock, clock } = context;
  const before = vendorClock.toVendor(clock.now()) - JUDGE_CALLS_OLDER_THAN_MS;
  const never = await readNeverComing(tx, sourceId, groupsOf(drafts.map(({ content }) => content)), before);
  const lineage: Lineage = { step, requestedAt, window };
  return drafts.map((draft) => decideWrite(context, draft, neverOf(draft.content, never), lineage));
}

/** Equal content and nothing awaited: the record is not even read. */
function isUnchanged(
  call: PreparedCall,
  glance: Glance | undefined,
  { source }: SyncContext,
  step: ReadStep,
): boolean {
  if (glance === undefined) return false;
  const hashes = Object.entries(call.hashes) as [PayloadKind, string][];
  const { deadLetter } = glance;
  if (deadLetter && call.hashes[deadLetter.kind] !== undefined) {
    // Asked for by its id, it is tried again: what the database refused it may take by now.
    return call.hashes[deadLetter.kind] === deadLetter.hash && !ONE_BY_ONE.has(step);
  }
  if (glance.queued || glance.missing) return false;
  return hashes.every(([kind, hash]) => {
    const stored = glance.payloads.get(kind);
    return stored?.hash === hash && stored.normalizerVersion === source.normalizerVersion;
  });
}

interface ReadCall {
  call: PreparedCall;
  reading: CallReading;
}

/** What is stored of calls of which an answer shows a part that cannot be read alone: a transcript without its call. */
function readRest(
  tx: Sql,
  sourceId: number,
  calls: readonly PreparedCall[],
): Promise<ReadonlyMap<string, CallPayloads>> {
  const parts = calls.filter(({ payloads }) => payloads.list === undefined && payloads.detail === undefined);
  return parts.length === 0 ? Promise.resolve(new Map()) : readPayloads(tx, sourceId, idsOf(parts));
}

/** Translates records; those that cannot be read become dead letters, and the page goes on. */
function normalizeAll(
  { source, clock, numbers }: SyncContext,
  calls: readonly PreparedCall[],
  rest: ReadonlyMap<string, CallPayloads>,
): { readings: ReadCall[]; letters: DeadLetter[] } {
  const readings: ReadCall[] = [];
  const letters: DeadLetter[] = [];
  for (const call of calls) {
    try {
      const payloads = { ...rest.get(call.callId), ...call.payloads };
      readings.push({ call, reading: source.normalize(payloads, numbers) });
    } catch (error) {
      if (!(error instanceof RecordError)) throw error;
      letters.push(recordLetter(call, error, clock.now()));
    }
  }
  return { readings, letters };
}

function needsTranscript({ reading }: ReadCall): boolean {
  return reading.transcript !== undefined || reading.facts.optOut === true;
}

function hasNewPayload(call: PreparedCall, known: KnownCall | null): boolean {
  const hashes = Object.entries(call.hashes) as [PayloadKind, string][];
  return hashes.some(([kind, hash]) => known?.payloads[kind]?.hash !== hash);
}

function driftOf(call: PreparedCall, reading: CallReading): DriftSighting[] {
  const cleaned: DriftNote[] = call.cleanedTexts === 0 ? [] : [{ kind: 'cleaned_text', path: '', value: '' }];
  return boundedDrift([...reading.drift, ...unreadDrift(reading), ...cleaned], call.callId);
}

function idsOf(calls: readonly { callId: string }[]): string[] {
  return calls.map(({ callId }) => callId);
}

/** The other party has opted out since: what was stored before goes, from the raw payloads as well. */
function mustForget({ known, content }: Draft): boolean {
  return content.facts.optOut && known !== null && !known.stored.content.facts.optOut;
}

/** The payloads that were read now, of calls of which something was set aside. */
function recovered(
  understood: ReadonlySet<PreparedCall>,
  glances: ReadonlyMap<string, Glance>,
): { callId: string; kind: PayloadKind }[] {
  return [...understood].flatMap(({ callId, hashes }) => {
    const kinds = new Set(glances.get(callId)?.withLetters ?? []);
    return [...kinds].filter((kind) => hashes[kind] !== undefined).map((kind) => ({ callId, kind }));
  });
}

function agentsOf(writes: readonly CallWrite[]): string[] {
  return writes.flatMap(({ stored }) => stored.content.facts.agentId ?? []);
}

function phonesOf(writes: readonly CallWrite[]): string[] {
  return writes.flatMap(({ stored }) => stored.content.facts.phoneId ?? []);
}
