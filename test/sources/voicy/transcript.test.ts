import { describe, expect, it, test } from 'vitest';
import type { CallReading, TranscriptItem } from '../../../src/call.ts';
import { parseJson } from '../../../src/json.ts';
import { readWith, START } from './fixtures.ts';

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
const at = (offsetMs: number) => ({ offsetMs, startedAt: START + offsetMs });

function read(transcript: string, fields: Record<string, string> = {}): CallReading {
  return readWith({ transcript, ...fields });
}

/** The first item of a transcript. */
function item(json: string): TranscriptItem | undefined {
  return read(`[${json}]`).transcript?.[0];
}

test('a transcript is read in the order sent, speech and functions, a result with the name of its function', () => {
  expect(readWith({}).transcript).toEqual([
    {
      ...NOTHING,
      ...at(0),
      position: 0,
      role: 'agent',
      vendorRole: 'agent',
      kind: 'speech',
      content: 'שלום, מדברת נועה מהמרפאה.',
    },
    {
      ...NOTHING,
      ...at(4_200),
      position: 1,
      role: 'user',
      vendorRole: 'caller',
      kind: 'speech',
      content: 'רציתי לקבוע תור ליום חמישי.',
    },
    {
      ...NOTHING,
      ...at(8_100),
      position: 2,
      role: 'tool',
      vendorRole: 'system',
      kind: 'tool_call',
      content: 'קריאה לפונקציה: find_slots',
      toolCallId: 'inv-1',
      toolName: 'find_slots',
      arguments: parseJson(
        `{"method":"POST","url":"https://clinic.invalid/slots","request_body":{"day":"חמישי","fee":1.10},
          "headers":{"Authorization":"Bearer abcdefgh12345678","Accept":"application/json"}}`,
      ),
    },
    {
      ...NOTHING,
      ...at(8_900),
      position: 3,
      role: 'tool',
      vendorRole: 'system',
      kind: 'tool_result',
      content: 'תגובה מפונקציה: find_slots',
      toolCallId: 'inv-1',
      toolName: 'find_slots',
      result: parseJson('{"status_code":200,"response_body":{"slots":["14:00"]}}'),
      toolStatus: '200',
      durationMs: 742,
    },
    {
      ...NOTHING,
      ...at(60_000),
      position: 4,
      role: 'agent',
      vendorRole: 'agent',
      kind: 'speech',
      content: 'יש מקום בשעה 14:00 😀',
    },
  ]);
});

describe('a role', () => {
  it.each([
    ['agent', 'agent', 'speech'],
    ['caller', 'user', 'speech'],
    ['user', 'user', 'speech'],
    ['system', 'system', 'event'],
  ])('%s is %s, %s', (vendorRole, role, kind) => {
    const { transcript, drift } = read(JSON.stringify([{ role: vendorRole, content: 'כן' }]));
    expect(transcript?.[0]).toMatchObject({ vendorRole, role, kind, content: 'כן' });
    expect(drift).toEqual([]);
  });

  it.each(['supervisor', 'נציג', 'Agent', '__proto__'])(
    'that is new (%s) is kept with its words, and told',
    (role) => {
      const { transcript, drift } = read(
        JSON.stringify([{ role, content: 'כן', function_result: { status_code: 200 } }]),
      );
      expect(transcript?.[0]).toMatchObject({ vendorRole: role, role: 'other', kind: 'event', result: null });
      expect(drift).toEqual([{ kind: 'unknown_value', path: 'transcript.role', value: role }]);
    },
  );

  it.each(['{"content":"כן"}', '{"role":null,"content":"כן"}', '{"role":"","content":"כן"}'])(
    'that is missing is other: %s',
    (json) => {
      expect(item(json)).toMatchObject({ vendorRole: null, role: 'other', kind: 'event', content: 'כן' });
      expect(read(`[${json}]`)).toMatchObject({ unread: [], drift: [] });
    },
  );
});

