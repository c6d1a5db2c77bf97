import { describe, expect, it, test } from 'vitest';
import type { CallReading, Facet, ToldFacts } from '../../../src/call.ts';
import { type Json, type JsonObject, parseJson } from '../../../src/json.ts';
import { normalizeVoicyCall } from '../../../src/sources/voicy/normalize.ts';
import { detail, ID, readWith, refusedAt, row, START } from './fixtures.ts';

const LONG = 'א'.repeat(201);

/** Reads a row of the list with one field replaced by JSON text. */
function readRowWith(field: string, json: string | undefined): CallReading {
  const list = row();
  if (json === undefined) delete list[field];
  else list[field] = parseJson(json);
  return normalizeVoicyCall({ list });
}

/** Reads a whole call beside its row, with some fields of the whole call replaced. */
function readWholeWith(fields: Record<string, string | undefined>): CallReading {
  return normalizeVoicyCall({ list: row(), detail: detail(fields) });
}

describe('a call needs a usable id', () => {
  it.each(['null', '""', '" "', '"\\t\\n"', '5', 'true', '[]', '{}', undefined])('not %s', (json) => {
    expect(refusedAt(() => readWith({ call_id: json }))).toBe('call_id');
    expect(refusedAt(() => readRowWith('call_id', json))).toBe('call_id');
  });

  test('of two hundred characters at most', () => {
    expect(refusedAt(() => readRowWith('call_id', `"${LONG}"`))).toBe('call_id');
    expect(readRowWith('call_id', `"${LONG.slice(1)}"`).callId).toBe(LONG.slice(1));
  });

  it.each([
    [ID.toUpperCase(), ID],
    ['Call-7', 'Call-7'],
    ['B81C2F0E', 'B81C2F0E'],
  ])('%s is one', (id, callId) => {
    expect(readWith({ call_id: JSON.stringify(id) })).toMatchObject({ callId, unread: [] });
  });

  test('and no more', () => {
    expect(normalizeVoicyCall({ detail: { call_id: 'a' } })).toEqual({
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
        startedAt: undefined,
        endedAt: undefined,
        durationMs: undefined,
        recordingUrl: null,
        variantLabel: null,
        optOut: false,
        testCall: undefined,
        contactId: null,
        phoneId: null,
        metadata: null,
        variables: null,
      },
      analysis: null,
      costs: null,
      extractions: null,
      transcript: null,
      unread: [],
      drift: [],
    });
  });

  it.each([{}, { list: 'x' }, { list: null }, { list: [] }, { detail: 5 }, { list: {}, detail: detail() }])(
    'what has none is refused: %#',
    (payloads) => {
      expect(refusedAt(() => normalizeVoicyCall(payloads))).toBe('call_id');
    },
  );

  it.each([null, [], 'x'])('what is no whole call at all is refused: %j', (whole) => {
    expect(refusedAt(() => normalizeVoicyCall({ list: row(), detail: whole }))).toBe('(record)');
  });
});

/** What a call loses when a field cannot be read. All the rest of it is as it was. */
type Loss = Partial<Omit<CallReading, 'facts'>> & { facts?: Partial<ToldFacts> };

/** What stands at a path of a record. */
function valueAt(record: JsonObject, path: string): Json {
  return path.split('.').reduce<Json>((value, name) => (value as JsonObject)[name] ?? null, record);
}

const NAME = 'נועה – קביעת תורים';
const NO_AGENT: Loss = { facts: { agentId: null, agentVersion: null, agentName: null } };
const NO_VERSION: Loss = { facts: { agentVersion: null } };
/** Nothing that follows from the status is known either. */
const NO_STATUS: Loss = {
  facts: {
    status: undefined,
    vendorStatus: undefined,
    endReason: undefined,
    startedAt: undefined,
    endedAt: undefined,
    durationMs: undefined,
  },
};
/** Without a start no turn has its place. */
const OF_START: Facet = 'transcript';
const NO_START: Loss = { facts: { createdAt: null, startedAt: null, endedAt: null } };
const NO_LENGTH: Loss = { facts: { durationMs: null, endedAt: null } };

