import { describe, expect, it, test } from 'vitest';
import { CursorRefusedError, SourceError, TransientError } from '../../src/errors.ts';
import { answer, clientBench, NOON, ok } from './client-bench.ts';

const NO_RETRIES = { retry: { retries: 0, firstWaitMs: 1_000, waitMaxMs: 1_000 } };

describe('an answer', () => {
  test('is read with its digits intact, and with letters that came in two chunks', async () => {
    const { get } = clientBench([ok('{"name":"김민준 고객님","amount":1234567890123456789.10}')]);
    const { json } = await get();
    expect(json).toMatchObject({ name: '김민준 고객님', amount: { value: '1234567890123456789.10' } });
  });

  it.each([200, 201, 204, 400, 404, 422])('of %i is handed to the reader', async (status) => {
    const { get } = clientBench([answer(status, '{"error":{"code":"X"}}')]);
    expect(await get()).toMatchObject({ status, json: { error: { code: 'X' } } });
  });

  it.each([
    ['Fri, 20 Nov 2026 03:00:05 GMT', NOON + 5_000],
    ['soon', null],
    ['', null],
    [undefined, null],
  ])('with the date %j tells the time of the vendor', async (date, vendorNow) => {
    const { get } = clientBench([ok('{}', date === undefined ? {} : { date })]);
    expect(await get()).toMatchObject({ vendorNow, requestedAt: NOON, receivedAt: NOON });
  });

  test('is dated by the attempt that brought it, not by the first', async () => {
    const { get } = clientBench([answer(503, '{}'), ok()]);
    expect(await get()).toMatchObject({ requestedAt: NOON + 625 });
  });

  test('that says 404 without a body is an answer, not a fault: the call is not known', async () => {
    const { get, counts } = clientBench([answer(404, '')], NO_RETRIES);
    expect(await get()).toMatchObject({ status: 404, json: null });
    expect(counts.retries).toBe(0);
  });
});

describe('what no retry can mend stops the source at once', () => {
  it.each([
    [401, 'GET https://vendor.invalid/v3/calls answered 401: the API key is not accepted'],
    [403, 'answered 403: a page in the place of an answer: a firewall or a gateway refuses us'],
    [301, 'answered 301, a redirect: check the base URL'],
    [302, 'answered 302, a redirect: check the base URL'],
    [307, 'answered 307, a redirect: check the base URL'],
    [402, 'GET https://vendor.invalid/v3/calls answered 402'],
    [405, 'GET https://vendor.invalid/v3/calls answered 405'],
    [410, 'GET https://vendor.invalid/v3/calls answered 410'],
    [451, 'GET https://vendor.invalid/v3/calls answered 451'],
  ])('%i', async (status, message) => {
    const { failure, events } = clientBench([answer(status, '<html>no JSON</html>')]);
    const error = await failure();
    expect(error).toBeInstanceOf(SourceError);
    expect(error).toMatchObject({ status, message: expect.stringContaining(message) });
    expect(events).toEqual(['take', 'send']);
  });
});

test('a refusal of a vendor itself is one of the key', async () => {
  expect(String(await clientBench([answer(403, '{"error":{}}')]).failure())).toContain(
    'GET https://vendor.invalid/v3/calls answered 403: the API key is not accepted',
  );
});

