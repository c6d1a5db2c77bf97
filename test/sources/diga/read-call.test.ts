import { describe, expect, it, test } from 'vitest';
import { PartRefusedError, SourceError } from '../../../src/errors.ts';
import {
  type Answer,
  bench,
  CALL,
  CALL_ID,
  CREATED,
  listOf,
  MESSAGES,
  NOW,
  objectWith,
  refused,
} from './fixtures.ts';

const TALK = `{"data":${MESSAGES},"has_more":false}`;
const NO_MESSAGES = refused(404, 'NO_MESSAGES_FOR_CALL');
const NO_CALL = refused(404, 'CALL_NOT_FOUND');
const NO_ADDRESS: Answer = [404, '{"detail":"Not Found"}'];
const CALL_PATH = `/v1/call/${CALL_ID}`;
const MESSAGE_PATH = `${CALL_PATH}/message?order=asc&limit=1000`;

function callWith(members: Record<string, string | undefined>): string {
  return JSON.stringify({ ...JSON.parse(CALL), dynamic_variables: null, ...parsed(members) });
}

function thrownBy(promise: Promise<unknown>): Promise<unknown> {
  return promise.then(
    () => expect.unreachable(),
    (error: unknown) => error,
  );
}

function parsed(members: Record<string, string | undefined>): Record<string, unknown> {
  return Object.fromEntries(
    Object.entries(members).map(([name, json]) => [name, json === undefined ? undefined : JSON.parse(json)]),
  );
}

describe('a whole call', () => {
  test('is its list row and, once it has ended, what was said', async () => {
    const { whole, paths, urgencies, source } = bench(CALL, TALK);
    expect(await whole()).toEqual({
      call: {
        callId: CALL_ID,
        payloads: { list: objectWith(CALL), messages: listOf(MESSAGES) },
        cleanedTexts: 0,
        listedAt: CREATED,
      },
      requestedAt: NOW,
      receivedAt: NOW + 10,
      vendorNow: NOW + 2_000,
    });
    expect(paths).toEqual([CALL_PATH, MESSAGE_PATH]);
    expect(urgencies).toEqual(['background', 'background']);
    expect(source.requests.sent).toEqual({ list: 0, detail: 2, other: 0 });
  });

  it.each([
    ['goes on', { status: '"in_progress"' }],
    ['has an unknown status', { status: '"paused"' }],
    ['was never answered', { start_time: 'null', duration: 'null' }],
    ['has a status that cannot be read', { status: '5' }],
  ])('that %s is asked for alone', async (_, members) => {
    const { whole, paths } = bench(callWith(members));
    const answer = await whole();
    expect(Object.keys(answer?.call.payloads ?? {})).toEqual(['list']);
    expect(paths).toEqual([CALL_PATH]);
  });

  it.each([
    ['no time of creation that can be read', { created_date: '"yesterday"' }],
    ['no agent that can be read', { agent_id: '5' }],
    ['a start that cannot be read', { start_time: '"soon"', duration: 'null' }],
    ['a length as text', { start_time: 'null', duration: '"102"' }],
  ])('with %s is asked for with what was said in it', async (_, members) => {
    const { whole, paths } = bench(callWith(members), TALK);
    expect((await whole())?.call.payloads.messages).toEqual(listOf(MESSAGES));
    expect(paths).toEqual([CALL_PATH, MESSAGE_PATH]);
  });

  test('is the same with its id in capitals', async () => {
    const { whole, source } = bench(callWith({ id: `"${CALL_ID.toUpperCase()}"` }), TALK);
    expect((await whole())?.call.callId).toBe(CALL_ID);
    expect(source.requests.retries).toBe(0);
  });

  test('with a length and no start was answered', async () => {
    const { whole } = bench(callWith({ start_time: 'null' }), NO_MESSAGES);
    expect((await whole())?.call.payloads.messages).toEqual([]);
  });

  it.each<[string, Answer]>([
    ['by their code', NO_MESSAGES],
    ['by a 404 without a code: the call is there', [404, '']],
  ])('has no messages %s', async (_, answer) => {
    expect((await bench(CALL, answer).whole())?.call.payloads.messages).toEqual([]);
  });

  it.each<[string, Answer]>([
    ['may not be read', refused(403, 'INTERNAL_SERVER_ERROR')],
    ['have no address', NO_ADDRESS],
    ['cannot be asked for', [405, '{}']],
    ['are refused for this call', refused(400, 'MISSING_ID')],
    ['are locked', refused(423, 'LOCKED')],
    ['are gone', [410, '']],
  ])('is stored without its messages when they %s', async (_, answer) => {
    expect((await bench(CALL, answer).whole())?.call.payloads).toEqual({ list: objectWith(CALL) });
  });

  it.each<[string, number, Answer]>([
    ['of the form of the request', 422, refused(422, 'NOT_VALID_FIELD')],
    ['of the account', 402, refused(402, 'NOT_PAID')],
    ['of the address', 301, [301, '<html>moved</html>']],
  ])('is not taken for read when its messages meet with a refusal %s (%i)', async (_, status, answer) => {
    await expect(bench(CALL, answer).whole()).rejects.toMatchObject({ name: 'SourceError', status });
  });

  test('is null when the vendor does not know it, or not any more', async () => {
    expect(await bench(NO_CALL).whole()).toBe(null);
    expect(await bench([404, '']).whole()).toBe(null);
    expect(await bench(CALL, NO_CALL).whole()).toBe(null);
  });

  test('is asked for again when another one comes, or none', async () => {
    const { whole, source } = bench('{"id":"other"}', '[]', CALL, TALK);
    expect((await whole())?.call.callId).toBe(CALL_ID);
    expect(source.requests).toEqual({ sent: { list: 0, detail: 4, other: 0 }, retries: 2 });
  });

  test('has its id written so that it cannot be another path', async () => {
    const { whole, transcript, paths } = bench(NO_CALL, NO_CALL);
    await whole('../agent?x=1#');
    await transcript('../agent?x=1#');
    expect(paths).toEqual([
      '/v1/call/..%2Fagent%3Fx%3D1%23',
      '/v1/call/..%2Fagent%3Fx%3D1%23/message?order=asc&limit=1000',
    ]);
  });

  test('that is refused says so by its code and its message', async () => {
    await expect(bench(refused(422, 'NOT_VALID_FIELD')).whole()).rejects.toMatchObject({
      name: 'SourceError',
      status: 422,
      message: 'GET /v1/call/{id} answered 422: NOT_VALID_FIELD; Call not found',
    });
  });

  test('stops the source when the key is wrong, also for its messages', async () => {
    const wrong: Answer = [401, '{}'];
    await expect(bench(wrong).whole()).rejects.toMatchObject({ name: 'SourceError', status: 401 });
    await expect(bench(CALL, wrong).whole()).rejects.toMatchObject({ name: 'SourceError', status: 401 });
  });
});

