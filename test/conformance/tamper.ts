import { stringify } from 'lossless-json';
import { readBody } from '../../src/http/read-body.ts';
import type { HttpRequest, HttpResponse, Transport } from '../../src/http/transport.ts';
import { type Json, type JsonObject, parseJson } from '../../src/json.ts';
import type { ConformanceCase } from './case.ts';

/** An answer of the vendor on its way to us. Its parts are changed in place. */
interface Answer {
  request: HttpRequest;
  path: string;
  status: number;
  headers: Record<string, string>;
  json: Json;
  calls: JsonObject[];
  items: JsonObject[];
}

export type Change = (answer: Answer) => void;

/** A name that becomes `__proto__` on the wire: no object here can have it. */
export const PROTO = '@proto@';

/** Before a name that is to come twice on the wire: no object here can have it twice. */
export const TWICE = '@twice@';

const BODY_MAX = 256 * 1024 * 1024;

/** Stands between the engine and the sockets: notes what is sent, and changes what comes back. */
export function tampering(
  vendor: ConformanceCase,
  { sent, changes }: { sent: HttpRequest[]; changes: ReadonlySet<Change> },
): (real: Transport) => Transport {
  return (real) => async (request, signal) => {
    sent.push(request);
    const response = await real(request, signal);
    if (changes.size === 0) return response;
    return changed(vendor, request, response, changes);
  };
}

async function changed(
  vendor: ConformanceCase,
  request: HttpRequest,
  { status, headers, body }: HttpResponse,
  changes: ReadonlySet<Change>,
): Promise<HttpResponse> {
  const json = parseJson(await readBody(body, BODY_MAX));
  const path = new URL(request.url).pathname;
  const parts = { calls: vendor.callsIn(path, json), items: vendor.itemsIn(path, json) };
  const answer: Answer = { request, path, status, headers, json, ...parts };
  for (const change of changes) change(answer);
  const text = (stringify(answer.json) ?? 'null')
    .replaceAll(`"${PROTO}"`, '"__proto__"')
    .replaceAll(`"${TWICE}`, '"');
  return { status: answer.status, headers: answer.headers, body: chunks(text) };
}

async function* chunks(text: string): AsyncGenerator<Uint8Array> {
  yield Buffer.from(text);
}
