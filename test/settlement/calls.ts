import fc from 'fast-check';
import type { CallStatus, Facet, PayloadKind } from '../../src/call.ts';
import { DAY } from '../../src/clock.ts';
import {
  decideSettlement,
  type SettlementDecision,
  type SettlementInput,
} from '../../src/settlement/decide-settlement.ts';
import { DEFAULT_SETTLEMENT } from '../../src/settlement/policy.ts';

export const END = Date.parse('2026-11-20T03:00:00Z');
export const P = DEFAULT_SETTLEMENT;

export const FACETS: readonly Facet[] = ['status', 'transcript', 'analysis', 'cost', 'recording'];

/** `transcript cost` as facets; `` is none. */
function facets(words: string): Set<Facet> {
  return new Set(words.split(' ').filter((word) => word !== '') as Facet[]);
}

export interface Case {
  status?: CallStatus;
  /** Whether the call was ever connected. */
  connected?: boolean;
  optOut?: boolean;
  has?: string;
  unread?: string;
  offered?: string;
  never?: string;
  /** Milliseconds after the end at which the transcript was asked for last. */
  readAt?: number | null;
  /** Items of the transcript, where it is there. */
  items?: number;
  /** What tells the transcript, and what tells the other late facets. */
  transcriptBy?: PayloadKind;
  restBy?: PayloadKind;
}

/** Where each facet is told. */
function told(
  offered: ReadonlySet<Facet>,
  transcriptBy: PayloadKind,
  restBy: PayloadKind,
): Partial<Record<Facet, PayloadKind>> {
  const by = (facet: Facet) => (facet === 'status' ? 'list' : facet === 'transcript' ? transcriptBy : restBy);
  return Object.fromEntries([...offered].map((facet) => [facet, by(facet)]));
}

/** Decides for a call that lasted a minute, some time after its end. */
export function decideAt(sinceEndMs: number, given: Case): SettlementDecision {
  return decideSettlement(inputAt(sinceEndMs, given), P);
}

function inputAt(sinceEndMs: number, given: Case): SettlementInput {
  const { status = 'ended', connected = true, optOut = false, has = '', never = '', readAt = null } = given;
  return {
    status,
    startedAt: connected ? END - 60_000 : null,
    placed: connected,
    endedAt: END,
    beganAt: END - 60_000,
    optOut,
    present: facets(has),
    unread: facets(given.unread ?? ''),
    offered: told(
      facets(given.offered ?? FACETS.join(' ')),
      given.transcriptBy ?? 'detail',
      given.restBy ?? 'list',
    ),
    neverComing: facets(never),
    transcriptItems: has.includes('transcript') ? (given.items ?? 2) : null,
    durationMs: connected ? 60_000 : null,
    transcriptReadAt: readAt === null ? null : END + readAt,
    now: END + sinceEndMs,
  };
}

export const anyCall: fc.Arbitrary<SettlementInput> = fc
  .record({
    status: fc.constantFrom<CallStatus[]>(
      'queued',
      'ringing',
      'ongoing',
      'ended',
      'not_connected',
      'canceled',
      'failed',
      'unknown',
    ),
    connected: fc.boolean(),
    optOut: fc.boolean(),
    has: fc.subarray([...FACETS]),
    unread: fc.oneof(fc.constant([]), fc.subarray([...FACETS])),
    never: fc.subarray<Facet>(['analysis', 'cost', 'recording']),
    offered: fc.subarray([...FACETS]),
    readAt: fc.option(fc.integer({ min: -60_000, max: 4 * DAY })),
    age: fc.oneof(fc.integer({ min: -120_000, max: 20 * 60_000 }), fc.integer({ min: 0, max: 30 * DAY })),
  })
  .map(({ age, has, unread, never, offered, ...given }) =>
    inputAt(age, {
      ...given,
      has: has.join(' '),
      unread: unread.join(' '),
      never: never.join(' '),
      offered: offered.join(' '),
    }),
  );
