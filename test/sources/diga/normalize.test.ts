import { describe, expect, it, test } from 'vitest';
import { parseJson } from '../../../src/json.ts';
import { normalizeDigaCall } from '../../../src/sources/diga/normalize.ts';
import {
  CALL,
  CONTACT,
  CREATED,
  NUMBERS,
  OF_START,
  OLD_CALL,
  objectWith,
  PHONE_ID,
  readWith,
  STARTED,
} from './fixtures.ts';

const WEB = JSON.stringify({ ...CONTACT, identifier: 'browser-5f1', contact_type: 'web' });

describe('every field of a call has its place', () => {
  const { id: callId, agent_id: agentId, agent_version_id: agentVersion, contact } = JSON.parse(CALL);

  test('as it is sent today', () => {
    expect(readWith()).toEqual({
      callId,
      facts: {
        agentId,
        agentVersion,
        agentName: null,
        callType: 'inbound',
        channel: 'phone',
        direction: 'inbound',
        status: 'ended',
        vendorStatus: 'completed',
        endReason: 'user_hang_up',
        fromNumber: '+34612345678',
        toNumber: '+34910123456',
        presentationNumber: null,
        fromE164: '+34612345678',
        toE164: '+34910123456',
        createdAt: CREATED,
        startedAt: STARTED,
        endedAt: STARTED + 102_000,
        durationMs: 102_000,
        recordingUrl: 'https://recordings.invalid/6d1f0c3a.mp3',
        variantLabel: null,
        optOut: false,
        testCall: false,
        contactId: contact.id,
        phoneId: PHONE_ID,
        metadata: null,
        variables: parseJson('{"nombre":"Lucía","importe":12.50}'),
      },
      analysis: null,
      costs: null,
      extractions: null,
      transcript: undefined,
      unread: [],
      drift: [],
    });
  });

  test('as an older generation sends it', () => {
    const { facts, drift } = normalizeDigaCall({ list: objectWith(OLD_CALL) }, NUMBERS);
    expect(facts).toMatchObject({
      agentVersion: null,
      direction: 'outbound',
      status: 'ended',
      vendorStatus: 'transferred',
      fromNumber: '+34910123456',
      toNumber: '612 34 56 78',
      toE164: '+34612345678',
      phoneId: PHONE_ID,
      variables: null,
    });
    expect(drift).toEqual([]);
  });
});

describe('a number of ours', () => {
  const NONE = new Map<string, string>();
  const OURS = { fromNumber: '+34910123456', fromE164: '+34910123456' };
  const THEIRS = { toNumber: '+34612345678', toE164: '+34612345678' };

  test('is on the side that the direction says', () => {
    expect(readWith({ type: '"outbound"' }).facts).toMatchObject({ ...OURS, ...THEIRS });
    expect(readWith({ type: '"sideways"' }).facts).toMatchObject({ toNumber: OURS.fromNumber });
  });

  test('that is not known yet cannot be told, which is not the same as none', () => {
    expect(readWith({}, NONE).facts).toMatchObject({ toNumber: undefined, toE164: undefined });
    expect(readWith({ type: '"outbound"' }, NONE).facts).toMatchObject({ fromNumber: undefined, ...THEIRS });
    expect(readWith({ phone_register_id: 'null' }).facts).toMatchObject({ toNumber: null, toE164: null });
  });

  test('may be no number', () => {
    expect(readWith({}, new Map([[PHONE_ID, 'sip:centralita']])).facts).toMatchObject({
      toNumber: 'sip:centralita',
      toE164: null,
    });
  });
});

describe('the other party', () => {
  it.each([
    ['of the web has no number', WEB, { channel: 'web', contactId: CONTACT.id }],
    ['may be missing', 'null', { channel: 'unknown', contactId: null }],
    ['may be missing altogether', undefined, { channel: 'unknown', contactId: null }],
    [
      'of a new kind has none that could be told',
      '{"id":"c","contact_type":"fax","identifier":"+34612345678"}',
      { channel: 'unknown', contactId: 'c' },
    ],
  ])('%s', (_, contact, expected) => {
    expect(readWith({ contact }).facts).toMatchObject({ ...expected, fromNumber: null, fromE164: null });
  });

  test('may have any number', () => {
    const contact = JSON.stringify({ ...CONTACT, identifier: 'anonymous' });
    expect(readWith({ contact }).facts).toMatchObject({ fromNumber: 'anonymous', fromE164: null });
  });
});

