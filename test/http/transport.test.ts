import { once } from 'node:events';
import { createServer, type Server } from 'node:http';
import { type AddressInfo, connect } from 'node:net';
import { brotliCompressSync, gzipSync } from 'node:zlib';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { systemClock } from '../../src/clock.ts';
import { SourceError, TransientError } from '../../src/errors.ts';
import { createJsonClient } from '../../src/http/json-client.ts';
import { createHttpTransport } from '../../src/http/transport.ts';

const JSON_TEXT = '{"이름":"서울"}';
/** 200 MB of blanks in 200 kB. */
const BOMB = gzipSync(Buffer.alloc(200_000_000, ' '));

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
    else if (path === '/marked') response.end('\uFEFF{"n":1}');
    else if (path === '/gzip') response.setHeader('content-encoding', 'gzip').end(gzipSync(JSON_TEXT));
    else if (path === '/br') response.setHeader('content-encoding', 'BR').end(brotliCompressSync(JSON_TEXT));
    else if (path === '/zstd') response.setHeader('content-encoding', 'zstd').end(JSON_TEXT);
    else if (path === '/no-gzip') response.setHeader('content-encoding', 'gzip').end(JSON_TEXT);
    else if (path === '/bomb') response.setHeader('content-encoding', 'gzip').end(BOMB);
    else if (path === '/loud') response.setHeader('x-long', 'x'.repeat(20_000)).end(JSON_TEXT);
    else if (path === '/sloppy') response.end('{"a":NaN,"b":[-Infinity,1],"c":"one\ntwo","d":"NaN"}');
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
    message: expect.stringContaining(
      `GET http://127.0.0.1:${port}/calls failed: ECONNREFUSED, nothing listens there`,
    ),
  });
});

test.each(['/gzip', '/br'])('a compressed answer is read: %s', async (path) => {
  expect((await get(path)).json).toEqual({ 이름: '서울' });
});

test('a byte order mark is passed by, and headers may be long', async () => {
  expect((await get('/marked')).json).toEqual({ n: 1 });
  expect((await get('/loud')).json).toEqual({ 이름: '서울' });
});

test('what some programs write by mistake spoils the field, not the page', async () => {
  expect((await get('/sloppy')).json).toEqual({ a: 'NaN', b: ['-Infinity', 1], c: 'one\ntwo', d: 'NaN' });
});

test.each([
  ['/zstd', /compressed as 'zstd', which was not asked for/],
  ['/no-gzip', /failed: Z_DATA_ERROR, its compressed answer is broken/],
  ['/bomb', /larger than 67108864 bytes, once it is decompressed/],
])('%s is told for what it is', async (path, words) => {
  await expect(get(path)).rejects.toMatchObject({
    name: 'TransientError',
    message: expect.stringMatching(words),
  });
});

describe('a proxy', () => {
  let proxy: Server;
  const seen: { authority: string | undefined; authorization: string | undefined }[] = [];

  async function through(status: number, credentials = ''): Promise<string> {
    seen.length = 0;
    proxy = createServer();
    proxy.on('connect', (request, socket) => {
      seen.push({ authority: request.url, authorization: request.headers['proxy-authorization'] });
      if (status !== 200) {
        socket.end(`HTTP/1.1 ${status} No\r\n\r\n`);
        return;
      }
      const upstream = connect(port, '127.0.0.1', () => {
        socket.write('HTTP/1.1 200 OK\r\n\r\n');
        upstream.pipe(socket).pipe(upstream);
      });
      for (const end of [socket, upstream]) end.on('error', () => socket.destroy());
    });
    proxy.listen(0, '127.0.0.1');
    await once(proxy, 'listening');
    return `http://${credentials}127.0.0.1:${(proxy.address() as AddressInfo).port}`;
  }

  async function useProxy(settings: Parameters<typeof createHttpTransport>[0]): Promise<void> {
    await http.close();
    http = createHttpTransport(settings);
  }

  afterEach(() => {
    proxy.closeAllConnections();
    proxy.close();
  });

  test('is gone through, with its user and password', async () => {
    await useProxy({ httpProxy: await through(200, 'anna:pa55@'), noProxy: '' });
    expect((await get('/gzip')).json).toEqual({ 이름: '서울' });
    expect(seen).toEqual([
      {
        authority: `127.0.0.1:${port}`,
        authorization: `Basic ${Buffer.from('anna:pa55').toString('base64')}`,
      },
    ]);
  });

  test('is passed by where NO_PROXY says so', async () => {
    await useProxy({ httpProxy: await through(200), noProxy: '127.0.0.1' });
    expect((await get('/gzip')).json).toEqual({ 이름: '서울' });
    expect(seen).toEqual([]);
  });

  test.each([
    [407, 'the proxy answered 407: it wants a user and a password'],
    [403, 'the proxy answered 403: ask who runs it'],
  ])('that answers %i is told as the proxy', async (status, words) => {
    await useProxy({ httpProxy: await through(status, 'anna:pa55@'), noProxy: '' });
    const error = String(await get('/gzip').catch((reason: unknown) => reason));
    expect(error).toContain(words);
    expect(error).not.toContain('pa55');
  });
});

test('a proxy that is no address is refused without repeating it', () => {
  expect(() => createHttpTransport({ httpProxy: 'anna:pa55' })).toThrow(
    /^HTTPS_PROXY or HTTP_PROXY is not the address/,
  );
});
