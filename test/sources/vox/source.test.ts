import { describe, expect, it, test } from 'vitest';
import { CursorRefusedError, SourceError } from '../../../src/errors.ts';
import { parseJson } from '../../../src/json.ts';
import type { ListQuery } from '../../../src/source.ts';
import { createVoxSource } from '../../../src/sources/vox/source.ts';
import { ManualClock } from '../../http/manual-clock.ts';
import { LINKS } from '../links.ts';
import { detail, fixtureText } from './fixtures.ts';

const NOON = Date.parse('2026-11-20T03:00:00Z');
const DATE = 'Fri, 20 Nov 2026 03:00:02 GMT';
const QUERY: ListQuery = {
  window: null,
  openOnly: false,
  order: 'oldest_first',
  cursor: null,
  urgency: 'live',
};
const ID = '3f0b6c1e-8f3d-4c55-9a51-0c7f3a1d2b44';

/** A source whose vendor gives these answers, one after the other, and what it was asked for. */
function bench(...answers: (string | [status: number, text: string])[]) {
  const urls: string[] = [];
  const urgencies: string[] = [];
  const keys: (string | undefined)[] = [];
  const left = [...answers];
  const source = createVoxSource(
    { name: 'vox-seoul', apiKey: 'secret-key', baseUrl: 'https://vendor.invalid/v3/' },
    {
      transport: async ({ url, headers }) => {
        urls.push(url);
        keys.push(headers.authorization);
        const next = left.shift() ?? [500, '{}'];
        const [status, text] = typeof next === 'string' ? [200, next] : next;
        async function* body(): AsyncGenerator<Uint8Array> {
          yield Buffer.from(text);
        }
        return { status, headers: { date: DATE }, body: body() };
      },
      clock: new ManualClock(NOON),
      random: () => 0,
      budget: {
        take: async (urgency) => void urgencies.push(urgency),
        block: async () => undefined,
        refused: async () => undefined,
      },
      counts: { sent: { list: 0, detail: 0, other: 0 }, retries: 0 },
    },
  );
  const { signal } = new AbortController();
  const list = (query: Partial<ListQuery> = {}) =>
    source.listCalls({ ...QUERY, ...query }, () => undefined, signal);
  return {
    source,
    urls,
    urgencies,
    keys,
    list,
    read: (id: string) => source.readCall(id, 'whole', signal),
    agents: async () => (await source.readDirectory(signal))?.agents ?? null,
  };
}

