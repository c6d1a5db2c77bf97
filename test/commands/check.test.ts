import { once } from 'node:events';
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { createServer, request as forward, type Server } from 'node:http';
import { createServer as createTlsServer } from 'node:https';
import { type AddressInfo, connect } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { HOUR } from '../../src/clock.ts';
import { type Sandbox, startSandbox } from '../../src/sandbox/server.ts';
import { makeAuthority, signFor } from '../databases/certificates.ts';
import { callhouse } from '../support/command-line.ts';
import { useTestDatabase } from '../support/database.ts';

const database = useTestDatabase();
const closers: (() => Promise<unknown>)[] = [];
let sandbox: Sandbox;
let folder: string;

beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'callhouse-check-'));
  sandbox = await startSandbox({
    pastCalls: 20,
    historyDays: 1,
    originMs: Date.now() - HOUR,
    requestsPerSecond: 0,
    requestsPerMinute: 0,
  });
});
afterAll(async () => {
  for (const close of closers) await close();
  await sandbox.close();
  await rm(folder, { recursive: true, force: true });
});

async function portOf(server: Server): Promise<number> {
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  closers.push(async () => {
    server.closeAllConnections();
    server.close();
  });
  return (server.address() as AddressInfo).port;
}

/** What `check` says of the source, with its exit code. */
async function check(
  env: Record<string, string>,
): Promise<{ code: number | null; said: string; all: string }> {
  const { code, stdout, stderr } = await callhouse(['check'], {
    DATABASE_URL: database.url,
    VOX_API_KEY: 'sandbox-key',
    VOX_BASE_URL: sandbox.vox.baseUrl,
    ...env,
  });
  const said = stdout.split('\n').slice(stdout.split('\n').findIndex((line) => line.includes('source vox')));
  return { code, said: said.join('\n'), all: stdout + stderr };
}

/** A proxy that answers every CONNECT with this status, or lets it through. */
async function startProxy(status: number): Promise<number> {
  const proxy = createServer();
  proxy.on('connect', (asked, socket) => {
    if (status !== 200) return socket.end(`HTTP/1.1 ${status} No\r\n\r\n`);
    const [host = '', port = ''] = (asked.url ?? '').split(':');
    const upstream = connect(Number(port), host, () => {
      socket.write('HTTP/1.1 200 OK\r\n\r\n');
      upstream.pipe(socket).pipe(upstream);
    });
    upstream.on('error', () => socket.destroy());
    return socket.on('error', () => upstream.destroy());
  });
  return portOf(proxy);
}

describe('check tells how far a request came, and what mends it:', () => {
  it('all is well', async () => {
    const { code, said } = await check({});
    expect(said).toContain('ok  source vox: ');
    expect(said).not.toContain('NO ');
    expect(code).toBe(0);
  });

  it('a name that cannot be resolved', async () => {
    const { code, said } = await check({ VOX_BASE_URL: 'http://no-such-host.invalid/v3' });
    expect(said).toMatch(
      /^NO {2}source vox name resolution: (ENOTFOUND|EAI_AGAIN) at http:\/\/no-such-host/m,
    );
    expect(said).toContain('check the base URL, and the DNS of this machine');
    expect(code).toBe(1);
  });

  it('a port where nothing listens', async () => {
    const { code, said } = await check({ VOX_BASE_URL: 'http://127.0.0.1:1/v3' });
    expect(said).toContain('ok  source vox name resolution: ');
    expect(said).toContain('NO  source vox connection: ECONNREFUSED at http://127.0.0.1:1/v3');
    expect(said).toContain('Nothing listens there, or a firewall refuses');
    expect(code).toBe(1);
  });

  it('a key that is not accepted', async () => {
    const { code, said } = await check({ VOX_API_KEY: 'another-key' });
    expect(said).toContain('NO  source vox key: ');
    expect(said).toContain('Check VOX_API_KEY');
    expect(said).not.toContain('another-key');
    expect(code).toBe(1);
  });

  it('a server that is not callhouse’s vendor', async () => {
    const other = await portOf(createServer((_, response) => response.end('<html>hello</html>')));
    const { code, said } = await check({ VOX_BASE_URL: `http://127.0.0.1:${other}/v3` });
    expect(said).toMatch(/^NO {2}source vox: /m);
    expect(said).toContain('Check VOX_BASE_URL');
    expect(code).toBe(1);
  });
});

