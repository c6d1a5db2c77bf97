import { describe, expect, it, test } from 'vitest';
import type { CallReading, Facet, ToldFacts } from '../../../src/call.ts';
import { type Json, type JsonObject, parseJson } from '../../../src/json.ts';
import { normalizeVoxCall } from '../../../src/sources/vox/normalize.ts';
import { detailWith, readRowWith, readWith, refusedAt } from './fixtures.ts';

const START = 1_795_143_600_000;
const LONG = '가'.repeat(201);

describe('a call needs a usable id', () => {
  it.each(['null', '""', '" "', '"\\t\\n"', '5', 'true', '[]', '{}', undefined])('not %s', (id) => {
    expect(refusedAt(() => readWith({ id }))).toBe('id');
    expect(refusedAt(() => readRowWith({ id }))).toBe('id');
  });

  test('of two hundred characters at most', () => {
    expect(refusedAt(() => readWith({ id: `"${LONG}"` }))).toBe('id');
    expect(readWith({ id: `"${LONG.slice(1)}"` }).callId).toBe(LONG.slice(1));
  });

  it.each([
    ['3F0B6C1E-8F3D-4C55-9A51-0C7F3A1D2B44', '3f0b6c1e-8f3d-4c55-9a51-0c7f3a1d2b44'],
    ['Call-7', 'Call-7'],
    ['3F0B6C1E', '3F0B6C1E'],
    ['통화 1', '통화 1'],
  ])('%s is one', (id, callId) => {
    expect(readWith({ id: JSON.stringify(id) })).toMatchObject({ callId, unread: [] });
  });

  test('and no more', () => {
    expect(normalizeVoxCall({ list: { id: 'a' } })).toEqual({
      callId: 'a',
      facts: {
        agentId: null,
        agentVersion: null,
        agentName: null,
        callType: null,
        channel: 'unknown',
        direction: 'unknown',
        status: 'unknown',
        vendorStatus: null,
        endReason: null,
        fromNumber: null,
        toNumber: null,
        presentationNumber: null,
        fromE164: null,
        toE164: null,
        createdAt: null,
        startedAt: null,
        endedAt: null,
        durationMs: null,
        recordingUrl: null,
        variantLabel: null,
        optOut: false,
        testCall: false,
        contactId: null,
        phoneId: null,
        metadata: null,
        variables: null,
      },
      analysis: null,
      costs: null,
      extractions: null,
      transcript: undefined,
      unread: [],
      drift: [],
    });
  });
});

/** What a call loses when a field cannot be read. All the rest of it is as it was. */
type Loss = Partial<Omit<CallReading, 'facts'>> & { facts?: Partial<ToldFacts> };

/** What stands at a path of a record. */
function valueAt(record: JsonObject, path: string): Json {
  return path.split('.').reduce<Json>((value, name) => (value as JsonObject)[name] ?? null, record);
}

const AGENT = '7b0d9a52-64a1-4a7e-9f0e-2c7a5f1be001';
const NO_AGENT: Loss = { facts: { agentId: null, agentVersion: null } };
const NO_STATUS: Loss = { facts: { status: undefined, vendorStatus: undefined } };
const NO_TYPE: Loss = { facts: { callType: null, channel: 'unknown', direction: 'unknown' } };
/** Without a start no turn has its place. */
const OF_START: Facet = 'transcript';
const NO_START: Loss = { facts: { startedAt: null, durationMs: null } };
const NO_END: Loss = { facts: { endedAt: null, durationMs: null } };
const NO_ANALYSIS: Loss = { analysis: null, extractions: null };
const POSITIVE = { summary: null, sentiment: 'positive', details: null };

function expectLoss(
  field: string,
  json: string,
  path: string,
  facet: Facet | null,
  { facts, ...parts }: Loss,
): void {
  const before = readRowWith({});
  const value = valueAt(detailWith({ [field]: json }), path);
  const told = { path, reason: expect.any(String), value, facet };
  expect(readRowWith({ [field]: json })).toEqual({
    ...before,
    ...parts,
    facts: { ...before.facts, ...facts },
    unread: [{ ...told, kind: 'list' }],
  });
  expect(readWith({ [field]: json }).unread).toEqual([{ ...told, kind: 'detail' }]);
}

