import { type CallPayloads, type CallReading, type Facet, isTerminal, type PayloadKind } from '../call.ts';
import type { Sql } from '../database/database.ts';
import { RecordError } from '../errors.ts';
import type { Changes } from '../merge/merge-call.ts';
import { rederiveCall } from '../merge/rederive-call.ts';
import { resolveDeadLetters, saveDeadLetters } from '../warehouse/dead-letters.ts';
import { readKnownCalls } from '../warehouse/known-calls.ts';
import { dequeueSettlements, queueSettlements, readNeverComing } from '../warehouse/settlements.ts';
import type { KnownCall, QueueEntry } from '../warehouse/stored-call.ts';
import { markReadBy, readPayloads } from '../warehouse/stored-payloads.ts';
import { type CallWrite, writeCalls } from '../warehouse/write-calls.ts';
import type { SyncContext } from './context.ts';
import { judgeStored } from './decide-write.ts';
import { fenced } from './fenced.ts';
import { groupsOf, JUDGE_CALLS_OLDER_THAN_MS, neverOf } from './never-coming.ts';
import { withPlausibleTimes } from './plausible-times.ts';
import { fieldLetters } from './set-aside.ts';
import { whenItHappened } from './settle-call.ts';

export interface Rederived {
  /** Calls whose rows are not what their payloads say. */
  differing: string[];
  /** Calls whose payloads this version cannot read: left as they are. */
  unreadable: string[];
}

/** A call with what its payloads say of it. */
interface Derived {
  known: KnownCall;
  reading: CallReading;
  /** Whether fields of it were set aside before. */
  hadLetters: boolean;
  changes: Changes;
}

/**
 * Compares the rows of calls with the payloads that are stored of them, and writes what differs when told to. No
 * request is made. `replay` is a mapping that changed, and so a restatement of calls that were settled; `heal` mends
 * rows that somebody damaged.
 */
export function rederiveCalls(
  context: SyncContext,
  callIds: readonly string[],
  options: { write: boolean; step: 'replay' | 'heal' },
): Promise<Rederived> {
  const { sourceId, source, clock, vendorClock } = context;
  return fenced(context, async (tx) => {
    const known = await readKnownCalls(tx, sourceId, callIds, callIds);
    const payloads = await readPayloads(tx, sourceId, callIds);
    const { derived, unreadable } = deriveAll(context, [...known.values()], payloads);
    const differing = derived.filter(({ changes }) => Object.keys(changes).length > 0);
    if (options.write) {
      const before = vendorClock.toVendor(clock.now()) - JUDGE_CALLS_OLDER_THAN_MS;
      const groups = groupsOf(differing.map((call) => call.known.stored.content));
      const never = await readNeverComing(tx, sourceId, groups, before);
      const decided = differing.map((call) =>
        decideRederived(context, call, neverOf(call.known.stored.content, never), options.step),
      );
      await writeCalls(
        tx,
        sourceId,
        decided.map(({ write }) => write),
      );
      await queueSettlements(
        tx,
        sourceId,
        decided.flatMap(({ queue }) => queue ?? []),
      );
      await dequeueSettlements(
        tx,
        sourceId,
        decided.flatMap(({ queue, write }) => (queue ? [] : [write.stored.callId])),
      );
      await saveUnread(tx, context, derived);
      const read = derived.map((call) => call.known.stored.callId);
      await markReadBy(tx, sourceId, read, source.normalizerVersion);
    }
    return { differing: differing.map((call) => call.known.stored.callId), unreadable };
  });
}

/** Notes which fields of these calls cannot be read, and which can by now. */
async function saveUnread(
  tx: Sql,
  { sourceId, clock }: SyncContext,
  derived: readonly Derived[],
): Promise<void> {
  const letters = derived.flatMap(({ known, reading }) =>
    fieldLetters(known.stored.callId, reading.unread, (kind) => known.payloads[kind]?.hash, clock.now()),
  );
  const read = derived
    .filter(({ hadLetters }) => hadLetters)
    .flatMap(({ known: { stored, payloads } }) =>
      (Object.keys(payloads) as PayloadKind[]).map((kind) => ({ callId: stored.callId, kind })),
    );
  await saveDeadLetters(tx, sourceId, letters);
  await resolveDeadLetters(tx, sourceId, read, letters, clock.now(), ['field']);
}

