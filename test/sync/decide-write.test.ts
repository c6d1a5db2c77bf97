import { describe, expect, it, test } from 'vitest';
import type { CallReading, Facet, Settlement } from '../../src/call.ts';
import { MINUTE, SECOND } from '../../src/clock.ts';
import { DEFAULT_SETTLEMENT } from '../../src/settlement/policy.ts';
import { decideAgain, decideWrite } from '../../src/sync/decide-write.ts';
import { createVendorClock } from '../../src/sync/vendor-clock.ts';
import type { KnownCall, QueueEntry, StoredCall } from '../../src/warehouse/stored-call.ts';
import { FACTS, merged, reading, says } from '../merge/readings.ts';

const END = FACTS.endedAt ?? 0;
const NOW = END + MINUTE;
const NO_FACETS: ReadonlySet<Facet> = new Set();
const LIST_ROW = { transcript: undefined } as const;

const CONTEXT = {
  source: {
    facets: { status: 'list', analysis: 'list', cost: 'list', recording: 'list', transcript: 'detail' },
    normalizerVersion: 1,
  } as unknown as Parameters<typeof decideWrite>[0]['source'],
  settings: { settlement: DEFAULT_SETTLEMENT } as Parameters<typeof decideWrite>[0]['settings'],
  vendorClock: createVendorClock(0),
  clock: { now: () => NOW + 2 * SECOND },
};

function stored(given: Partial<StoredCall> = {}, read: CallReading = reading()): StoredCall {
  return {
    callId: 'call-1',
    content: merged(null, read).content,
    transcriptItemCount: read.transcript?.length ?? null,
    occurredAt: FACTS.startedAt ?? 0,
    occurredAtBasis: 'started',
    firstSeenAt: END - 30 * SECOND,
    changedAt: END,
    checkedAt: END,
    settlement: 'settling',
    settledAt: null,
    missingSince: null,
    revision: 3,
    ...given,
  };
}

function queued(given: Partial<QueueEntry> = {}): QueueEntry {
  return {
    callId: 'call-1',
    nextCheckAt: NOW,
    attempts: 4,
    deadlineAt: END + DEFAULT_SETTLEMENT.deadlineMs,
    awaiting: ['transcript'],
    nextRead: 'detail',
    queuedAt: END - 30 * SECOND,
    ...given,
  };
}

const payload = (hash: string, fetchedAt: number) => ({ hash, fetchedAt, normalizerVersion: 1 });

/** Decides for a reading whose payloads have these hashes. */
function decide(known: KnownCall | null, read: CallReading, hashes = { list: 'l1', detail: 'd1' }) {
  const { content, changes } = merged(known?.stored.content ?? null, read);
  const told = read.transcript === undefined ? { list: hashes.list } : hashes;
  const payloads = Object.fromEntries(Object.keys(told).map((kind) => [kind, { id: 'call-1' }]));
  const call = {
    ...{ callId: 'call-1', hasId: true, payloads, hashes: told, texts: {} },
    ...{ textLength: 0, cleanedTexts: 0, listedAt: null },
  };
  return decideWrite(
    CONTEXT,
    { call, reading: read, known, content, changes, hasDeadLetter: false },
    NO_FACETS,
    { step: 'details', requestedAt: NOW, window: null },
  );
}

