import { describe, expect, it, test } from 'vitest';
import { rederiveCall } from '../../src/merge/rederive-call.ts';
import { known, LASTING, merged, reading, says } from './readings.ts';

type Given = Parameters<typeof reading>[0];

/** What the vendor takes back, the column that it is noted under, and what is left of it. */
const WITHDRAWN: [
  column: string,
  given: Given,
  kept: unknown,
  look: (content: ReturnType<typeof known>) => unknown,
][] = [
  [
    'transcript',
    { transcript: null },
    [says(0, '안녕하세요'), says(1, '네')],
    (content) => content.transcript,
  ],
  ['analysis', { analysis: null }, known().analysis, (content) => content.analysis],
  ['costs', { costs: null }, known().costs, (content) => content.costs],
  ['costs', { costs: [] }, known().costs, (content) => content.costs],
  ['extractions', { extractions: null }, known().extractions, (content) => content.extractions],
  ['extractions', { extractions: [] }, known().extractions, (content) => content.extractions],
  [
    'recording_url',
    { facts: { recordingUrl: null } },
    known().facts.recordingUrl,
    ({ facts }) => facts.recordingUrl,
  ],
  ['end_reason', { facts: { endReason: null } }, 'user_hangup', ({ facts }) => facts.endReason],
  ['ended_at', { facts: { endedAt: null } }, known().facts.endedAt, ({ facts }) => facts.endedAt],
  ['metadata', { facts: { metadata: null } }, { 등급: 'VIP' }, ({ facts }) => facts.metadata],
  [
    'summary',
    { analysis: { summary: null, sentiment: 'positive', details: null } },
    '예약 확정',
    ({ analysis }) => analysis?.summary,
  ],
  [
    'sentiment',
    { analysis: { summary: '예약 확정', sentiment: null, details: null } },
    'positive',
    ({ analysis }) => analysis?.sentiment,
  ],
];

// Holds invariant 15.
describe('null after a value, by default', () => {
  it.each(WITHDRAWN)('%s is kept, and noted once', (column, given, kept, look) => {
    const first = merged(known(), reading(given));
    expect(look(first.content)).toEqual(kept);
    expect(first.content.retracted).toEqual([column]);
    expect(first.changes).toEqual({ [column]: { retracted: true } });
    expect(merged(first.content, reading(given)).changes).toEqual({});
  });

  it.each(WITHDRAWN)('%s is no longer noted when its value returns', (_, given) => {
    const { content } = merged(known(), reading(given));
    expect(merged(content, reading())).toEqual({ outcome: 'merged', content: known(), changes: {} });
  });

  const parts = new Set(['transcript', 'analysis', 'costs', 'extractions']);
  it.each(WITHDRAWN.filter(([column]) => parts.has(column)))(
    '%s stays noted while a payload cannot tell',
    (column, given) => {
      const { content } = merged(known(), reading(given));
      const silent = { transcript: undefined, analysis: undefined, costs: undefined, extractions: undefined };
      expect(merged(content, reading(silent)).content.retracted).toEqual([column]);
    },
  );

  test('several fields are noted in order', () => {
    const gone = reading({ transcript: null, costs: null, facts: { variantLabel: null, agentId: null } });
    expect(merged(known(), gone).content.retracted).toEqual([
      'agent_id',
      'costs',
      'transcript',
      'variant_label',
    ]);
  });

  test('a null that was always null is not noted', () => {
    const bare = reading({ analysis: null, facts: { recordingUrl: null } });
    const { content } = merged(null, bare);
    expect(merged(content, bare)).toEqual({ outcome: 'merged', content, changes: {} });
    expect(content.retracted).toEqual([]);
  });

  test('another value after a withdrawal is a change', () => {
    const { content } = merged(known(), reading({ facts: { endReason: null } }));
    const { changes } = merged(content, reading({ facts: { endReason: 'inactivity' } }));
    expect(changes).toEqual({ end_reason: { from: 'user_hangup', to: 'inactivity' } });
  });
});

