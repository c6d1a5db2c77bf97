import type { Clock } from '../clock.ts';
import { TransientError } from '../errors.ts';
import { networkFault } from './network-fault.ts';
import { readBody } from './read-body.ts';
import type { HttpRequest, HttpResponse, Transport } from './transport.ts';

export interface ExchangeLimits {
  headersTimeoutMs: number;
  totalTimeoutMs: number;
  bodyMaxBytes: number;
}

/** A whole answer, of whatever status. */
export interface Exchange {
  status: number;
  headers: HttpResponse['headers'];
  text: string;
  requestedAt: number;
  receivedAt: number;
  /** The vendor's clock, from its `Date` header. */
  vendorNow: number | null;
}

/**
 * Sends one request, once, and reads its answer to the end, with deadlines on headers and body. What the status means
 * is the caller's. @throws TransientError when no whole answer came, the signal's reason when it aborts
 */
export async function exchange(
  request: HttpRequest,
  { transport, clock }: { transport: Transport; clock: Clock },
  limits: ExchangeLimits,
  signal: AbortSignal,
): Promise<Exchange> {
  const requestedAt = clock.now();
  const headersDeadline = clock.deadline(limits.headersTimeoutMs);
  const totalDeadline = clock.deadline(limits.totalTimeoutMs);
  const attemptSignal = AbortSignal.any([signal, headersDeadline.signal, totalDeadline.signal]);
  try {
    const { status, headers, body } = await abortable(transport(request, attemptSignal), attemptSignal);
    headersDeadline.clear();
    const text = await abortable(readBody(body, limits.bodyMaxBytes), attemptSignal);
    return { status, headers, text, requestedAt, receivedAt: clock.now(), vendorNow: dateOf(headers) };
  } catch (error) {
    signal.throwIfAborted();
    if (error instanceof TransientError) throw error;
    if (attemptSignal.aborted) {
      throw new TransientError(`${named(request)} did not answer in time`, { cause: error });
    }
    const fault = networkFault(error, request.url);
    if (fault === null) throw error;
    const advice = fault.advice === null ? '' : `, ${fault.advice}`;
    throw new TransientError(`${named(request)} failed: ${fault.code}${advice}`, { cause: error });
  } finally {
    headersDeadline.clear();
    totalDeadline.clear();
  }
}

function dateOf(headers: HttpResponse['headers']): number | null {
  const date = Date.parse(headers.date ?? '');
  return Number.isNaN(date) ? null : date;
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

/** The request as a person would say it. Query strings hold phone numbers and cursors: left out. */
export function named(request: HttpRequest): string {
  return `${request.method} ${withoutQuery(request.url)}`;
}

export function withoutQuery(url: string): string {
  return url.split('?', 1)[0] ?? url;
}
