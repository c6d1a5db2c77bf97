import type { Facet, Instant } from '../call.ts';
import type { CallContent } from '../merge/merge-call.ts';
import { decideSettlement, type SettlementDecision } from '../settlement/decide-settlement.ts';
import type { SettlementPolicy } from '../settlement/policy.ts';
import type { Source } from '../source.ts';
import type { OccurredAtBasis } from '../warehouse/stored-call.ts';

/** What the decision needs of a call besides its content. Instants on the vendor's clock. */
export interface CallSighting {
  content: CallContent;
  transcriptItemCount: number | null;
  occurredAt: Instant;
  occurredAtBasis: OccurredAtBasis;
  firstSeenAt: Instant;
  transcriptReadAt: Instant | null;
  /** Facets of which something was told that could not be read. */
  unread: ReadonlySet<Facet>;
  now: Instant;
}

/** Decides how final a call is from what is stored of it. */
export function settleCall(
  call: CallSighting,
  offered: Source['facets'],
  neverComing: ReadonlySet<Facet>,
  policy: SettlementPolicy,
): SettlementDecision {
  const { facts } = call.content;
  return decideSettlement(
    {
      status: facts.status,
      startedAt: facts.startedAt,
      placed: PLACED.has(call.occurredAtBasis),
      endedAt: endOf(call),
      beganAt: facts.startedAt ?? facts.createdAt ?? Math.min(call.occurredAt, call.firstSeenAt),
      optOut: facts.optOut,
      present: presentFacets(call),
      unread: call.unread,
      offered,
      neverComing,
      transcriptItems: call.transcriptItemCount,
      durationMs: facts.durationMs,
      transcriptReadAt: call.transcriptReadAt,
      now: call.now,
    },
    policy,
  );
}

/** Bases of `occurred_at` by which a list places a call. The others are guesses of ours. */
const PLACED: ReadonlySet<OccurredAtBasis> = new Set(['started', 'created']);

/** One instant for every call: the best that is known of when it happened, first of all what its list goes by. */
export function whenItHappened(
  placedBy: Source['placedBy'],
  content: CallContent,
  listedAt: Instant | null,
  known: { occurredAt: Instant; occurredAtBasis: OccurredAtBasis } | null,
  firstSeenAt: Instant,
): { occurredAt: Instant; occurredAtBasis: OccurredAtBasis } {
  const { startedAt, createdAt, endedAt } = content.facts;
  if (placedBy === 'created' && createdAt !== null) {
    return { occurredAt: createdAt, occurredAtBasis: 'created' };
  }
  if (startedAt !== null) return { occurredAt: startedAt, occurredAtBasis: 'started' };
  if (createdAt !== null) return { occurredAt: createdAt, occurredAtBasis: 'created' };
  if (endedAt !== null) return { occurredAt: endedAt, occurredAtBasis: 'ended' };
  // An estimate is made once: the neighbours of a record differ from list to list.
  if (known !== null) return { occurredAt: known.occurredAt, occurredAtBasis: known.occurredAtBasis };
  if (listedAt !== null) return { occurredAt: listedAt, occurredAtBasis: 'listed' };
  return { occurredAt: firstSeenAt, occurredAtBasis: 'first_seen' };
}

/** A vendor may leave the end out: then a call that never connected ended when it happened. */
function endOf({ content, occurredAt, firstSeenAt }: CallSighting): Instant {
  const { endedAt, startedAt } = content.facts;
  if (endedAt !== null) return endedAt;
  return startedAt === null ? Math.min(occurredAt, firstSeenAt) : Math.max(startedAt, firstSeenAt);
}

function presentFacets({ content, transcriptItemCount }: CallSighting): Set<Facet> {
  const present = new Set<Facet>();
  if (transcriptItemCount !== null) present.add('transcript');
  if (content.analysis !== null) present.add('analysis');
  if (content.costs.length > 0) present.add('cost');
  if (content.facts.recordingUrl !== null) present.add('recording');
  return present;
}
