import { pipeline, type Readable } from 'node:stream';
import { createBrotliDecompress, createGunzip, createInflate } from 'node:zlib';
import { EnvHttpProxyAgent, request } from 'undici';
import { ConfigError, TransientError } from '../errors.ts';

export interface HttpRequest {
  method: 'GET' | 'POST';
  url: string;
  headers: Record<string, string>;
  body: string | null;
}

export interface HttpResponse {
  status: number;
  /** Names in lower case. */
  headers: Record<string, string>;
  /** Decompressed. */
  body: AsyncIterable<Uint8Array>;
}

/** The one way out to a vendor. Passed in, so that a simulation can answer in process. Redirects are not followed. */
export type Transport = (request: HttpRequest, signal: AbortSignal) => Promise<HttpResponse>;

/** Proxies, where they are not those of the environment. */
export interface ProxySettings {
  httpProxy?: string;
  httpsProxy?: string;
  noProxy?: string;
}

/** Some gateways add more than the usual 16 kB. */
const HEADERS_MAX_BYTES = 64 * 1024;

/**
 * HTTP over undici with a pool of its own, through the proxies that HTTPS_PROXY, HTTP_PROXY and NO_PROXY name. Deadlines
 * are the caller's: undici's own are off. @throws ConfigError for a proxy that is no address
 */
export function createHttpTransport(proxies: ProxySettings = {}): {
  transport: Transport;
  close(): Promise<void>;
} {
  const dispatcher = openDispatcher(proxies);
  return {
    async transport({ method, url, headers, body }, signal) {
      const asked = { 'accept-encoding': 'gzip, br', ...headers };
      const response = await request(url, { method, headers: asked, body, signal, dispatcher });
      const told = flatten(response.headers);
      return { status: response.statusCode, headers: told, body: decompressed(response.body, told) };
    },
    close: () => dispatcher.destroy(),
  };
}

function openDispatcher(proxies: ProxySettings): EnvHttpProxyAgent {
  try {
    return new EnvHttpProxyAgent({
      ...proxies,
      headersTimeout: 0,
      bodyTimeout: 0,
      connect: { timeout: 10_000 },
      keepAliveTimeout: 30_000,
      maxHeaderSize: HEADERS_MAX_BYTES,
    });
  } catch {
    // Its own words repeat the address, which may hold a password.
    throw new ConfigError([
      'HTTPS_PROXY or HTTP_PROXY is not the address of a proxy; it wants http://host:port',
    ]);
  }
}

const DECODERS = {
  gzip: createGunzip,
  'x-gzip': createGunzip,
  br: createBrotliDecompress,
  deflate: createInflate,
};

/** A body as it was before it was compressed. Nothing but what is read of it is decompressed. */
function decompressed(body: Readable, headers: Record<string, string>): AsyncIterable<Uint8Array> {
  const encoding = headers['content-encoding']?.trim().toLowerCase() ?? 'identity';
  if (encoding === 'identity' || encoding === '') return body;
  const decoder = Object.hasOwn(DECODERS, encoding) ? DECODERS[encoding as keyof typeof DECODERS] : undefined;
  if (decoder === undefined) {
    body.on('error', () => undefined).destroy();
    throw new TransientError(
      `the answer is compressed as '${encoding.slice(0, 40)}', which was not asked for`,
    );
  }
  // What breaks is told to who reads: the callback has nothing to add.
  return pipeline(body, decoder(), () => undefined);
}

function flatten(headers: Record<string, string | string[] | undefined>): Record<string, string> {
  const flat: Record<string, string> = {};
  for (const [name, value] of Object.entries(headers)) {
    if (value !== undefined) flat[name.toLowerCase()] = Array.isArray(value) ? value.join(', ') : value;
  }
  return flat;
}
