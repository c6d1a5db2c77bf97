import type { CallReading, Facet, Instant, PayloadKind, Settlement } from '../call.ts';
import { SECOND } from '../clock.ts';
import { canonicalJson } from '../json.ts';
import type { CallContent, Changes } from '../merge/merge-call.ts';
import type { SettlementDecision } from '../settlement/decide-settlement.ts';
import type { PayloadWrite } from '../warehouse/call-tables.ts';
import type { KnownCall, Lineage, QueueEntry, StoredCall } from '../warehouse/stored-call.ts';
import type { CallWrite, PartWrite } from '../warehouse/write-calls.ts';
import type { SyncContext } from './context.ts';
import type { PreparedCall } from './prepare-page.ts';
import { settleCall, whenItHappened } from './settle-call.ts';

/** The vendor's clock is known to the second: a read that is timed must not come a moment too early. */
const CLOCK_PRECISION_MS = 2 * SECOND;

/** A call between reading and storing. */
export interface Draft {
  call: PreparedCall;
  reading: CallReading;
  known: KnownCall | null;
  content: CallContent;
  changes: Changes;
  /** A payload of the call was set aside and is not understood yet: its next look was put off for that. */
  hasDeadLetter: boolean;
}

/** All that one call writes. */
export interface Decided {
  write: CallWrite | null;
  payloads: PayloadWrite[];
  queue: QueueEntry | null;
  /** The call's id when it leaves the queue. */
  dequeue: string | null;
  becameSettled: boolean;
}

type Deciding = Pick<SyncContext, 'source' | 'settings' | 'vendorClock'> & { clock: { now(): Instant } };

/** Decides what is written for a call. Pure but for the clock that it reads. */
export function decideWrite(
  context: Deciding,
  draft: Draft,
  neverComing: ReadonlySet<Facet>,
  lineage: Lineage,
): Decided {
  const { known, content } = draft;
  const { requestedAt } = lineage;
  const { vendorClock } = context;
  const now = context.clock.now();
  const firstSeenAt = known?.stored.firstSeenAt ?? now;
  const transcriptItemCount = countTranscript(draft);
  const happened = whenItHappened(
    context.source.placedBy,
    content,
    draft.call.listedAt,
    known?.stored ?? null,
    vendorClock.toVendor(firstSeenAt),
  );
  const storedAt = known?.payloads[context.source.facets.transcript ?? 'detail']?.fetchedAt;
  const readAt = draft.reading.transcript === undefined ? storedAt : requestedAt;
  const decision = settleCall(
    {
      content,
      transcriptItemCount,
      ...happened,
      firstSeenAt: vendorClock.toVendor(firstSeenAt),
      transcriptReadAt: readAt === undefined ? null : vendorClock.toVendor(readAt),
      unread: unreadFacets(draft),
      now: vendorClock.toVendor(requestedAt),
    },
    context.source.facets,
    neverComing,
    context.settings.settlement,
  );
  const settlement = keepFinal(known, decision.settlement);
  const changes = withSettlement(draft.changes, known, settlement);
  const changed = known === null || Object.keys(changes).length > 0;
  const stored: StoredCall = {
    callId: draft.call.callId,
    content,
    transcriptItemCount,
    ...happened,
    firstSeenAt,
    changedAt: changed ? now : (known?.stored.changedAt ?? now),
    checkedAt: Math.max(requestedAt, known?.stored.checkedAt ?? 0),
    settlement,
    settledAt: settlement === 'settled' ? (known?.stored.settledAt ?? now) : null,
    missingSince: null,
    revision: (known?.stored.revision ?? 0) + 1,
  };
  const queue = decideQueue(context, draft, decision, settlement, now);
  return {
    write: changed ? toWrite(stored, draft, changes, lineage) : null,
    payloads: payloadWrites(context, draft, requestedAt),
    queue: queue === 'leave' || queue === 'out' ? null : queue,
    dequeue: queue === 'out' && known?.queue ? draft.call.callId : null,
    becameSettled: settlement === 'settled' && known?.stored.settlement !== 'settled',
  };
}

/** Facets that cannot be read: by this reading, and by what was set aside of the payloads that it did not read. */
function unreadFacets({ call, reading, known }: Draft): Set<Facet> {
  const elsewhere = (known?.unread ?? []).filter(({ kind }) => call.hashes[kind] === undefined);
  return facetsOf([...reading.unread, ...elsewhere]);
}

function facetsOf(fields: readonly { facet: Facet | null }[]): Set<Facet> {
  return new Set(fields.flatMap(({ facet }) => facet ?? []));
}

/** How final a call is by what is stored of it, as of when that was read. */
export function judgeStored(
  { source, settings, vendorClock }: Omit<Deciding, 'clock'>,
  { stored, payloads, unread }: KnownCall,
  neverComing: ReadonlySet<Facet>,
): SettlementDecision {
  const readAt = payloads[source.facets.transcript ?? 'detail']?.fetchedAt ?? null;
  return settleCall(
    {
      content: stored.content,
      transcriptItemCount: stored.transcriptItemCount,
      occurredAt: stored.occurredAt,
      occurredAtBasis: stored.occurredAtBasis,
      firstSeenAt: vendorClock.toVendor(stored.firstSeenAt),
      transcriptReadAt: readAt === null ? null : vendorClock.toVendor(readAt),
      unread: facetsOf(unread),
      now: vendorClock.toVendor(Math.max(stored.checkedAt, readAt ?? 0)),
    },
    source.facets,
    neverComing,
    settings.settlement,
  );
}

/**
 * Judges a stored call again without a new reading. Gives the write that settles it, or null when it is not settled by
 * what is known now.
 */
