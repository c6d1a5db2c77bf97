import { type Clock, type Random, SECOND } from '../clock.ts';
import { SourceError, TransientError } from '../errors.ts';
import { type Json, parseJson } from '../json.ts';
import type { RequestCounts, RequestKind, Urgency } from '../requests.ts';
import type { Budget } from './budget.ts';
import { readBody } from './read-body.ts';
import { DEFAULT_RETRY, type RetryPolicy, retryTransient } from './retry.ts';
import { parseRetryAfter } from './retry-after.ts';
import type { HttpRequest, HttpResponse, Transport } from './transport.ts';

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

export interface HttpLimits {
  headersTimeoutMs: number;
  totalTimeoutMs: number;
  bodyMaxBytes: number;
  retry: RetryPolicy;
}

const DEFAULT_LIMITS: HttpLimits = {
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
      if (error instanceof TransientError && error.status === 429 && error.retryAfterMs !== null) {
        await deps.budget.block(error.retryAfterMs);
      }
      throw error;
    };
    const attempt = async () => {
      await deps.budget.take(urgency, signal);
      deps.counts.sent[kind] += 1;
      if (attempts > 0) deps.counts.retries += 1;
      attempts += 1;
      return read(await sendOnce(request, deps, limits, signal).catch(heed));
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

async function sendOnce(
  request: HttpRequest,
  { transport, clock }: JsonClientDeps,
  limits: HttpLimits,
  signal: AbortSignal,
): Promise<JsonAnswer> {
  const requestedAt = clock.now();
  const headersDeadline = clock.deadline(limits.headersTimeoutMs);
  const totalDeadline = clock.deadline(limits.totalTimeoutMs);
  const attemptSignal = AbortSignal.any([signal, headersDeadline.signal, totalDeadline.signal]);
  try {
    const response = await abortable(transport(request, attemptSignal), attemptSignal);
    headersDeadline.clear();
    const text = await abortable(readBody(response.body, limits.bodyMaxBytes), attemptSignal);
    return readAnswer(request, response, text, requestedAt, clock.now());
  } catch (error) {
    signal.throwIfAborted();
    if (error instanceof TransientError || error instanceof SourceError) throw error;
    if (attemptSignal.aborted) {
      throw new TransientError(`${named(request)} did not answer in time`, { cause: error });
    }
    if (!isNetworkFailure(error)) throw error;
    throw new TransientError(`${named(request)} failed: ${networkReason(error)}`, { cause: error });
  } finally {
    headersDeadline.clear();
    totalDeadline.clear();
  }
}

function readAnswer(
  request: HttpRequest,
  response: HttpResponse,
  text: string,
  requestedAt: number,
  nowMs: number,
): JsonAnswer {
  const { status, headers } = response;
  const date = Date.parse(headers.date ?? '');
  const vendorNow = Number.isNaN(date) ? null : date;
  if (status === 401 || status === 403) {
    throw new SourceError(`${named(request)} answered ${status}: the API key is not accepted`, { status });
  }
  if (status >= 300 && status < 400) {
    throw new SourceError(
      `${named(request)} answered ${status}, a redirect: check the base URL (a key is never sent on)`,
      { status },
    );
  }
  if (status === 408 || status === 425 || status === 429 || status >= 500) {
    throw new TransientError(`${named(request)} answered ${status}`, {
      status,
      retryAfterMs: parseRetryAfter(headers['retry-after'], vendorNow ?? nowMs),
    });
  }
  if (status >= 402 && status !== 404 && status !== 422) {
    throw new SourceError(`${named(request)} answered ${status}`, { status });
  }
  const json = parseBody(request, status, headers, text);
  return { status, json, requestedAt, receivedAt: nowMs, vendorNow };
}

function parseBody(
  request: HttpRequest,
  status: number,
  headers: Record<string, string>,
  text: string,
): Json {
  try {
    return parseJson(text);
  } catch (cause) {
    // The status alone says all that is needed: a gateway may refuse in HTML, or without a body.
    if (status >= 400) return null;
    const what = text.trim() === '' ? 'an empty body' : /^\s*</.test(text) ? 'HTML' : 'broken JSON';
    const type = headers['content-type'] ?? 'no content type';
    throw new TransientError(`${named(request)} answered ${what} instead of JSON (${type})`, { cause });
  }
}

/** Rejects as soon as the signal aborts, even when the work underneath does not listen to it. */
function abortable<T>(work: Promise<T>, signal: AbortSignal): Promise<T> {
  return new Promise((resolve, reject) => {
    const onAbort = () => reject(signal.reason);
    if (signal.aborted) onAbort();
    signal.addEventListener('abort', onAbort, { once: true });
    work.then(resolve, reject).finally(() => signal.removeEventListener('abort', onAbort));
  });
}

const NETWORK_CODES =
  /^(E[A-Z_]+|UNABLE_TO_\w+|UND_ERR_\w+|HPE_\w+|ERR_SSL_\w+|ERR_TLS_\w+|CERT_\w+|DEPTH_ZERO_\w+|SELF_SIGNED_\w+)$/;

function isNetworkFailure(error: unknown): error is Error {
  return networkCode(error) !== null;
}

function networkReason(error: Error): string {
  return networkCode(error) ?? error.name;
}

function networkCode(error: unknown): string | null {
  for (let cause = error, depth = 0; cause instanceof Error && depth < 5; cause = cause.cause, depth += 1) {
    const code = (cause as { code?: unknown }).code;
    if (typeof code === 'string' && NETWORK_CODES.test(code)) return code;
  }
  return null;
}

/** The request as a person would say it. Query strings hold phone numbers and cursors: left out. */
function named(request: HttpRequest): string {
  return `${request.method} ${withoutQuery(request.url)}`;
}

function withoutQuery(url: string): string {
  return url.split('?', 1)[0] ?? url;
}