describe('what a function gave back', () => {
  const invocation = (id: string, node: string) =>
    `{"role":"system","function_invocation":{"invocation_id":"${id}","node_name":"${node}"}}`;
  const result = '{"role":"system","function_result":{"invocation_id":"a"}}';

  it.each([
    ['after its call', `${invocation('a', 'f')},${result}`, ['f', 'f']],
    ['before its call', `${result},${invocation('a', 'f')}`, ['f', 'f']],
    ['without its call', result, [null]],
    ['beside another', `${invocation('b', 'g')},${result}`, ['g', null]],
    [
      'by its own name',
      `${invocation('a', 'f')},{"role":"system","function_result":{"invocation_id":"a","node_name":"h"}}`,
      ['f', 'h'],
    ],
  ])('is paired %s', (_, json, names) => {
    expect(read(`[${json}]`).transcript?.map(({ toolName }) => toolName)).toEqual(names);
  });

  it.each([
    ['{"status_code":200}', '200'],
    ['{"status_code":0,"error":"timeout"}', 'timeout'],
    ['{"status_code":404,"error_class":"non_2xx"}', 'non_2xx'],
    ['{"error_type":"network"}', 'network'],
    ['{"error":{"code":1},"error_class":null,"error_type":"invalid_url"}', 'invalid_url'],
    ['{"status_code":"200"}', '200'],
    ['{"status_code":null}', null],
    ['{}', null],
  ])('%s went %s', (json, toolStatus) => {
    expect(item(`{"role":"system","function_result":${json}}`)).toMatchObject({
      kind: 'tool_result',
      toolStatus,
      result: parseJson(json),
    });
  });

  it.each([
    ['242', 242],
    ['242.5', 243],
    ['"242"', 242],
    ['" 242.0 "', 242],
    ['2.42e2', 242],
    ['604800000', 604_800_000],
    ['null', null],
    ['""', null],
  ])('lasted %s', (duration, durationMs) => {
    const { transcript, unread } = read(`[{"role":"system","function_result":{"duration_ms":${duration}}}]`);
    expect(transcript).toMatchObject([{ durationMs }]);
    expect(unread).toEqual([]);
  });

  it.each(['-1', '604800001', '1e300', '"long"', '"1,000"', 'true', '[]'])('did not last %s', (duration) => {
    expect(item(`{"role":"system","function_result":{"duration_ms":${duration}}}`)).toMatchObject({
      kind: 'tool_result',
      durationMs: null,
    });
  });

  it.each([
    ['function_result', 'duration_ms', '"long"'],
    ['function_result', 'invocation_id', '5'],
    ['function_result', 'node_name', '{}'],
    ['function_invocation', 'invocation_id', '5'],
    ['function_invocation', 'node_name', '[]'],
  ])('and what cannot be read of it is told: %s.%s = %s', (field, name, json) => {
    const { transcript, unread } = read(`[{"role":"system","${field}":{"${name}":${json}}}]`);
    expect(transcript).toMatchObject([{ toolCallId: null, toolName: null, durationMs: null }]);
    expect(unread).toMatchObject([
      { kind: 'detail', path: `transcript.0.${field}.${name}`, value: parseJson(json), facet: null },
    ]);
  });

  test('is an event where it is null, as vendors write what is not there', () => {
    expect(item('{"role":"system","function_invocation":null,"function_result":null}')).toMatchObject({
      role: 'system',
      kind: 'event',
    });
  });
});

describe('older generations', () => {
  const talk = '[{"role":"agent","content":"שלום"},{"role":"user","content":"שלום לך"}]';

  test('have the talk as one text, with a list beside it', () => {
    const { transcript, drift } = read('"Agent: שלום\\nUser: שלום לך"', { transcript_object: talk });
    expect(transcript?.map(({ role, content }) => [role, content])).toEqual([
      ['agent', 'שלום'],
      ['user', 'שלום לך'],
    ]);
    expect(drift).toEqual([]);
  });

  test('or as one text alone, which nobody can be told to have said', () => {
    expect(read('"Agent: שלום\\nUser: כן"').transcript).toEqual([
      {
        ...NOTHING,
        position: 0,
        role: 'other',
        vendorRole: null,
        kind: 'speech',
        content: 'Agent: שלום\nUser: כן',
      },
    ]);
  });

  test('and time their turns by stage, and guess at voices', () => {
    const { transcript, drift } = read(
      '[{"role":"user","content":"כן","gender":"male","latency_breakdown":{"llm":420}}]',
    );
    expect(transcript?.[0]).toMatchObject({ content: 'כן', offsetMs: null, startedAt: null });
    expect(drift).toEqual([]);
  });

  it.each([
    ['null', undefined, null],
    ['""', undefined, null],
    ['""', 'null', null],
    ['[]', undefined, []],
    ['[]', talk, []],
    ['"x"', 'null', [expect.objectContaining({ content: 'x' })]],
    ['"x"', '[]', []],
  ])('%s with %s beside it', (transcript, beside, expected) => {
    const fields = beside === undefined ? {} : { transcript_object: beside };
    expect(read(transcript, fields).transcript).toEqual(expected);
  });
});

