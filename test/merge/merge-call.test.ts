import fc from 'fast-check';
import { describe, expect, it, test } from 'vitest';
import { type CallFacts, type CallReading, type CallStatus, isTerminal } from '../../src/call.ts';
import { canonicalJson, type Json, parseJson } from '../../src/json.ts';
import { mergeCall, sameValue } from '../../src/merge/merge-call.ts';
import { anyReading, known, LASTING, merged, reading, says } from './readings.ts';

describe('the first reading', () => {
  test('is what is known, and no change', () => {
    const { drift: _, callId: __, unread: ___, ...told } = reading();
    expect(merged(null, reading())).toEqual({
      outcome: 'merged',
      content: { ...told, retracted: [] },
      changes: {},
    });
  });

  test('of a call whose status and opt-out cannot be read knows neither', () => {
    const { content } = merged(null, reading({ facts: { status: undefined, optOut: undefined } }));
    expect(content.facts).toMatchObject({ status: 'unknown', optOut: false });
  });

  test('leaves out what its payload cannot tell', () => {
    const row = reading({
      analysis: undefined,
      costs: undefined,
      extractions: undefined,
      transcript: undefined,
    });
    expect(merged(null, row).content).toMatchObject({
      analysis: null,
      costs: [],
      extractions: [],
      transcript: null,
    });
  });

  test('of a call that is opted out has no transcript, even if the vendor sends one', () => {
    expect(merged(null, reading({ facts: { optOut: true } })).content.transcript).toBe(null);
  });
});

test('an equal reading changes nothing', () => {
  expect(merged(known(), reading())).toEqual({ outcome: 'merged', content: known(), changes: {} });
});

test('a list row, which cannot tell of the transcript, leaves it alone', () => {
  const { content, changes } = merged(
    known(),
    reading({ transcript: undefined, costs: undefined, analysis: undefined }),
  );
  expect(content).toEqual(known());
  expect(changes).toEqual({});
});

describe('a change is told by the name of its column', () => {
  it.each<[string, Parameters<typeof reading>[0], Json]>([
    [
      'a word',
      { facts: { endReason: 'inactivity' } },
      { end_reason: { from: 'user_hangup', to: 'inactivity' } },
    ],
    [
      'an instant',
      { facts: { endedAt: Date.parse('2026-11-20T03:02:00Z') } },
      { ended_at: { from: '2026-11-20T03:01:00.000Z', to: '2026-11-20T03:02:00.000Z' } },
    ],
    ['a length', { facts: { durationMs: 61_000 } }, { duration_ms: { from: 60_000, to: 61_000 } }],
    ['a first value', { facts: { agentName: '상담' } }, { agent_name: { from: null, to: '상담' } }],
    [
      'a cost',
      { costs: [{ component: 'total', amount: '250.00', currency: 'KRW' }] },
      { costs: { from: ['total 200.00 KRW'], to: ['total 250.00 KRW'] } },
    ],
    ['a transcript, by its length', { transcript: [says(0, '가')] }, { transcript: { from: '2', to: '1' } }],
    [
      'a transcript of the same length',
      { transcript: [says(0, '가'), says(1, '나')] },
      { transcript: { from: '2', to: '2' } },
    ],
    ['an emptied transcript', { transcript: [] }, { transcript: { retracted: true } }],
    [
      'an analysis',
      { analysis: { summary: '다른 요약', sentiment: 'positive', details: null } },
      { analysis: { from: 'told', to: 'told' } },
    ],
  ])('%s', (_, given, changes) => {
    expect(merged(known(), reading(given)).changes).toEqual(changes);
  });

  it.each([
    ['fromNumber', 'from_number', '01099998888'],
    ['toNumber', 'to_number', '01099998888'],
    ['presentationNumber', 'presentation_number', '01099998888'],
    ['fromE164', 'from_e164', '+821099998888'],
    ['toE164', 'to_e164', '+821099998888'],
    ['recordingUrl', 'recording_url', 'https://other.invalid/secret'],
    ['contactId', 'contact_id', 'contact-2'],
    ['metadata', 'metadata', { 이름: '이서연' }],
    ['variables', 'variables', { 이름: '이서연' }],
  ] as const)('%s is personal: that it changed is told, never what it was or is', (field, column, value) => {
    const { content, changes } = merged(
      known(),
      reading({ facts: { [field]: value } as Partial<CallFacts> }),
    );
    expect(changes).toEqual({ [column]: { changed: true } });
    expect(content.facts[field]).toEqual(value);
  });

  // Holds invariant 19.
  test('what people said and what was written of them is never in a change', () => {
    const { changes } = merged(
      known(),
      reading({
        transcript: [says(0, '제 주민번호는 비밀')],
        analysis: { summary: '비밀 요약', sentiment: null, details: { 메모: '비밀' } },
        extractions: [
          { origin: 'analysis', position: 0, name: 'a', type: null, value: '비밀', valueText: '비밀' },
        ],
      }),
    );
    expect(new Set(Object.keys(changes))).toEqual(
      new Set(['sentiment', 'analysis', 'extractions', 'transcript']),
    );
    expect(JSON.stringify(changes)).not.toMatch(/비밀|안녕|예약|12\/3/);
  });
});

