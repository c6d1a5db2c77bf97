import { MINUTE, SECOND } from '../clock.ts';

interface RateLimitOptions {
  /** Requests that one sliding second admits; 0 = no limit. */
  requestsPerSecond: number;
  /** Requests that one sliding minute admits; 0 = no limit. */
  requestsPerMinute: number;
}

/** How a refusal spells its `Retry-After` header. */
export type RetryAfterForm = 'seconds' | 'http-date' | 'zero' | 'none';

/** Sliding windows over the admitted requests of one key. A refused request does not count. */
export class RateLimit {
  readonly #windows: readonly { lengthMs: number; most: number }[];
  #admitted: number[] = [];

  constructor(options: RateLimitOptions) {
    this.#windows = [
      { lengthMs: SECOND, most: options.requestsPerSecond },
      { lengthMs: MINUTE, most: options.requestsPerMinute },
    ].filter((window) => window.most > 0);
  }

  /** Admits a request at `nowMs` (0), or tells in how many milliseconds the next one has room. */
  admit(nowMs: number): number {
    if (this.#windows.length === 0) return 0;
    this.#admitted = this.#admitted.filter((atMs) => atMs > nowMs - MINUTE);
    let waitMs = 0;
    for (const { lengthMs, most } of this.#windows) {
      const inWindow = this.#admitted.filter((atMs) => atMs > nowMs - lengthMs);
      const blocker = inWindow.at(-most);
      if (blocker !== undefined) waitMs = Math.max(waitMs, blocker + lengthMs - nowMs);
    }
    if (waitMs === 0) this.#admitted.push(nowMs);
    return waitMs;
  }
}

/** The value of `Retry-After`, or null when the header is left out. */
export function retryAfterValue(form: RetryAfterForm, waitMs: number, nowMs: number): string | null {
  switch (form) {
    case 'seconds':
      return String(Math.max(1, Math.ceil(waitMs / SECOND)));
    case 'http-date':
      return new Date(Math.ceil((nowMs + waitMs) / SECOND) * SECOND).toUTCString();
    case 'zero':
      return '0';
    case 'none':
      return null;
  }
}