describe('times', () => {
  it.each([
    ['an offset in ms', 1_500, 60_000],
    ['an offset in seconds', 1.5, 60],
    ['unix ms', START + 1_500, START + 60_000],
    ['unix seconds', START / 1_000 + 1.5, START / 1_000 + 60],
    ['an offset in ms as text', '1500', ' 60000 '],
    ['an offset in seconds as text', '1.5', '60'],
    ['unix ms as text', `${START + 1_500}`, `${START + 60_000}`],
    ['ISO date-times', '2026-11-20T03:00:01.500Z', '2026-11-20T05:01:00+02:00'],
    ['ISO date-times without an offset', '2026-11-20T03:00:01.5', '2026-11-20 03:01:00'],
  ])('in %s give the same instants', (_, first, last) => {
    const { transcript, unread, drift } = read(
      JSON.stringify([
        { role: 'agent', timestamp_ms: first },
        { role: 'caller', timestamp_ms: last },
      ]),
    );
    expect(transcript).toMatchObject([at(1_500), at(60_000)]);
    expect(unread).toEqual([]);
    expect(drift).toEqual([]);
  });

  it.each(['null', '""', undefined])('of %s are none', (time) => {
    const json = time === undefined ? '{"role":"agent"}' : `{"role":"agent","timestamp_ms":${time}}`;
    const { transcript, unread } = read(`[${json}]`);
    expect(transcript).toMatchObject([{ offsetMs: null, startedAt: null }]);
    expect(unread).toEqual([]);
  });

  test('alone, as text, is read', () => {
    const { transcript, unread } = read('[{"role":"agent","timestamp_ms":"1500"}]');
    expect(transcript).toMatchObject([at(1_500)]);
    expect(unread).toEqual([]);
  });

  const absurd = [
    '1e400',
    '1e300',
    '-1e300',
    '17957871000',
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
    ['an offset in ms', 1_500, 60_000],
    ['an offset in seconds', 1.5, 60],
    ['unix ms', START + 1_500, START + 60_000],
    ['unix seconds', START / 1_000 + 1.5, START / 1_000 + 60],
  ])('that could not be true are null and told, beside %s', (_, first, last) => {
    for (const json of absurd) {
      const { transcript, unread, drift } = read(`[
        {"role":"agent","content":"א","timestamp_ms":${first}},
        {"role":"caller","content":"ב","timestamp_ms":${json}},
        {"role":"agent","content":"ג","timestamp_ms":${last}}]`);
      expect(transcript, json).toMatchObject([
        { ...at(1_500), content: 'א' },
        { offsetMs: null, startedAt: null, content: 'ב' },
        { ...at(60_000), content: 'ג' },
      ]);
      expect(unread, json).toEqual([
        {
          kind: 'detail',
          path: 'transcript.1.timestamp_ms',
          reason: 'is no time within a call',
          value: parseJson(json),
          facet: null,
        },
      ]);
      expect(drift).toEqual([]);
    }
  });

  test('of a call that did not connect are offsets alone', () => {
    const { transcript } = read('[{"role":"agent","timestamp_ms":1500}]', {
      call_status: '"no_answer"',
      duration_ms: 'null',
    });
    expect(transcript).toMatchObject([{ offsetMs: 1_500, startedAt: null }]);
  });
});

test('fields of an item that are not known are told', () => {
  expect(read('[{"role":"caller","content":"כן","confidence":0.5}]').drift).toEqual([
    { kind: 'unknown_field', path: 'transcript.confidence', value: '' },
  ]);
});

const EVENT = { ...NOTHING, role: 'other', vendorRole: null, kind: 'event' };
const NO_OBJECT = { kind: 'unknown_value', path: 'transcript', value: 'no object' };

