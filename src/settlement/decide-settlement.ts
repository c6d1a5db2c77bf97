import {
  type CallStatus,
  type Facet,
  type Instant,
  isTerminal,
  type PayloadKind,
  type Settlement,
} from '../call.ts';
import { DAY, HOUR, MINUTE } from '../clock.ts';
import type { SettlementPolicy } from './policy.ts';

/** What is known of a call when its settlement is decided. Instants are the vendor's, as is `now`. */
export interface SettlementInput {
  status: CallStatus;
  startedAt: Instant | null;
  /** Whether lists can show the call: it has the time that they are ordered by. */
  placed: boolean;
  /** When the call ended, or the best that is known of it. */
  endedAt: Instant;
  /** When the call began, or the best that is known of it. */
  beganAt: Instant;
  optOut: boolean;
  /** Facets that the vendor has told. */
  present: ReadonlySet<Facet>;
  /** Facets of which something was told that could not be read. */
  unread: ReadonlySet<Facet>;
  /** Facets that this vendor has at all, with where it tells them, and facets that calls like this one never get. */
  offered: Readonly<Partial<Record<Facet, PayloadKind>>>;
  neverComing: ReadonlySet<Facet>;
  /** Items of the transcript; null when it was not told. */
  transcriptItems: number | null;
  durationMs: number | null;
  /** When the transcript was last asked for. */
  transcriptReadAt: Instant | null;
  now: Instant;
}

export interface SettlementDecision {
  settlement: Exclude<Settlement, 'missing'>;
  /** Facets still awaited; empty when the call is settled. */
  awaiting: Facet[];
  /** When and how the call is read again; null when it is not. */
  next: { at: Instant; read: 'list' | 'detail' } | null;
  deadlineAt: Instant;
}

/**
 * Decides how final a call is, facet by facet (rule: settlement is per facet, and what never comes is not
 * waited for). Pure: the same facts always give the same answer, whatever the order of the reads before.
 */
export function decideSettlement(call: SettlementInput, policy: SettlementPolicy): SettlementDecision {
  return isTerminal(call.status) ? decideEnded(call, policy) : decideOpen(call, policy);
}

function decideOpen(call: SettlementInput, policy: SettlementPolicy): SettlementDecision {
  const { now } = call;
  const deadlineAt = call.beganAt + policy.stuckAfterMs;
  const stuck = now >= deadlineAt;
  const waitMs = stuck ? clamp((now - call.beganAt) / 2, 6 * HOUR, 7 * DAY) : policy.openRecheckMs;
  return {
    settlement: stuck ? 'stuck' : 'open',
    awaiting: ['status'],
    // A call without a place in lists can only be asked for itself.
    next: { at: now + waitMs, read: call.placed ? 'list' : 'detail' },
    deadlineAt,
  };
}

function decideEnded(call: SettlementInput, policy: SettlementPolicy): SettlementDecision {
  const { now, endedAt } = call;
  const deadlineAt = endedAt + policy.deadlineMs;
  const awaiting = awaitedFacets(call, policy);
  if (awaiting.length === 0) return { settlement: 'settled', awaiting, next: null, deadlineAt };

  const transcriptTried = !awaiting.includes('transcript') || readInCalm(call, policy);
  const statusTried = !awaiting.includes('status') || call.unread.has('status');
  if (now >= deadlineAt && transcriptTried && statusTried) {
    return { settlement: 'expired', awaiting, next: null, deadlineAt };
  }
  return { settlement: 'settling', awaiting, next: nextRead(call, awaiting, policy), deadlineAt };
}

/** Which facets of a call that has ended are neither there nor known never to come. */
function awaitedFacets(call: SettlementInput, policy: SettlementPolicy): Facet[] {
  const { now, endedAt, present, offered, neverComing } = call;
  // A call that never connected has only its status; one calm look at it is enough, by id where lists leave things out.
  if (neverConnected(call)) {
    const isSeen = offered.status === 'list' ? now >= endedAt + policy.calmMs : readInCalm(call, policy);
    const isKept = (facet: Facet) => facet === 'cost' || facet === 'status' || !call.optOut;
    const unread = [...call.unread].filter(
      (facet) => isKept(facet) && (facet === 'status' || offered[facet] !== undefined),
    );
    return unread.length > 0 || isSeen ? unread : ['status'];
  }

  const isUnread = (facet: Facet) => call.unread.has(facet);
  const expected = (facet: Facet) =>
    offered[facet] !== undefined &&
    (isUnread(facet) || !neverComing.has(facet)) &&
    (facet === 'cost' || !call.optOut);
  const awaiting: Facet[] = [];
  if (expected('transcript') && !isTranscriptFinal(call, policy)) awaiting.push('transcript');
  const failedForGood = call.status !== 'ended' && now >= endedAt + policy.failedPatienceMs;
  const lacks = (facet: Facet, isGivenUp: boolean) =>
    expected(facet) && (isUnread(facet) || (!present.has(facet) && !isGivenUp));
  if (lacks('analysis', failedForGood)) awaiting.push('analysis');
  if (lacks('cost', failedForGood)) awaiting.push('cost');
  if (lacks('recording', now >= endedAt + policy.recordingPatienceMs)) awaiting.push('recording');
  const isEarly = awaiting.length === 0 && now < endedAt + policy.calmMs;
  if (isEarly || isUnread('status')) awaiting.push('status');
  return awaiting;
}