describe('a transcript alone', () => {
  test('is one request', async () => {
    const { transcript, paths } = bench(TALK);
    expect(await transcript()).toEqual({
      call: { callId: CALL_ID, payloads: { messages: listOf(MESSAGES) }, cleanedTexts: 0, listedAt: null },
      requestedAt: NOW,
      receivedAt: NOW + 10,
      vendorNow: NOW + 2_000,
    });
    expect(paths).toEqual([MESSAGE_PATH]);
  });

  test('is empty when there are no messages, and null when there is no call', async () => {
    expect((await bench(NO_MESSAGES).transcript())?.call.payloads).toEqual({ messages: [] });
    expect(await bench(NO_CALL).transcript()).toBe(null);
  });

  it.each<[string, Answer]>([
    ['no body', [404, '']],
    ['HTML', [404, '<html>']],
    ['another code', refused(404, 'NOT_FOUND')],
  ])('of a 404 with %s depends on whether the call is there', async (_, unclear) => {
    const { transcript, paths } = bench(unclear, CALL);
    expect((await transcript())?.call.payloads).toEqual({ messages: [] });
    expect(paths).toEqual([MESSAGE_PATH, CALL_PATH]);
    expect(await bench(unclear, NO_CALL).transcript()).toBe(null);
  });

  test('that has no address is refused as a part at once', async () => {
    const error = await thrownBy(bench(NO_ADDRESS, CALL).transcript());
    expect(error).toBeInstanceOf(PartRefusedError);
    expect(error).toMatchObject({ part: 'transcript', status: 404 });
  });

  test('that is refused for what was asked says so by its code and its message', async () => {
    const error = await thrownBy(bench(refused(400, 'MISSING_ID')).transcript());
    expect(error).not.toBeInstanceOf(PartRefusedError);
    expect(error).toMatchObject({
      name: 'SourceError',
      status: 400,
      message: 'GET /v1/call/{id}/message answered 400: MISSING_ID; Call not found',
    });
  });

  describe.each<[string, number, Answer]>([
    ['the key has no right to it', 403, refused(403, 'INTERNAL_SERVER_ERROR')],
    ['it cannot be asked for', 405, [405, '{}']],
  ])('of which the vendor says that %s', (_, status, answer) => {
    test('is kept from the key for one call, or for two', async () => {
      const { transcript } = bench(answer, answer);
      for (const id of ['a', 'b']) {
        const error = await thrownBy(transcript(id));
        expect(error).toBeInstanceOf(SourceError);
        expect(error).not.toBeInstanceOf(PartRefusedError);
        expect(error).toMatchObject({ status });
      }
    });

    test('is refused as a part for the third call in a row', async () => {
      const { transcript } = bench(answer, answer, answer);
      await thrownBy(transcript('a'));
      await thrownBy(transcript('b'));
      const error = await thrownBy(transcript('c'));
      expect(error).toBeInstanceOf(PartRefusedError);
      expect(error).toMatchObject({ part: 'transcript', status });
    });

    test('is not by the same call that is asked for again, nor where another one is answered', async () => {
      const { transcript } = bench(answer, answer, answer, TALK, answer, answer);
      for (const id of ['a', 'a', 'a']) {
        expect(await thrownBy(transcript(id))).not.toBeInstanceOf(PartRefusedError);
      }
      await transcript('b');
      for (const id of ['c', 'd']) {
        expect(await thrownBy(transcript(id))).not.toBeInstanceOf(PartRefusedError);
      }
    });
  });

  test('has its texts cleaned', async () => {
    const { transcript } = bench('{"data":[{"content":"a\\u0000"}],"has_more":false}');
    expect((await transcript())?.call).toMatchObject({
      payloads: { messages: [{ content: 'a\uFFFD' }] },
      cleanedTexts: 1,
    });
  });
});