describe('an item that is no object is kept in its place, with its text', () => {
  test.each([
    ['"כן"', 'כן'],
    ['""', ''],
    ['null', null],
    ['5', '5'],
    ['1.50', '1.50'],
    ['false', 'false'],
    ['[]', '[]'],
    ['[1]', '[1]'],
  ])('%s', (json, content) => {
    const turn = '{"role":"caller","content":"כן"}';
    const { transcript, unread, drift } = read(`[${turn},${json},${turn}]`);
    expect(transcript).toMatchObject([
      { position: 0, role: 'user', content: 'כן' },
      { ...EVENT, position: 1, content },
      { position: 2, role: 'user', content: 'כן' },
    ]);
    expect(unread).toEqual([]);
    expect(drift).toEqual([NO_OBJECT]);
  });

  test('among others none is left out, in any generation', () => {
    const items = `[{"role":"agent","content":"א","timestamp_ms":1500},null,"text",5,[1],{"no":"role"},
      {"role":"caller","content":"ב","timestamp_ms":60000}]`;
    const reading = read(items);
    expect(reading.transcript).toEqual([
      {
        ...NOTHING,
        ...at(1_500),
        position: 0,
        role: 'agent',
        vendorRole: 'agent',
        kind: 'speech',
        content: 'א',
      },
      { ...EVENT, position: 1 },
      { ...EVENT, position: 2, content: 'text' },
      { ...EVENT, position: 3, content: '5' },
      { ...EVENT, position: 4, content: '[1]' },
      { ...EVENT, position: 5 },
      {
        ...NOTHING,
        ...at(60_000),
        position: 6,
        role: 'user',
        vendorRole: 'caller',
        kind: 'speech',
        content: 'ב',
      },
    ]);
    expect(reading.unread).toEqual([]);
    expect(reading.drift).toEqual([
      NO_OBJECT,
      NO_OBJECT,
      NO_OBJECT,
      NO_OBJECT,
      { kind: 'unknown_field', path: 'transcript.no', value: '' },
    ]);
    expect(read('"Agent: א"', { transcript_object: items }).transcript).toEqual(reading.transcript);
  });
});

describe('a field of an item that cannot be read is null and told, with its place', () => {
  const EVENT_OF_SYSTEM = { role: 'system', kind: 'event', vendorRole: 'system' };
  test.each([
    ['role', '5', { role: 'other', vendorRole: null, kind: 'event' }],
    ['role', '["agent"]', { role: 'other', vendorRole: null, kind: 'event' }],
    ['role', `"${'א'.repeat(201)}"`, { role: 'other', vendorRole: null, kind: 'event' }],
    ['function_result', '"x"', EVENT_OF_SYSTEM],
    ['function_result', '[]', EVENT_OF_SYSTEM],
    ['function_invocation', '5', EVENT_OF_SYSTEM],
    ['function_invocation', '1.50', EVENT_OF_SYSTEM],
  ])('%s = %s', (name, json, expected) => {
    const turn = '{"role":"caller","content":"כן"}';
    const { transcript, unread, drift } = read(
      `[${turn},{"role":"system","content":"כן","timestamp_ms":1500,"${name}":${json}},${turn}]`,
    );
    expect(transcript).toHaveLength(3);
    expect(transcript?.[1]).toEqual({
      ...NOTHING,
      ...at(1_500),
      position: 1,
      content: 'כן',
      ...expected,
    });
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

  test('and leaves the other fields of it', () => {
    const { transcript, unread } = read(
      '[{"role":"system","function_invocation":5,"function_result":{"invocation_id":"a","status_code":200}}]',
    );
    expect(transcript).toMatchObject([{ kind: 'tool_result', toolCallId: 'a', toolStatus: '200' }]);
    expect(unread.map(({ path }) => path)).toEqual(['transcript.0.function_invocation']);
  });
});

test('a name of a function that no index holds is cut, also for its result', () => {
  const name = 'א'.repeat(5_000);
  const { transcript } =
    read(`[{"role":"system","function_invocation":{"invocation_id":"i","node_name":"${name}"}},
    {"role":"system","function_result":{"invocation_id":"i","status_code":200}}]`);
  expect(transcript?.map(({ toolName }) => toolName)).toEqual(['א'.repeat(300), 'א'.repeat(300)]);
});
