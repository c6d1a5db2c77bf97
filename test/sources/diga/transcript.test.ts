import { describe, expect, it, test } from 'vitest';
import type { TranscriptItem } from '../../../src/call.ts';
import { parseJson } from '../../../src/json.ts';
import { normalizeDigaCall } from '../../../src/sources/diga/normalize.ts';
import { readTranscript } from '../../../src/sources/diga/transcript.ts';
import { CALL, listOf, MESSAGES, NUMBERS, objectWith, STARTED } from './fixtures.ts';

const AT = '2026-09-14T08:30:12Z';

const NOTHING = {
  endedAt: null,
  toolCallId: null,
  toolName: null,
  arguments: null,
  result: null,
  toolStatus: null,
  durationMs: null,
};

function read(messages: string) {
  const { items, ...told } = readTranscript(parseJson(messages), STARTED);
  return { items: items ?? [], ...told };
}

/** A message with this as its tool call. */
function toolCall(json: string): { item: TranscriptItem | undefined; drift: unknown } {
  const { items, drift } = read(`[{"created_date":"${AT}","role":"tool","tool_call":${json}}]`);
  return { item: items[0], drift };
}

test('what was said is read with its times, speech and tools', () => {
  const payloads = { list: objectWith(CALL), messages: listOf(MESSAGES) };
  const { transcript, drift } = normalizeDigaCall(payloads, NUMBERS);
  expect(transcript).toEqual([
    {
      ...NOTHING,
      position: 0,
      role: 'agent',
      vendorRole: 'assistant',
      kind: 'speech',
      content: 'Buenos días, ¿en qué puedo ayudarle?',
      startedAt: STARTED + 1_500,
      offsetMs: 1_500,
    },
    {
      ...NOTHING,
      position: 1,
      role: 'user',
      vendorRole: 'USER',
      kind: 'speech',
      content: 'Quiero cambiar mi cita.',
      startedAt: STARTED + 5_000,
      offsetMs: 5_000,
    },
    {
      ...NOTHING,
      position: 2,
      role: 'tool',
      vendorRole: 'tool',
      kind: 'tool_call',
      content: null,
      startedAt: STARTED + 13_000,
      offsetMs: 13_000,
      toolName: 'buscar_cita',
      arguments: { dni: 'X' },
      toolStatus: 'success',
    },
  ]);
  expect(drift).toEqual([]);
});

test('a call without messages told has no transcript to tell; one without messages has an empty one', () => {
  const list = objectWith(CALL);
  expect(normalizeDigaCall({ list }, NUMBERS).transcript).toBe(undefined);
  expect(normalizeDigaCall({ list, messages: [] }, NUMBERS).transcript).toEqual([]);
});

test('messages are in the order of their times, and those of one time as they came', () => {
  const at = (second: number, content: string) =>
    `{"created_date":"2026-09-14T08:30:${second}Z","role":"user","content":"${content}"}`;
  const { items } = read(`[${at(30, 'd')},${at(20, 'b')},${at(20, 'c')},${at(10, 'a')}]`);
  expect(items.map(({ position, content }) => [position, content])).toEqual([
    [0, 'a'],
    [1, 'b'],
    [2, 'c'],
    [3, 'd'],
  ]);
});

describe('a message without a readable time stays behind the one it came after', () => {
  const at = (second: number, content: string) =>
    `{"created_date":"2026-09-14T08:30:${second}Z","role":"user","content":"${content}"}`;
  const without = (content: string, time?: string) =>
    time === undefined
      ? `{"role":"user","content":"${content}"}`
      : `{"created_date":${time},"role":"user","content":"${content}"}`;
  const order = (items: readonly TranscriptItem[]) => items.map(({ content }) => content).join('');

  test.each([
    ['in the order of their times', [at(10, 'a'), without('b'), at(20, 'c')], 'abc'],
    ['in another order', [at(20, 'c'), without('d'), at(10, 'a'), without('b')], 'abcd'],
    ['several in a row', [at(20, 'd'), at(10, 'a'), without('b'), without('c')], 'abcd'],
    ['first of all', [without('a'), at(20, 'c'), at(10, 'b')], 'abc'],
    ['none has a time', [without('a'), without('b')], 'ab'],
    ['absurd ones', [at(20, 'c'), without('d', '17957871000'), at(10, 'a'), without('b', '1e300')], 'abcd'],
  ])('%s', (_, messages, expected) => {
    const { items } = read(`[${messages}]`);
    expect(order(items)).toBe(expected);
    expect(items.map(({ position }) => position)).toEqual(items.map((_, i) => i));
  });
});

