import { describe, expect, it, test } from 'vitest';
import { parseJson } from '../../../src/json.ts';
import { normalizeVoicyCall } from '../../../src/sources/voicy/normalize.ts';
import { detail, ID, readWith, row, START } from './fixtures.ts';

const LIGHT = {
  agentId: undefined,
  agentVersion: '7',
  agentName: 'נועה – קביעת תורים',
  callType: 'phone_call',
  channel: 'phone',
  direction: 'outbound',
  status: 'ended',
  vendorStatus: 'user_hangup',
  endReason: 'user_hangup',
  fromNumber: '+97239990000',
  toNumber: '+972522345678',
  presentationNumber: null,
  fromE164: '+97239990000',
  toE164: '+972522345678',
  createdAt: START,
  startedAt: START,
  endedAt: START + 61_234,
  durationMs: 61_234,
  variantLabel: null,
  optOut: false,
  contactId: null,
  phoneId: null,
  metadata: null,
};

test('every field of a whole call has its place', () => {
  const { transcript, extractions, ...reading } = normalizeVoicyCall({ list: row(), detail: detail() });
  expect(transcript).toHaveLength(5);
  expect(extractions).toHaveLength(5);
  expect(reading).toEqual({
    callId: ID,
    facts: {
      ...LIGHT,
      recordingUrl: 'https://storage.invalid/recordings/b81c2f0e.mp3',
      testCall: undefined,
      variables: parseJson('{"customer_name":"דנה","attempt":2,"tags":["vip"]}'),
    },
    analysis: {
      summary: 'נקבע תור ליום חמישי בשעה 14:00.',
      sentiment: null,
      details: { detected_gender: 'female' },
    },
    costs: null,
    unread: [],
    drift: [],
  });
});

test('a row of the list cannot tell the rest', () => {
  expect(normalizeVoicyCall({ list: row() })).toEqual({
    callId: ID,
    facts: { ...LIGHT, recordingUrl: undefined, testCall: false, variables: undefined },
    analysis: undefined,
    costs: undefined,
    extractions: undefined,
    transcript: undefined,
    unread: [],
    drift: [],
  });
});

test('a whole call without the rest says that there is none', () => {
  const reading = normalizeVoicyCall({ detail: row() });
  expect(reading).toMatchObject({ analysis: null, costs: null, extractions: null, transcript: null });
  expect(reading.facts).toMatchObject({ recordingUrl: null, variables: null });
});

test('the row decides how a call stands, where both are there', () => {
  const { facts, analysis } = normalizeVoicyCall({
    list: { ...row(), call_status: 'error' },
    detail: detail(),
  });
  expect(facts.status).toBe('failed');
  expect(analysis?.summary).toBe('נקבע תור ליום חמישי בשעה 14:00.');
});

describe('a status', () => {
  it.each([
    ['initiated', 'queued', 'no', false],
    ['ringing', 'ringing', 'no', false],
    ['ongoing', 'ongoing', 'yes', false],
    ['in_progress', 'ongoing', 'yes', false],
    ['user_hangup', 'ended', 'yes', true],
    ['agent_hangup', 'ended', 'yes', true],
    ['inactivity', 'ended', 'yes', true],
    ['error_inactivity', 'ended', 'yes', true],
    ['ended', 'ended', 'yes', true],
    ['busy', 'not_connected', 'no', true],
    ['no_answer', 'not_connected', 'no', true],
    ['error', 'failed', 'if heard', true],
    ['canceled', 'canceled', 'if heard', true],
  ] as const)('%s is %s for all vendors', (word, status, connected, terminal) => {
    const call_status = JSON.stringify(word);
    const expected = { status, vendorStatus: word, endReason: terminal ? word : null, createdAt: START };
    const start = connected === 'no' ? null : START;
    const { facts, drift } = readWith({ call_status, duration_ms: '900' });
    expect(facts).toMatchObject({
      ...expected,
      startedAt: start,
      endedAt: start !== null && terminal ? START + 900 : null,
      durationMs: start === null ? null : 900,
    });
    expect(drift).toEqual([]);

    // Nothing was said in it, or only a row of the list is known.
    const silent = connected === 'if heard' ? undefined : start;
    expect(readWith({ call_status, transcript: '[]', duration_ms: 'null' }).facts).toMatchObject({
      ...expected,
      startedAt: silent,
      endedAt: silent === undefined ? undefined : null,
      durationMs: silent === undefined ? undefined : null,
    });
  });

  it.each(['voicemail', 'User_Hangup', 'constructor', 'בהמתנה'])(
    'that is new (%s) is not final, is stored as it is, and told',
    (word) => {
      const { facts, drift } = readWith({ call_status: JSON.stringify(word), transcript: '[]' });
      expect(facts).toMatchObject({
        status: 'unknown',
        vendorStatus: word,
        endReason: null,
        startedAt: undefined,
        endedAt: undefined,
      });
      expect(drift).toEqual([{ kind: 'unknown_value', path: 'call_status', value: word }]);
    },
  );

  it.each(['null', '""', undefined])(
    'that is not told (%s) is unknown, and no word of any kind',
    (call_status) => {
      const { facts, unread, drift } = readWith({ call_status, transcript: '[]' });
      expect(facts).toMatchObject({
        status: 'unknown',
        vendorStatus: null,
        endReason: null,
        startedAt: undefined,
        endedAt: undefined,
      });
      expect(unread).toEqual([]);
      expect(drift).toEqual([]);
    },
  );

  test('of a call without a time is known all the same', () => {
    expect(readWith({ start_timestamp: 'null' }).facts).toMatchObject({
      status: 'ended',
      createdAt: null,
      startedAt: null,
      endedAt: null,
      durationMs: 61_234,
    });
  });
});