describe('a call that is seen for the first time', () => {
  test('complete and calm, is written whole, settled, and never queued', () => {
    const decided = decide(null, reading());
    expect(decided).toMatchObject({ queue: null, dequeue: null, becameSettled: true });
    expect(decided.write).toMatchObject({
      stored: {
        settlement: 'settled',
        settledAt: NOW + 2 * SECOND,
        revision: 1,
        checkedAt: NOW,
        transcriptItemCount: 2,
      },
      parts: { analysis: 'first', costs: 'first', extractions: 'first', transcript: 'first' },
      event: { restated: false, changes: {} },
    });
    expect(decided.payloads.map(({ kind, hash, fetchedAt }) => [kind, hash, fetchedAt])).toEqual([
      ['list', 'l1', NOW],
      ['detail', 'd1', NOW],
    ]);
  });

  test('from a list, is queued for its transcript, and only what was told is written', () => {
    const decided = decide(null, reading({ ...LIST_ROW, costs: [], extractions: null }));
    expect(decided.write).toMatchObject({
      stored: { settlement: 'settling', settledAt: null, transcriptItemCount: null },
      parts: { analysis: 'first', costs: 'none', extractions: 'none', transcript: 'none' },
    });
    expect(decided.queue).toEqual({
      callId: 'call-1',
      nextCheckAt: NOW,
      nextRead: 'detail',
      awaiting: ['transcript', 'cost'],
      attempts: 0,
      deadlineAt: END + DEFAULT_SETTLEMENT.deadlineMs,
      queuedAt: NOW + 2 * SECOND,
    });
  });

  test('open, is queued for its status', () => {
    const { queue, write } = decide(
      null,
      reading({ ...LIST_ROW, facts: { status: 'ongoing', endedAt: null } }),
    );
    expect(write?.stored.settlement).toBe('open');
    expect(queue).toMatchObject({
      awaiting: ['status'],
      nextRead: 'list',
      nextCheckAt: NOW + MINUTE + 2 * SECOND,
    });
  });
});

describe('a call that is read again', () => {
  const waiting = (): KnownCall => ({
    stored: stored(),
    queue: queued(),
    payloads: { list: payload('l1', END), detail: payload('d1', END) },
    unread: [],
  });

  test('with the same words, settles by time alone: the row changes, its parts do not', () => {
    const { write, dequeue, queue, becameSettled } = decide(waiting(), reading());
    expect(write).toMatchObject({
      stored: { settlement: 'settled', revision: 4, changedAt: NOW + 2 * SECOND },
      parts: { analysis: 'none', costs: 'none', extractions: 'none', transcript: 'none' },
      event: { restated: false, changes: { settlement: { from: 'settling', to: 'settled' } } },
    });
    expect({ dequeue, queue, becameSettled }).toEqual({
      dequeue: 'call-1',
      queue: null,
      becameSettled: true,
    });
  });

  test('notes when an awaited detail was asked for, even when it says the same', () => {
    const { payloads } = decide(waiting(), reading());
    expect(payloads.map(({ kind, fetchedAt }) => [kind, fetchedAt])).toEqual([['detail', NOW]]);
  });

  test('with nothing new and nothing due, writes nothing at all', () => {
    const lacking = reading({ analysis: null });
    const known: KnownCall = {
      stored: stored({}, lacking),
      queue: queued({ nextCheckAt: NOW + 3 * SECOND, nextRead: 'list', awaiting: ['analysis'] }),
      payloads: { list: payload('l1', NOW), detail: payload('d1', NOW) },
      unread: [],
    };
    const decided = decide(known, { ...lacking, ...LIST_ROW });
    expect(decided).toEqual({ write: null, payloads: [], queue: null, dequeue: null, becameSettled: false });
  });

  test('while due and still incomplete, moves on in the queue and counts the attempt', () => {
    const known = { ...waiting(), stored: stored({}, reading({ analysis: null })) };
    const { queue, write } = decide(known, reading({ analysis: null }));
    expect(write).toBe(null);
    expect(queue).toMatchObject({
      awaiting: ['analysis'],
      nextRead: 'list',
      attempts: 5,
      queuedAt: END - 30 * SECOND,
    });
  });

  test('writes the parts that changed, and those alone', () => {
    const { write } = decide(waiting(), reading({ transcript: [says(0, '가')], costs: null }));
    expect(write?.parts).toEqual({
      analysis: 'none',
      costs: 'replace',
      extractions: 'none',
      transcript: 'replace',
    });
    expect(write?.stored.transcriptItemCount).toBe(1);
  });

  test('is normalized again by a newer version of this program', () => {
    const known = waiting();
    const older = {
      ...known,
      queue: null,
      payloads: { list: { ...payload('l1', END), normalizerVersion: 0 } },
    };
    expect(decide(older, reading(LIST_ROW)).payloads).toMatchObject([{ kind: 'list', normalizerVersion: 1 }]);
  });
});

