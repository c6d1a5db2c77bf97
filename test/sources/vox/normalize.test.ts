import { describe, expect, it, test } from 'vitest';
import { type JsonObject, parseJson } from '../../../src/json.ts';
import { normalizeVoxCall } from '../../../src/sources/vox/normalize.ts';
import { detail, readWith, refusedAt } from './fixtures.ts';

const START = 1_795_143_600_000;

test('every field of a call has its place', () => {
  const { transcript, ...reading } = normalizeVoxCall({ detail: detail() });
  expect(transcript).toHaveLength(6);
  expect(reading).toEqual({
    callId: '3f0b6c1e-8f3d-4c55-9a51-0c7f3a1d2b44',
    facts: {
      agentId: '7b0d9a52-64a1-4a7e-9f0e-2c7a5f1be001',
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
      endedAt: START + 61_234,
      durationMs: 61_234,
      recordingUrl: 'https://recordings.invalid/3f0b6c1e.wav',
      variantLabel: '실험군-B',
      optOut: false,
      testCall: false,
      contactId: null,
      phoneId: null,
      metadata: parseJson('{"고객등급":"VIP","seq":12345678901234567890,"ratio":0.10}'),
      variables: { customerName: '김민준', 'order-id': 'A-1009', payload: '{"항목":[1,2]}' },
    },
    analysis: {
      summary: '고객이 12월 3일 오후 2시 진료 예약을 요청했고, 예약이 확정되었습니다.',
      sentiment: 'positive',
      details: null,
    },
    costs: [{ component: 'total', amount: '200.00', currency: 'KRW' }],
    extractions: expect.any(Array),
    unread: [],
    drift: [],
  });
});

test('a list row says nothing of the transcript; a detail without one says that there is none', () => {
  const { transcript: _, ...row } = detail();
  expect(normalizeVoxCall({ list: row }).transcript).toBe(undefined);
  expect(normalizeVoxCall({ list: row, detail: row }).transcript).toBe(null);
  expect(readWith({ transcript: 'null' }).transcript).toBe(null);
  expect(readWith({ transcript: '[]' }).transcript).toEqual([]);
});

test('the list payload decides, where both are there', () => {
  const { transcript: _, ...row } = detail();
  const list = { ...row, status: 'error' };
  expect(normalizeVoxCall({ list, detail: detail() })).toMatchObject({ facts: { status: 'failed' } });
});

describe('values that an extraction may have', () => {
  it.each([
    [0, '예약일', 'string', '"2026-12-03"', '2026-12-03'],
    [1, '진료과', 'enum', '"내과"', '내과'],
    [2, '재진', 'boolean', 'false', 'false'],
    [3, '만족도', 'number', '4.50', '4.50'],
    [4, '비고점수', 'number', 'null', null],
    [5, '주소', 'object', '{"시":"서울","동":"역삼동"}', '{"동":"역삼동","시":"서울"}'],
    [6, '증상', 'list', '["두통","발열"]', '["두통","발열"]'],
  ])('number %i, %s of type %s: %s', (position, name, type, json, valueText) => {
    const extraction = normalizeVoxCall({ detail: detail() }).extractions?.[position];
    expect(extraction).toEqual({
      origin: 'analysis',
      position,
      name,
      type,
      value: parseJson(json),
      valueText,
    });
  });

  it.each([
    ['"서울"', { name: null, type: null, value: '서울', valueText: '서울' }],
    ['{"name":5,"type":[],"value":"x"}', { name: null, type: null, value: 'x', valueText: 'x' }],
    ['{"name":"빈 값"}', { name: '빈 값', type: null, value: null, valueText: null }],
    ['null', { name: null, type: null, value: null, valueText: null }],
  ])('an item of another shape is kept: %s', (item, expected) => {
    const reading = readWith({ call_analysis: `{"custom_analysis_data":[${item}]}` });
    expect(reading.extractions).toEqual([{ origin: 'analysis', position: 0, ...expected }]);
  });

  it.each([
    ['null', null],
    ['{"summary":"요약"}', null],
    ['{"custom_analysis_data":null}', null],
    ['{"custom_analysis_data":[]}', []],
  ])('call_analysis %s has the extractions %j', (json, extractions) => {
    expect(readWith({ call_analysis: json }).extractions).toEqual(extractions);
  });
});

test('fields of an analysis that are not known are kept as details, and told', () => {
  const { analysis, drift } = readWith({ call_analysis: '{"summary":null,"evaluation":{"score":9.0}}' });
  expect(analysis).toEqual({
    summary: null,
    sentiment: null,
    details: parseJson('{"evaluation":{"score":9.0}}'),
  });
  expect(drift).toEqual([{ kind: 'unknown_field', path: 'call_analysis.evaluation', value: '' }]);
});