describe('a conversation of many messages', () => {
  /** A page of messages, as the older generation names them. */
  const page = (from: number, count: number, told: string) =>
    `{"data":[${Array.from({ length: count }, (_, i) => `{"message_id":"m${from + i}"}`)}]${told}}`;

  test('is read page by page', async () => {
    const { transcript, paths } = bench(
      page(0, 1_000, ',"has_more":true,"last_id":"m999"'),
      page(1_000, 1_000, ''),
      page(2_000, 5, ''),
    );
    const answer = await transcript();
    expect(answer?.call.payloads.messages).toHaveLength(2_005);
    expect(answer).toMatchObject({ requestedAt: NOW, receivedAt: NOW + 10 });
    expect(paths).toEqual([MESSAGE_PATH, `${MESSAGE_PATH}&after=m999`, `${MESSAGE_PATH}&after=m1999`]);
  });

  test('ends where the vendor says that there are none behind', async () => {
    const { transcript } = bench(page(0, 1_000, ''), NO_MESSAGES);
    expect((await transcript())?.call.payloads.messages).toHaveLength(1_000);
    expect(await bench(page(0, 1_000, ''), NO_CALL).transcript()).toBe(null);
  });

  test('that repeats a cursor is asked for again, and is a fault that may pass', async () => {
    const same = page(0, 2, ',"has_more":true,"last_id":"m1"');
    const { transcript, source } = bench(...Array<string>(7).fill(same));
    await expect(transcript()).rejects.toMatchObject({ name: 'TransientError' });
    expect(source.requests).toMatchObject({ sent: { detail: 7 }, retries: 5 });
  });

  test('that never ends is a fault that may pass', async () => {
    const endless = Array.from({ length: 101 }, (_, i) => page(i, 1, ',"has_more":true'));
    const { transcript, source } = bench(...endless);
    await expect(transcript()).rejects.toMatchObject({
      name: 'TransientError',
      message: 'GET /v1/call/{id}/message did not end after 100 pages',
    });
    expect(source.requests.sent.detail).toBe(100);
  });
});