describe('words', () => {
  it.each([
    ['dialing', 'ringing'],
    ['in_queue', 'queued'],
    ['in_progress', 'ongoing'],
    ['completed', 'ended'],
    ['transferred', 'ended'],
    ['failed', 'failed'],
    ['no_answer', 'not_connected'],
  ])('the status %s is %s for all vendors', (word, status) => {
    const { facts, drift } = readWith({ status: JSON.stringify(word) });
    expect(facts).toMatchObject({ status, vendorStatus: word });
    expect(drift).toEqual([]);
  });

  it.each([
    ['null', 'null', 'not_connected'],
    ['null', '0', 'not_connected'],
    ['null', '3', 'ended'],
    ['null', '"3"', 'ended'],
    ['""', '""', 'not_connected'],
    ['"2026-09-14T08:30:07Z"', 'null', 'ended'],
    ['1789374607', 'null', 'ended'],
  ])('completed with the start %s and the duration %s is %s', (start_time, duration, status) => {
    expect(readWith({ start_time, duration }).facts).toMatchObject({ status, vendorStatus: 'completed' });
  });

  // A start that cannot be read is one all the same.
  test('completed with a start that cannot be read is ended', () => {
    const { facts, unread } = readWith({ start_time: '"soon"', duration: 'null' });
    expect(facts).toMatchObject({ status: 'ended', vendorStatus: 'completed', startedAt: null });
    expect(unread.map(({ path }) => path)).toEqual(['start_time']);
  });

  it.each([
    ['status', 'paused', 'status', { status: 'unknown', vendorStatus: 'paused' }],
    ['status', '__proto__', 'status', { status: 'unknown', vendorStatus: '__proto__' }],
    ['type', 'internal', 'type', { callType: 'internal', direction: 'unknown' }],
    ['end_reason', 'busy', 'end_reason', { endReason: 'busy' }],
  ])('a new one in %s (%s) is stored as it is, and told', (field, word, path, facts) => {
    const reading = readWith({ [field]: JSON.stringify(word) });
    expect(reading.facts).toMatchObject(facts);
    expect(reading.drift).toEqual([{ kind: 'unknown_value', path, value: word }]);
  });

  test('a new kind of contact is told', () => {
    expect(readWith({ contact: '{"id":"c","contact_type":"fax"}' }).drift).toEqual([
      { kind: 'unknown_value', path: 'contact.contact_type', value: 'fax' },
    ]);
  });
});

test('fields that are not known are told by their path, without their value', () => {
  const { drift } = readWith({
    recording_path: '"x"',
    contact: JSON.stringify({ ...CONTACT, created_date: 'nonsense', city: 'Lugo' }),
  });
  expect(drift).toEqual([
    { kind: 'unknown_field', path: 'recording_path', value: '' },
    { kind: 'unknown_field', path: 'contact.city', value: '' },
  ]);
});