describe('an analysis', () => {
  it.each([
    '{}',
    '{"summary":null}',
    '{"summary":"","user_sentiment":null}',
    '{"summary":null,"user_sentiment":null,"custom_analysis_data":null}',
    '{"custom_analysis_data":[]}',
  ])('in which nothing stands is none: %s', (json) => {
    expect(readWith({ call_analysis: json })).toMatchObject({ analysis: null, unread: [], drift: [] });
  });

  it.each([
    ['{"summary":"요약"}', { summary: '요약', sentiment: null, details: null }],
    ['{"user_sentiment":"neutral"}', { summary: null, sentiment: 'neutral', details: null }],
    ['{"custom_analysis_data":[null]}', { summary: null, sentiment: null, details: null }],
    ['{"score":0}', { summary: null, sentiment: null, details: { score: 0 } }],
  ])('in which something stands is one: %s', (json, analysis) => {
    expect(readWith({ call_analysis: json }).analysis).toEqual(analysis);
  });
});

const NINES = '9'.repeat(100);
const ONES = '1'.repeat(100);

describe('money is read to the digit, or it is null and told', () => {
  it.each([
    ['"200.00"', '200.00'],
    ['" 200.00 "', '200.00'],
    ['"0"', '0'],
    ['"-12.50"', '-12.50'],
    ['"-0.00"', '0.00'],
    ['200.10', '200.10'],
    ['1e3', '1000'],
    ['"1e3"', '1000'],
    ['"1.25E+2"', '125'],
    ['125e-4', '0.0125'],
    ['"007.50"', '7.50'],
    ['1234567890123456789.10', '1234567890123456789.10'],
    [`"${'9'.repeat(31)}"`, '9'.repeat(31)],
    [`"${'9'.repeat(30)}.${'1'.repeat(30)}"`, `${'9'.repeat(30)}.${'1'.repeat(30)}`],
    [`"-${NINES}.${ONES}"`, `-${NINES}.${ONES}`],
    [`${NINES}.${ONES}`, `${NINES}.${ONES}`],
    ['1e99', `1${'0'.repeat(99)}`],
    ['1e-100', `0.${'0'.repeat(99)}1`],
  ])('%s', (json, amount) => {
    const { costs, unread } = readWith({ call_cost: `{"total_cost":${json}}` });
    expect(costs).toEqual([{ component: 'total', amount, currency: 'KRW' }]);
    expect(unread).toEqual([]);
  });

  it.each([
    '" "',
    '"abc"',
    '"1,000"',
    '"1,234.50"',
    '"1.234,50"',
    '"1_000"',
    '"1 000"',
    '"₩200"',
    '"200원"',
    '"200."',
    '".5"',
    '"+5"',
    '"--5"',
    '"0x10"',
    '"NaN"',
    '"Infinity"',
    '"1e"',
    `"9${NINES}"`,
    `"0.1${ONES}"`,
    '1e100',
    '1e-101',
    '1e1000000',
    'true',
    '[]',
    '{}',
    '["200.00"]',
  ])('not %s', (json) => {
    const reading = readWith({ call_cost: `{"total_cost":${json}}` });
    expect(reading).toEqual({
      ...readWith({ call_cost: 'null' }),
      unread: [
        {
          kind: 'detail',
          path: 'call_cost.total_cost',
          reason: 'is not a decimal number',
          value: parseJson(json),
          facet: 'cost',
        },
      ],
    });
  });

  it.each(['200', '"200.00"', '[]', 'true', '200.10'])(
    'not a cost that is %s instead of an object',
    (json) => {
      const { costs, unread } = readWith({ call_cost: json });
      expect(costs).toBe(null);
      expect(unread).toMatchObject([{ path: 'call_cost', value: parseJson(json), facet: 'cost' }]);
    },
  );

  it.each(['null', '{}', '{"total_cost":null}', '{"total_cost":""}', '{"total_credits_used":5}', undefined])(
    '%s is no cost yet',
    (json) => {
      expect(readWith({ call_cost: json })).toMatchObject({ costs: null, unread: [] });
    },
  );
});

describe('what is told of a field', () => {
  test('is why, without its value, and beside it its value as it was sent', () => {
    expect(readWith({ call_cost: '{"total_cost":"01012345678원"}' }).unread).toEqual([
      {
        kind: 'detail',
        path: 'call_cost.total_cost',
        reason: 'is not a decimal number',
        value: '01012345678원',
        facet: 'cost',
      },
    ]);
  });

  test('is told once, by the payload that it was read from', () => {
    const { transcript: _, ...list }: JsonObject = { ...detail(), status: 5 };
    const told = { path: 'status', value: 5, facet: 'status' };
    expect(normalizeVoxCall({ list, detail: { ...detail(), status: 5 } }).unread).toMatchObject([
      { ...told, kind: 'list' },
    ]);
    expect(normalizeVoxCall({ list, detail: { ...detail(), transcript: 5 } }).unread).toMatchObject([
      { ...told, kind: 'list' },
      { path: 'transcript', value: 5, facet: 'transcript', kind: 'detail' },
    ]);
  });
});

describe('what has no id is refused', () => {
  it.each([{}, { list: 'x' }, { list: null, detail: 'x' }, { list: [] }, { detail: 5 }, { detail: {} }])(
    'as %j',
    (payloads) => {
      expect(refusedAt(() => normalizeVoxCall(payloads))).toBe('id');
    },
  );

  test('also where only the other payload has one', () => {
    expect(refusedAt(() => normalizeVoxCall({ list: {}, detail: detail() }))).toBe('id');
  });
});
