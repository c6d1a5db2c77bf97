import { describe, expect, it, test } from 'vitest';
import { CursorRefusedError, PartRefusedError, SourceError } from '../../../src/errors.ts';
import { parseJson } from '../../../src/json.ts';
import { createDigaSource } from '../../../src/sources/diga/source.ts';
import { LINKS } from '../links.ts';
import { bench, CALL, CALL_ID, CREATED, NOW, NUMBERS, objectWith, refused } from './fixtures.ts';

/** As many rows as said, each with an id. */
function rows(count: number): string[] {
  return Array.from({ length: count }, (_, i) => `{"id":"c${i}"}`);
}

describe('a page', () => {
  test('is asked for with the key, and read with its place and its time', async () => {
    const { list, paths, keys, source } = bench(`{"data":[${CALL}],"has_more":true,"last_id":"${CALL_ID}"}`);
    const page = await list({ cursor: 'c0' });
    expect(paths).toEqual(['/v1/call/?order=asc&limit=1000&after=c0']);
    expect(keys).toEqual(['Bearer secret-key']);
    expect(page).toEqual({
      calls: [{ callId: CALL_ID, payloads: { list: objectWith(CALL) }, cleanedTexts: 0, listedAt: CREATED }],
      nextCursor: CALL_ID,
      totalCount: null,
      requestedAt: NOW,
      receivedAt: NOW + 10,
      vendorNow: NOW + 2_000,
    });
    expect(source.normalize(page.calls[0]?.payloads ?? {}, NUMBERS).facts.status).toBe('ended');
    expect(source.requests).toEqual({ sent: { list: 1, detail: 0, other: 0 }, retries: 0 });
  });

  test('has its texts cleaned and its secrets redacted before anything else sees them', async () => {
    const { list } = bench(
      '{"data":[{"id":"a","status":"a\\u0000","dynamic_variables":{"api_key":"x"},' +
        '"recording_url":"https://r.invalid/a.mp3?X-Amz-Signature=abc&x=1"}],"has_more":false}',
    );
    expect((await list()).calls).toEqual([
      {
        callId: 'a',
        payloads: {
          list: {
            id: 'a',
            status: 'a\uFFFD',
            dynamic_variables: { api_key: '[REDACTED]' },
            recording_url: 'https://r.invalid/a.mp3?x=1',
          },
        },
        cleanedTexts: 1,
        listedAt: null,
      },
    ]);
  });

  it.each(LINKS)('has its links without what signs them: %s', async (told, stored) => {
    const { list, source } = bench(JSON.stringify({ data: [{ id: 'a', recording_url: told }] }));
    const payloads = (await list()).calls[0]?.payloads ?? {};
    expect(payloads).toEqual({ list: { id: 'a', recording_url: stored } });
    expect(source.normalize(payloads, NUMBERS).facts.recordingUrl).toBe(stored || null);
  });

  test('names a call by its id, of two hundred characters at most, a UUID in small letters', async () => {
    const [long, longest] = ['x'.repeat(201), 'x'.repeat(200)];
    const told = [CALL_ID.toUpperCase(), 'Call-7', long, longest].map((id) => ({ id }));
    const { calls } = await bench(JSON.stringify({ data: told, has_more: false })).list();
    expect(calls.map(({ callId }) => callId)).toEqual([CALL_ID, 'Call-7', null, longest]);
    expect(calls[0]?.payloads).toEqual({ list: { id: CALL_ID.toUpperCase() } });
  });

  it.each(['1789374600250', '"1789374600250"', '"2026-09-14T10:30:00.25+02:00"'])(
    'places a record that was created at %s as it is meant',
    async (created) => {
      const { calls } = await bench(`{"data":[{"id":"a","created_date":${created}}]}`).list();
      expect(calls.map(({ listedAt }) => listedAt)).toEqual([CREATED]);
    },
  );

  it.each(['17893746002', '1789374600250.5', '"soon"', '"2026-09-14"', '1e400', '-1', 'null', '""', '[]'])(
    'has no place in time for a record that was created at %s, and goes on',
    async (created) => {
      const { calls } = await bench(`{"data":[{"id":"a","created_date":${created}},{"id":"b"}]}`).list();
      expect(calls.map(({ listedAt }) => listedAt)).toEqual([null, null]);
    },
  );

  it.each(['5', 'null', '"x"', '[]', '{}', '{"id":5}', '{"id":"","agent_id":"a"}', '{"id":" "}'])(
    'keeps a record without a usable id: %s',
    async (row) => {
      const { calls } = await bench(`{"data":[${row},{"id":"b"}],"has_more":false}`).list();
      expect(calls.map(({ callId }) => callId)).toEqual([null, 'b']);
      expect(calls[0]?.payloads).toEqual({ list: parseJson(row) });
    },
  );
});

