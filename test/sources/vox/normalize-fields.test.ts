import { describe, expect, it, test } from 'vitest';
import { readWith, refusedAt } from './fixtures.ts';

describe('a field of the wrong type sets the record aside, at its path', () => {
  it.each([
    ['id', 'null', 'id'],
    ['id', '""', 'id'],
    ['id', '5', 'id'],
    ['id', undefined, 'id'],
    ['agent', '"a"', 'agent'],
    ['agent', '[]', 'agent'],
    ['agent', '5', 'agent'],
    ['agent', '{"agent_id":5}', 'agent.agent_id'],
    ['status', '1', 'status'],
    ['status', '["ended"]', 'status'],
    ['call_type', 'true', 'call_type'],
    ['from_number', '1012345678', 'from_number'],
    ['to_number', '{}', 'to_number'],
    ['presentation_number', '15881234', 'presentation_number'],
    ['disconnection_reason', '{}', 'disconnection_reason'],
    ['recording_url', '[]', 'recording_url'],
    ['variant_label', '5', 'variant_label'],
    ['metadata', '[]', 'metadata'],
    ['metadata', '"{}"', 'metadata'],
    ['metadata', '5', 'metadata'],
    ['dynamic_variables', '"x"', 'dynamic_variables'],
    ['call_analysis', '"x"', 'call_analysis'],
    ['call_analysis', '5', 'call_analysis'],
    ['call_analysis', '{"summary":5}', 'call_analysis.summary'],
    ['call_analysis', '{"custom_analysis_data":{}}', 'call_analysis.custom_analysis_data'],
    ['call_analysis', '{"custom_analysis_data":5}', 'call_analysis.custom_analysis_data'],
    ['opt_out_sensitive_data_storage', '"true"', 'opt_out_sensitive_data_storage'],
    ['opt_out_sensitive_data_storage', '1', 'opt_out_sensitive_data_storage'],
    ['transcript', '{}', 'transcript'],
    ['transcript', '"x"', 'transcript'],
  ])('%s = %s', (name, json, path) => {
    expect(refusedAt(() => readWith({ [name]: json }).facts)).toBe(path);
  });
});

describe('a field that is missing or null reads as null', () => {
  it.each([
    ['agent', 'agentId', null],
    ['call_type', 'callType', null],
    ['status', 'vendorStatus', null],
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
      const { facts, drift } = readWith({ [name]: json });
      expect(facts[fact]).toBe(expected);
      expect(drift).toEqual([]);
    }
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
    const word = '매우 긍정'.repeat(50);
    const reading = readWith({ call_analysis: JSON.stringify({ user_sentiment: word }) });
    expect(reading.analysis?.sentiment).toBe(word);
    expect(reading.drift).toEqual([
      { kind: 'unknown_value', path: 'call_analysis.user_sentiment', value: word.slice(0, 100) },
    ]);
  });
});

test('fields that are not known are told by their path, without their value', () => {
  const { drift } = readWith({
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
});

describe('times', () => {
  it.each([
    '1795143600',
    '1795143600000.5',
    '1.7951436e12',
    '"1795143600000"',
    '-1',
    '0',
    '4102444800000',
    '9007199254740991',
    '1e400',
    'true',
    '"2026-11-20T03:00:00Z"',
  ])('that cannot be unix milliseconds are refused, not guessed: %s', (json) => {
    expect(refusedAt(() => readWith({ start_at: json }).facts)).toBe('start_at');
    expect(refusedAt(() => readWith({ end_at: json }).facts)).toBe('end_at');
  });

  it.each([
    ['1420070400000', '4102444799999', 2_682_374_399_999],
    ['1795143600000', '1795143600000', 0],
    ['1795143600001', '1795143600000', null],
  ])('from %s to %s last %j ms', (start_at, end_at, durationMs) => {
    const { facts } = readWith({ start_at, end_at, transcript: '[]' });
    expect(facts).toMatchObject({ startedAt: Number(start_at), endedAt: Number(end_at), durationMs });
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