function expectRowLoss(
  field: string,
  json: string,
  path: string,
  facet: Facet | null,
  { facts, ...parts }: Loss,
): void {
  const before = readRowWith('call_id', `"${ID}"`);
  const value = valueAt({ ...row(), [field]: parseJson(json) }, path);
  const told = { path, reason: expect.any(String), value, facet };
  expect(readRowWith(field, json)).toEqual({
    ...before,
    ...parts,
    facts: { ...before.facts, ...facts },
    unread: [{ ...told, kind: 'list' }],
  });
  // Told once, though a whole call is read in two parts.
  expect(readWith({ [field]: json }).unread).toEqual([{ ...told, kind: 'detail' }]);
}

describe('a field of a row that cannot be read is null and told, and the rest of the call is read', () => {
  it.each<[field: string, json: string, path: string, facet: Facet | null, loss: Loss]>([
    ['call_type', '5', 'call_type', null, { facts: { callType: null, channel: 'unknown' } }],
    ['call_status', '["ended"]', 'call_status', 'status', NO_STATUS],
    ['call_status', '5', 'call_status', 'status', NO_STATUS],
    ['agent', '"נועה"', 'agent', null, NO_AGENT],
    ['agent', '[]', 'agent', null, NO_AGENT],
    ['agent', '5', 'agent', null, NO_AGENT],
    ['agent', '1.50', 'agent', null, NO_AGENT],
    ['agent', `{"id":5,"name":"${NAME}","version":7}`, 'agent.id', null, {}],
    ['agent', '{"name":5,"version":7}', 'agent.name', null, { facts: { agentName: null } }],
    ['agent', `{"name":"${NAME}","version":{}}`, 'agent.version', null, NO_VERSION],
    ['agent', `{"name":"${NAME}","version":true}`, 'agent.version', null, NO_VERSION],
    ['from_number', '97239990000', 'from_number', null, { facts: { fromNumber: null, fromE164: null } }],
    ['to_number', '{}', 'to_number', null, { facts: { toNumber: null, toE164: null } }],
    ['direction', '1', 'direction', null, { facts: { direction: 'unknown' } }],
    ['start_timestamp', '"soon"', 'start_timestamp', OF_START, NO_START],
    ['start_timestamp', '{}', 'start_timestamp', OF_START, NO_START],
    ['start_timestamp', '1795143600000.5', 'start_timestamp', OF_START, NO_START],
    ['start_timestamp', '17951436000', 'start_timestamp', OF_START, NO_START],
    ['start_timestamp', '1e300', 'start_timestamp', OF_START, NO_START],
    ['duration_ms', '-1', 'duration_ms', 'status', NO_LENGTH],
    ['duration_ms', '"long"', 'duration_ms', 'status', NO_LENGTH],
    ['duration_ms', '"61,234"', 'duration_ms', 'status', NO_LENGTH],
    ['duration_ms', 'true', 'duration_ms', 'status', NO_LENGTH],
    ['duration_ms', '1e400', 'duration_ms', 'status', NO_LENGTH],
    ['duration_ms', '604800001', 'duration_ms', 'status', NO_LENGTH],
  ])('%s = %s', expectRowLoss);

  it.each<[what: string, field: string, json: string, path: string, facet: Facet | null, loss: Loss]>([
    [
      'a type',
      'call_type',
      `"${LONG}"`,
      'call_type',
      null,
      { facts: { callType: null, channel: 'unknown' } },
    ],
    ['a status', 'call_status', `"${LONG}"`, 'call_status', 'status', NO_STATUS],
    ['an id', 'agent', `{"id":"${LONG}","name":"${NAME}","version":7}`, 'agent.id', null, {}],
    ['a version', 'agent', `{"name":"${NAME}","version":"${LONG}"}`, 'agent.version', null, NO_VERSION],
    [
      'a number of a version',
      'agent',
      `{"name":"${NAME}","version":${'9'.repeat(201)}}`,
      'agent.version',
      null,
      NO_VERSION,
    ],
  ])('%s of more than two hundred characters', (_, ...row) => expectRowLoss(...row));

  // Null would take back an end that is known.
  test('a status that cannot be read takes back nothing, also of a call in which something was said', () => {
    const { facts, unread } = readWith({ call_status: '5' });
    expect(facts).toMatchObject({ status: undefined, vendorStatus: undefined, endReason: undefined });
    expect(facts).toMatchObject({ createdAt: START, startedAt: START, durationMs: 61_234 });
    expect(facts.endedAt).toBe(undefined);
    expect(unread).toMatchObject([{ path: 'call_status', value: 5, facet: 'status' }]);
  });

  test('a start that cannot be read leaves the talk its offsets, without instants', () => {
    const before = readWith({}).transcript ?? [];
    expect(readWith({ start_timestamp: '"soon"' }).transcript).toEqual(
      before.map((item) => ({ ...item, startedAt: null })),
    );
  });
});

