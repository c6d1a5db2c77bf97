import { describe, expect, it, test } from 'vitest';
import type { Facet, ToldFacts } from '../../../src/call.ts';
import type { Json, JsonObject } from '../../../src/json.ts';
import { normalizeDigaCall } from '../../../src/sources/diga/normalize.ts';
import {
  CALL,
  CALL_ID,
  CONTACT,
  NUMBERS,
  OF_START,
  objectWith,
  readWith,
  refusedAt,
  STARTED,
} from './fixtures.ts';

describe('a call needs a usable id', () => {
  const LONG = 'ñ'.repeat(201);

  it.each(['null', '""', '" "', '"\\t\\n"', '5', 'true', '[]', '{}', undefined])('not %s', (id) => {
    expect(refusedAt(() => readWith({ id }))).toBe('id');
  });

  test('of two hundred characters at most', () => {
    expect(refusedAt(() => readWith({ id: `"${LONG}"` }))).toBe('id');
    expect(readWith({ id: `"${LONG.slice(1)}"` }).callId).toBe(LONG.slice(1));
  });

  it.each([
    [CALL_ID.toUpperCase(), CALL_ID],
    ['Call-7', 'Call-7'],
    ['6D1F0C3A', '6D1F0C3A'],
  ])('%s is one', (id, callId) => {
    expect(readWith({ id: JSON.stringify(id) })).toEqual({ ...readWith(), callId });
  });

  it.each([{}, { messages: [] }])('and there has to be a call: not %j', (payloads) => {
    expect(refusedAt(() => normalizeDigaCall(payloads, NUMBERS))).toBe('(record)');
  });

  it.each([{ list: 'x' }, { list: null }, { list: [] }, { list: {}, messages: [] }])(
    'which %j has not',
    (payloads) => {
      expect(refusedAt(() => normalizeDigaCall(payloads, NUMBERS))).toBe('id');
    },
  );

  test('and no more', () => {
    expect(normalizeDigaCall({ list: { id: 'a' } }, NUMBERS)).toEqual({
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

/** What stands at a path of a record. */
function valueAt(record: JsonObject, path: string): Json {
  return path.split('.').reduce<Json>((value, name) => (value as JsonObject)[name] ?? null, record);
}

function expectLoss(
  field: string,
  json: string,
  path: string,
  facet: Facet | null,
  facts: Partial<ToldFacts>,
): void {
  const value = valueAt(objectWith(CALL, { [field]: json }), path);
  expect(readWith({ [field]: json })).toEqual({
    ...readWith(),
    facts: { ...readWith().facts, ...facts },
    unread: [{ kind: 'list', path, reason: expect.any(String), value, facet }],
  });
}

describe('a field that cannot be read is null and told, and the rest of the call is read', () => {
  const NO_STATUS = { status: undefined, vendorStatus: undefined };
  const NO_CALLER = { fromNumber: null, fromE164: null };
  const NO_CONTACT: Partial<ToldFacts> = { channel: 'unknown', contactId: null, ...NO_CALLER };
  const NO_PHONE = { phoneId: null, toNumber: null, toE164: null };
  const NO_TYPE: Partial<ToldFacts> = { callType: null, direction: 'unknown' };
  const contactWith = (members: Record<string, unknown>) => JSON.stringify({ ...CONTACT, ...members });
  const LONG = 'ñ'.repeat(201);

  it.each<[field: string, json: string, path: string, facet: Facet | null, facts: Partial<ToldFacts>]>([
    ['agent_id', '5', 'agent_id', null, { agentId: null }],
    ['agent_version_id', '{}', 'agent_version_id', null, { agentVersion: null }],
    ['status', '1', 'status', 'status', NO_STATUS],
    ['status', '["completed"]', 'status', 'status', NO_STATUS],
    ['type', 'true', 'type', null, NO_TYPE],
    ['contact', '"+34612345678"', 'contact', null, NO_CONTACT],
    ['contact', '5', 'contact', null, NO_CONTACT],
    ['contact', '1.50', 'contact', null, NO_CONTACT],
    ['contact', '[]', 'contact', null, NO_CONTACT],
    ['contact', contactWith({ identifier: 612345678 }), 'contact.identifier', null, NO_CALLER],
    ['contact', contactWith({ id: {} }), 'contact.id', null, { contactId: null }],
    [
      'contact',
      contactWith({ contact_type: 5 }),
      'contact.contact_type',
      null,
      { channel: 'unknown', ...NO_CALLER },
    ],
    ['phone_register_id', '5', 'phone_register_id', null, NO_PHONE],
    ['phone_id', '5', 'phone_id', null, {}],
    ['created_date', '"yesterday"', 'created_date', 'status', { createdAt: null }],
    ['start_time', '5', 'start_time', OF_START, { startedAt: null }],
    ['end_time', '[]', 'end_time', 'status', { endedAt: null }],
    ['duration', '"long"', 'duration', 'status', {}],
    ['end_reason', '{}', 'end_reason', null, { endReason: null }],
    ['recording_url', '[]', 'recording_url', 'recording', { recordingUrl: null }],
    ['recording_url', '5', 'recording_url', 'recording', { recordingUrl: null }],
    ['dynamic_variables', '[]', 'dynamic_variables', null, { variables: null }],
    ['dynamic_variables', '"{}"', 'dynamic_variables', null, { variables: null }],
    ['dynamic_variables', '12.50', 'dynamic_variables', null, { variables: null }],
    ['is_test_call', '"yes"', 'is_test_call', null, {}],
    ['is_test_call', '1', 'is_test_call', null, {}],
  ])('%s = %s', expectLoss);

  it.each<[field: string, json: string, path: string, facet: Facet | null, facts: Partial<ToldFacts>]>([
    ['agent_id', `"${LONG}"`, 'agent_id', null, { agentId: null }],
    ['agent_version_id', `"${LONG}"`, 'agent_version_id', null, { agentVersion: null }],
    ['status', `"${LONG}"`, 'status', 'status', NO_STATUS],
    ['type', `"${LONG}"`, 'type', null, NO_TYPE],
    ['contact', contactWith({ id: LONG }), 'contact.id', null, { contactId: null }],
    ['phone_register_id', `"${LONG}"`, 'phone_register_id', null, NO_PHONE],
    ['end_reason', `"${LONG}"`, 'end_reason', null, { endReason: null }],
  ])('%s of more than two hundred characters', expectLoss);

  test('several of them are told each by itself', () => {
    const { facts, unread, drift } = readWith({
      status: '{}',
      contact: contactWith({ id: 5, identifier: [] }),
      end_time: '"later"',
      duration: '-1',
    });
    expect(facts).toMatchObject({ status: undefined, channel: 'phone', startedAt: STARTED, endedAt: null });
    expect(facts.durationMs).toBe(null);
    expect(unread.map(({ path, value, facet }) => [path, value, facet])).toEqual([
      ['status', {}, 'status'],
      ['contact.id', 5, null],
      ['contact.identifier', [], null],
      ['end_time', 'later', 'status'],
      ['duration', -1, 'status'],
    ]);
    expect(drift).toEqual([]);
  });
});

describe('the same value in other spellings is the same', () => {
  it.each<[field: string, spellings: string[]]>([
    [
      'created_date',
      [
        '1789374600250',
        '"1789374600250"',
        '" 1789374600250 "',
        '1.78937460025e12',
        '"2026-09-14T10:30:00.25+02:00"',
        '" 2026-09-14T08:30:00.250000Z "',
      ],
    ],
    ['start_time', ['1789374607', '"1789374607"', '1789374607000.0', '"2026-09-14 08:30:07z"']],
    ['end_time', ['1789374709', '"1789374709000"', '"2026-09-14T04:31:49-04"']],
    ['duration', ['"102"', '102.0', '1.02e2', '" 102 "', '101.9999']],
    ['is_test_call', ['"false"', 'false', 'null']],
    ['id', [`"${CALL_ID.toUpperCase()}"`]],
  ])('%s: %j', (field, spellings) => {
    for (const json of spellings) expect(readWith({ [field]: json }), json).toEqual(readWith());
  });
});

describe('an empty text says nothing, as null does', () => {
  it.each([...Object.keys(objectWith(CALL, { id: undefined })), 'phone_id', 'is_test_call'])(
    'in %s',
    (field) => {
      expect(readWith({ [field]: '""' })).toEqual(readWith({ [field]: 'null' }));
    },
  );

  it.each(['id', 'identifier', 'contact_type'])('in contact.%s', (name) => {
    const [empty, none] = ['', null].map((value) =>
      readWith({ contact: JSON.stringify({ ...CONTACT, [name]: value }) }),
    );
    expect(empty).toEqual(none);
  });
});
