import { describe, expect, it, test } from 'vitest';
import type { TranscriptItem } from '../../../src/call.ts';
import { type Json, parseJson } from '../../../src/json.ts';
import { scrubPayload } from '../../../src/scrub.ts';
import { normalizeVoxCall } from '../../../src/sources/vox/normalize.ts';
import { readTranscript } from '../../../src/sources/vox/transcript.ts';
import { detail, readWith } from './fixtures.ts';

const START = 1_795_143_600_000;
const CALL = { startedAt: START, durationMs: 61_234 };

function read(json: string, call: typeof CALL | { startedAt: null; durationMs: null } = CALL) {
  return readTranscript(parseJson(json) as Json[], call);
}

/** The first item of a transcript. */
function item(json: string): TranscriptItem | undefined {
  return read(json).items[0];
}

const NOTHING = {
  content: null,
  startedAt: null,
  endedAt: null,
  offsetMs: null,
  toolCallId: null,
  toolName: null,
  arguments: null,
  result: null,
  toolStatus: null,
  durationMs: null,
};

test('a transcript is read in the order sent, speech and tools, a result with the name of its tool', () => {
  expect(normalizeVoxCall({ detail: detail() }).transcript).toEqual([
    {
      ...NOTHING,
      position: 0,
      role: 'agent',
      vendorRole: 'agent',
      kind: 'speech',
      content: '안녕하세요, 서울내과입니다. 무엇을 도와드릴까요?',
      startedAt: START + 1_000,
      endedAt: START + 4_500,
      offsetMs: 1_000,
      durationMs: 3_500,
    },
    {
      ...NOTHING,
      position: 1,
      role: 'user',
      vendorRole: 'user',
      kind: 'speech',
      content: '다음 주 목요일에 예약하고 싶어요.',
      startedAt: START + 5_250,
      endedAt: START + 8_000,
      offsetMs: 5_250,
      durationMs: 2_750,
    },
    {
      ...NOTHING,
      position: 2,
      role: 'tool',
      vendorRole: 'tool_call_invocation',
      kind: 'tool_call',
      toolCallId: 'call_Ab12',
      toolName: 'find_slots',
      arguments: parseJson('{"진료과":"내과","days":7}'),
    },
    {
      ...NOTHING,
      position: 3,
      role: 'tool',
      vendorRole: 'tool_call_result',
      kind: 'tool_result',
      content: '{"slots":["14:00"],"fee":1.10}',
      toolCallId: 'call_Ab12',
      toolName: 'find_slots',
      result: parseJson('{"slots":["14:00"],"fee":1.10}'),
    },
    {
      ...NOTHING,
      position: 4,
      role: 'agent',
      vendorRole: 'agent',
      kind: 'speech',
      content: '오후 2시가 비어 있습니다.',
      startedAt: START + 12_000,
      offsetMs: 12_000,
    },
    { ...NOTHING, position: 5, role: 'user', vendorRole: 'user', kind: 'speech', content: '네, 좋아요 😀' },
  ]);
});

describe('a role', () => {
  it.each([
    ['agent', 'agent', 'speech'],
    ['user', 'user', 'speech'],
    ['tool_call_invocation', 'tool', 'tool_call'],
    ['tool_call_result', 'tool', 'tool_result'],
    ['system', 'system', 'event'],
  ])('%s is %s, %s', (vendorRole, role, kind) => {
    const { items, drift } = read(JSON.stringify([{ role: vendorRole, content: '네' }]));
    expect(items[0]).toMatchObject({ vendorRole, role, kind, content: '네' });
    expect(drift).toEqual([]);
  });

  it.each(['operator', '상담원', 'Agent', '__proto__'])(
    'that is new (%s) is kept with its words, and told',
    (role) => {
      const { items, drift } = read(JSON.stringify([{ role, content: '네' }]));
      expect(items[0]).toMatchObject({ vendorRole: role, role: 'other', kind: 'event', content: '네' });
      expect(drift).toEqual([{ kind: 'unknown_value', path: 'transcript.role', value: role }]);
    },
  );

  it.each(['[{"content":"네"}]', '[{"role":null,"content":"네"}]', '[{"role":"","content":"네"}]'])(
    'that is missing is other: %s',
    (json) => {
      expect(item(json)).toMatchObject({ vendorRole: null, role: 'other', kind: 'event', content: '네' });
      expect(read(json)).toMatchObject({ unread: [], drift: [] });
    },
  );
});

