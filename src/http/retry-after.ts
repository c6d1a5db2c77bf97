import { MINUTE } from '../clock.ts';

/** A vendor may ask for silence, but not for ever: a mistaken header must not stop a source for a day. */
export const RETRY_AFTER_MAX_MS = 5 * MINUTE;

/**
 * Reads `Retry-After`: seconds or an HTTP date. Zero, a date that has passed and nonsense are no hint (null),
 * so that the caller's own back-off decides. Dates are read against the vendor's clock where it is known.
 */
export function parseRetryAfter(header: string | undefined, vendorNowMs: number): number | null {
  if (header === undefined) return null;
  const text = header.trim();
  const waitMs = /^\d+(\.\d+)?$/.test(text) ? Number(text) * 1_000 : Date.parse(text) - vendorNowMs;
  if (!Number.isFinite(waitMs) || waitMs <= 0) return null;
  return Math.min(Math.ceil(waitMs), RETRY_AFTER_MAX_MS);
}