test('a call that never began has its messages without an offset', () => {
  const list = objectWith(CALL, { start_time: 'null' });
  const { transcript } = normalizeDigaCall({ list, messages: listOf(MESSAGES) }, NUMBERS);
  expect(transcript?.[0]).toMatchObject({ startedAt: STARTED + 1_500, offsetMs: null });
});

describe('what a tool was told', () => {
  it.each([
    [
      '{"type":"function","function_name":"f","payload":{"a":1.0},"status":"error"}',
      { toolName: 'f', arguments: '{"a":1.0}', toolStatus: 'error' },
    ],
    [
      '{"type":"call_tool","tool_name":"transfer","payload":{},"status":"started"}',
      { toolName: 'transfer', arguments: '{}', toolStatus: 'started' },
    ],
    ['{"name":"g","arguments":{"b":2}}', { toolName: 'g', arguments: '{"b":2}', toolStatus: null }],
    [
      '{"function_name":"f","payload":null,"status":"cancelled"}',
      { toolName: 'f', arguments: 'null', toolStatus: 'cancelled' },
    ],
  ])('has three known shapes: %s', (json, expected) => {
    const { item, drift } = toolCall(json);
    const args = parseJson(expected.arguments);
    expect(item).toMatchObject({ role: 'tool', kind: 'tool_call', ...expected, arguments: args });
    expect(drift).toEqual([]);
  });

  it.each(['{"steps":[1]}', '{"function_name":5}', '{}', '"hangup"', '[]', 'true'])(
    'is kept whole in any other, and told: %s',
    (json) => {
      const { item, drift } = toolCall(json);
      expect(item).toMatchObject({ role: 'tool', toolName: null, arguments: parseJson(json) });
      expect(drift).toEqual([{ kind: 'unknown_value', path: 'messages.tool_call', value: 'no name' }]);
    },
  );

  test('is kept whole when only its name is known', () => {
    const { item, drift } = toolCall('{"name":"f","input":1}');
    expect(item).toMatchObject({ toolName: 'f', arguments: parseJson('{"name":"f","input":1}') });
    expect(drift).toEqual([{ kind: 'unknown_field', path: 'messages.tool_call.input', value: '' }]);
  });

  test('with new words is told', () => {
    expect(toolCall('{"type":"mcp","name":"f","payload":{},"status":"queued"}').drift).toEqual([
      { kind: 'unknown_value', path: 'messages.tool_call.type', value: 'mcp' },
      { kind: 'unknown_value', path: 'messages.tool_call.status', value: 'queued' },
    ]);
  });

  test('makes a tool of whoever says it, and there may be none', () => {
    const both = read(
      `[{"created_date":"${AT}","role":"assistant","content":"Le paso","tool_call":{"name":"f","arguments":{}}},
        {"created_date":"${AT}","role":"TOOL","content":"ok"}]`,
    ).items;
    expect(both).toMatchObject([
      { role: 'tool', kind: 'tool_call', vendorRole: 'assistant', content: 'Le paso', toolName: 'f' },
      { role: 'tool', kind: 'tool_call', vendorRole: 'TOOL', content: 'ok', toolName: null, arguments: null },
    ]);
  });
});

