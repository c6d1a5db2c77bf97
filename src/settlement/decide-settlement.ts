import { type CallStatus, type Facet, type Instant, isTerminal, type Settlement } from '../call.ts';
import { DAY, HOUR } from '../clock.ts';
import type { SettlementPolicy } from './policy.ts';

/** What is known of a call when its settlement is decided. Instants are the vendor's, as is `now`. */
export interface SettlementInput {
  status: CallStatus;
  startedAt: Instant | null;
  /** When the call ended, or the best that is known of it. */
  endedAt: Instant;
  /** When the call began, or the best that is known of it. */
  beganAt: Instant;
  optOut: boolean;
  /** Facets that the vendor has told. */
  present: ReadonlySet<Facet>;
  /** Facets that this vendor has at all, and facets that calls like this one never get. */
  offered: ReadonlySet<Facet>;
  neverComing: ReadonlySet<Facet>;
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
    // A list row has no place in time before the call is connected: only the call itself can be asked then.
    next: { at: now + waitMs, read: call.startedAt === null ? 'detail' : 'list' },
    deadlineAt,
  };
}

function decideEnded(call: SettlementInput, policy: SettlementPolicy): SettlementDecision {
  const { now, endedAt } = call;
  const deadlineAt = endedAt + policy.deadlineMs;
  const awaiting = awaitedFacets(call, policy);
  if (awaiting.length === 0) return { settlement: 'settled', awaiting, next: null, deadlineAt };

  const transcriptTried = !awaiting.includes('transcript') || readInCalm(call, policy);
  if (now >= deadlineAt && transcriptTried && !awaiting.includes('status')) {
    return { settlement: 'expired', awaiting, next: null, deadlineAt };
  }
  return { settlement: 'settling', awaiting, next: nextRead(call, awaiting, policy), deadlineAt };
}

/** Which facets of a call that has ended are neither there nor known never to come. */
function awaitedFacets(call: SettlementInput, policy: SettlementPolicy): Facet[] {
  const { now, endedAt, present, offered, neverComing } = call;
  // A call that never connected has only its status; one calm look at it is enough.
  if (call.startedAt === null) return now >= endedAt + policy.calmMs ? [] : ['status'];

  const expected = (facet: Facet) =>
    offered.has(facet) && !neverComing.has(facet) && (facet === 'cost' || !call.optOut);
  const awaiting: Facet[] = [];
  if (expected('transcript') && !(present.has('transcript') && readInCalm(call, policy))) {
    awaiting.push('transcript');
  }
  const failedForGood = call.status !== 'ended' && now >= endedAt + policy.failedPatienceMs;
  if (expected('analysis') && !present.has('analysis') && !failedForGood) awaiting.push('analysis');
  if (expected('cost') && !present.has('cost') && !failedForGood) awaiting.push('cost');
  if (expected('recording') && !present.has('recording') && now < endedAt + policy.recordingPatienceMs) {
    awaiting.push('recording');
  }
  if (awaiting.length === 0 && now < endedAt + policy.calmMs) awaiting.push('status');
  return awaiting;
}

/** A list tells of a hundred calls at the price of one detail: the detail is asked for when it can be the last. */
function nextRead(
  call: SettlementInput,
  awaiting: Facet[],
  policy: SettlementPolicy,
): { at: Instant; read: 'list' | 'detail' } {
  const { now, endedAt } = call;
  const recheckAt = now + clamp((now - endedAt) / 2, policy.recheckMinMs, policy.recheckMaxMs);
  if (!awaiting.includes('transcript')) {
    return { at: Math.max(recheckAt, endedAt + policy.calmMs), read: 'list' };
  }
  if (readInCalm(call, policy)) return { at: recheckAt, read: 'detail' };

  const onlyTranscript = awaiting.length === 1;
  const readyAt = endedAt + (onlyTranscript ? policy.calmMs : policy.detailPatienceMs);
  if (now >= readyAt) return { at: now, read: 'detail' };
  return onlyTranscript || readyAt <= recheckAt
    ? { at: readyAt, read: 'detail' }
    : { at: recheckAt, read: 'list' };
}

function readInCalm(call: SettlementInput, policy: SettlementPolicy): boolean {
  return call.transcriptReadAt !== null && call.transcriptReadAt >= call.endedAt + policy.calmMs;
}

function clamp(value: number, min: number, max: number): number {
  return Math.round(Math.min(max, Math.max(min, value)));
}