describe('a field that cannot be read is null and told, and the rest of the call is read', () => {
  it.each<[field: string, json: string, path: string, facet: Facet | null, loss: Loss]>([
    ['agent', '"a"', 'agent', null, NO_AGENT],
    ['agent', '[]', 'agent', null, NO_AGENT],
    ['agent', '5', 'agent', null, NO_AGENT],
    ['agent', '1.50', 'agent', null, NO_AGENT],
    ['agent', '{"agent_id":5,"agent_version":"v262"}', 'agent.agent_id', null, { facts: { agentId: null } }],
    [
      'agent',
      `{"agent_id":"${AGENT}","agent_version":262}`,
      'agent.agent_version',
      null,
      { facts: { agentVersion: null } },
    ],
    ['status', '1', 'status', 'status', NO_STATUS],
    ['status', '["ended"]', 'status', 'status', NO_STATUS],
    ['call_type', 'true', 'call_type', null, NO_TYPE],
    ['from_number', '1012345678', 'from_number', null, { facts: { fromNumber: null, fromE164: null } }],
    ['to_number', '{}', 'to_number', null, { facts: { toNumber: null, toE164: null } }],
    ['presentation_number', '15881234', 'presentation_number', null, { facts: { presentationNumber: null } }],
    ['disconnection_reason', '{}', 'disconnection_reason', null, { facts: { endReason: null } }],
    ['start_at', '"soon"', 'start_at', OF_START, NO_START],
    ['start_at', '{}', 'start_at', OF_START, NO_START],
    ['end_at', 'true', 'end_at', 'status', NO_END],
    ['end_at', '[1795143661234]', 'end_at', 'status', NO_END],
    ['recording_url', '[]', 'recording_url', 'recording', { facts: { recordingUrl: null } }],
    ['recording_url', '5', 'recording_url', 'recording', { facts: { recordingUrl: null } }],
    ['variant_label', '5', 'variant_label', null, { facts: { variantLabel: null } }],
    ['metadata', '[]', 'metadata', null, { facts: { metadata: null } }],
    ['metadata', '"{}"', 'metadata', null, { facts: { metadata: null } }],
    ['metadata', '5', 'metadata', null, { facts: { metadata: null } }],
    ['metadata', '0.10', 'metadata', null, { facts: { metadata: null } }],
    ['dynamic_variables', '"x"', 'dynamic_variables', null, { facts: { variables: null } }],
    ['call_analysis', '"x"', 'call_analysis', 'analysis', NO_ANALYSIS],
    ['call_analysis', '5', 'call_analysis', 'analysis', NO_ANALYSIS],
    ['call_analysis', '[]', 'call_analysis', 'analysis', NO_ANALYSIS],
    [
      'call_analysis',
      '{"summary":5,"user_sentiment":"positive"}',
      'call_analysis.summary',
      'analysis',
      { analysis: POSITIVE, extractions: null },
    ],
    ['call_analysis', '{"summary":5}', 'call_analysis.summary', 'analysis', NO_ANALYSIS],
    [
      'call_analysis',
      '{"summary":"요약","user_sentiment":{}}',
      'call_analysis.user_sentiment',
      'analysis',
      { analysis: { summary: '요약', sentiment: null, details: null }, extractions: null },
    ],
    [
      'call_analysis',
      '{"custom_analysis_data":{},"user_sentiment":"positive"}',
      'call_analysis.custom_analysis_data',
      'analysis',
      { analysis: POSITIVE, extractions: null },
    ],
    [
      'call_analysis',
      '{"custom_analysis_data":5}',
      'call_analysis.custom_analysis_data',
      'analysis',
      NO_ANALYSIS,
    ],
    ['call_cost', '200', 'call_cost', 'cost', { costs: null }],
    ['call_cost', '{"total_cost":"₩200"}', 'call_cost.total_cost', 'cost', { costs: null }],
    [
      'opt_out_sensitive_data_storage',
      '"yes"',
      'opt_out_sensitive_data_storage',
      null,
      { facts: { optOut: undefined } },
    ],
    [
      'opt_out_sensitive_data_storage',
      '1',
      'opt_out_sensitive_data_storage',
      null,
      { facts: { optOut: undefined } },
    ],
  ])('%s = %s', expectLoss);

  it.each<[what: string, field: string, json: string, path: string, facet: Facet | null, loss: Loss]>([
    ['a status', 'status', `"${LONG}"`, 'status', 'status', NO_STATUS],
    ['a type', 'call_type', `"${LONG}"`, 'call_type', null, NO_TYPE],
    [
      'a reason',
      'disconnection_reason',
      `"${LONG}"`,
      'disconnection_reason',
      null,
      { facts: { endReason: null } },
    ],
    ['a variant', 'variant_label', `"${LONG}"`, 'variant_label', null, { facts: { variantLabel: null } }],
    [
      'an id',
      'agent',
      `{"agent_id":"${LONG}","agent_version":"v262"}`,
      'agent.agent_id',
      null,
      { facts: { agentId: null } },
    ],
    [
      'a version',
      'agent',
      `{"agent_id":"${AGENT}","agent_version":"${LONG}"}`,
      'agent.agent_version',
      null,
      { facts: { agentVersion: null } },
    ],
    [
      'a sentiment',
      'call_analysis',
      `{"summary":"요약","user_sentiment":"${LONG}"}`,
      'call_analysis.user_sentiment',
      'analysis',
      { analysis: { summary: '요약', sentiment: null, details: null }, extractions: null },
    ],
  ])('%s of more than two hundred characters', (_, ...row) => expectLoss(...row));

  it.each(['{}', '"x"', '5', 'true', '0.10'])('a transcript that is %s is no list', (json) => {
    const { transcript: _, ...whole } = readWith({});
    const value = parseJson(json);
    expect(readWith({ transcript: json })).toEqual({
      ...whole,
      transcript: null,
      unread: [
        { kind: 'detail', path: 'transcript', reason: expect.any(String), value, facet: 'transcript' },
      ],
    });
  });

  test('several of them are told each by itself', () => {
    const fields = {
      agent: '{"agent_id":5,"agent_version":[]}',
      status: '{}',
      call_analysis: '{"summary":5,"user_sentiment":[],"custom_analysis_data":7}',
      call_cost: '{"total_cost":true}',
    };
    const { callId, facts, unread, drift } = readWith(fields);
    expect(callId).toBe('3f0b6c1e-8f3d-4c55-9a51-0c7f3a1d2b44');
    expect(facts).toMatchObject({ startedAt: START, endReason: 'user_hangup' });
    expect(unread.map(({ path, value, facet }) => [path, value, facet])).toEqual([
      ['agent.agent_id', 5, null],
      ['agent.agent_version', [], null],
      ['status', {}, 'status'],
      ['call_analysis.summary', 5, 'analysis'],
      ['call_analysis.user_sentiment', [], 'analysis'],
      ['call_analysis.custom_analysis_data', 7, 'analysis'],
      ['call_cost.total_cost', true, 'cost'],
    ]);
    expect(drift).toEqual([]);
  });

  test('a start that cannot be read leaves the talk its instants, without offsets', () => {
    const { transcript, unread } = readWith({ start_at: '"soon"' });
    const before = readWith({}).transcript ?? [];
    expect(transcript).toEqual(before.map((item) => ({ ...item, offsetMs: null })));
    expect(unread).toMatchObject([{ kind: 'detail', path: 'start_at', facet: OF_START }]);
  });
});