function deriveAll(
  context: SyncContext,
  calls: readonly KnownCall[],
  payloads: ReadonlyMap<string, CallPayloads>,
): { derived: Derived[]; unreadable: string[] } {
  const derived: Derived[] = [];
  const unreadable: string[] = [];
  for (const known of calls) {
    const stored = payloads.get(known.stored.callId);
    if (stored === undefined) continue;
    try {
      derived.push(derive(context, known, plausible(context, known, stored)));
    } catch (error) {
      if (!(error instanceof RecordError)) throw error;
      unreadable.push(known.stored.callId);
    }
  }
  return { derived, unreadable };
}

/** What the payloads of a call say, by the time at which they came. */
function plausible(
  { source, numbers }: SyncContext,
  { payloads, stored }: KnownCall,
  contents: CallPayloads,
): CallReading {
  const readAt =
    (contents.list === undefined ? payloads.detail : payloads.list)?.fetchedAt ?? stored.checkedAt;
  return withPlausibleTimes(source.normalize(contents, numbers), contents, source.endField, readAt);
}

/** The call as its payloads say, with what follows from them. */
function derive({ vendorClock, source }: SyncContext, known: KnownCall, reading: CallReading): Derived {
  const { stored } = known;
  const { content, changes } = rederiveCall(stored.content, reading, source.perishable);
  const told = reading.transcript !== undefined || reading.facts.optOut === true;
  // An empty transcript is one that a payload told; without such a payload there are items, or there is none.
  const items = content.transcript?.length ?? 0;
  const transcriptItemCount = content.transcript === null || (!told && items === 0) ? null : items;
  const happened = whenItHappened(
    source.placedBy,
    content,
    null,
    stored,
    vendorClock.toVendor(stored.firstSeenAt),
  );
  const following: Changes = {};
  if (transcriptItemCount !== stored.transcriptItemCount) {
    following.transcript_item_count = { from: stored.transcriptItemCount, to: transcriptItemCount };
  }
  if (happened.occurredAt !== stored.occurredAt) {
    const [from, to] = [stored.occurredAt, happened.occurredAt].map((at) => new Date(at).toISOString());
    following.occurred_at = { from: from ?? null, to: to ?? null };
  }
  return {
    known: {
      ...known,
      stored: { ...stored, content, transcriptItemCount, ...happened },
      unread: reading.unread,
    },
    reading,
    hadLetters: known.unread.length > 0,
    changes: { ...following, ...changes },
  };
}

/** What a call writes whose rows differ. A settled call stays settled, unless it has not ended after all. */
function decideRederived(
  context: SyncContext,
  { known, changes }: Derived,
  neverComing: ReadonlySet<Facet>,
  step: 'replay' | 'heal',
): { write: CallWrite; queue: QueueEntry | null } {
  const { stored } = known;
  const now = context.clock.now();
  const decision = judgeStored(context, known, neverComing);
  const isKept =
    stored.settlement === 'missing' ||
    (stored.settlement === 'settled' && isTerminal(stored.content.facts.status));
  const settlement = isKept ? stored.settlement : decision.settlement;
  const moved =
    settlement === stored.settlement ? {} : { settlement: { from: stored.settlement, to: settlement } };
  // Rows that somebody damaged may be any: none are taken to be missing.
  const partOf = (part: string) => (part in changes ? 'replace' : 'none');
  const write: CallWrite = {
    stored: {
      ...stored,
      settlement,
      settledAt: settlement === 'settled' ? (stored.settledAt ?? now) : null,
      changedAt: now,
      revision: stored.revision + 1,
    },
    parts: {
      analysis: partOf('analysis'),
      costs: partOf('costs'),
      extractions: partOf('extractions'),
      transcript: partOf('transcript'),
    },
    event: {
      restated: step === 'replay' && stored.settlement === 'settled',
      changes: { ...changes, ...moved },
      lineage: { step, requestedAt: stored.checkedAt, window: null },
    },
  };
  if (isKept) return { write, queue: known.queue };
  return { write, queue: queueEntry(context, known, decision, now) };
}

function queueEntry(
  { vendorClock }: SyncContext,
  { stored, queue }: KnownCall,
  { next, awaiting, deadlineAt }: ReturnType<typeof judgeStored>,
  now: number,
): QueueEntry | null {
  if (next === null) return null;
  return {
    callId: stored.callId,
    nextCheckAt: Math.max(now, vendorClock.toOurs(next.at)),
    nextRead: next.read,
    awaiting,
    attempts: queue?.attempts ?? 0,
    deadlineAt: vendorClock.toOurs(deadlineAt),
    queuedAt: queue?.queuedAt ?? now,
  };
}