describe('a page', () => {
  test('is asked for with the key, and read with its place, its count and its time', async () => {
    const { list, urls, keys, source } = bench(fixtureText('list'));
    const page = await list({ cursor: 'c1' });
    expect(urls).toEqual(['https://vendor.invalid/v3/calls?sort_order=asc&limit=100&cursor=c1']);
    expect(keys).toEqual(['Bearer secret-key']);
    expect(page).toMatchObject({
      nextCursor: 'eyJrIjoxfQ==',
      totalCount: 201_312,
      requestedAt: NOON,
      vendorNow: NOON + 2_000,
    });
    expect(page.calls.map(({ callId, listedAt }) => [callId?.slice(-1), listedAt])).toEqual([
      ['1', 1_795_143_700_000],
      ['2', null],
    ]);
    expect(page.calls.map(({ payloads }) => source.normalize(payloads, new Map()).facts.status)).toEqual([
      'ongoing',
      'not_connected',
    ]);
    expect(source.requests).toEqual({ sent: { list: 1, detail: 0, other: 0 }, retries: 0 });
  });

  test('has its texts cleaned and its secrets redacted before anything else sees them', async () => {
    const { list } = bench('{"items":[{"id":"a","metadata":{"api_key":"x"},"status":"a\\u0000"}]}');
    expect((await list()).calls).toEqual([
      {
        callId: 'a',
        payloads: { list: { id: 'a', metadata: { api_key: '[REDACTED]' }, status: 'a\uFFFD' } },
        cleanedTexts: 1,
        listedAt: null,
      },
    ]);
  });

  it.each([
    '{}',
    '{"items":{}}',
    '{"items":null,"total_count":3}',
    '{"items":null,"next_cursor":"c"}',
    '[]',
    'null',
    '"x"',
    '{"items":[],"next_cursor":{}}',
  ])('that cannot be true is asked for again: %s', async (text) => {
    const { list, source } = bench(text, '{"items":[]}');
    expect(await list()).toMatchObject({ calls: [], nextCursor: null, totalCount: null });
    expect(source.requests.retries).toBe(1);
  });

  it.each([
    ['{"items":null}', null],
    ['{"items":null,"total_count":0}', null],
    ['{"items":[],"next_cursor":""}', null],
    ['{"items":[{"id":"a"}],"next_cursor":5}', '5'],
    ['{"items":[{"id":"a"}],"next_cursor":12345678901234567890}', '12345678901234567890'],
  ])('in other dress is read at once: %s', async (text, nextCursor) => {
    const { list, source } = bench(text);
    expect((await list()).nextCursor).toBe(nextCursor);
    expect(source.requests.retries).toBe(0);
  });

  it.each(['-1', '"many"', '1e400', '0.12345678901234567890123', 'null'])(
    'with the count %s has none',
    async (count) => {
      expect(await bench(`{"items":[],"total_count":${count}}`).list()).toMatchObject({ totalCount: null });
    },
  );

  it.each([
    '5',
    'null',
    '"x"',
    '[]',
    '{}',
    '{"id":5}',
    '{"id":""}',
    '{"id":" "}',
    `{"id":"${'x'.repeat(201)}"}`,
  ])('keeps a record without a usable id: %s', async (item) => {
    const { calls } = await bench(`{"items":[${item},{"id":"b"}]}`).list();
    expect(calls.map(({ callId }) => callId)).toEqual([null, 'b']);
    expect(calls[0]?.payloads).toEqual({ list: parseJson(item) });
  });

  test('names a call by its id, a UUID in small letters', async () => {
    const { calls } = await bench(`{"items":[{"id":"${ID.toUpperCase()}"},{"id":"Call-7"}]}`).list();
    expect(calls.map(({ callId }) => callId)).toEqual([ID, 'Call-7']);
    expect(calls[0]?.payloads).toEqual({ list: { id: ID.toUpperCase() } });
  });

  it.each([
    '1e400',
    '1795143600000.12345678901',
    '9007199254740991',
    '253402300800000',
    '17951436000',
    '0',
    '-1',
    'true',
    '""',
    '"soon"',
    '[]',
  ])('has no place in time for a record that starts at %s, and goes on', async (startAt) => {
    const { calls } = await bench(`{"items":[{"id":"a","start_at":${startAt}},{"id":"b"}]}`).list();
    expect(calls.map(({ listedAt }) => listedAt)).toEqual([null, null]);
  });

  it.each(['1795143600', '"1795143600000"', '"1795143600"', '"2026-11-20T03:00:00Z"'])(
    'places a record that starts at %s as it is meant',
    async (startAt) => {
      const { calls } = await bench(`{"items":[{"id":"a","start_at":${startAt}}]}`).list();
      expect(calls.map(({ listedAt }) => listedAt)).toEqual([1_795_143_600_000]);
    },
  );

  it.each(LINKS)('has its links without what signs them: %s', async (told, stored) => {
    const { list, source } = bench(JSON.stringify({ items: [{ id: 'a', recording_url: told }] }));
    const { calls } = await list();
    expect(calls[0]?.payloads).toEqual({ list: { id: 'a', recording_url: stored } });
    const { facts } = source.normalize(calls[0]?.payloads ?? {}, new Map());
    expect(facts.recordingUrl).toBe(stored || null);
  });

  test('refused with a cursor says so, so that its window restarts; refused without one, the source stops', async () => {
    const refused: [number, string] = [
      400,
      '{"error":{"code":"VALIDATION_ERROR","details":{"field":"cursor"}}}',
    ];
    await expect(bench(refused).list({ cursor: 'c' })).rejects.toEqual(
      new CursorRefusedError('VALIDATION_ERROR; field cursor'),
    );
    await expect(bench(refused).list()).rejects.toEqual(
      new SourceError('GET /calls answered 400: VALIDATION_ERROR; field cursor', { status: 400 }),
    );
  });
});