describe('the same value in other spellings is the same', () => {
  const cost = (json: string) => `{"total_cost":${json}}`;
  it.each<[field: string, spellings: string[]]>([
    [
      'start_at',
      [
        '1795143600',
        '1795143600000.0',
        '1.7951436e12',
        '"1795143600000"',
        '" 1795143600000 "',
        '"1795143600"',
        '"2026-11-20T03:00:00Z"',
        '"2026-11-20T12:00:00+09:00"',
        '"2026-11-20T12:00:00.000+0900"',
        '" 2026-11-20T03:00:00.000Z\\n"',
        '"2026-11-20T03:00:00"',
        '"2026-11-20 03:00"',
      ],
    ],
    ['end_at', ['"1795143661234"', '1.795143661234e12', '"2026-11-20T03:01:01.234Z"']],
    ['call_cost', ['200.00', '" 200.00 "', '2.0000e2', '"2.0000E+2"', '"0200.00"'].map(cost)],
    ['opt_out_sensitive_data_storage', ['"false"', 'null']],
    ['id', ['"3F0B6C1E-8F3D-4C55-9A51-0C7F3A1D2B44"']],
  ])('%s: %j', (field, spellings) => {
    const whole = readWith({});
    for (const json of spellings) expect(readWith({ [field]: json }), json).toEqual(whole);
  });

  test('an opt-out may be told as text', () => {
    const { facts, unread } = readWith({ opt_out_sensitive_data_storage: '"true"' });
    expect(facts.optOut).toBe(true);
    expect(unread).toEqual([]);
  });
});