describe('a field of a whole call that cannot be read is null and told, and the rest of it is read', () => {
  const collected = (readWith({}).extractions ?? []).filter(({ origin }) => origin === 'collected');
  const extracted = (readWith({}).extractions ?? []).filter(({ origin }) => origin === 'extracted');
  const analysis = readWith({}).analysis;
  const NO_SUMMARY: Loss = {
    analysis: { summary: null, sentiment: null, details: { detected_gender: 'female' } },
  };
  const NO_GENDER: Loss = { analysis: analysis ? { ...analysis, details: null } : null };

  it.each<[field: string, json: string, path: string, facet: Facet | null, loss: Loss]>([
    ['recording_url', '[]', 'recording_url', 'recording', { facts: { recordingUrl: null } }],
    ['recording_url', 'true', 'recording_url', 'recording', { facts: { recordingUrl: null } }],
    ['summary', '5', 'summary', 'analysis', NO_SUMMARY],
    ['summary', '["סיכום"]', 'summary', 'analysis', NO_SUMMARY],
    ['detected_gender', '{}', 'detected_gender', null, NO_GENDER],
    ['extraction_failed', '"yes"', 'extraction_failed', 'analysis', {}],
    ['extraction_failed', '1', 'extraction_failed', 'analysis', {}],
    ['vars_provided', '[]', 'vars_provided', null, { facts: { variables: null } }],
    ['vars_provided', '5', 'vars_provided', null, { facts: { variables: null } }],
    ['vars_extracted', '"x"', 'vars_extracted', 'analysis', { extractions: collected }],
    ['vars_extracted', '1.50', 'vars_extracted', 'analysis', { extractions: collected }],
    ['vars_collected', '5', 'vars_collected', null, { extractions: extracted }],
    ['vars_collected', 'true', 'vars_collected', null, { extractions: extracted }],
    ['call_cost', '0.1', 'call_cost', 'cost', {}],
    ['call_cost', '0.10', 'call_cost', 'cost', {}],
    ['call_cost', '"0.1"', 'call_cost', 'cost', {}],
    ['call_cost', '{"combined_cost":1,"currency":5}', 'call_cost.currency', 'cost', {}],
    ['call_cost', '{"combined_cost":"$1","currency":"usd"}', 'call_cost.combined_cost', 'cost', {}],
    ['transcript', '{}', 'transcript', 'transcript', { transcript: null }],
    ['transcript', '5', 'transcript', 'transcript', { transcript: null }],
    ['transcript', 'true', 'transcript', 'transcript', { transcript: null }],
  ])('%s = %s', (field, json, path, facet, { facts, ...parts }) => {
    const before = readWholeWith({});
    const value = valueAt(detail({ [field]: json }), path);
    expect(readWholeWith({ [field]: json })).toEqual({
      ...before,
      ...parts,
      facts: { ...before.facts, ...facts },
      unread: [{ kind: 'detail', path, reason: expect.any(String), value, facet }],
    });
  });

  test('a currency of more than two hundred characters is none, and what it was of is no money', () => {
    const { costs, unread } = readWith({ call_cost: `{"combined_cost":1,"currency":"${LONG}"}` });
    expect(costs).toBe(null);
    expect(unread).toMatchObject([{ path: 'call_cost.currency', value: LONG, facet: 'cost' }]);
  });

  test('the list of an older generation that is none is told as well', () => {
    const { transcript, unread } = readWith({ transcript: 'null', transcript_object: '5' });
    expect(transcript).toBe(null);
    expect(unread).toMatchObject([{ kind: 'detail', path: 'transcript_object', value: 5 }]);
  });

  test('several of them are told each by itself, by the payload that they were read from', () => {
    const list = { ...row(), call_type: 5, duration_ms: 'long' };
    const whole = detail({
      summary: '5',
      call_cost: '{"combined_cost":true,"currency":[]}',
      transcript: '7',
    });
    const { facts, unread, drift } = normalizeVoicyCall({ list, detail: whole });
    expect(facts).toMatchObject({ status: 'ended', createdAt: START, fromNumber: '+97239990000' });
    expect(unread.map(({ kind, path, value, facet }) => [kind, path, value, facet])).toEqual([
      ['list', 'call_type', 5, null],
      ['list', 'duration_ms', 'long', 'status'],
      ['detail', 'summary', 5, 'analysis'],
      ['detail', 'call_cost.combined_cost', true, 'cost'],
      ['detail', 'call_cost.currency', [], 'cost'],
      ['detail', 'transcript', 7, 'transcript'],
    ]);
    expect(drift).toEqual([]);
  });

  test('and its value stays out of the reason', () => {
    for (const [field, json] of [
      ['from_number', '972522345678'],
      ['start_timestamp', '"972522345678"'],
      ['duration_ms', '"972522345678"'],
      ['vars_collected', '972522345678'],
    ] as const) {
      const [told] = readWith({ [field]: json }).unread;
      expect(told).toMatchObject({ path: field, value: parseJson(json) });
      expect(told?.reason).not.toContain('972522345678');
    }
  });
});

