import { MINUTE } from '../clock.ts';

/** A vendor may ask for silence, but not for ever: a mistaken header must not stop a source for a day. */
export const RETRY_AFTER_MAX_MS = 5 * MINUTE;

/** "In 20 seconds", "wait 5s", "retry_after: 7 sec": a number of seconds alone may be the name of a plan. */
const WAIT_IN_WORDS = /\b(?:in|after|for|wait|within)\b[^\w]{1,5}(\d{1,4})\s*s(?:ec(?:ond)?s?)?\b/i;

/**
 * How long a refusal asks us to wait, in milliseconds: by `Retry-After`, else by `X-RateLimit-Reset` (an instant in unix
 * seconds), else by its text, where that names seconds. Null when it does not say.
 */
export function waitAsked(
  headers: Readonly<Record<string, string>>,
  body: string,
  vendorNowMs: number,
): number | null {
  const asked = parseRetryAfter(headers['retry-after'], vendorNowMs);
  if (asked !== null) return asked;
  const reset = /^\d{10}$/.exec(headers['x-ratelimit-reset']?.trim() ?? '');
  if (reset) return within(Number(reset[0]) * 1_000 - vendorNowMs);
  const named = WAIT_IN_WORDS.exec(body.slice(0, 1_000));
  return named ? within(Number(named[1]) * 1_000) : null;
}

function within(waitMs: number): number | null {
  return waitMs > 0 ? Math.min(Math.ceil(waitMs), RETRY_AFTER_MAX_MS) : null;
}

/**
 * Reads `Retry-After`: seconds or an HTTP date. Zero, a date that has passed and nonsense are no hint (null),
 * so that the caller's own back-off decides. Dates are read against the vendor's clock where it is known.
 */
export function parseRetryAfter(header: string | undefined, vendorNowMs: number): number | null {
  if (header === undefined) return null;
  const text = header.trim();
  const waitMs = /^\d+(\.\d+)?$/.test(text) ? Number(text) * 1_000 : Date.parse(text) - vendorNowMs;
  return Number.isFinite(waitMs) ? within(waitMs) : null;
}