describe('a field that is missing or null reads as null', () => {
  it.each([
    ['agent', 'agentId', null],
    ['call_type', 'callType', null],
    ['status', 'vendorStatus', null],
    ['status', 'status', 'unknown'],
    ['from_number', 'fromNumber', null],
    ['from_number', 'fromE164', null],
    ['to_number', 'toE164', null],
    ['presentation_number', 'presentationNumber', null],
    ['disconnection_reason', 'endReason', null],
    ['start_at', 'startedAt', null],
    ['end_at', 'endedAt', null],
    ['start_at', 'durationMs', null],
    ['end_at', 'durationMs', null],
    ['recording_url', 'recordingUrl', null],
    ['metadata', 'metadata', null],
    ['dynamic_variables', 'variables', null],
    ['variant_label', 'variantLabel', null],
    ['opt_out_sensitive_data_storage', 'optOut', false],
  ] as const)('%s: %s', (name, fact, expected) => {
    for (const json of ['null', undefined]) {
      const { facts, unread, drift } = readWith({ [name]: json });
      expect(facts[fact]).toBe(expected);
      expect(unread).toEqual([]);
      expect(drift).toEqual([]);
    }
  });

  it.each([
    ['call_analysis', { analysis: null, extractions: null }],
    ['call_cost', { costs: null }],
    ['transcript', { transcript: null }],
  ])('%s', (name, parts) => {
    for (const json of ['null', undefined]) {
      expect(readWith({ [name]: json })).toMatchObject({ ...parts, unread: [], drift: [] });
    }
  });
});

describe('an empty text says nothing, as null does', () => {
  it.each([...Object.keys(detailWith({ id: undefined }))])('in %s', (field) => {
    expect(readWith({ [field]: '""' })).toEqual(readWith({ [field]: 'null' }));
  });

  it.each([
    ['agent', 'agent_id'],
    ['agent', 'agent_version'],
    ['call_analysis', 'summary'],
    ['call_analysis', 'user_sentiment'],
    ['call_analysis', 'custom_analysis_data'],
    ['call_cost', 'total_cost'],
  ])('in %s.%s', (field, name) => {
    const [empty, none] = ['""', 'null'].map((json) => readWith({ [field]: `{"${name}":${json}}` }));
    expect(empty).toEqual(none);
  });
});

describe('words', () => {
  it.each([
    ['queued', 'queued'],
    ['registered', 'queued'],
    ['ringing', 'ringing'],
    ['ongoing', 'ongoing'],
    ['ended', 'ended'],
    ['error', 'failed'],
    ['canceled', 'canceled'],
    ['not_connected', 'not_connected'],
  ])('the status %s is %s for all vendors', (word, status) => {
    const { facts, drift } = readWith({ status: JSON.stringify(word) });
    expect(facts).toMatchObject({ status, vendorStatus: word });
    expect(drift).toEqual([]);
  });

  it.each([
    ['web', 'web', 'inbound'],
    ['phone', 'phone', 'unknown'],
    ['inbound', 'phone', 'inbound'],
    ['outbound', 'phone', 'outbound'],
    ['api', 'phone', 'outbound'],
  ])('the call type %s is %s, %s', (word, channel, direction) => {
    const { facts, drift } = readWith({ call_type: JSON.stringify(word) });
    expect(facts).toMatchObject({ callType: word, channel, direction });
    expect(drift).toEqual([]);
  });

  it.each([
    ['status', 'Ended', { status: 'unknown', vendorStatus: 'Ended' }],
    ['status', '보류중', { status: 'unknown', vendorStatus: '보류중' }],
    ['status', 'constructor', { status: 'unknown', vendorStatus: 'constructor' }],
    ['call_type', 'unit_test', { callType: 'unit_test', channel: 'unknown', direction: 'unknown' }],
    ['call_type', '__proto__', { callType: '__proto__', channel: 'unknown', direction: 'unknown' }],
    ['disconnection_reason', 'solar_flare', { endReason: 'solar_flare' }],
  ])('a new one in %s (%s) is stored as it is, and told', (field, word, facts) => {
    const reading = readWith({ [field]: JSON.stringify(word) });
    expect(reading.facts).toMatchObject(facts);
    expect(reading.drift).toEqual([{ kind: 'unknown_value', path: field, value: word }]);
  });

  test('a new sentiment is stored as it is, and told in no more than a hundred letters', () => {
    const word = '매우 긍정'.repeat(40);
    const reading = readWith({ call_analysis: JSON.stringify({ user_sentiment: word }) });
    expect(reading.analysis?.sentiment).toBe(word);
    expect(reading.drift).toEqual([
      { kind: 'unknown_value', path: 'call_analysis.user_sentiment', value: word.slice(0, 100) },
    ]);
  });

  test('one of more than two hundred letters is none, and no drift', () => {
    const word = '매우 긍정'.repeat(50);
    const reading = readWith({ call_analysis: JSON.stringify({ user_sentiment: word }) });
    expect(reading.analysis).toBe(null);
    expect(reading.unread).toMatchObject([{ path: 'call_analysis.user_sentiment', value: word }]);
    expect(reading.drift).toEqual([]);
  });
});

