import { describe, expect, it, test } from 'vitest';
import { CursorRefusedError, SourceError } from '../../../src/errors.ts';
import { parseJson } from '../../../src/json.ts';
import { preparePage } from '../../../src/sync/prepare-page.ts';
import { LINKS } from '../links.ts';
import { bench, NOON, pageOf } from './bench.ts';
import { detail, ID, ROW, row, START } from './fixtures.ts';

/** The text of a record with its numbers as numbers. */
function textOf(record: unknown): string {
  return JSON.stringify(record, (_, value) =>
    typeof value === 'object' && value !== null && 'isLosslessNumber' in value ? Number(value) : value,
  );
}

const ids = (count: number) => Array.from({ length: count }, (_, i) => `call-${i}`);

describe('a page', () => {
  test('is asked for with the key and a body, and read with its count and its time', async () => {
    const { list, sent, source } = bench([`{"calls":[${ROW}],"total_count":1}`]);
    const page = await list({ window: { from: START, to: START + 60_000 } });
    expect(sent).toEqual([
      {
        method: 'POST',
        url: 'https://vendor.invalid/functions/v1/call-list',
        headers: {
          authorization: 'Bearer secret-key',
          accept: 'application/json',
          'content-type': 'application/json',
        },
        body: {
          filter_criteria: {
            start_timestamp: { lower_threshold: START - 1, upper_threshold: START + 60_000 },
            include_test_calls: false,
          },
          sort_order: 'ascending',
          limit: 1_000,
        },
      },
    ]);
    expect(page).toEqual({
      calls: [{ callId: ID, payloads: { list: row() }, cleanedTexts: 0, listedAt: START }],
      nextCursor: null,
      totalCount: 1,
      requestedAt: NOON,
      receivedAt: NOON,
      vendorNow: NOON + 2_000,
    });
    expect(source.requests).toEqual({ sent: { list: 1, detail: 0, other: 0 }, retries: 0 });
  });

  test('may be the rows alone, without a count', async () => {
    const page = await bench([`[${ROW}]`]).list();
    expect(page).toMatchObject({ calls: [{ callId: ID }], nextCursor: null, totalCount: null });
  });

  test('that is short is the last; a full one goes on behind its last call, though none may come', async () => {
    expect(await bench([pageOf(ids(999))]).list()).toMatchObject({ nextCursor: null });
    const { list, sent } = bench([pageOf(ids(1_000)), pageOf([])]);
    const { nextCursor } = await list();
    expect(nextCursor).toBe('call-999');
    expect(await list({ cursor: nextCursor })).toMatchObject({ calls: [], nextCursor: null });
    expect(sent[1]?.body?.pagination_key).toBe('call-999');
  });

  test('that is short beside its total is of a vendor that gives less than it is asked for', async () => {
    const { list } = bench([
      pageOf(ids(400), NOON, 900),
      pageOf(ids(400), NOON, 900),
      pageOf(ids(100), NOON, 900),
    ]);
    expect(await list()).toMatchObject({ nextCursor: 'call-399' });
    expect(await list({ cursor: 'call-399' })).toMatchObject({ nextCursor: 'call-399' });
    expect(await list({ cursor: 'call-399' })).toMatchObject({ nextCursor: null });
  });

  test('of a list that is gone on with in a new process is not the last before an empty one says so', async () => {
    const { list } = bench([pageOf(ids(400), NOON, 900), pageOf([], NOON, 900)]);
    expect(await list({ cursor: 'call-5' })).toMatchObject({ nextCursor: 'call-399' });
    expect(await list({ cursor: 'call-399' })).toMatchObject({ calls: [], nextCursor: null });
  });

  test('that is full goes on behind the last id that can be read, and is asked for again without any', async () => {
    const unreadable = pageOf(Array(1_000).fill(null));
    const { list, source } = bench([unreadable, pageOf([...ids(998), null, null])]);
    expect(await list()).toMatchObject({ nextCursor: 'call-997' });
    expect(source.requests.retries).toBe(1);
  });

  test('without anything to list may have no list', async () => {
    const { list, source } = bench(['{"calls":null,"total_count":0}']);
    expect(await list()).toMatchObject({ calls: [], nextCursor: null, totalCount: 0 });
    expect(source.requests.retries).toBe(0);
  });

  it.each(['{}', '{"calls":{}}', '{"calls":null,"total_count":2}', '{"error":"later"}', 'null', '"x"', '5'])(
    'that cannot be true is asked for again: %s',
    async (text) => {
      const { list, source } = bench([text, '{"calls":[]}']);
      expect(await list()).toMatchObject({ calls: [], nextCursor: null, totalCount: null });
      expect(source.requests.retries).toBe(1);
    },
  );

  it.each(['-1', '"many"', '1e400', 'null'])('with the count %s has none', async (count) => {
    expect(await bench([`{"calls":[],"total_count":${count}}`]).list()).toMatchObject({ totalCount: null });
  });

  it.each(['5', 'null', '"x"', '[]', '{}', '{"call_id":5}', '{"call_id":""}', '{"call_id":" "}'])(
    'keeps a record without a usable id: %s',
    async (item) => {
      const { calls } = await bench([`{"calls":[${item},{"call_id":"b"}]}`]).list();
      expect(calls.map(({ callId }) => callId)).toEqual([null, 'b']);
      expect(calls[0]?.payloads).toEqual({ list: parseJson(item) });
    },
  );

  test('names a call by its id, of two hundred characters at most, a UUID in small letters', async () => {
    const [long, longest] = ['x'.repeat(201), 'x'.repeat(200)];
    const { calls } = await bench([pageOf([ID.toUpperCase(), 'Call-7', long, longest])]).list();
    expect(calls.map(({ callId }) => callId)).toEqual([ID, 'Call-7', null, longest]);
    expect(calls[0]?.payloads).toMatchObject({ list: { call_id: ID.toUpperCase() } });
  });

  it.each(['1795143600', '"1795143600000"', '"1795143600"', '"2026-11-20T03:00:00Z"'])(
    'places a record that starts at %s as it is meant',
    async (startAt) => {
      const { calls } = await bench([`[{"call_id":"a","start_timestamp":${startAt}}]`]).list();
      expect(calls.map(({ listedAt }) => listedAt)).toEqual([START]);
    },
  );

  it.each(['17951436000', '1795143600000.5', '"soon"', '1e400', '-1', 'null', '""', '[]'])(
    'has no place in time for a record that starts at %s, and goes on',
    async (at) => {
      const { calls } = await bench([`[{"call_id":"a","start_timestamp":${at}},{"call_id":"b"}]`]).list();
      expect(calls.map(({ listedAt }) => listedAt)).toEqual([null, null]);
    },
  );

  test('has its texts cleaned and its secrets redacted before anything else sees them', async () => {
    const { calls } = await bench(['[{"call_id":"a","call_status":"a\\u0000","api_key":"x"}]']).list();
    expect(calls).toMatchObject([
      { payloads: { list: { call_status: 'a\uFFFD', api_key: '[REDACTED]' } }, cleanedTexts: 1 },
    ]);
  });

  it.each([400, 404, 422])('refused with %i: a cursor is to blame, or the source stops', async (status) => {
    const answer = (): [number, string] => [status, '{"status":"error","message":"Invalid pagination_key"}'];
    await expect(bench([answer()]).list({ cursor: 'c' })).rejects.toEqual(
      new CursorRefusedError('Invalid pagination_key'),
    );
    await expect(bench([answer()]).list()).rejects.toEqual(
      new SourceError(`POST /call-list answered ${status}: Invalid pagination_key`, { status }),
    );
  });

  test('refused without JSON says what it can', async () => {
    await expect(bench([[400, '<html>']]).list()).rejects.toThrow(
      'POST /call-list answered 400: no reason given',
    );
  });
});

