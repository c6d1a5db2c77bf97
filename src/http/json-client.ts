import { type Clock, type Random, SECOND } from '../clock.ts';
import { SourceError, TransientError } from '../errors.ts';
import { type Json, parseJson } from '../json.ts';
import type { RequestCounts, RequestKind, Urgency } from '../requests.ts';
import { told } from '../told.ts';
import type { Budget } from './budget.ts';
import { type Exchange, type ExchangeLimits, exchange, named, withoutQuery } from './exchange.ts';
import { mendJson } from './mend-json.ts';
import { DEFAULT_RETRY, type RetryPolicy, retryTransient } from './retry.ts';
import { waitAsked } from './retry-after.ts';
import type { HttpRequest, Transport } from './transport.ts';

export interface JsonClientDeps {
  transport: Transport;
  clock: Clock;
  random: Random;
  budget: Budget;
  /** Counted here, for every request that leaves. */
  counts: RequestCounts;
  /** Told of each fault that will be tried again. */
  onRetry?: (fault: { url: string; reason: string; waitMs: number }) => void;
  limits?: Partial<HttpLimits>;
}

export interface HttpLimits extends ExchangeLimits {
  retry: RetryPolicy;
}

export const DEFAULT_LIMITS: HttpLimits = {
  headersTimeoutMs: 20 * SECOND,
  totalTimeoutMs: 60 * SECOND,
  bodyMaxBytes: 64 * 1024 * 1024,
  retry: DEFAULT_RETRY,
};

export interface JsonAnswer {
  /** 2xx, 400, 404 or 422; everything else was thrown. */
  status: number;
  /** Null when a refusal came without JSON. */
  json: Json;
  requestedAt: number;
  receivedAt: number;
  vendorNow: number | null;
}

export type JsonClient = <T>(
  request: HttpRequest,
  as: { kind: RequestKind; urgency: Urgency },
  /** Reads the answer. A `TransientError` from here sends the request again: a page that cannot be true. */
  read: (answer: JsonAnswer) => T,
  signal: AbortSignal,
) => Promise<T>;

/**
 * Sends a request within the budget and reads JSON, with deadlines on headers and body, and tries again what may
 * pass by itself. What is thrown: `TransientError` when the retries are used up, `SourceError` for what no retry
 * can mend (401, 403, redirects, other 4xx), the signal's reason when it aborts.
 */
export function createJsonClient(deps: JsonClientDeps): JsonClient {
  const limits = { ...DEFAULT_LIMITS, ...deps.limits };
  return (request, { kind, urgency }, read, signal) => {
    let attempts = 0;
    // Whatever becomes of this request, the others of the key keep silent as long as the vendor asks.
    const heed = async (error: unknown) => {
      if (error instanceof TransientError && error.status === 429) {
        await deps.budget.refused();
        if (error.retryAfterMs !== null) await deps.budget.block(error.retryAfterMs);
      }
      throw error;
    };
    const sendOnce = async () => readAnswer(request, kind, await exchange(request, deps, limits, signal));
    const attempt = async () => {
      await deps.budget.take(urgency, signal);
      deps.counts.sent[kind] += 1;
      if (attempts > 0) deps.counts.retries += 1;
      attempts += 1;
      return read(await sendOnce().catch(heed));
    };
    return retryTransient(attempt, limits.retry, {
      clock: deps.clock,
      random: deps.random,
      signal,
      onRetry: async (error, waitMs) => {
        deps.onRetry?.({ url: withoutQuery(request.url), reason: error.message, waitMs });
        if (error.status === 429 && error.retryAfterMs === null) await deps.budget.block(waitMs);
      },
    });
  };
}

function readAnswer(request: HttpRequest, kind: RequestKind, answer: Exchange): JsonAnswer {
  const { status, headers, text, requestedAt, receivedAt, vendorNow } = answer;
  if (status === 401 || status === 403) {
    // A call of another team says nothing of the key: it is refused when lists are, or many calls in a row.
    const isOfOne = status === 403 && kind === 'detail';
    const reason = isOfOne
      ? 'the key may not read this call'
      : status === 403 && isPage(text)
        ? 'a page in the place of an answer: a firewall or a gateway refuses us, or the API key is not accepted'
        : 'the API key is not accepted';
    throw new SourceError(`${named(request)} answered ${status}: ${reason}`, { status });
  }
  if (status >= 300 && status < 400) {
    throw new SourceError(
      `${named(request)} answered ${status}, a redirect: check the base URL (a key is never sent on)`,
      { status },
    );
  }
  if (status === 408 || status === 425 || status === 429 || status >= 500) {
    const body = status === 429 ? text : '';
    const retryAfterMs = waitAsked(headers, body, vendorNow ?? receivedAt);
    throw new TransientError(`${named(request)} answered ${status}`, { status, retryAfterMs });
  }
  if (status >= 402 && status !== 404 && status !== 422) {
    throw new SourceError(`${named(request)} answered ${status}`, { status });
  }
  const json = parseBody(request, status, headers, text);
  return { status, json, requestedAt, receivedAt, vendorNow };
}

function parseBody(
  request: HttpRequest,
  status: number,
  headers: Record<string, string>,
  text: string,
): Json {
  try {
    return parseMended(text);
  } catch (cause) {
    // The status alone says all that is needed: a gateway may refuse in HTML, or without a body.
    if (status >= 400) return null;
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
