import { resolve } from 'node:path';
import { z } from 'zod';
import type { Instant } from '../call.ts';
import { DAY, HOUR, MINUTE, SECOND } from '../clock.ts';
import { ConfigError } from '../errors.ts';
import type { BudgetLimits } from '../http/budget.ts';
import type { RetractionPolicy } from '../merge/merge-call.ts';
import { VENDORS } from '../sources/index.ts';
import { DURATION_HELP, parseDuration } from './duration.ts';
import { type Environment, readEnvironment } from './environment.ts';

export interface SourceSettings {
  name: string;
  vendor: string;
  apiKey: string;
  baseUrl: string;
  limits: BudgetLimits;
}

/** Start of history: all of it, an instant, or so long before now. */
export type Since = { kind: 'all' } | { kind: 'instant'; at: Instant } | { kind: 'age'; ms: number };

export interface Settings {
  /** Null is the embedded PostgreSQL under `dataDir`. */
  databaseUrl: string | null;
  dataDir: string;
  sources: SourceSettings[];
  since: Since;
  pollIntervalMs: number;
  lookbackMs: number;
  settleDeadlineMs: number;
  stuckAfterMs: number;
  onRetraction: RetractionPolicy;
  timeZone: string;
  port: number;
  opsHost: string;
  logLevel: string;
}

const duration = (minMs: number, maxMs: number) =>
  z.string().transform((text, issues) => {
    const ms = parseDuration(text);
    if (ms !== null && ms >= minMs && ms <= maxMs) return ms;
    issues.addIssue({
      code: 'custom',
      message: `wants ${DURATION_HELP}, from ${minMs / SECOND}s to ${maxMs / DAY}d`,
    });
    return z.NEVER;
  });

const wholeNumber = (min: number, max: number) =>
  z.string().transform((text, issues) => {
    const value = /^\d+$/.test(text) ? Number(text) : Number.NaN;
    if (value >= min && value <= max) return value;
    issues.addIssue({ code: 'custom', message: `wants a whole number from ${min} to ${max}` });
    return z.NEVER;
  });

const checked = (accepts: (text: string) => boolean, wants: string) =>
  z.string().refine(accepts, { message: `wants ${wants}` });

const since = z.string().transform((text, issues): Since => {
  if (text === 'all') return { kind: 'all' };
  const ms = parseDuration(text);
  if (ms !== null) return { kind: 'age', ms };
  const at = parseInstant(text);
  if (at !== null) return { kind: 'instant', at };
  issues.addIssue({
    code: 'custom',
    message: `wants all, an instant such as 2026-01-31 or 2026-01-31T09:00:00+09:00, or ${DURATION_HELP}`,
  });
  return z.NEVER;
});

const databaseUrl = checked(
  (text) => /^postgres(ql)?:\/\//.test(text) && URL.canParse(text),
  'a URL such as postgresql://user:password@host:5432/database',
);
const baseUrl = checked(
  (text) => URL.canParse(text) && /^https?:$/.test(new URL(text).protocol) && new URL(text).search === '',
  'an http or https URL without a query',
);
const apiKey = checked((text) => /^[\x21-\x7e]+$/.test(text), 'a key without spaces or line breaks');

/** Every setting, by its name in the environment, with what it accepts. The README's table is tested against it. */
export const SETTINGS = {
  DATABASE_URL: databaseUrl.optional(),
  CALLHOUSE_DATA_DIR: z.string().default('./.callhouse'),
  CALLHOUSE_SINCE: since.default({ kind: 'all' }),
  CALLHOUSE_POLL_INTERVAL: duration(SECOND, DAY).default(15 * SECOND),
  CALLHOUSE_LOOKBACK: duration(MINUTE, 31 * DAY).default(2 * HOUR),
  CALLHOUSE_SETTLE_DEADLINE: duration(MINUTE, 90 * DAY).default(48 * HOUR),
  CALLHOUSE_STUCK_AFTER: duration(MINUTE, 90 * DAY).default(DAY),
  CALLHOUSE_ON_RETRACTION: z.enum(['keep', 'follow'], { error: 'wants keep or follow' }).default('keep'),
  CALLHOUSE_TIMEZONE: checked(isTimeZone, 'an IANA time zone such as Asia/Seoul').default('Asia/Seoul'),
  CALLHOUSE_OPS_HOST: checked((text) => /^[\w.:-]+$/.test(text), 'a host name or address').default(
    '127.0.0.1',
  ),
  PORT: wholeNumber(0, 65_535).default(8_080),
  LOG_LEVEL: checked(
    (text) => ['fatal', 'error', 'warn', 'info', 'debug', 'trace', 'silent'].includes(text),
    'fatal, error, warn, info, debug, trace or silent',
  ).default('info'),
} as const;

/** Names of all settings: ours, and four for each vendor. */
export function settingNames(): string[] {
  const ofVendors = Object.values(VENDORS).flatMap((vendor) =>
    Object.keys(sourceSettings(vendor.settingPrefix, vendor)),
  );
  return [...Object.keys(SETTINGS), ...ofVendors];
}

