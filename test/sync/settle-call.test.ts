import { describe, expect, it } from 'vitest';
import type { CallFacts, Facet } from '../../src/call.ts';
import { DAY, MINUTE } from '../../src/clock.ts';
import type { CallContent } from '../../src/merge/merge-call.ts';
import { DEFAULT_SETTLEMENT } from '../../src/settlement/policy.ts';
import { type CallSighting, settleCall, whenItHappened } from '../../src/sync/settle-call.ts';
import { FACTS, known } from '../merge/readings.ts';

const START = FACTS.startedAt ?? 0;
const END = FACTS.endedAt ?? 0;
const CALM = DEFAULT_SETTLEMENT.calmMs;
const OFFERED = {
  status: 'list',
  transcript: 'detail',
  analysis: 'list',
  cost: 'list',
  recording: 'list',
} as const;

type Given = Omit<Partial<CallContent>, 'facts'> & { facts?: Partial<CallFacts> };

function content(given: Given = {}): CallContent {
  return { ...known(), ...given, facts: { ...FACTS, ...given.facts } };
}

function settle(given: Given, sighting: Partial<CallSighting> = {}) {
  const seen: CallSighting = {
    content: content(given),
    transcriptItemCount: 2,
    occurredAt: START,
    occurredAtBasis: 'started',
    firstSeenAt: START + 1_000,
    transcriptReadAt: END + CALM,
    unread: new Set(),
    now: END + MINUTE,
    ...sighting,
  };
  return settleCall(seen, OFFERED, new Set(), DEFAULT_SETTLEMENT);
}

describe('what is stored of a call decides what it awaits', () => {
  it.each<[string, Given, Partial<CallSighting>, Facet[]]>([
    ['everything is there', {}, {}, []],
    [
      'an empty transcript of a call that has a length is not believed at once',
      { transcript: [] },
      { transcriptItemCount: 0 },
      ['transcript'],
    ],
    [
      'an empty transcript is a transcript when it was read a little later',
      { transcript: [] },
      { transcriptItemCount: 0, transcriptReadAt: END + DEFAULT_SETTLEMENT.emptyPatienceMs },
      [],
    ],
    ['the transcript was not told', { transcript: null }, { transcriptItemCount: null }, ['transcript']],
    [
      'the items are stored, though they were not loaded',
      { transcript: null },
      { transcriptItemCount: 2 },
      [],
    ],
    ['the transcript was never asked for', {}, { transcriptReadAt: null }, ['transcript']],
    ['no analysis', { analysis: null }, {}, ['analysis']],
    ['no cost', { costs: [] }, {}, ['cost']],
    ['no recording', { facts: { recordingUrl: null } }, {}, ['recording']],
    ['it goes on', { facts: { status: 'ongoing', endedAt: null } }, {}, ['status']],
    [
      'nothing, but it opted out',
      { facts: { optOut: true, recordingUrl: null }, analysis: null },
      { transcriptItemCount: null },
      [],
    ],
    [
      'nothing, and it never connected',
      { facts: { startedAt: null, recordingUrl: null }, costs: [], analysis: null },
      { transcriptItemCount: null },
      [],
    ],
  ])('%s', (_, given, sighting, awaiting) => {
    expect(settle(given, sighting).awaiting).toEqual(awaiting);
  });
});

describe('the end that waits are counted from', () => {
  const { deadlineMs, stuckAfterMs } = DEFAULT_SETTLEMENT;
  it.each<[string, Partial<CallFacts>, Partial<CallSighting>, number]>([
    ['is the one that the vendor tells', {}, {}, END + deadlineMs],
    [
      'is when a connected call was first seen, where it tells none',
      { endedAt: null },
      { firstSeenAt: START + DAY },
      START + DAY + deadlineMs,
    ],
    ['is no earlier than the start', { endedAt: null }, { firstSeenAt: START - DAY }, START + deadlineMs],
    [
      'is when an unconnected call happened',
      { endedAt: null, startedAt: null },
      { occurredAt: START - 5 },
      START - 5 + deadlineMs,
    ],
    [
      'is no later than it was first seen',
      { endedAt: null, startedAt: null },
      { occurredAt: END },
      START + 1_000 + deadlineMs,
    ],
    ['of an open call is a day after its start', { status: 'ongoing' }, {}, START + stuckAfterMs],
    [
      'of a queued call is a day after its creation',
      { status: 'queued', startedAt: null, createdAt: START - 9 },
      {},
      START - 9 + stuckAfterMs,
    ],
    [
      'of a queued call without times is a day after it was seen',
      { status: 'queued', startedAt: null },
      { occurredAt: END },
      START + 1_000 + stuckAfterMs,
    ],
  ])('%s', (_, facts, sighting, deadlineAt) => {
    expect(settle({ facts }, sighting).deadlineAt).toBe(deadlineAt);
  });
});

describe('when a call happened', () => {
  const KNOWN = { occurredAt: 42, occurredAtBasis: 'listed' as const };
  it.each<
    [string, Partial<CallFacts>, number | null, typeof KNOWN | null, ReturnType<typeof whenItHappened>]
  >([
    ['is when it connected', { createdAt: 1 }, 7, KNOWN, { occurredAt: START, occurredAtBasis: 'started' }],
    [
      'else when it was created',
      { startedAt: null, createdAt: 1 },
      7,
      KNOWN,
      { occurredAt: 1, occurredAtBasis: 'created' },
    ],
    ['else when it ended', { startedAt: null }, 7, KNOWN, { occurredAt: END, occurredAtBasis: 'ended' }],
    ['else as it was estimated first', { startedAt: null, endedAt: null }, 7, KNOWN, KNOWN],
    [
      'else when its neighbours happened',
      { startedAt: null, endedAt: null },
      7,
      null,
      { occurredAt: 7, occurredAtBasis: 'listed' },
    ],
    [
      'else when it was first seen',
      { startedAt: null, endedAt: null },
      null,
      null,
      { occurredAt: 99, occurredAtBasis: 'first_seen' },
    ],
  ])('%s', (_, facts, listedAt, before, expected) => {
    expect(whenItHappened('started', content({ facts }), listedAt, before, 99)).toEqual(expected);
  });
});