describe('times in every unit give the same instants', () => {
  it.each([
    ['unix ms', START + 1_500, START + 60_000],
    ['unix seconds', START / 1_000 + 1.5, START / 1_000 + 60],
    ['an offset in ms', 1_500, 60_000],
    ['an offset in seconds', 1.5, 60],
    ['unix ms as text', `${START + 1_500}`, ` ${START + 60_000} `],
    ['unix seconds as text', `${START / 1_000 + 1.5}`, `${START / 1_000 + 60}`],
    ['an offset in ms as text', '1500', '60000'],
    ['an offset in seconds as text', '1.5', '60'],
    ['ISO date-times', '2026-11-20T03:00:01.500Z', '2026-11-20T12:01:00+09:00'],
    ['ISO date-times without an offset', '2026-11-20T03:00:01.5', '2026-11-20 03:01:00'],
    ['unix ms and an ISO date-time', START + 1_500, '2026-11-20T03:01:00Z'],
  ])('%s', (_, start_at, end_at) => {
    const { items, unread, drift } = read(JSON.stringify([{ role: 'user', start_at, end_at }]));
    expect(items[0]).toMatchObject({
      startedAt: START + 1_500,
      endedAt: START + 60_000,
      offsetMs: 1_500,
      durationMs: 58_500,
    });
    expect(unread).toEqual([]);
    expect(drift).toEqual([]);
  });

  it.each([
    ['none', '{}', null, null],
    ['null', '{"start_at":null,"end_at":null}', null, null],
    ['an empty text', '{"start_at":"","end_at":""}', null, null],
    ['only a start, as text', '{"start_at":"1795143601500"}', 1_500, null],
    ['only an end', `{"end_at":${START + 2_000}}`, null, null],
    ['an end before the start', `{"start_at":${START + 2_000},"end_at":${START}}`, 2_000, null],
  ])('%s', (_, json, offsetMs, durationMs) => {
    const { items, unread } = read(`[${json}]`);
    expect(items[0]).toMatchObject({ offsetMs, durationMs });
    expect(unread).toEqual([]);
  });
});

describe('a time that could not be true is null and told, and spoils none of the others', () => {
  const absurd = [
    '1e400',
    '1e300',
    '-1e300',
    '99999999999999999999',
    '17957871000',
    '179514360000',
    '8200000000000',
    '8.2e12',
    '-8.2e12',
    '604800001',
    '"soon"',
    '" "',
    '"1,500"',
    'true',
    '{}',
    '[1500]',
  ];
  it.each([
    ['unix ms', START + 1_500, START + 60_000],
    ['unix seconds', START / 1_000 + 1.5, START / 1_000 + 60],
    ['an offset in ms', 1_500, 60_000],
    ['an offset in seconds', 1.5, 60],
    ['ISO date-times', '"2026-11-20T03:00:01.5Z"', '"2026-11-20T03:01:00Z"'],
  ])('beside %s', (_, first, last) => {
    for (const json of absurd) {
      const { items, unread, drift } = read(`[
        {"role":"agent","content":"가","start_at":${first}},
        {"role":"user","content":"나","start_at":${json},"end_at":${json}},
        {"role":"agent","content":"다","start_at":${last}}]`);
      expect(items, json).toMatchObject([
        { content: '가', startedAt: START + 1_500, offsetMs: 1_500 },
        { content: '나', startedAt: null, endedAt: null, offsetMs: null, durationMs: null },
        { content: '다', startedAt: START + 60_000, offsetMs: 60_000 },
      ]);
      expect(unread, json).toEqual(
        ['start_at', 'end_at'].map((name) => ({
          kind: 'detail',
          path: `transcript.1.${name}`,
          reason: 'is no time within a call',
          value: parseJson(json),
          facet: null,
        })),
      );
      expect(drift).toEqual([]);
    }
  });

  test('as is one of another year than the call', () => {
    const { items, unread } = read(
      `[{"role":"agent","start_at":${Date.UTC(2025, 10, 20)}},{"role":"user","start_at":${START + 5_000}}]`,
    );
    expect(items.map(({ offsetMs }) => offsetMs)).toEqual([null, 5_000]);
    expect(unread.map(({ path }) => path)).toEqual(['transcript.0.start_at']);
  });

  test('and so is the length between two that no call has', () => {
    const [start, end] = [Date.UTC(2016, 0, 1), START];
    const { items } = read(`[{"role":"agent","start_at":${start},"end_at":${end}}]`, {
      startedAt: null,
      durationMs: null,
    });
    expect(items[0]?.durationMs).toBe(null);
  });
});