test('fields that are not known are told by their path, without their value', () => {
  const { drift, unread } = readWith({
    created_at: '1795143600000',
    agent: '{"agent_id":"a","agent_version":"v1","region":"kr"}',
    call_cost: '{"total_cost":"1","tax":"0.1"}',
    call_analysis: '{"custom_analysis_data":[{"name":"a","type":"string","value":"b","score":1}]}',
  });
  expect(drift).toEqual(
    ['created_at', 'agent.region', 'call_cost.tax', 'call_analysis.custom_analysis_data.score'].map(
      (path) => ({
        kind: 'unknown_field',
        path,
        value: '',
      }),
    ),
  );
  expect(unread).toEqual([]);
});

describe('times', () => {
  it.each([
    '1795143600000.5',
    '1795143600.5',
    '17951436000',
    '179514360000',
    '-1',
    '0',
    '1420070399999',
    '1420070399',
    '4102444800000',
    '4102444800',
    '9007199254740991',
    '1e400',
    '1e300',
    'true',
    '[]',
    '{}',
    '" "',
    '"soon"',
    '"2026-11-20"',
    '"1,795,143,600,000"',
  ])('that cannot be true, or have to be guessed, are null and told: %s', (json) => {
    const value = parseJson(json);
    const [start, end] = [readWith({ start_at: json }), readWith({ end_at: json })];
    expect(start.facts).toMatchObject({ startedAt: null, endedAt: START + 61_234, durationMs: null });
    expect(start.unread).toMatchObject([{ path: 'start_at', value, facet: OF_START }]);
    expect(end.facts).toMatchObject({ startedAt: START, endedAt: null, durationMs: null });
    expect(end.unread).toMatchObject([{ path: 'end_at', value, facet: 'status' }]);
  });

  it.each([
    ['1420070400000', '4102444799999', 2_682_374_399_999],
    ['1795143600000', '1795143600000', 0],
    ['1795143600001', '1795143600000', null],
  ])('from %s to %s last %j ms', (start_at, end_at, durationMs) => {
    const { facts } = readWith({ start_at, end_at, transcript: '[]' });
    expect(facts).toMatchObject({ startedAt: Number(start_at), endedAt: Number(end_at), durationMs });
  });

  it.each([
    ['1420070400', 1_420_070_400_000],
    ['4102444799', 4_102_444_799_000],
    ['"2026-11-20T03:00:00.5Z"', START + 500],
    ['"2026-11-20T03:00:00.123456Z"', START + 123],
    ['"2026-11-20T03:00:00-04"', START + 4 * 3_600_000],
  ])('%s is one', (start_at, startedAt) => {
    const { facts, unread, drift } = readWith({ start_at, transcript: '[]' });
    expect(facts.startedAt).toBe(startedAt);
    expect(unread).toEqual([]);
    expect(drift).toEqual([]);
  });
});

test('a call that is opted out says so, and has no conversation', () => {
  const reading = readWith({
    opt_out_sensitive_data_storage: 'true',
    transcript: 'null',
    recording_url: 'null',
    call_analysis: 'null',
  });
  expect(reading.facts).toMatchObject({ optOut: true, recordingUrl: null });
  expect(reading).toMatchObject({ analysis: null, extractions: null, transcript: null });
  expect(reading.costs).toEqual([{ component: 'total', amount: '200.00', currency: 'KRW' }]);
});