describe('a role', () => {
  it.each(['operator', 'system', '__proto__'])('that is new (%s) is kept, and told', (role) => {
    const { items, drift } = read(JSON.stringify([{ created_date: AT, role, content: 'Hola' }]));
    expect(items[0]).toMatchObject({ vendorRole: role, role: 'other', kind: 'event', content: 'Hola' });
    expect(drift).toEqual([{ kind: 'unknown_value', path: 'messages.role', value: role }]);
  });

  it.each(['', ',"role":null', ',"role":""'])('that is missing is other: %j', (role) => {
    const { items, unread, drift } = read(`[{"created_date":"${AT}"${role}}]`);
    expect(items[0]).toMatchObject({ vendorRole: null, role: 'other', kind: 'event', content: null });
    expect(unread).toEqual([]);
    expect(drift).toEqual([]);
  });
});

test('what was said may be more than text', () => {
  const { items } = read(`[{"created_date":"${AT}","role":"user","content":{"b":1.0,"a":"x"}}]`);
  expect(items[0]?.content).toBe('{"a":"x","b":1.0}');
});

test('fields that are not known are told, and once that times are without an offset', () => {
  const message = '{"created_date":"2026-09-14T08:30:12.123456","role":"user","emotion":"calm"}';
  const { items, drift } = read(`[${message},${message}]`);
  expect(items[0]?.startedAt).toBe(STARTED + 5_123);
  expect(drift).toEqual([
    { kind: 'unknown_value', path: 'messages.created_date', value: 'no offset' },
    { kind: 'unknown_field', path: 'messages.emotion', value: '' },
    { kind: 'unknown_field', path: 'messages.emotion', value: '' },
  ]);
});

test('both generations name a message, and neither name is new', () => {
  const { drift } = read(`[{"id":"a","created_date":"${AT}"},{"message_id":"a","created_date":"${AT}"}]`);
  expect(drift).toEqual([]);
});

describe('times', () => {
  it.each([
    ['unix ms', `${STARTED + 5_000}`],
    ['unix seconds', `${STARTED / 1_000 + 5}`],
    ['unix ms as text', `" ${STARTED + 5_000} "`],
    ['unix seconds as text', `"${STARTED / 1_000 + 5}"`],
    ['an ISO date-time', `"${AT}"`],
    ['an ISO date-time elsewhere', '"2026-09-14T10:30:12.000+0200"'],
  ])('in %s are the same', (_, time) => {
    const { items, unread, drift } = read(`[{"created_date":${time},"role":"user"}]`);
    expect(items).toMatchObject([{ startedAt: STARTED + 5_000, offsetMs: 5_000 }]);
    expect(unread).toEqual([]);
    expect(drift).toEqual([]);
  });

  it.each(['{}', '{"created_date":null}', '{"created_date":""}'])('may be missing: %s', (json) => {
    const { items, unread, drift } = read(`[${json}]`);
    expect(items).toMatchObject([{ startedAt: null, offsetMs: null }]);
    expect(unread).toEqual([]);
    expect(drift).toEqual([]);
  });

  it.each([
    '17957871000',
    '8200000000000',
    '8.2e12',
    '-8.2e12',
    '1e300',
    '1e400',
    '5000',
    '"soon"',
    '" "',
    '"2026-09-14"',
    '"2026-02-30T08:30:07Z"',
    'true',
    '{}',
    '[]',
  ])('that could not be true are null and told, and spoil none of the others: %s', (json) => {
    const { items, unread, drift } = read(
      `[{"created_date":"${AT}","content":"a"},{"created_date":${json},"content":"b"},
        {"created_date":"2026-09-14T08:30:20Z","content":"c"}]`,
    );
    expect(items).toMatchObject([
      { position: 0, content: 'a', startedAt: STARTED + 5_000, offsetMs: 5_000 },
      { position: 1, content: 'b', startedAt: null, offsetMs: null },
      { position: 2, content: 'c', startedAt: STARTED + 13_000, offsetMs: 13_000 },
    ]);
    expect(unread).toEqual([
      {
        kind: 'messages',
        path: 'messages.1.created_date',
        reason: expect.any(String),
        value: parseJson(json),
        facet: null,
      },
    ]);
    expect(drift).toEqual([]);
  });
});

const EVENT = {
  ...NOTHING,
  role: 'other',
  vendorRole: null,
  kind: 'event',
  content: null,
  startedAt: null,
  offsetMs: null,
};
const NO_OBJECT = { kind: 'unknown_value', path: 'messages', value: 'no object' };

