import { Agent, request } from 'undici';

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
  body: AsyncIterable<Uint8Array>;
}

/** The one way out to a vendor. Passed in, so that a simulation can answer in process. Redirects are not followed. */
export type Transport = (request: HttpRequest, signal: AbortSignal) => Promise<HttpResponse>;

/** HTTP over undici with a pool of its own. Deadlines are the caller's: undici's own are off. */
export function createHttpTransport(): { transport: Transport; close(): Promise<void> } {
  const dispatcher = new Agent({
    headersTimeout: 0,
    bodyTimeout: 0,
    connect: { timeout: 10_000 },
    keepAliveTimeout: 30_000,
  });
  return {
    async transport({ method, url, headers, body }, signal) {
      const response = await request(url, { method, headers, body, signal, dispatcher });
      return { status: response.statusCode, headers: flatten(response.headers), body: response.body };
    },
    close: () => dispatcher.destroy(),
  };
}

function flatten(headers: Record<string, string | string[] | undefined>): Record<string, string> {
  const flat: Record<string, string> = {};
  for (const [name, value] of Object.entries(headers)) {
    if (value !== undefined) flat[name.toLowerCase()] = Array.isArray(value) ? value.join(', ') : value;
  }
  return flat;
}