describe('what may pass by itself is sent again', () => {
  it.each([408, 425, 429, 500, 502, 503, 504, 520, 599])('%i', async (status) => {
    const { get, counts, retries } = clientBench([answer(status, '<html>'), answer(status, '')]);
    expect(await get()).toMatchObject({ status: 200 });
    expect(counts).toEqual({ sent: { list: 3, detail: 0, other: 0 }, retries: 2 });
    expect(retries.map(({ reason }) => reason)).toEqual(
      Array(2).fill(`GET https://vendor.invalid/v3/calls answered ${status}`),
    );
  });

  it.each([
    ['{"items":[', 'broken JSON (no content type, 10 characters)', {}],
    [
      '{"items":[}',
      'broken JSON (application/json, gzip, 11 characters), at character 10',
      { 'content-type': 'application/json', 'content-encoding': 'gzip' },
    ],
    ['\uFFFD\uFFFD', 'something else instead of JSON (no content type, 2 characters): \uFFFD\uFFFD', {}],
    ['', 'an empty body instead of JSON (no content type, 0 characters)', {}],
    [' \n ', 'an empty body', {}],
    [
      '<!doctype html><h1>점검 중</h1>',
      'HTML instead of JSON (text/html, 28 characters): <!doctype html><h1>점검 중</h1>',
      { 'content-type': 'text/html' },
    ],
    ['  \n<html>', 'HTML', {}],
    [
      'key sk_live_abcdefgh12345678',
      'something else instead of JSON (no content type, 28 characters): key [REDACTED]',
      {},
    ],
  ])('a body of %j, said to be %s', async (text, words, headers) => {
    const { get, retries } = clientBench([ok(text, headers)]);
    expect(await get()).toMatchObject({ status: 200, json: { ok: true } });
    expect(retries).toHaveLength(1);
    expect(retries[0]?.reason).toContain(`GET https://vendor.invalid/v3/calls answered ${words}`);
  });

  // Holds invariant 19.
  it.each([
    ['no such number: 010-1234-5678', 'no such number: [NUMBER]'],
    ['<b>+82 (0)10 1234 5678</b>', '<b>[NUMBER]</b>'],
    ['contact 1234567 of kim@example.com', 'contact [NUMBER] of [EMAIL]'],
    [`${'.'.repeat(40)} sk_live_abcdefgh12345678abcdefgh`, '[REDACTED]'],
  ])('a body of %j, of which no person and no key is told', async (text, words) => {
    const { get, retries } = clientBench([ok(text, { 'content-type': 'text/plain; name=01012345678' })]);
    await get();
    expect(retries[0]?.reason).toContain(words);
    expect(retries[0]?.reason).not.toMatch(/\d{4}|@|abcdefgh/);
  });

  test('a body larger than is allowed, before all of it is in memory', async () => {
    let sent = 0;
    async function* endless() {
      for (;;) {
        sent += 1;
        yield new Uint8Array(1_000);
      }
    }
    const { failure } = clientBench([{ status: 200, headers: {}, body: endless() }], {
      ...NO_RETRIES,
      bodyMaxBytes: 10_000,
    });
    expect(await failure()).toEqual(
      new TransientError('the answer is larger than 10000 bytes, once it is decompressed'),
    );
    expect(sent).toBe(11);
  });

  test('an answer that its reader says cannot be true, within the same number of retries', async () => {
    const { get, counts } = clientBench([]);
    let reads = 0;
    const read = () => {
      reads += 1;
      throw new TransientError('the list repeated a cursor');
    };
    await expect(get(read)).rejects.toEqual(new TransientError('the list repeated a cursor'));
    expect(reads).toBe(6);
    expect(counts).toEqual({ sent: { list: 6, detail: 0, other: 0 }, retries: 5 });
  });

  it.each([
    ['a refused cursor', new CursorRefusedError('VALIDATION_ERROR')],
    ['a bug', new TypeError('x is undefined')],
  ])('but not %s, which the reader throws', async (_, error) => {
    const { get, counts } = clientBench([]);
    const read = () => {
      throw error;
    };
    await expect(get(read)).rejects.toBe(error);
    expect(counts.sent.list).toBe(1);
  });
});

describe('the budget', () => {
  test('is asked before every attempt, and blocked for all when the vendor says 429', async () => {
    const { get, events } = clientBench([
      answer(429, '{}', { 'retry-after': '5' }),
      answer(500, '{}', { 'retry-after': '9' }),
      answer(429, '{}'),
    ]);
    await get();
    expect(events).toEqual([
      'take',
      'send',
      'block 5000',
      'take',
      'send',
      'take',
      'send',
      'block 2500',
      'take',
      'send',
    ]);
  });

  test('reads a Retry-After date on the clock of the vendor', async () => {
    const headers = { date: 'Fri, 20 Nov 2026 01:00:00 GMT', 'retry-after': 'Fri, 20 Nov 2026 01:00:04 GMT' };
    const { get, clock } = clientBench([answer(429, '{}', headers)]);
    await get();
    expect(clock.sleeps).toEqual([4_000]);
  });

  test('is blocked by the last 429 too, so that the next request heeds it', async () => {
    const { failure, events } = clientBench([answer(429, '{}', { 'retry-after': '60' })], NO_RETRIES);
    expect(await failure()).toMatchObject({ status: 429, retryAfterMs: 60_000 });
    expect(events).toContain('block 60000');
  });

  test('is told how urgent the request is', async () => {
    const { get, events } = clientBench([], {}, 'background');
    await get();
    expect(events).toEqual(['take in the background', 'send']);
  });
});