describe('words', () => {
  it.each([
    ['call_type', 'phone_call', { channel: 'phone' }, []],
    ['call_type', 'web_call', { channel: 'web', callType: 'web_call' }, []],
    ['call_type', 'sip', { channel: 'unknown', callType: 'sip' }, ['sip']],
    ['direction', 'incoming', { direction: 'inbound' }, []],
    ['direction', 'inbound', { direction: 'inbound' }, []],
    ['direction', 'outgoing', { direction: 'outbound' }, []],
    ['direction', 'outbound', { direction: 'outbound' }, []],
    ['direction', 'sideways', { direction: 'unknown' }, ['sideways']],
  ])('%s %s', (path, word, facts, unknown) => {
    const reading = readWith({ [path]: JSON.stringify(word) });
    expect(reading.facts).toMatchObject(facts);
    expect(reading.drift).toEqual(unknown.map((value) => ({ kind: 'unknown_value', path, value })));
  });
});

test('a name of an agent that no index holds is cut, between two characters', () => {
  const { agentName } = readWith({ agent: `{"name":"${'🎓'.repeat(5_000)}"}` }).facts;
  expect(agentName).toBe('🎓'.repeat(300));
});

describe('the agent', () => {
  // Named without its id it takes back nothing: undefined is not null.
  it.each([
    ['null', null, null, null],
    ['{}', undefined, null, null],
    ['{"name":"נועה","version":3}', undefined, 'נועה', '3'],
    ['{"id":"a-1","name":null,"version":"v3"}', 'a-1', null, 'v3'],
    ['{"version":12345678901234567890}', undefined, null, '12345678901234567890'],
    ['{"version":1.50}', undefined, null, '1.50'],
    ['{"id":"","name":"","version":null}', undefined, null, null],
  ])('%s', (agent, agentId, agentName, agentVersion) => {
    expect(readWith({ agent }).facts).toMatchObject({ agentId, agentName, agentVersion });
  });
});

describe('an analysis', () => {
  const none = { summary: 'null', detected_gender: 'null', vars_extracted: 'null' };
  it.each<[Record<string, string>, unknown]>([
    [{}, null],
    [{ summary: '""' }, null],
    [{ detected_gender: '"male"' }, null],
    [{ extraction_failed: 'false' }, null],
    [{ vars_extracted: '{}' }, null],
    [{ vars_extracted: '{"a":null}' }, null],
    [{ vars_extracted: '{"a":null,"b":""}' }, null],
    [{ vars_extracted: '[]' }, null],
    [{ vars_extracted: '{"a":null,"b":0}' }, { summary: null, sentiment: null, details: null }],
    [{ vars_extracted: '{"a":false}' }, { summary: null, sentiment: null, details: null }],
    [{ vars_extracted: '[{"a":1}]' }, { summary: null, sentiment: null, details: null }],
    [
      { extraction_failed: '"true"' },
      { summary: null, sentiment: null, details: { extraction_failed: true } },
    ],
    [{ extraction_failed: '"false"' }, null],
    [{ extraction_failed: 'true' }, { summary: null, sentiment: null, details: { extraction_failed: true } }],
    [
      { summary: '"סיכום"', detected_gender: '"male"', extraction_failed: 'false' },
      { summary: 'סיכום', sentiment: null, details: { detected_gender: 'male', extraction_failed: false } },
    ],
  ])('of %j', (fields, expected) => {
    expect(readWith({ ...none, ...fields }).analysis).toEqual(expected);
  });
});