describe('times', () => {
  it.each([
    ['2026-09-14T08:30:07Z', 0],
    ['2026-09-14T08:30:07z', 0],
    ['2026-09-14 08:30:07Z', 0],
    ['2026-09-14T08:30:07.5Z', 500],
    ['2026-09-14T08:30:07.123456Z', 123],
    ['2026-09-14T08:30:07.999999999Z', 999],
    ['2026-09-14T08:30:07+00:00', 0],
    ['2026-09-14T10:30:07.25+02:00', 250],
    ['2026-09-14T10:30:07+0200', 0],
    ['2026-09-14T04:30:07-04', 0],
    ['2026-09-14T08:30Z', -7_000],
    [' 2026-09-14T08:30:07Z ', 0],
    ['2026-09-14T08:30:07Z\n', 0],
    [1_789_374_607_000, 0],
    [1_789_374_607, 0],
    ['1789374607000', 0],
    [' 1789374607000 ', 0],
    ['1789374607', 0],
  ])('%j is one', (time, offsetMs) => {
    const { facts, unread, drift } = readWith({ start_time: JSON.stringify(time) });
    expect(facts.startedAt).toBe(STARTED + offsetMs);
    expect(unread).toEqual([]);
    expect(drift).toEqual([]);
  });

  test('without an offset are in UTC, which is told once for each field', () => {
    const time = '"2026-09-14T08:30:07.5"';
    const { facts, drift } = readWith({ created_date: time, start_time: time, end_time: time });
    expect(facts).toMatchObject({ createdAt: STARTED + 500, startedAt: STARTED + 500 });
    expect(drift).toEqual(
      ['created_date', 'start_time', 'end_time'].map((path) => ({
        kind: 'unknown_value',
        path,
        value: 'no offset',
      })),
    );
  });

  it.each([
    '"yesterday"',
    '" "',
    '"2026-09-14"',
    '"2026-02-30T08:30:07Z"',
    '"2026-13-01T08:30:07Z"',
    '"2026-09-14T08:61:07Z"',
    '"2026-09-14T08:30:07+25:00"',
    '"2026-09-14T08:30:07 Z"',
    '"2026-09-14T08:30:07Z and more"',
    '"1926-09-14T08:30:07Z"',
    '"2100-01-01T00:00:00Z"',
    '"+292277-12-04T15:30:07Z"',
    '17893746070',
    '1789374607.5',
    '1789374607000.5',
    '"1,789,374,607"',
    '0',
    '-1',
    '1e300',
    'true',
    '{}',
    '[]',
  ])('that say nothing, or nothing that could be true, are null and told: %s', (json) => {
    const value = parseJson(json);
    const [created, started, ended] = [
      readWith({ created_date: json }),
      readWith({ start_time: json }),
      readWith({ end_time: json }),
    ];
    expect(created.facts).toEqual({ ...readWith().facts, createdAt: null });
    expect(created.unread).toMatchObject([{ path: 'created_date', value, facet: 'status' }]);
    expect(started.facts).toEqual({ ...readWith().facts, startedAt: null });
    expect(started.unread).toMatchObject([{ path: 'start_time', value, facet: OF_START }]);
    expect(ended.facts).toEqual({ ...readWith().facts, endedAt: null });
    expect(ended.unread).toMatchObject([{ path: 'end_time', value, facet: 'status' }]);
  });

  it.each(['null', '""', undefined])('there may be none of creation: %s', (json) => {
    expect(readWith({ created_date: json })).toEqual({
      ...readWith(),
      facts: { ...readWith().facts, createdAt: null },
    });
  });
});

describe('a duration is in seconds here', () => {
  it.each([
    ['102', 102_000],
    ['"102"', 102_000],
    ['" 102.0 "', 102_000],
    ['1.02e2', 102_000],
    ['0', 0],
    ['30.5', 30_500],
    ['"30.5"', 30_500],
    ['0.0004', 0],
    ['1e3', 1_000_000],
    ['604800', 604_800_000],
    ['null', 102_000],
    ['""', 102_000],
    [undefined, 102_000],
  ])('%s', (duration, durationMs) => {
    const { facts, unread } = readWith({ duration });
    expect(facts.durationMs).toBe(durationMs);
    expect(unread).toEqual([]);
  });

  it.each([
    [{ start_time: 'null' }, null],
    [{ end_time: 'null' }, null],
    [{ end_time: '"2026-09-14T08:30:06Z"' }, null],
  ])('that is not told and cannot be counted is none: %j', (times, durationMs) => {
    expect(readWith({ duration: 'null', ...times }).facts.durationMs).toBe(durationMs);
  });

  it.each(['-1', '604801', '1000000000', '1e300', '1e400', '"long"', '"1,000"', '"1:42"', 'true', '[]'])(
    'that is %s cannot be: it is counted, and told',
    (duration) => {
      const told = {
        kind: 'list',
        path: 'duration',
        reason: expect.any(String),
        value: parseJson(duration),
        facet: 'status',
      };
      expect(readWith({ duration })).toEqual({ ...readWith(), unread: [told] });
      const uncounted = readWith({ duration, end_time: 'null' });
      expect(uncounted.facts).toMatchObject({ durationMs: null, status: 'ended' });
      expect(uncounted.unread).toEqual([told]);
    },
  );
});

test('a field that is missing or null reads as null', () => {
  for (const json of ['null', undefined]) {
    const names = ['agent_id', 'agent_version_id', 'status', 'type', 'end_reason', 'recording_url'];
    const { facts, drift } = readWith(Object.fromEntries(names.map((name) => [name, json])));
    expect(facts).toMatchObject({
      agentId: null,
      agentVersion: null,
      status: 'unknown',
      vendorStatus: null,
      callType: null,
      direction: 'unknown',
      endReason: null,
      recordingUrl: null,
    });
    expect(drift).toEqual([]);
  }
});

test('a call that was made to try an agent says so, where it is told', () => {
  expect(readWith({ is_test_call: 'true' }).facts.testCall).toBe(true);
  expect(readWith({ is_test_call: '"true"' })).toMatchObject({ facts: { testCall: true }, unread: [] });
  expect(readWith({ is_test_call: 'null' }).facts.testCall).toBe(false);
});