describe('the same value in other spellings is the same', () => {
  it.each<[field: string, spellings: string[]]>([
    [
      'start_timestamp',
      [
        '1795143600',
        '1795143600000.0',
        '1.7951436e12',
        '"1795143600000"',
        '" 1795143600000 "',
        '"1795143600"',
        '"2026-11-20T03:00:00Z"',
        '"2026-11-20T05:00:00+02:00"',
        '"2026-11-20T05:00:00.000+0200"',
        '" 2026-11-20T03:00:00.000Z\\n"',
        '"2026-11-20T03:00:00"',
        '"2026-11-20 03:00"',
      ],
    ],
    ['duration_ms', ['"61234"', '" 61234 "', '61234.0', '6.1234e4', '"6.1234E+4"', '61233.6', '61234.4']],
    ['agent', [`{"name":"${NAME}","version":"7"}`, `{"id":null,"name":"${NAME}","version":7}`]],
    ['call_id', [`"${ID.toUpperCase()}"`]],
  ])('%s: %j', (field, spellings) => {
    const whole = readWith({});
    for (const json of spellings) expect(readWith({ [field]: json }), json).toEqual(whole);
  });

  it.each([
    ['extraction_failed', 'true', ['"true"']],
    ['extraction_failed', 'false', ['"false"']],
    [
      'call_cost',
      '{"combined_cost":0.25,"currency":"usd"}',
      [
        '{"combined_cost":"0.25","currency":"USD"}',
        '{"combined_cost":" 0.25 ","currency":" usd "}',
        '{"combined_cost":2.5e-1,"currency":"Usd"}',
        '{"combined_cost":"25E-2","currency":"usd"}',
      ],
    ],
  ])('%s: %s, also as %j', (field, json, spellings) => {
    const whole = readWith({ [field]: json });
    expect(whole.unread).toEqual([]);
    for (const spelling of spellings) expect(readWith({ [field]: spelling }), spelling).toEqual(whole);
  });

  it.each([
    ['0', 0],
    ['"0"', 0],
    ['0.4', 0],
    ['1.5', 2],
    ['604800000', 604_800_000],
  ])('a length of %s is %i ms', (duration_ms, durationMs) => {
    const { facts, unread } = readWith({ duration_ms });
    expect(facts).toMatchObject({ durationMs, endedAt: START + durationMs });
    expect(unread).toEqual([]);
  });
});

describe('an empty text says nothing, as null does', () => {
  it.each([
    ...Object.keys(detail({ call_id: undefined })),
    'extraction_failed',
    'call_cost',
    'transcript_object',
  ])('in %s', (field) => {
    expect(readWith({ [field]: '""' })).toEqual(readWith({ [field]: 'null' }));
  });

  it.each([
    ['agent', 'id'],
    ['agent', 'name'],
    ['agent', 'version'],
    ['call_cost', 'combined_cost'],
    ['call_cost', 'currency'],
  ])('in %s.%s', (field, name) => {
    const [empty, none] = ['""', 'null'].map((json) => readWith({ [field]: `{"${name}":${json}}` }));
    expect(empty).toEqual(none);
  });
});