// Holds invariant 9.
describe('a settled call', () => {
  const settled = (given: Partial<StoredCall> = {}): KnownCall => ({
    stored: stored({ settlement: 'settled', settledAt: END + 9, ...given }),
    queue: null,
    payloads: { list: payload('l1', NOW), detail: payload('d1', NOW) },
    unread: [],
  });

  test('whose list row changes is restated, stays settled, and has its transcript looked at once more', () => {
    const changed = reading({ ...LIST_ROW, facts: { endReason: 'inactivity' } });
    const { write, queue, becameSettled } = decide(settled(), changed, { list: 'l2', detail: 'd1' });
    expect(write).toMatchObject({
      stored: { settlement: 'settled', settledAt: END + 9, revision: 4 },
      event: { restated: true, changes: { end_reason: { from: 'user_hangup', to: 'inactivity' } } },
    });
    expect(queue).toMatchObject({
      awaiting: ['transcript'],
      nextRead: 'detail',
      nextCheckAt: NOW + 2 * SECOND,
    });
    expect(becameSettled).toBe(false);
  });

  test('leaves the queue after that look', () => {
    const known = { ...settled(), queue: queued({ nextCheckAt: NOW }) };
    expect(decide(known, reading())).toMatchObject({ write: null, queue: null, dequeue: 'call-1' });
  });

  test('is not taken out of the queue by a list row that changed nothing', () => {
    const known = { ...settled(), queue: queued({ nextCheckAt: NOW }) };
    expect(decide(known, reading(LIST_ROW))).toMatchObject({ queue: null, dequeue: null });
  });

  test('that opts out has no transcript any more, and is not read again', () => {
    const gone = reading({
      ...LIST_ROW,
      analysis: null,
      extractions: null,
      facts: { optOut: true, recordingUrl: null },
    });
    const { write, queue } = decide(settled(), gone, { list: 'l2', detail: 'd1' });
    expect(write).toMatchObject({
      stored: { transcriptItemCount: null },
      parts: { transcript: 'replace', analysis: 'replace' },
    });
    expect(queue).toBe(null);
  });

  test('never becomes provisional again, though a part is withdrawn', () => {
    const { write } = decide(settled(), reading({ costs: null }), { list: 'l2', detail: 'd1' });
    expect(write?.stored).toMatchObject({ settlement: 'settled', settledAt: END + 9 });
    expect(write?.event.changes).toEqual({ costs: { retracted: true } });
  });
});

test('a call that was missing and is back says so', () => {
  const known: KnownCall = {
    stored: stored({ settlement: 'missing', missingSince: END }),
    queue: queued(),
    payloads: {},
    unread: [],
  };
  const { write } = decide(known, reading());
  expect(write?.stored).toMatchObject({ settlement: 'settled', missingSince: null });
  expect(write?.event.changes).toEqual({ settlement: { from: 'missing', to: 'settled' } });
});

describe('a stored call that is judged again without a new reading', () => {
  const lacking = reading({ analysis: null });
  const call = (settlement: Settlement, checkedAt: number): KnownCall => ({
    stored: stored({ settlement, checkedAt }, lacking),
    queue: queued(),
    payloads: { detail: payload('d1', checkedAt) },
    unread: [],
  });

  test('settles when what it awaited never comes', () => {
    const write = decideAgain(CONTEXT, call('settling', NOW), new Set(['analysis']));
    expect(write).toMatchObject({
      stored: { settlement: 'settled', settledAt: NOW + 2 * SECOND, revision: 4 },
      event: { restated: false, changes: { settlement: { from: 'settling', to: 'settled' } } },
    });
  });

  it.each<[string, KnownCall, Facet[]]>([
    ['what it awaits may still come', call('settling', NOW), []],
    ['it was last read before it was calm', call('settling', END + SECOND), ['analysis']],
  ])('stays as it is when %s', (_, known, never) => {
    expect(decideAgain(CONTEXT, known, new Set(never))).toBe(null);
  });
});