describe('null after a value, with the policy to follow', () => {
  it.each(WITHDRAWN)('%s goes, and nothing is noted as withdrawn', (column, given, kept, look) => {
    const { content, changes } = merged(known(), reading(given), 'follow');
    expect(look(content) ?? null).not.toEqual(kept);
    expect(look(content) ?? []).toEqual([]);
    expect(content.retracted).toEqual([]);
    const changed = column === 'summary' || column === 'sentiment' ? 'analysis' : column;
    expect(Object.keys(changes)).toEqual([changed]);
  });

  test('what was kept before goes at the next reading', () => {
    const kept = merged(known(), reading({ transcript: null })).content;
    const { content, changes } = merged(kept, reading({ transcript: null }), 'follow');
    expect(content).toMatchObject({ transcript: null, retracted: [] });
    expect(changes).toEqual({ transcript: { from: '2', to: null } });
  });
});

test('an empty text, as earlier versions stored it, is nothing that is withdrawn', () => {
  const before = known();
  before.facts.recordingUrl = '';
  const { content } = merged(before, reading({ facts: { recordingUrl: null } }));
  expect(content.facts.recordingUrl).toBe(null);
  expect(content.retracted).toEqual([]);
});

// Holds invariant 15.
describe('a party that opts out', () => {
  const gone = { transcript: null, analysis: null, extractions: null } as const;
  const optedOut = reading({ ...gone, facts: { optOut: true, recordingUrl: null } });

  test('has the conversation erased at once, whatever the policy', () => {
    const { content, changes } = merged(known(), optedOut, 'keep');
    expect(content).toMatchObject({ transcript: null, analysis: null, extractions: [], retracted: [] });
    expect(content.facts).toMatchObject({ optOut: true, recordingUrl: null });
    expect(changes).toEqual({
      opt_out: { from: false, to: true },
      recording_url: { changed: true },
      analysis: { from: 'told', to: null },
      extractions: { from: '1', to: null },
      transcript: { from: '2', to: null },
    });
  });

  test('has it erased by a list row too, which says nothing of the transcript', () => {
    const row = reading({ ...gone, transcript: undefined, facts: { optOut: true, recordingUrl: null } });
    expect(merged(known(), row).content.transcript).toBe(null);
  });

  test('has what was kept as withdrawn before erased as well', () => {
    const kept = merged(known(), reading({ ...gone, facts: { recordingUrl: null } })).content;
    expect(kept.retracted).toEqual(['analysis', 'extractions', 'recording_url', 'transcript']);
    expect(merged(kept, optedOut).content).toMatchObject({ transcript: null, analysis: null, retracted: [] });
  });

  test('has a summary erased that is withdrawn alone, and one that was kept as withdrawn', () => {
    const bare = { summary: null, sentiment: null, details: null };
    const emptied = merged(known(), { ...optedOut, analysis: bare }).content;
    expect(emptied).toMatchObject({ analysis: bare, retracted: [] });
    const kept = merged(known(), reading({ analysis: { ...bare, sentiment: 'positive' } })).content;
    expect(kept.retracted).toEqual(['summary']);
    const erased = merged(kept, optedOut).content;
    expect(erased).toMatchObject({ analysis: null, retracted: [] });
  });

  test('still was called, and it still cost what it cost', () => {
    const { content } = merged(known(), {
      ...optedOut,
      costs: null,
      facts: { ...optedOut.facts, endReason: null },
    });
    expect(content.costs).toEqual(known().costs);
    expect(content.facts.endReason).toBe('user_hangup');
  });
});

describe('a transcript without a word', () => {
  const silent = reading({ transcript: [] });

  test('is one that was withdrawn, where there were some: they are kept', () => {
    const { content, changes } = merged(known(), silent);
    expect(content.transcript).toEqual(known().transcript);
    expect(content.retracted).toEqual(['transcript']);
    expect(changes).toEqual({ transcript: { retracted: true } });
    // Derived again from what is stored by then, it is the same.
    expect(rederiveCall(content, silent, LASTING).changes).toEqual({});
  });

  test('erases them by the policy that follows the vendor', () => {
    expect(merged(known(), silent, 'follow').content.transcript).toEqual([]);
  });

  test('is what it is where there were none', () => {
    const first = merged(null, silent).content;
    expect(first.transcript).toEqual([]);
    expect(merged(first, silent).changes).toEqual({});
  });
});