// Holds invariant 7.
describe('a status', () => {
  const terminal: CallStatus[] = ['ended', 'not_connected', 'canceled', 'failed'];
  const open: CallStatus[] = ['queued', 'ringing', 'ongoing', 'unknown'];
  const pairs = (from: CallStatus[], to: CallStatus[]) => from.flatMap((a) => to.map((b) => [a, b] as const));
  const knownAs = (status: CallStatus) => merged(null, reading({ facts: { status } })).content;

  it.each(pairs(terminal, open))('that is terminal never regresses: %s → %s', (from, to) => {
    expect([isTerminal(from), isTerminal(to)]).toEqual([true, false]);
    expect(mergeCall(knownAs(from), reading({ facts: { status: to } }), 'follow', LASTING)).toEqual({
      outcome: 'stale',
      drift: { kind: 'status_regressed', path: 'status', value: `${from} → ${to}` },
    });
  });

  test('that cannot be read, and an opt-out that cannot, leave what is known as it is', () => {
    const ended = merged(null, reading({ facts: { optOut: true } })).content;
    const told = reading({ facts: { status: undefined, vendorStatus: undefined, optOut: undefined } });
    const { content, changes } = merged(ended, { ...told, transcript: undefined });
    expect(content.facts).toEqual(ended.facts);
    expect(changes).not.toHaveProperty('status');
  });

  it.each([...pairs(terminal, terminal), ...pairs(open, [...open, ...terminal])])(
    'may go from %s to %s',
    (from, to) => {
      const { content, changes } = merged(knownAs(from), reading({ facts: { status: to } }));
      expect(content.facts.status).toBe(to);
      expect(changes).toEqual(from === to ? {} : { status: { from, to } });
    },
  );
});

test('merging a reading a second time changes nothing, whatever came before and whatever the policy', () => {
  const policy = fc.constantFrom('keep' as const, 'follow' as const);
  fc.assert(
    fc.property(fc.array(anyReading, { maxLength: 4 }), anyReading, policy, (before, last, on) => {
      let content = null;
      for (const read of before) {
        const result = mergeCall(content, read, on, LASTING);
        if (result.outcome === 'merged') content = result.content;
      }
      const once = mergeCall(content, last, on, LASTING);
      if (once.outcome === 'stale') return;
      expect(merged(once.content, last, on)).toEqual({
        outcome: 'merged',
        content: once.content,
        changes: {},
      });
    }),
    { numRuns: 500 },
  );
});

test('a merge touches neither what was known nor the reading', () => {
  fc.assert(
    fc.property(anyReading, anyReading, (first, second) => {
      const content = merged(null, first).content;
      const before = structuredClone([content, second]);
      mergeCall(content, second, 'keep', LASTING);
      expect([content, second]).toEqual(before);
    }),
  );
});

describe('values are equal', () => {
  it.each([
    ['{"a":1,"b":2}', '{"b":2,"a":1}', true],
    ['1.10', '1.10', true],
    ['1.10', '1.1', false],
    ['{"a":null}', '{}', false],
    ['null', 'null', true],
    ['[1,2]', '[2,1]', false],
  ])('%s and %s: %s', (a, b, equal) => {
    expect(sameValue(parseJson(a), parseJson(b))).toBe(equal);
  });

  it('as if both were spelled in the one way', () => {
    // Few keys and few values, so that many pairs are equal, or nearly.
    const { value } = fc.letrec((tie) => ({
      value: fc.oneof(
        { maxDepth: 3 },
        fc.constantFrom<unknown>(null, true, 1, 1.5, '1', 'a', {}, []),
        fc.array(tie('value'), { maxLength: 2 }),
        fc.dictionary(fc.constantFrom('a', 'b'), tie('value'), { maxKeys: 2 }),
      ),
    }));
    let equal = 0;
    fc.assert(
      fc.property(value, value, (a, b) => {
        const isEqual = canonicalJson(a as Json) === canonicalJson(b as Json);
        if (isEqual) equal += 1;
        expect(sameValue(a, b)).toBe(isEqual);
      }),
      { numRuns: 1_000 },
    );
    expect(equal).toBeGreaterThan(20);
  });

  it.each([
    ['1e-7', '0.0000001'],
    ['1e21', '1000000000000000000000'],
    ['1.5E+2', '150'],
    ['-0', '0'],
  ])('when PostgreSQL gives %s back as %s: it has no exponents', (sent, stored) => {
    const before = merged(null, reading({ facts: { metadata: { n: parseJson(stored) } } })).content;
    const again: CallReading = reading({ facts: { metadata: { n: parseJson(sent) } } });
    expect(canonicalJson(parseJson(sent))).not.toBe(canonicalJson(parseJson(stored)));
    expect(merged(before, again).changes).toEqual({});
  });
});