describe('where the next page begins', () => {
  it.each<[string, string, string | null]>([
    ['behind the last id', '"has_more":true,"last_id":"z"', 'z'],
    ['behind the last row, when no last id is told', '"has_more":true', 'c1'],
    ['behind the last row, when the last id is null', '"has_more":true,"last_id":null', 'c1'],
    ['nowhere, when that is all', '"has_more":false,"last_id":"z"', null],
    ['nowhere, when nothing is told and the page is not full', '"last_id":"z"', null],
    ['nowhere, when null is told and the page is not full', '"has_more":null', null],
  ])('%s', async (_, told, expected) => {
    const page = await bench(`{"data":[{"id":"c0"},{"id":"c1"}],${told}}`).list();
    expect(page.nextCursor).toBe(expected);
  });

  test('behind the last row that can be read, when nothing is told of a full page', async () => {
    const full = [...rows(998), '{"id":5}', 'null'];
    expect((await bench(`{"data":[${full}]}`).list()).nextCursor).toBe('c997');
    expect((await bench(`{"data":[${full}],"has_more":false}`).list()).nextCursor).toBe(null);
  });
});

test('a page without anything to list may have no list', async () => {
  const { list, source } = bench('{"data":null,"has_more":false}');
  expect(await list()).toMatchObject({ calls: [], nextCursor: null });
  expect(source.requests.retries).toBe(0);
});

describe('a page that cannot be true is asked for again', () => {
  it.each([
    '{}',
    '{"data":{}}',
    '{"data":null,"has_more":true}',
    '[]',
    'null',
    '"x"',
    '{"data":[],"has_more":"no"}',
    '{"data":[],"has_more":true}',
    '{"data":[],"has_more":true,"last_id":"z"}',
    '{"data":[{"id":5}],"has_more":true}',
    `{"data":[${Array(1_000).fill('{}')}]}`,
  ])('%#', async (text) => {
    const { list, source } = bench(text, '{"data":[],"has_more":false}');
    expect(await list()).toMatchObject({ calls: [], nextCursor: null });
    expect(source.requests.retries).toBe(1);
  });
});

describe('refused', () => {
  it.each([400, 404, 422])('with a cursor (%i), its window restarts', async (status) => {
    await expect(bench(refused(status, 'NOT_VALID_FIELD')).list({ cursor: 'c' })).rejects.toEqual(
      new CursorRefusedError('NOT_VALID_FIELD; Call not found'),
    );
  });

  it.each([400, 422])('without one (%i), the source stops', async (status) => {
    await expect(bench(refused(status, 'NOT_VALID_FIELD')).list()).rejects.toEqual(
      new SourceError(`GET /v1/call/ answered ${status}: NOT_VALID_FIELD; Call not found`, { status }),
    );
  });

  it.each([
    [403, null],
    [404, null],
    [405, null],
    [403, 'c'],
    [405, 'c'],
  ])('as a whole (%i, cursor %s), only the list is left out', async (status, cursor) => {
    const error = await bench(refused(status, 'INTERNAL_SERVER_ERROR'))
      .list({ cursor })
      .catch((thrown: unknown) => thrown);
    expect(error).toBeInstanceOf(PartRefusedError);
    expect(error).toMatchObject({ part: 'list', status });
  });

  it.each([401, 307, 410])('otherwise (%i), the source stops', async (status) => {
    const error = await bench([status, '{}'])
      .list()
      .catch((thrown: unknown) => thrown);
    expect(error).toBeInstanceOf(SourceError);
    expect(error).not.toBeInstanceOf(PartRefusedError);
  });
});

test.each([
  'https://api.diga.io',
  'https://api.diga.io/',
  'https://api.diga.io/v1',
  'https://api.diga.io/v1//',
])('the base %s is one and the same', (baseUrl) => {
  const deps = Object.create(null);
  expect(createDigaSource({ name: 'diga', apiKey: 'k', baseUrl, switches: {} }, deps).baseUrl).toBe(
    'https://api.diga.io',
  );
});