describe('a call asked for by id', () => {
  test('brings the row that the next list will show, so that it is no change', async () => {
    const { read, list, source, sent } = bench([textOf(detail()), `[${ROW}]`]);
    const answer = await read(ID);
    expect(sent[0]).toMatchObject({
      method: 'GET',
      url: `https://vendor.invalid/functions/v1/call-get/${ID}`,
      body: null,
    });
    expect(answer).toMatchObject({ requestedAt: NOON, vendorNow: NOON + 2_000, call: { callId: ID } });
    const hashOf = (calls: Parameters<typeof preparePage>[0]) =>
      preparePage(calls, null, source.perishable)[0]?.hashes;
    const read1 = hashOf(answer ? [answer.call] : []);
    expect(hashOf((await list()).calls)?.list).toBe(read1?.list);
    expect(Object.keys(answer?.call.payloads.list ?? {})).toEqual(Object.keys(row()));
  });

  test('has its secrets redacted, also those of the functions that it called', async () => {
    const answer = await bench([textOf(detail())]).read(ID);
    expect(answer?.call.payloads.detail).toMatchObject({
      transcript: { 2: { function_invocation: { headers: { Authorization: '[REDACTED]' } } } },
    });
  });

  it.each(['?Expires=1795147200&Signature=abc', '#t=5', '?token=a\n#b', ''])(
    'has its recording without the signature %j, which is no change by itself',
    async (signature) => {
      const link = 'https://storage.invalid/r/1.mp3';
      const { read, source } = bench([
        textOf(detail({ recording_url: JSON.stringify(link + signature) })),
        textOf(detail({ recording_url: '"https://storage.invalid/signed/other/1.mp3"' })),
      ]);
      const [first, second] = [await read(ID), await read(ID)];
      expect(first?.call.payloads.detail).toMatchObject({ recording_url: link });
      expect(source.normalize(first?.call.payloads ?? {}, new Map()).facts.recordingUrl).toBe(link);
      const [before, after] = [first, second].map(
        (answer) => preparePage(answer ? [answer.call] : [], null, source.perishable)[0]?.hashes.detail,
      );
      expect(after).toBe(before);
    },
  );

  it.each(LINKS)('has links in its texts without what signs them: %s', async (told, stored) => {
    const { read, source } = bench([textOf(detail({ summary: JSON.stringify(told) }))]);
    const payloads = (await read(ID))?.call.payloads ?? {};
    expect(payloads.detail).toMatchObject({ summary: stored });
    expect(source.normalize(payloads, new Map()).analysis?.summary ?? '').toBe(stored);
  });

  test('is the same with its id in capitals', async () => {
    const { read, source } = bench([`{"call_id":"${ID.toUpperCase()}"}`, ROW]);
    expect((await read(ID))?.call.callId).toBe(ID);
    expect((await read(ID.toUpperCase()))?.call.callId).toBe(ID);
    expect(source.requests.retries).toBe(0);
  });

  test('is null when the vendor does not know it, with an error body or with none', async () => {
    expect(await bench([[404, '{"error":"Call not found"}']]).read(ID)).toBe(null);
    expect(await bench([[404, '']]).read(ID)).toBe(null);
  });

  test('is asked for again when another one comes, or none', async () => {
    const { read, source } = bench(['{"call_id":"other"}', '[]', ROW]);
    expect((await read(ID))?.call.callId).toBe(ID);
    expect(source.requests).toEqual({ sent: { list: 0, detail: 3, other: 0 }, retries: 2 });
  });

  it.each(['{}', '{"call_id":5}', '{"call_id":""}'])('that says no id has none: %s', async (text) => {
    const answer = await bench([text]).read(ID);
    expect(answer?.call).toMatchObject({ callId: null, payloads: { detail: parseJson(text) } });
  });

  test('has its id written so that it cannot be another path', async () => {
    const { read, sent } = bench([[404, '{}']]);
    await read('../agent-list?x=1#');
    expect(sent[0]?.url).toBe('https://vendor.invalid/functions/v1/call-get/..%2Fagent-list%3Fx%3D1%23');
  });

  test('that is refused stops the source', async () => {
    await expect(bench([[422, '{"error":"Bad id"}']]).read(ID)).rejects.toMatchObject({
      name: 'SourceError',
      message: 'GET /call-get answered 422: Bad id',
    });
  });
});

