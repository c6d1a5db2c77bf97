import { SourceError, TransientError } from '../errors.ts';
import { type Json, parseJson } from '../json.ts';
import type { RequestKind } from '../requests.ts';
import { told } from '../told.ts';
import { type Exchange, named } from './exchange.ts';
import { mendJson } from './mend-json.ts';
import { refusalWords } from './refusal.ts';
import { waitAsked } from './retry-after.ts';
import type { HttpRequest } from './transport.ts';

export interface JsonAnswer {
  /** 2xx, 400, 404 or 422; everything else was thrown. */
  status: number;
  /** Null when a refusal came without JSON. */
  json: Json;
  requestedAt: number;
  receivedAt: number;
  vendorNow: number | null;
}

/**
 * Reads JSON from an answer, or sorts it by what the caller must do. @throws TransientError for what may pass by itself,
 * SourceError for what no retry can mend
 */
export function readAnswer(request: HttpRequest, kind: RequestKind, answer: Exchange): JsonAnswer {
  const { status, requestedAt, receivedAt, vendorNow } = answer;
  const json = status < 400 ? null : parsedOrNull(answer.text);
  if (isRefused(status)) throw faultOf(request, kind, answer, refusalWords(json));
  const read = status < 400 ? parseBody(request, answer) : json;
  return { status, json: read, requestedAt, receivedAt, vendorNow };
}

/** What is not handed to the reader, who knows what 400, 404 and 422 mean where they come from. */
function isRefused(status: number): boolean {
  return status >= 300 && status !== 400 && status !== 404 && status !== 422;
}

function faultOf(
  request: HttpRequest,
  kind: RequestKind,
  { status, headers, text, vendorNow, receivedAt }: Exchange,
  words: string | null,
): SourceError | TransientError {
  const answered = `${named(request)} answered ${status}`;
  if (status < 400) {
    return new SourceError(`${answered}, a redirect: check the base URL (a key is never sent on)`, {
      status,
    });
  }
  if (status === 401 || status === 403) {
    const said = words === null ? '' : `; the vendor says: ${words}`;
    return new SourceError(`${answered}: ${whyNotAllowed(status, kind, text)}${said}`, { status, words });
  }
  const message = words === null ? answered : `${answered}: ${words}`;
  if (status === 408 || status === 425 || status === 429 || status >= 500) {
    const retryAfterMs = waitAsked(headers, status === 429 ? text : '', vendorNow ?? receivedAt);
    return new TransientError(message, { status, retryAfterMs });
  }
  return new SourceError(message, { status, words });
}

function whyNotAllowed(status: number, kind: RequestKind, text: string): string {
  // A call of another team says nothing of the key: it is refused when lists are, or many calls in a row.
  if (status === 403 && kind === 'detail') return 'the key may not read this call';
  if (status === 403 && isPage(text)) {
    return 'a page in the place of an answer: a firewall or a gateway refuses us, or the API key is not accepted';
  }
  return 'the API key is not accepted';
}

/** A gateway may refuse in HTML, or without a body: then the status alone says all that is known. */
function parsedOrNull(text: string): Json {
  try {
    return parseMended(text);
  } catch {
    return null;
  }
}

function parseBody(request: HttpRequest, { headers, text }: Exchange): Json {
  try {
    return parseMended(text);
  } catch (cause) {
    throw new TransientError(`${named(request)} answered ${describeBody(headers, text, cause)}`, { cause });
  }
}

/** @throws SyntaxError of the text as it came */
function parseMended(text: string): Json {
  try {
    return parseJson(text);
  } catch (cause) {
    const mended = mendJson(text);
    if (mended === null) throw cause;
    return attempted(() => parseJson(mended), cause);
  }
}

function attempted<T>(work: () => T, otherwise: unknown): T {
  try {
    return work();
  } catch {
    throw otherwise;
  }
}

function isPage(text: string): boolean {
  return text.trimStart().startsWith('<');
}

const BEGINNING_LENGTH = 60;

/** What came in the place of JSON. What begins as JSON holds the data of people, and is not shown. */
function describeBody(headers: Record<string, string>, text: string, cause: unknown): string {
  const { 'content-type': type = 'no content type', 'content-encoding': encoding = '' } = headers;
  const kinds = [type, encoding].filter((kind) => kind !== '').map((kind) => told(kind, BEGINNING_LENGTH));
  const facts = [...kinds, `${text.length} characters`].join(', ');
  const body = text.trim();
  if (body === '') return `an empty body instead of JSON (${facts})`;
  if (/^[[{"]/.test(body)) {
    const place = /position (\d+)/.exec(cause instanceof Error ? cause.message : '')?.[1];
    return `broken JSON (${facts})${place === undefined ? '' : `, at character ${place}`}`;
  }
  const what = isPage(body) ? 'HTML' : 'something else';
  return `${what} instead of JSON (${facts}): ${told(body, BEGINNING_LENGTH)}`;
}