describe('a result is paired with its call by its id', () => {
  it.each([
    ['after it', '[{"role":"tool_call_invocation","tool_call_id":"a","name":"f"},R]', ['f', 'f']],
    ['before it', '[R,{"role":"tool_call_invocation","tool_call_id":"a","name":"f"}]', ['f', 'f']],
    ['without it', '[R]', [null]],
    ['beside another', '[{"role":"tool_call_invocation","tool_call_id":"b","name":"g"},R]', ['g', null]],
    ['by its own name', '[{"role":"tool_call_result","tool_call_id":"a","name":"h","content":"1"}]', ['h']],
  ])('%s', (_, json, names) => {
    const result = '{"role":"tool_call_result","tool_call_id":"a","content":"1"}';
    expect(read(json.replace('R', result)).items.map(({ toolName }) => toolName)).toEqual(names);
  });

  it.each([
    ['"{\\"ok\\":true}"', '{"ok":true}', '{"ok":true}'],
    ['"1.10"', '1.10', '1.10'],
    ['"예약 완료"', '"예약 완료"', '예약 완료'],
    ['"{broken"', '"{broken"', '{broken'],
    ['""', '""', ''],
    ['{"ok":1.0}', '{"ok":1.0}', '{"ok":1.0}'],
    ['null', 'null', null],
  ])('and read as JSON where it is: %s', (content, result, text) => {
    expect(item(`[{"role":"tool_call_result","content":${content}}]`)).toMatchObject({
      result: parseJson(result),
      content: text,
    });
  });

  test('and only a call has arguments, whatever their type', () => {
    expect(item('[{"role":"tool_call_invocation","arguments":"{\\"a\\":1}"}]')?.arguments).toBe('{"a":1}');
    expect(item('[{"role":"agent","arguments":{"a":1}}]')?.arguments).toBe(null);
  });
});

test('fields of an item that are not known are told', () => {
  expect(read('[{"role":"user","content":"네","confidence":0.5}]').drift).toEqual([
    { kind: 'unknown_field', path: 'transcript.confidence', value: '' },
  ]);
});

const EVENT = { ...NOTHING, role: 'other', vendorRole: null, kind: 'event' };
const NO_OBJECT = { kind: 'unknown_value', path: 'transcript', value: 'no object' };