/** A call whose start, or whose transcript, is there and cannot be read has connected. */
function neverConnected({ startedAt, unread }: SettlementInput): boolean {
  return startedAt === null && !unread.has('transcript');
}

/**
 * A transcript is believed when it was read in the calm; one without a word of a call that has a length, a little later
 * still; and that there is none at all, of a call that broke off or has no length.
 */
function isTranscriptFinal(call: SettlementInput, policy: SettlementPolicy): boolean {
  const { transcriptItems, transcriptReadAt, endedAt, durationMs, status } = call;
  if (call.unread.has('transcript')) return false;
  const readAfter = (patienceMs: number) =>
    transcriptReadAt !== null && transcriptReadAt >= endedAt + patienceMs;
  if (call.present.has('transcript')) {
    const isEmpty = transcriptItems === 0 && (durationMs ?? 0) > 0;
    return readAfter(isEmpty ? policy.emptyPatienceMs : policy.calmMs);
  }
  return (status !== 'ended' || durationMs === 0) && readAfter(policy.noTranscriptPatienceMs);
}

/**
 * A list tells of many calls at the price of one detail: what lists tell is learnt from them, and the detail is asked for
 * the transcript alone, as soon as that is final.
 */
function nextRead(
  call: SettlementInput,
  awaiting: Facet[],
  policy: SettlementPolicy,
): { at: Instant; read: 'list' | 'detail' } {
  const { now, endedAt, offered } = call;
  const age = now - endedAt;
  const recheckAfterMs = clamp(age / 2, policy.recheckMinMs, policy.recheckMaxMs);
  const listAt = inCompany(now, recheckAfterMs);
  // What only the call itself tells is asked for ever more rarely: each look costs a whole request.
  const askAt = now + clamp(age, policy.unseenPatienceMs, policy.recheckMaxMs);
  const unseen = awaiting.some((facet) => facet !== 'transcript' && toldByCall(call, facet));
  if (!awaiting.includes('transcript')) {
    const isUnread = awaiting.some((facet) => call.unread.has(facet));
    if (neverConnected(call) && offered.status !== 'list' && !isUnread) {
      return { at: Math.max(now, endedAt + policy.calmMs), read: 'detail' };
    }
    return unseen
      ? { at: askAt, read: 'detail' }
      : { at: Math.max(listAt, endedAt + policy.calmMs), read: 'list' };
  }
  if (readInCalm(call, policy)) {
    // An empty transcript is looked at once more when it may be believed, and not at every step until then.
    const believedAt = call.present.has('transcript') ? endedAt + policy.emptyPatienceMs : now;
    return { at: Math.max(unseen ? askAt : now + recheckAfterMs, believedAt), read: 'detail' };
  }

  // What lists tell comes by list, however late: the transcript does not wait for it.
  const readyAt = endedAt + (unseen ? policy.unseenPatienceMs : policy.calmMs);
  return { at: Math.max(now, readyAt), read: 'detail' };
}

/** Whether only a request for the call tells of a facet. */
function toldByCall({ offered }: SettlementInput, facet: Facet): boolean {
  return facet !== 'status' && offered[facet] !== 'list';
}

function readInCalm(call: SettlementInput, policy: SettlementPolicy): boolean {
  return call.transcriptReadAt !== null && call.transcriptReadAt >= call.endedAt + policy.calmMs;
}

/**
 * About `afterMs` from now, at an instant that calls of about the same age have in common: the page of a list that one of
 * them needs shows its neighbours for nothing.
 */
function inCompany(now: Instant, afterMs: number): Instant {
  const stepMs = MINUTE * 2 ** Math.floor(Math.log2(afterMs / MINUTE));
  return afterMs < MINUTE ? now + afterMs : Math.floor((now + 1.5 * afterMs) / stepMs) * stepMs;
}

function clamp(value: number, min: number, max: number): number {
  return Math.round(Math.min(max, Math.max(min, value)));
}
