import fc from 'fast-check';
import type { CallFacts, CallReading, ToldFacts, TranscriptItem } from '../../src/call.ts';
import type { CallContent, Merged, RetractionPolicy } from '../../src/merge/merge-call.ts';
import { mergeCall } from '../../src/merge/merge-call.ts';

const START = Date.parse('2026-11-20T03:00:00Z');

export const FACTS: CallFacts = {
  agentId: 'agent-1',
  agentVersion: 'v262',
  agentName: null,
  callType: 'inbound',
  channel: 'phone',
  direction: 'inbound',
  status: 'ended',
  vendorStatus: 'ended',
  endReason: 'user_hangup',
  fromNumber: '01012345678',
  toNumber: '07011112222',
  presentationNumber: '15881234',
  fromE164: '+821012345678',
  toE164: '+827011112222',
  createdAt: null,
  startedAt: START,
  endedAt: START + 60_000,
  durationMs: 60_000,
  recordingUrl: 'https://recordings.invalid/1.wav',
  variantLabel: 'B',
  optOut: false,
  testCall: false,
  contactId: 'contact-1',
  phoneId: null,
  metadata: { 등급: 'VIP' },
  variables: { name: '김민준' },
};

export function says(position: number, content: string): TranscriptItem {
  return {
    position,
    role: 'agent',
    vendorRole: 'agent',
    kind: 'speech',
    content,
    startedAt: START + position * 1_000,
    endedAt: null,
    offsetMs: position * 1_000,
    toolCallId: null,
    toolName: null,
    arguments: null,
    result: null,
    toolStatus: null,
    durationMs: null,
  };
}

/** A reading of a call that has ended and has everything, but for what a test says. */
export function reading(
  given: Partial<Omit<CallReading, 'facts'>> & { facts?: Partial<ToldFacts> } = {},
): CallReading {
  return {
    callId: 'call-1',
    analysis: { summary: '예약 확정', sentiment: 'positive', details: null },
    costs: [{ component: 'total', amount: '200.00', currency: 'KRW' }],
    extractions: [
      { origin: 'analysis', position: 0, name: '예약일', type: 'string', value: '12/3', valueText: '12/3' },
    ],
    transcript: [says(0, '안녕하세요'), says(1, '네')],
    unread: [],
    drift: [],
    ...given,
    facts: { ...FACTS, ...given.facts },
  };
}

/** No link of these calls is signed anew at each reading. */
export const LASTING: ReadonlySet<string> = new Set();

/** Merges, where nothing may be stale. */
export function merged(
  known: CallContent | null,
  read: CallReading,
  policy: RetractionPolicy = 'keep',
): Extract<Merged, { outcome: 'merged' }> {
  const result = mergeCall(known, read, policy, LASTING);
  if (result.outcome === 'stale') throw new Error(`the reading was stale: ${result.drift.value}`);
  return result;
}

/** What is known after one full reading. */
export const known = (): CallContent => merged(null, reading()).content;

const maybe = <T>(value: T) => fc.constantFrom<(T | null)[]>(value, null);

/** Any reading: every part told, withdrawn, or not in this kind of payload. */
export const anyReading: fc.Arbitrary<CallReading> = fc
  .record({
    facts: fc.record({
      status: fc.constantFrom<CallFacts['status'][]>('ended', 'failed', 'ongoing', 'unknown'),
      optOut: fc.boolean(),
      endReason: fc.constantFrom('user_hangup', 'inactivity', null),
      recordingUrl: maybe('https://recordings.invalid/1.wav'),
      endedAt: fc.constantFrom(START + 60_000, START + 61_000, null),
      metadata: maybe<CallFacts['metadata']>({ 등급: 'VIP' }),
      fromNumber: maybe('01012345678'),
    }),
    analysis: fc.option(
      fc.option(
        fc.record({ summary: maybe('요약'), sentiment: maybe('neutral'), details: fc.constant(null) }),
      ),
      { nil: undefined },
    ),
    costs: fc.constantFrom<CallReading['costs'][]>(
      undefined,
      null,
      [],
      [{ component: 'total', amount: '1', currency: 'KRW' }],
    ),
    extractions: fc.constantFrom<CallReading['extractions'][]>(undefined, null, [], reading().extractions),
    transcript: fc.constantFrom<CallReading['transcript'][]>(
      undefined,
      null,
      [],
      [says(0, '가')],
      [says(0, '가'), says(1, '나')],
    ),
  })
  .map((given) => reading(given));