describe('an item that is no object is kept in its place, with its text', () => {
  test.each([
    ['"네"', '네'],
    ['""', ''],
    ['null', null],
    ['5', '5'],
    ['1.50', '1.50'],
    ['true', 'true'],
    ['[]', '[]'],
    ['[1]', '[1]'],
    ['[{"role":"user","content":"네"}]', '[{"content":"네","role":"user"}]'],
  ])('%s', (json, content) => {
    const turn = '{"role":"user","content":"네"}';
    const { items, unread, drift } = read(`[${turn},${json},${turn}]`);
    expect(items).toMatchObject([
      { position: 0, role: 'user', content: '네' },
      { ...EVENT, position: 1, content },
      { position: 2, role: 'user', content: '네' },
    ]);
    expect(unread).toEqual([]);
    expect(drift).toEqual([NO_OBJECT]);
  });

  test('among others none is left out', () => {
    const { transcript, unread, drift } = readWith({
      transcript: `[{"role":"agent","content":"가","start_at":${START + 1_500}},null,"text",5,[1],{"no":"role"},
        {"role":"user","content":"나","start_at":${START + 60_000}}]`,
    });
    expect(transcript).toEqual([
      {
        ...NOTHING,
        position: 0,
        role: 'agent',
        vendorRole: 'agent',
        kind: 'speech',
        content: '가',
        startedAt: START + 1_500,
        offsetMs: 1_500,
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
        content: '나',
        startedAt: START + 60_000,
        offsetMs: 60_000,
      },
    ]);
    expect(unread).toEqual([]);
    expect(drift).toEqual([
      NO_OBJECT,
      NO_OBJECT,
      NO_OBJECT,
      NO_OBJECT,
      { kind: 'unknown_field', path: 'transcript.no', value: '' },
    ]);
  });
});

describe('a field of an item that cannot be read is null and told, with its place', () => {
  test.each([
    ['role', '5', { role: 'other', vendorRole: null, kind: 'event' }],
    ['role', '["user"]', { role: 'other', vendorRole: null, kind: 'event' }],
    ['role', `"${'가'.repeat(201)}"`, { role: 'other', vendorRole: null, kind: 'event' }],
    ['tool_call_id', '{}', { toolCallId: null }],
    ['tool_call_id', '7', { toolCallId: null }],
    ['name', '1', { toolName: null }],
  ])('%s = %s', (name, json, expected) => {
    const turn = '{"role":"user","content":"네"}';
    const { items, unread, drift } = read(`[${turn},
      {"role":"tool_call_invocation","tool_call_id":"a","name":"f","content":"네","arguments":{"b":1},"${name}":${json}},
      ${turn}]`);
    const before = {
      ...NOTHING,
      position: 1,
      role: 'tool',
      vendorRole: 'tool_call_invocation',
      kind: 'tool_call',
      content: '네',
      toolCallId: 'a',
      toolName: 'f',
      arguments: { b: 1 },
    };
    expect(items).toHaveLength(3);
    expect(items[1]).toEqual({ ...before, ...expected, ...(name === 'role' && { arguments: null }) });
    expect(unread).toEqual([
      {
        kind: 'detail',
        path: `transcript.1.${name}`,
        reason: expect.any(String),
        value: parseJson(json),
        facet: null,
      },
    ]);
    expect(drift).toEqual([]);
  });
});

test('a call that has not connected has its items without instants', () => {
  const { items } = read('[{"role":"agent","content":"여보세요","start_at":1500}]', {
    startedAt: null,
    durationMs: null,
  });
  expect(items[0]).toMatchObject({ startedAt: null, offsetMs: 1_500 });
});

test('a name of a tool that no index holds is cut, also for its result', () => {
  const name = '가'.repeat(5_000);
  const { items } = read(`[{"role":"tool_call_invocation","tool_call_id":"c","name":"${name}"},
    {"role":"tool_call_result","tool_call_id":"c","content":"ok"}]`);
  expect(items.map(({ toolName }) => toolName)).toEqual(['가'.repeat(300), '가'.repeat(300)]);
});

test('what the JSON of a tool hides behind escapes is cleaned as well, so that the database takes it', () => {
  const content = JSON.stringify('{"a":"x\\u0000y","b":"\\ud83d","n":1e200000,"api_key":"abcd1234"}');
  const { payload } = scrubPayload(
    parseJson(
      `{"id":"c1","transcript":[{"role":"tool_call_result","tool_call_id":"t","content":${content}}]}`,
    ),
  );
  const [item] = normalizeVoxCall({ detail: payload }).transcript ?? [];
  expect(item?.result).toEqual({ a: 'x\uFFFDy', b: '\uFFFD', n: '1e200000', api_key: '[REDACTED]' });
});
