import { once } from 'node:events';
import { createServer, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { systemClock } from '../../src/clock.ts';
import { SourceError, TransientError } from '../../src/errors.ts';
import { createJsonClient } from '../../src/http/json-client.ts';
import { createHttpTransport } from '../../src/http/transport.ts';

/** The client as it runs, over a real socket. */
let server: Server;
let http: ReturnType<typeof createHttpTransport>;
let port = 0;
const requests: { url: string | undefined; authorization: string | undefined }[] = [];

beforeEach(async () => {
  requests.length = 0;
  server = createServer((request, response) => {
    requests.push({ url: request.url, authorization: request.headers.authorization });
    const path = request.url?.split('?')[0];
    if (path === '/calls') response.setHeader('X-Two', ['a', 'b']).end('{"이름":"서울","n":1.10}');
    else if (path === '/moved') response.writeHead(302, { location: '/calls' }).end();
    else if (path === '/torn') {
      response.writeHead(200, { 'content-length': '100' });
      response.write('{"items":', () => response.destroy());
    } else response.writeHead(401).end('{}');
  }).listen(0, '127.0.0.1');
  await once(server, 'listening');
  port = (server.address() as AddressInfo).port;
  http = createHttpTransport();
});

afterEach(async () => {
  await http.close();
  server.closeAllConnections();
  server.close();
});

function get(path: string, atPort = port) {
  const client = createJsonClient({
    transport: http.transport,
    clock: systemClock,
    random: () => 0,
    budget: { take: async () => undefined, block: async () => undefined, refused: async () => undefined },
    counts: { sent: { list: 0, detail: 0, other: 0 }, retries: 0 },
    limits: { retry: { retries: 1, firstWaitMs: 1, waitMaxMs: 1 } },
  });
  const request = {
    method: 'GET' as const,
    url: `http://127.0.0.1:${atPort}${path}`,
    headers: { authorization: 'Bearer key' },
    body: null,
  };
  return client(request, { kind: 'list', urgency: 'live' }, (answer) => answer, new AbortController().signal);
}

test('a request arrives with its key and query, and its answer is read with its date', async () => {
  const { status, json, vendorNow } = await get('/calls?limit=1');
  expect({ status, json }).toMatchObject({ status: 200, json: { 이름: '서울', n: { value: '1.10' } } });
  expect(Math.abs((vendorNow ?? 0) - Date.now())).toBeLessThan(5_000);
  expect(requests).toEqual([{ url: '/calls?limit=1', authorization: 'Bearer key' }]);
});

test('headers have names in lower case, and those that came twice are joined', async () => {
  const signal = new AbortController().signal;
  const request = { method: 'GET' as const, url: `http://127.0.0.1:${port}/calls`, headers: {}, body: null };
  const { headers, body } = await http.transport(request, signal);
  expect(headers).toMatchObject({ 'x-two': 'a, b', date: expect.any(String) });
  for await (const chunk of body) expect(chunk.byteLength).toBeGreaterThan(0);
});

test('a redirect is not followed: the key goes nowhere else', async () => {
  await expect(get('/moved')).rejects.toEqual(
    new SourceError(
      `GET http://127.0.0.1:${port}/moved answered 302, a redirect: check the base URL (a key is never sent on)`,
      { status: 302 },
    ),
  );
  expect(requests.map(({ url }) => url)).toEqual(['/moved']);
});

test('a connection that is cut in the middle of an answer is tried again and then told', async () => {
  const error: unknown = await get('/torn').catch((reason: unknown) => reason);
  expect(error).toBeInstanceOf(TransientError);
  expect(error).toMatchObject({ message: expect.stringMatching(/\/torn failed: (UND_ERR_\w+|ECONNRESET)$/) });
  expect(requests).toHaveLength(2);
});

test('a server that is not there is told by its code', async () => {
  server.closeAllConnections();
  server.close();
  await expect(get('/calls')).rejects.toMatchObject({
    name: 'TransientError',
    message: `GET http://127.0.0.1:${port}/calls failed: ECONNREFUSED`,
  });
});
