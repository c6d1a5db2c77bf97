import { SECOND } from '../clock.ts';
import type { RetryAfterForm } from './rate-limit.ts';
import { REALISTIC_TIMINGS, type SandboxTimings } from './timings.ts';

/** How a sandbox is set up. Everything has a default. */
export interface SandboxOptions {
  /** Two sandboxes with one seed, origin and clock answer alike, byte by byte. Default 1. */
  seed?: number;
  /** Unix ms. Default: the machine's clock. */
  now?: () => number;
  /** The instant (unix ms) that divides past and live calls. Default: the start, rounded down to a second. */
  originMs?: number;
  /** Calls before the origin, following the rhythm of Seoul's days. Default 2000. */
  pastCalls?: number;
  /** Days before the origin that the past calls are spread over. Default 30. */
  historyDays?: number;
  /** Calls that come into being per second from the origin on. Default 0. */
  liveCallsPerSecond?: number;
  /** Live calls are born in [origin, origin + liveForMs); null = for ever, the default. */
  liveForMs?: number | null;
  /** Default `sandbox-key`. */
  apiKey?: string;
  /** Default: what the vendor documents; 0 = no limit. */
  requestsPerSecond?: number;
  /** Default: what the vendor documents; 0 = no limit. */
  requestsPerMinute?: number;
  /** How the rate limit spells `Retry-After`. Default `seconds`. */
  retryAfterForm?: RetryAfterForm;
  /** Scales of the delays in a call's life. Default 1 each, which is realistic. */
  timings?: Partial<SandboxTimings>;
  /** Share of the connected calls that never end. Default 0, so that a run until all is settled comes to its end. */
  stuckShare?: number;
  /** Share of the analysed calls whose summary changes that long after their end. Default null: none. */
  reanalysis?: { share: number; afterMs: number } | null;
  /** The vendor's `Date` header runs ahead of the clock by so many milliseconds. Default 0. */
  dateSkewMs?: number;
}

/** The options with their defaults filled in. */
export interface SandboxSettings
  extends Required<Omit<SandboxOptions, 'timings' | 'requestsPerSecond' | 'requestsPerMinute'>> {
  timings: SandboxTimings;
  /** Null is the vendor's own limit. */
  requestsPerSecond: number | null;
  requestsPerMinute: number | null;
}

/** Fills the defaults in. */
export function settingsOf(options: SandboxOptions): SandboxSettings {
  const now = options.now ?? Date.now;
  return {
    seed: 1,
    originMs: Math.floor(now() / SECOND) * SECOND,
    pastCalls: 2_000,
    historyDays: 30,
    liveCallsPerSecond: 0,
    liveForMs: null,
    apiKey: 'sandbox-key',
    requestsPerSecond: null,
    requestsPerMinute: null,
    retryAfterForm: 'seconds',
    stuckShare: 0,
    reanalysis: null,
    dateSkewMs: 0,
    ...options,
    now,
    timings: { ...REALISTIC_TIMINGS, ...options.timings },
  };
}
