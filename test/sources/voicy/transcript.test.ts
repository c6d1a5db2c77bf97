import { describe, expect, it, test } from 'vitest';
import type { CallReading, TranscriptItem } from '../../../src/call.ts';
import { parseJson } from '../../../src/json.ts';
import { readWith, refusedAt, START } from './fixtures.ts';

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

  it.each(['supervisor', 'נציג', 'Agent', '', '__proto__'])(
    'that is new (%s) is kept with its words, and told',
    (role) => {
      const { transcript, drift } = read(
        JSON.stringify([{ role, content: 'כן', function_result: { status_code: 200 } }]),
      );
      expect(transcript?.[0]).toMatchObject({ vendorRole: role, role: 'other', kind: 'event', result: null });
      expect(drift).toEqual([{ kind: 'unknown_value', path: 'transcript.role', value: role }]);
    },
  );

  it.each(['{"content":"כן"}', '{"role":null,"content":"כן"}'])('that is missing is other: %s', (json) => {
    expect(item(json)).toMatchObject({ vendorRole: null, role: 'other', kind: 'event', content: 'כן' });
  });
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
    ['242.5', null],
    ['"242"', null],
    ['null', null],
  ])('lasted %s', (duration, durationMs) => {
    expect(item(`{"role":"system","function_result":{"duration_ms":${duration}}}`)).toMatchObject({
      durationMs,
    });
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
  ])('in %s give the same instants', (_, first, last) => {
    const { transcript } = read(
      JSON.stringify([
        { role: 'agent', timestamp_ms: first },
        { role: 'caller', timestamp_ms: last },
      ]),
    );
    expect(transcript).toMatchObject([at(1_500), at(60_000)]);
  });

  it.each(['null', '"1500"', '1e400', '{}'])('of %s are none', (time) => {
    expect(item(`{"role":"agent","timestamp_ms":${time}}`)).toMatchObject({
      offsetMs: null,
      startedAt: null,
    });
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

test.each(['"כן"', '[]', 'null', '5', '{"role":5}', '{"role":"system","function_result":"x"}'])(
  'an item that cannot be read (%s) sets the record aside',
  (json) => {
    expect(refusedAt(() => read(`[${json}]`))).toMatch(/^(\(record\)|role|function_result)$/);
  },
);

test('a name of a function that no index holds is cut, also for its result', () => {
  const name = 'א'.repeat(5_000);
  const { transcript } =
    read(`[{"role":"system","function_invocation":{"invocation_id":"i","node_name":"${name}"}},
    {"role":"system","function_result":{"invocation_id":"i","status_code":200}}]`);
  expect(transcript?.map(({ toolName }) => toolName)).toEqual(['א'.repeat(500), 'א'.repeat(500)]);
});