describe('through a proxy', () => {
  it.each([
    [403, 'the proxy answered 403: ask who runs it'],
    [407, 'the proxy answered 407: it wants a user and a password in the address'],
  ])('that refuses with %i is told, without its password', async (status, words) => {
    const proxy = await startProxy(status);
    const { code, said, all } = await check({ HTTP_PROXY: `http://user:pr0xy-pass@127.0.0.1:${proxy}` });
    expect(said).toContain('NO  source vox proxy: ');
    expect(said.toLowerCase()).toContain(words.toLowerCase());
    expect(all).not.toContain('pr0xy-pass');
    expect(code).toBe(1);
  });

  it('that is not there is told as the proxy, and not as the vendor', async () => {
    const { said } = await check({ HTTP_PROXY: 'http://127.0.0.1:1' });
    expect(said).toContain('NO  source vox proxy: ECONNREFUSED');
    expect(said).toContain('The proxy cannot be reached');
    const unnamed = await check({ HTTP_PROXY: 'http://no-such-proxy.invalid:3128' });
    expect(unnamed.said).toContain('NO  source vox proxy: ');
  });

  it('that lets it through is used, except where NO_PROXY says not to', async () => {
    const proxy = await startProxy(200);
    expect((await check({ HTTP_PROXY: `http://127.0.0.1:${proxy}` })).code).toBe(0);
    const passed = { HTTP_PROXY: 'http://127.0.0.1:1', NO_PROXY: '127.0.0.1' };
    expect((await check(passed)).code).toBe(0);
  });
});

describe('a certificate', () => {
  /** The sandbox behind TLS, as a company's own CA has signed it. */
  async function behindTls(ended: boolean): Promise<{ url: string; authority: string }> {
    const authority = await makeAuthority();
    const own = await signFor(authority, 'localhost', { ended });
    const server = createTlsServer(own, (request, response) => {
      const { method, headers, url = '/' } = request;
      const asked = forward(new URL(url, sandbox.vox.baseUrl), { method, headers }, (answer) => {
        response.writeHead(answer.statusCode ?? 500, answer.headers);
        answer.pipe(response);
      });
      request.pipe(asked);
    });
    const port = await portOf(server as unknown as Server);
    const file = join(folder, `ca-${port}.crt`);
    await writeFile(file, authority.cert);
    return { url: `https://localhost:${port}/v3`, authority: file };
  }

  it('that nobody knows is told; NODE_EXTRA_CA_CERTS makes its CA known', async () => {
    const { url, authority } = await behindTls(false);
    const { code, said } = await check({ VOX_BASE_URL: url });
    expect(said).toContain('ok  source vox connection: ');
    expect(said).toMatch(/^NO {2}source vox TLS: \w+ at https:\/\/localhost/m);
    expect(said).toContain('name the file of your CA in NODE_EXTRA_CA_CERTS');
    expect(code).toBe(1);
    expect((await check({ VOX_BASE_URL: url, NODE_EXTRA_CA_CERTS: authority })).code).toBe(0);
  });

  it('that has ended, or is of another host, is told as that', async () => {
    const { url, authority } = await behindTls(true);
    const ended = await check({ VOX_BASE_URL: url, NODE_EXTRA_CA_CERTS: authority });
    expect(ended.said).toContain('NO  source vox TLS: CERT_HAS_EXPIRED');
    const valid = await behindTls(false);
    const other = valid.url.replace('localhost', '127.0.0.1');
    const { said } = await check({ VOX_BASE_URL: other, NODE_EXTRA_CA_CERTS: valid.authority });
    expect(said).toContain('NO  source vox TLS: ERR_TLS_CERT_ALTNAME_INVALID');
  });
});