describe('a call asked for by id', () => {
  test('is a list row and a transcript, so that the next list shows no change', async () => {
    const { read, urls } = bench(fixtureText('detail'));
    const answer = await read(ID);
    const { transcript: _, ...row } = detail();
    expect(urls).toEqual([`https://vendor.invalid/v3/calls/${ID}`]);
    expect(answer?.call.payloads).toEqual({ list: row, detail: detail() });
    expect(answer).toMatchObject({ requestedAt: NOON, vendorNow: NOON + 2_000, call: { callId: ID } });
  });

  test('is null when the vendor does not know it, with an error body or with none', async () => {
    expect(await bench([404, '{"error":{"code":"NOT_FOUND"}}']).read(ID)).toBe(null);
    expect(await bench([404, '']).read(ID)).toBe(null);
  });

  test('is asked for again when another one comes, or none', async () => {
    const { read, source } = bench('{"id":"other"}', '[]', fixtureText('detail'));
    expect((await read(ID))?.call.callId).toBe(ID);
    expect(source.requests).toEqual({ sent: { list: 0, detail: 3, other: 0 }, retries: 2 });
  });

  test('is the same with its id in capitals', async () => {
    const { read, source } = bench(`{"id":"${ID.toUpperCase()}"}`, `{"id":"${ID}"}`);
    expect((await read(ID))?.call.callId).toBe(ID);
    expect((await read(ID.toUpperCase()))?.call.callId).toBe(ID);
    expect(source.requests.retries).toBe(0);
  });

  test('has links within its texts without what signs them', async () => {
    const [told, stored] = ['?X-Amz-Signature=ab&lang=ko', '?lang=ko'].map(
      (query) => `녹취는 https://r.invalid/a.wav${query} 입니다`,
    );
    const { read } = bench(JSON.stringify({ id: ID, transcript: [{ role: 'agent', content: told }] }));
    expect((await read(ID))?.call.payloads).toEqual({
      list: { id: ID },
      detail: { id: ID, transcript: [{ role: 'agent', content: stored }] },
    });
  });

  test('has its id written so that it cannot be another path', async () => {
    const { read, urls } = bench([404, '{}']);
    await read('../agents?x=1#');
    expect(urls).toEqual(['https://vendor.invalid/v3/calls/..%2Fagents%3Fx%3D1%23']);
  });

  test('that is refused stops the source', async () => {
    await expect(bench([422, '{"error":{"code":"BAD"}}']).read(ID)).rejects.toMatchObject({
      name: 'SourceError',
      message: 'GET /calls/{id} answered 422: BAD',
    });
  });
});

describe('agents', () => {
  const row = (id: string) => `{"agent_id":"${id}","name":"상담 ${id}","type":"flow","created_at":1}`;
  const agent = (id: string) => ({ agentId: id, name: `상담 ${id}`, type: 'flow' });

  test('are read page by page', async () => {
    const { agents, urls } = bench(`{"items":[${row('a')}],"next_cursor":"n 1"}`, `{"items":[${row('b')}]}`);
    expect(await agents()).toEqual([agent('a'), agent('b')]);
    expect(urls.map((url) => url.split('/v3')[1])).toEqual([
      '/agents?limit=100',
      '/agents?limit=100&cursor=n+1',
    ]);
  });

  test('end with a cursor that repeats, or after a hundred pages', async () => {
    expect(await bench(...Array(3).fill('{"items":[],"next_cursor":"n"}')).agents()).toEqual([]);
    const endless = Array.from(
      { length: 200 },
      (_, i) => `{"items":[${row(String(i))}],"next_cursor":"n${i}"}`,
    );
    expect(await bench(...endless).agents()).toHaveLength(100);
  });

  it.each<[string, [number, string]]>([
    ['there is no such endpoint', [404, '{}']],
    ['the request is refused', [400, '{}']],
    ['the key may not list them', [403, '{"error":{"code":"FORBIDDEN"}}']],
    ['the answer has another shape', [200, '{"agents":[]}']],
  ])('are null when %s: names are welcome, not needed', async (_, answer) => {
    expect(await bench(answer).agents()).toBe(null);
  });

  test('one that cannot be read is left out', async () => {
    expect(await bench(`{"items":[{"name":"이름뿐"},${row('a')},5]}`).agents()).toEqual([agent('a')]);
  });

  test('one whose id no index holds is left out', async () => {
    const rows = [row('x'.repeat(201)), row('x'.repeat(200))];
    expect(await bench(`{"items":[${rows}]}`).agents()).toEqual([agent('x'.repeat(200))]);
  });
});

test('what may wait says so: new calls and names are live, the rest as asked', async () => {
  const { list, read, agents, urgencies } = bench(
    '{"items":[]}',
    '{"items":[]}',
    [404, '{}'],
    '{"items":[]}',
  );
  await list({ urgency: 'live' });
  await list({ urgency: 'background' });
  await read(ID);
  await agents();
  expect(urgencies).toEqual(['live', 'background', 'background', 'live']);
});