describe('money is read to the digit, or it is null and told', () => {
  it.each([
    ['0.1', '0.1'],
    ['0.10', '0.10'],
    ['0', '0'],
    ['0.1000000000000000055511151231257827', '0.1000000000000000055511151231257827'],
    ['0.1000000000000000055511151231257827021181583404541015625', undefined],
    ['"0.25"', '0.25'],
    ['" 0.25 "', '0.25'],
    ['1e3', '1000'],
    ['1E-2', '0.01'],
    ['"1E-2"', '0.01'],
    ['1e-7', '0.0000001'],
    [`"${'9'.repeat(100)}.${'1'.repeat(100)}"`, `${'9'.repeat(100)}.${'1'.repeat(100)}`],
  ])('%s', (json, amount = json) => {
    const { costs, unread } = readWith({ call_cost: `{"combined_cost":${json},"currency":"usd"}` });
    expect(costs).toEqual([{ component: 'total', amount, currency: 'USD' }]);
    expect(unread).toEqual([]);
  });

  it.each([
    '"1,000"',
    '"1,234.50"',
    '"1_000"',
    '"$1"',
    '"1 USD"',
    '" "',
    'true',
    '[]',
    '{}',
    '1e100',
    `"${'9'.repeat(101)}"`,
    `"0.${'1'.repeat(101)}"`,
  ])('not %s', (json) => {
    expect(readWith({ call_cost: `{"combined_cost":${json},"currency":"usd"}` })).toEqual({
      ...readWith({}),
      costs: null,
      unread: [
        {
          kind: 'detail',
          path: 'call_cost.combined_cost',
          reason: 'is not a decimal number',
          value: parseJson(json),
          facet: 'cost',
        },
      ],
    });
  });

  it.each([
    undefined,
    'null',
    '{}',
    '{"combined_cost":null,"currency":"usd"}',
    '{"combined_cost":0.1}',
    '{"combined_cost":"","currency":"usd"}',
    '{"combined_cost":0.1,"currency":""}',
    '{"combined_cost":0.1,"currency":" "}',
  ])('%s is no cost', (call_cost) => {
    expect(readWith({ call_cost })).toMatchObject({ costs: null, unread: [] });
  });
});

describe('variables', () => {
  test('of an object are rows by their names, those of the talk before those of the analysis', () => {
    const rows = normalizeVoicyCall({ detail: detail() }).extractions;
    expect(rows).toEqual([
      row2('collected', 0, 'city', '{"ב":1,"א":2}', '{"א":2,"ב":1}'),
      row2('collected', 1, 'consent', 'true', 'true'),
      row2('collected', 2, 'score', '4.50', '4.50'),
      row2('extracted', 0, 'appointment', '"2026-11-26T14:00"', '2026-11-26T14:00'),
      row2('extracted', 1, 'reason', 'null', null),
    ]);
  });

  const row2 = (origin: string, position: number, name: string, json: string, valueText: string | null) => ({
    origin,
    position,
    name,
    type: null,
    value: parseJson(json),
    valueText,
  });

  it.each([
    ['{"name":"גיל","type":"number","value":41.0}', 'גיל', 'number', '41.0', '41.0'],
    ['{"name":"גיל","value":null}', 'גיל', null, 'null', null],
    ['{"name":"שולחן","quantity":2}', null, null, '{"name":"שולחן","quantity":2}', undefined],
    ['{"quantity":2}', null, null, '{"quantity":2}', '{"quantity":2}'],
    ['{"name":5,"value":1}', null, null, '{"name":5,"value":1}', undefined],
    ['"תל אביב"', null, null, '"תל אביב"', 'תל אביב'],
    ['null', null, null, 'null', null],
  ])('of a list are its elements: %s', (element, name, type, value, valueText = value) => {
    const { extractions } = readWith({ vars_collected: `[${element}]`, vars_extracted: undefined });
    expect(extractions).toEqual([
      { origin: 'collected', position: 0, name, type, value: parseJson(value), valueText },
    ]);
  });

  it.each([undefined, 'null', '{}', '[]'])('that are %s are none', (json) => {
    expect(readWith({ vars_collected: json, vars_extracted: json }).extractions).toBe(null);
  });

  test('are in one order however they were sent', () => {
    const [a, b] = ['{"b":1,"a":2,"Z":3}', '{"Z":3,"a":2,"b":1}'].map((vars_collected) =>
      readWith({ vars_collected }),
    );
    expect(a?.extractions).toEqual(b?.extractions);
    expect(a?.extractions?.slice(0, 3).map(({ name }) => name)).toEqual(['Z', 'a', 'b']);
  });
});

test('older generations are read without a note', () => {
  const reading = readWith({
    agent: '{"id":"a-1","name":"נועה","version":2}',
    account: '{"id":"acc-1","name":"מרפאה"}',
    call_cost: '{"combined_cost":0.42,"currency":"usd"}',
    transcript_object: '[]',
    disconnection_reason: '"user_hangup"',
    extraction_failed: 'true',
    call_status: '"ended"',
    direction: '"outbound"',
  });
  expect(reading.drift).toEqual([]);
  expect(reading.costs).toEqual([{ component: 'total', amount: '0.42', currency: 'USD' }]);
});

test('fields that are not known are told by their path, without their value', () => {
  const { drift } = readWith({
    updated_at: '1',
    agent: '{"name":"נועה","region":"il"}',
    account: '{"id":"x","plan":"pro"}',
    call_cost: '{"combined_cost":1,"currency":"usd","tax":1}',
  });
  expect(drift).toEqual(
    ['updated_at', 'agent.region', 'account.plan', 'call_cost.tax'].map((path) => ({
      kind: 'unknown_field',
      path,
      value: '',
    })),
  );
});
