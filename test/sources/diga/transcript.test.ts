import { describe, expect, it, test } from 'vitest';
import type { TranscriptItem } from '../../../src/call.ts';
import { parseJson } from '../../../src/json.ts';
import { normalizeDigaCall } from '../../../src/sources/diga/normalize.ts';
import { readTranscript } from '../../../src/sources/diga/transcript.ts';
import { CALL, listOf, MESSAGES, NUMBERS, objectWith, refusedAt, STARTED } from './fixtures.ts';

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
  return readTranscript(parseJson(messages), STARTED);
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
  it.each(['operator', 'system', '', '__proto__'])('that is new (%s) is kept, and told', (role) => {
    const { items, drift } = read(JSON.stringify([{ created_date: AT, role, content: 'Hola' }]));
    expect(items[0]).toMatchObject({ vendorRole: role, role: 'other', kind: 'event', content: 'Hola' });
    expect(drift).toEqual([{ kind: 'unknown_value', path: 'messages.role', value: role }]);
  });

  test('that is missing is other', () => {
    const { items, drift } = read(`[{"created_date":"${AT}"}]`);
    expect(items[0]).toMatchObject({ vendorRole: null, role: 'other', content: null });
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

describe('a message that cannot be read sets the record aside, with its place', () => {
  it.each([
    ['"Hola"', 'messages.1'],
    ['null', 'messages.1'],
    ['5', 'messages.1'],
    ['[]', 'messages.1'],
    ['{}', 'messages.1.created_date'],
    ['{"created_date":"soon"}', 'messages.1.created_date'],
    ['{"created_date":1789374612000}', 'messages.1.created_date'],
    [`{"created_date":"${AT}","role":5}`, 'messages.1.role'],
  ])('%s', (json, path) => {
    expect(refusedAt(() => read(`[{"created_date":"${AT}"},${json}]`))).toBe(path);
  });

  it.each(['{}', 'null', '"x"'])('so does %s instead of a list', (json) => {
    expect(refusedAt(() => read(json))).toBe('messages');
  });
});

test('a name of a tool that no index holds is cut', () => {
  const { item } = toolCall(`{"type":"function","function_name":"${'ñ'.repeat(5_000)}","status":"success"}`);
  expect(item?.toolName).toBe('ñ'.repeat(500));
});