describe('a message that is no object is kept in its place, with its text', () => {
  it.each([
    ['"Hola"', 'Hola'],
    ['""', ''],
    ['null', null],
    ['5', '5'],
    ['1.50', '1.50'],
    ['[]', '[]'],
    ['[1]', '[1]'],
  ])('%s', (json, content) => {
    const { items, unread, drift } = read(`[{"created_date":"${AT}"},${json},{"created_date":"${AT}"}]`);
    expect(items).toMatchObject([
      { position: 0, startedAt: STARTED + 5_000 },
      { ...EVENT, position: 1, content },
      { position: 2, startedAt: STARTED + 5_000 },
    ]);
    expect(unread).toEqual([]);
    expect(drift).toEqual([NO_OBJECT]);
  });

  test('among others none is left out', () => {
    const messages = `[{"created_date":"${AT}","role":"assistant","content":"a"},null,"text",5,[1],{"no":"role"},
      {"created_date":"2026-09-14T08:30:20Z","role":"user","content":"b"}]`;
    const { transcript, unread, drift } = normalizeDigaCall(
      { list: objectWith(CALL), messages: listOf(messages) },
      NUMBERS,
    );
    expect(transcript).toEqual([
      {
        ...NOTHING,
        position: 0,
        role: 'agent',
        vendorRole: 'assistant',
        kind: 'speech',
        content: 'a',
        startedAt: STARTED + 5_000,
        offsetMs: 5_000,
      },
      { ...EVENT, position: 1 },
      { ...EVENT, position: 2, content: 'text' },
      { ...EVENT, position: 3, content: '5' },
      { ...EVENT, position: 4, content: '[1]' },
      { ...EVENT, position: 5 },
      {
        ...NOTHING,
        position: 6,
        role: 'user',
        vendorRole: 'user',
        kind: 'speech',
        content: 'b',
        startedAt: STARTED + 13_000,
        offsetMs: 13_000,
      },
    ]);
    expect(unread).toEqual([]);
    expect(drift).toEqual([
      NO_OBJECT,
      NO_OBJECT,
      NO_OBJECT,
      NO_OBJECT,
      { kind: 'unknown_field', path: 'messages.no', value: '' },
    ]);
  });
});

describe('a field of a message that cannot be read is null and told, with its place as it was sent', () => {
  it.each([
    ['role', '5'],
    ['role', '["user"]'],
    ['role', `"${'ñ'.repeat(201)}"`],
  ])('%s = %s', (name, json) => {
    const { items, unread, drift } = read(
      `[{"created_date":"2026-09-14T08:30:20Z","role":"user"},{"created_date":"${AT}","content":"Hola","${name}":${json}}]`,
    );
    expect(items).toMatchObject([
      { ...EVENT, position: 0, content: 'Hola', startedAt: STARTED + 5_000, offsetMs: 5_000 },
      { position: 1, role: 'user' },
    ]);
    expect(unread).toEqual([
      {
        kind: 'messages',
        path: `messages.1.${name}`,
        reason: expect.any(String),
        value: parseJson(json),
        facet: null,
      },
    ]);
    expect(drift).toEqual([]);
  });
});

describe('messages that are no list are no transcript, which is told', () => {
  it.each(['{}', 'null', '"x"', '5'])('%s', (json) => {
    const messages = parseJson(json);
    const told = {
      kind: 'messages',
      path: 'messages',
      reason: expect.any(String),
      value: messages,
      facet: 'transcript',
    };
    expect(readTranscript(messages, STARTED)).toEqual({ items: null, unread: [told], drift: [] });
    expect(normalizeDigaCall({ list: objectWith(CALL), messages }, NUMBERS)).toEqual({
      ...normalizeDigaCall({ list: objectWith(CALL) }, NUMBERS),
      transcript: null,
      unread: [told],
    });
  });
});

test('a name of a tool that no index holds is cut', () => {
  const { item } = toolCall(`{"type":"function","function_name":"${'ñ'.repeat(5_000)}","status":"success"}`);
  expect(item?.toolName).toBe('ñ'.repeat(300));
});