function sourceSettings(prefix: string, defaults: { baseUrl: string; limits: BudgetLimits }) {
  return {
    [`${prefix}_API_KEY`]: apiKey.optional(),
    [`${prefix}_BASE_URL`]: baseUrl.default(defaults.baseUrl),
    [`${prefix}_REQUESTS_PER_SECOND`]: wholeNumber(1, 10_000).default(defaults.limits.requestsPerSecond),
    [`${prefix}_REQUESTS_PER_MINUTE`]: wholeNumber(1, 600_000).default(defaults.limits.requestsPerMinute),
  };
}

/**
 * Reads all settings. @throws ConfigError with every problem: the name, the value (never of a secret), and what
 * would be accepted
 */
export function readSettings(env: Environment): Settings {
  const problems: string[] = [];
  const sources: SourceSettings[] = [];
  const known = settingNames();
  const core = parseAll(SETTINGS, readEnvironment(env, Object.keys(SETTINGS), problems), problems);
  for (const [name, vendor] of Object.entries(VENDORS)) {
    const shape = sourceSettings(vendor.settingPrefix, vendor);
    const values = parseAll(shape, readEnvironment(env, Object.keys(shape), problems), problems);
    const key = values?.[`${vendor.settingPrefix}_API_KEY`];
    if (typeof key === 'string') sources.push(toSource(name, vendor.settingPrefix, key, values ?? {}));
  }
  problems.push(...misspelt(env, known));
  if (problems.length > 0 || core === null) throw new ConfigError(problems);
  return {
    databaseUrl: core.DATABASE_URL ?? null,
    dataDir: resolve(core.CALLHOUSE_DATA_DIR),
    sources,
    since: core.CALLHOUSE_SINCE,
    pollIntervalMs: core.CALLHOUSE_POLL_INTERVAL,
    lookbackMs: core.CALLHOUSE_LOOKBACK,
    settleDeadlineMs: core.CALLHOUSE_SETTLE_DEADLINE,
    stuckAfterMs: core.CALLHOUSE_STUCK_AFTER,
    onRetraction: core.CALLHOUSE_ON_RETRACTION,
    timeZone: core.CALLHOUSE_TIMEZONE,
    port: core.PORT,
    opsHost: core.CALLHOUSE_OPS_HOST,
    logLevel: core.LOG_LEVEL,
  };
}

function toSource(
  name: string,
  prefix: string,
  key: string,
  values: Record<string, unknown>,
): SourceSettings {
  return {
    name,
    vendor: name,
    apiKey: key,
    baseUrl: String(values[`${prefix}_BASE_URL`]),
    limits: {
      requestsPerSecond: Number(values[`${prefix}_REQUESTS_PER_SECOND`]),
      requestsPerMinute: Number(values[`${prefix}_REQUESTS_PER_MINUTE`]),
    },
  };
}

function parseAll<Shape extends z.ZodRawShape>(
  shape: Shape,
  values: Map<string, string>,
  problems: string[],
): z.infer<z.ZodObject<Shape>> | null {
  const result = z.object(shape).safeParse(Object.fromEntries(values));
  if (result.success) return result.data;
  for (const issue of result.error.issues) {
    const name = String(issue.path[0]);
    const shown =
      name.endsWith('_API_KEY') || name === 'DATABASE_URL' ? 'its value' : `'${values.get(name)}'`;
    problems.push(`${name}: ${shown} is not accepted; it ${issue.message}`);
  }
  return null;
}

/** A setting of ours that does not exist is a typing mistake: it would be ignored without a word. */
function misspelt(env: Environment, known: readonly string[]): string[] {
  return Object.keys(env)
    .filter((name) => name.startsWith('CALLHOUSE_') && !known.includes(name))
    .map(
      (name) =>
        `${name}: there is no such setting; those that begin so are ${known.filter((n) => n.startsWith('CALLHOUSE_')).join(', ')}`,
    );
}

/** An ISO date or date-time. A date alone, or a time without an offset, is UTC. Null when it is neither. */
export function parseInstant(text: string): Instant | null {
  if (!/^\d{4}-\d{2}-\d{2}(T\d{2}:\d{2}(:\d{2}(\.\d+)?)?(Z|[+-]\d{2}:?\d{2})?)?$/.test(text)) return null;
  const [year = 0, month = 0, day = 0] = text.slice(0, 10).split('-').map(Number);
  // JavaScript rolls 30 February over into March.
  if (new Date(Date.UTC(year, month - 1, day)).getUTCDate() !== day) return null;
  const hasZone = /(Z|[+-]\d{2}:?\d{2})$/.test(text.slice(10));
  const at = Date.parse(text.length > 10 && !hasZone ? `${text}Z` : text);
  return Number.isNaN(at) ? null : at;
}

/** The instant at which history begins; null is the beginning of time. */
export function resolveSince(since: Since, now: Instant): Instant | null {
  if (since.kind === 'all') return null;
  return since.kind === 'instant' ? since.at : now - since.ms;
}

function isTimeZone(name: string): boolean {
  // An offset is no zone: PostgreSQL would read its sign the other way round.
  if (/^[+-]/.test(name)) return false;
  try {
    new Intl.DateTimeFormat('en', { timeZone: name });
    return true;
  } catch {
    return false;
  }
}