describe('the directory', () => {
  const agent = '{"agent_id":"a","name":"נועה","agent_type":"singlePrompt","active":true}';

  test('has the agents, and no numbers', async () => {
    const { directory, sent } = bench([`[{"name":"בלי מזהה"},${agent},5]`]);
    expect(await directory()).toEqual({
      agents: [{ agentId: 'a', name: 'נועה', type: 'singlePrompt' }],
      phones: [],
    });
    expect(sent[0]).toMatchObject({ method: 'GET', url: 'https://vendor.invalid/functions/v1/agent-list' });
  });

  test('has no agent whose id no index holds', async () => {
    const rows = [agent.replace('"a"', `"${'x'.repeat(201)}"`), agent];
    expect((await bench([`[${rows}]`]).directory())?.agents.map(({ agentId }) => agentId)).toEqual(['a']);
  });

  it.each<[string, [number, string]]>([
    ['there is no such endpoint', [404, '{}']],
    ['the key may not list them', [403, '{"error":"Access denied"}']],
    ['the answer has another shape', [200, `{"agents":[${agent}]}`]],
  ])('is null when %s: names are welcome, not needed', async (_, answer) => {
    expect(await bench([answer]).directory()).toBe(null);
  });

  test('does not hide that the key is refused', async () => {
    await expect(bench([[401, '{"error":"Invalid API key"}']]).directory()).rejects.toMatchObject({
      name: 'SourceError',
      status: 401,
    });
  });
});

test('what may wait says so: new calls and names are live, the rest as asked', async () => {
  const { list, read, directory, urgencies } = bench(['[]', '[]', [404, '{}'], '[]']);
  await list({ urgency: 'live' });
  await list({ urgency: 'background' });
  await read(ID);
  await directory();
  expect(urgencies).toEqual(['live', 'background', 'background', 'live']);
});