export function decideAgain(
  context: Deciding,
  known: KnownCall,
  neverComing: ReadonlySet<Facet>,
): CallWrite | null {
  const { stored } = known;
  const { clock } = context;
  const decision = judgeStored(context, known, neverComing);
  if (decision.settlement !== 'settled') return null;
  const now = clock.now();
  return {
    stored: {
      ...stored,
      settlement: 'settled',
      settledAt: now,
      changedAt: now,
      revision: stored.revision + 1,
    },
    parts: { analysis: 'none', costs: 'none', extractions: 'none', transcript: 'none' },
    event: {
      restated: false,
      changes: { settlement: { from: stored.settlement, to: 'settled' } },
      lineage: { step: 'judged', requestedAt: stored.checkedAt, window: null },
    },
  };
}

/**
 * A settled call stays settled: what changes later is a restatement, read again without calling it provisional. One that
 * was given up unread is probed, and waited for no more.
 */
function keepFinal(known: KnownCall | null, decided: Settlement): Settlement {
  const before = known?.stored.settlement;
  return before === 'settled' || (before === 'expired' && decided === 'settling') ? before : decided;
}

function withSettlement(changes: Changes, known: KnownCall | null, settlement: Settlement): Changes {
  if (known === null || known.stored.settlement === settlement) return changes;
  return { ...changes, settlement: { from: known.stored.settlement, to: settlement } };
}

function toWrite(
  stored: StoredCall,
  { known, content, changes: vendorChanges }: Draft,
  changes: Changes,
  lineage: Lineage,
): CallWrite {
  return {
    stored,
    parts: partWrites(known?.stored.content ?? null, content, changes),
    event: {
      restated: known?.stored.settlement === 'settled' && Object.keys(vendorChanges).length > 0,
      changes,
      lineage,
    },
  };
}

/** Which parts of a call are written, given what its rows hold now; null when it is new. */
function partWrites(
  before: CallContent | null,
  { analysis, costs, extractions, transcript }: CallContent,
  changes: Changes,
): CallWrite['parts'] {
  const write = (part: string, had: boolean, has: boolean): PartWrite => {
    const isWritten = before === null ? has : part in changes;
    return isWritten ? (had ? 'replace' : 'first') : 'none';
  };
  const some = (rows: readonly unknown[] | null | undefined) => (rows?.length ?? 0) > 0;
  return {
    analysis: write('analysis', (before?.analysis ?? null) !== null, analysis !== null),
    costs: write('costs', some(before?.costs), some(costs)),
    extractions: write('extractions', some(before?.extractions), some(extractions)),
    transcript: write('transcript', some(before?.transcript), some(transcript)),
  };
}

function countTranscript({ reading, known, content }: Draft): number | null {
  if (reading.facts.optOut) return null;
  if (reading.transcript === undefined) return known?.stored.transcriptItemCount ?? null;
  if (content.transcript !== null) return content.transcript.length;
  return null;
}

function payloadWrites({ source }: Deciding, { call, known }: Draft, requestedAt: Instant): PayloadWrite[] {
  const kinds = Object.entries(call.hashes) as [PayloadKind, string][];
  return kinds.flatMap(([kind, hash]) => {
    const stored = known?.payloads[kind];
    const same = stored?.hash === hash && stored.normalizerVersion === source.normalizerVersion;
    // What was asked for by id counts when it was asked for, even when it says the same.
    if (same && !(kind !== 'list' && known?.queue)) return [];
    const { normalizerVersion } = source;
    const payload = call.texts[kind] ?? canonicalJson(call.payloads[kind] ?? null);
    const fetchedAt = Math.max(requestedAt, stored?.fetchedAt ?? 0);
    return [{ callId: call.callId, kind, payload, hash, fetchedAt, normalizerVersion }];
  });
}

/** Where the call stands in the queue from now on. The row is left alone while it says the same and is not due. */
function decideQueue(
  { vendorClock, source }: Deciding,
  draft: Draft,
  decision: SettlementDecision,
  settlement: Settlement,
  now: Instant,
): QueueEntry | 'leave' | 'out' {
  const { known, reading, changes } = draft;
  const before = known?.queue ?? null;
  const wasDue = before !== null && before.nextCheckAt <= now;
  const entry = (nextCheckAt: Instant, nextRead: 'list' | 'detail', awaiting: Facet[]): QueueEntry => ({
    callId: draft.call.callId,
    nextCheckAt,
    nextRead,
    awaiting,
    attempts: (before?.attempts ?? 0) + (wasDue ? 1 : 0),
    deadlineAt: vendorClock.toOurs(decision.deadlineAt),
    queuedAt: before?.queuedAt ?? now,
  });

  if (settlement === 'settled' && known?.stored.settlement === 'settled') {
    // A list row of a settled call changed: its transcript may have changed with it.
    const onlyListed = reading.transcript === undefined && source.facets.transcript !== undefined;
    const reread = onlyListed && Object.keys(changes).length > 0 && draft.content.facts.startedAt !== null;
    if (reread && !draft.content.facts.optOut) return entry(now, 'detail', ['transcript']);
    return onlyListed && before ? 'leave' : 'out';
  }
  if (decision.next === null) return 'out';
  if (settlement === 'expired') return before ? 'leave' : 'out';
  const nextAt = vendorClock.toOurs(decision.next.at);
  const timed = nextAt > now ? nextAt + CLOCK_PRECISION_MS : nextAt;
  const postponedTo = draft.hasDeadLetter ? (before?.nextCheckAt ?? timed) : timed;
  const next = entry(Math.max(timed, postponedTo), decision.next.read, decision.awaiting);
  const same =
    before !== null &&
    before.nextRead === next.nextRead &&
    before.awaiting.join() === next.awaiting.join() &&
    before.nextCheckAt <= next.nextCheckAt;
  return same && !wasDue ? 'leave' : next;
}
