import type { Facet, Instant, PayloadKind, Settlement } from '../call.ts';
import type { CallContent } from '../merge/merge-call.ts';
import type { TimeWindow } from '../source.ts';

/** Where `occurred_at` comes from, best first. */
export type OccurredAtBasis = 'started' | 'created' | 'ended' | 'listed' | 'first_seen';

/** A call as it stands in the warehouse: what the vendor told, and what we noted of it. Instants on our clock. */
export interface StoredCall {
  callId: string;
  content: CallContent;
  /** Null when the transcript was not told; the items themselves are in `content` only where they were loaded. */
  transcriptItemCount: number | null;
  occurredAt: Instant;
  occurredAtBasis: OccurredAtBasis;
  firstSeenAt: Instant;
  changedAt: Instant;
  /** When the reading was asked for that the stored values come from. */
  checkedAt: Instant;
  settlement: Settlement;
  settledAt: Instant | null;
  missingSince: Instant | null;
  revision: number;
}

/** A place in the queue of calls that are not final. Instants on our clock. */
export interface QueueEntry {
  callId: string;
  nextCheckAt: Instant;
  attempts: number;
  deadlineAt: Instant;
  awaiting: Facet[];
  nextRead: 'list' | 'detail';
  queuedAt: Instant;
}

/** A stored payload without its content. */
interface StoredPayload {
  hash: string;
  fetchedAt: Instant;
  normalizerVersion: number;
}

/** All that is known of a call before a reading is merged in. */
export interface KnownCall {
  stored: StoredCall;
  queue: QueueEntry | null;
  payloads: Partial<Record<PayloadKind, StoredPayload>>;
  /** Fields that are set aside, by the kind of payload that they stand in. */
  unread: readonly { kind: PayloadKind; facet: Facet | null }[];
}

/** What brought a change: kept with it, so that it can be told years later where a value comes from. */
export interface Lineage {
  /** Part of the work: `live`, `details`, `replay` … */
  step: string;
  requestedAt: Instant;
  /** The window that was listed; null when the call was asked for by id. */
  window: TimeWindow | null;
}
