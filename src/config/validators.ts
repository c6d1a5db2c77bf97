import { z } from 'zod';
import { DAY, SECOND } from '../clock.ts';
import { isDatabaseUrl } from '../database/address.ts';
import { DURATION_HELP, parseDuration } from './duration.ts';
import { parseInstant, type Since } from './since.ts';

/** What a value may be, whoever wrote it: each takes text, and says what it wants when it is not that. */

export const duration = (minMs: number, maxMs: number) =>
  z.string().transform((text, issues) => {
    const ms = parseDuration(text);
    if (ms !== null && ms >= minMs && ms <= maxMs) return ms;
    issues.addIssue({
      code: 'custom',
      message: `wants ${DURATION_HELP}, from ${minMs / SECOND}s to ${maxMs / DAY}d`,
    });
    return z.NEVER;
  });

export const wholeNumber = (min: number, max: number) =>
  z.string().transform((text, issues) => {
    const value = /^\d+$/.test(text) ? Number(text) : Number.NaN;
    if (value >= min && value <= max) return value;
    issues.addIssue({ code: 'custom', message: `wants a whole number from ${min} to ${max}` });
    return z.NEVER;
  });

export const checked = (accepts: (text: string) => boolean, wants: string) =>
  z.string().refine(accepts, { message: `wants ${wants}` });

export const since = z.string().transform((text, issues): Since => {
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

export const onRetraction = z.enum(['keep', 'follow'], { error: 'wants keep or follow' });
export const trueOrFalse = z
  .enum(['true', 'false'], { error: 'wants true or false' })
  .transform((text) => text === 'true');

export const databaseUrl = checked(
  isDatabaseUrl,
  'a URL such as postgresql://user:password@host:5432/database',
);
export const baseUrl = checked(
  (text) => URL.canParse(text) && /^https?:$/.test(new URL(text).protocol) && new URL(text).search === '',
  'an http or https URL without a query',
);
export const apiKey = checked((text) => /^[\x21-\x7e]+$/.test(text), 'a key without spaces or line breaks');
export const timeZone = checked(isTimeZone, 'an IANA time zone such as Asia/Seoul');
export const hostName = checked((text) => /^[\w.:-]+$/.test(text), 'a host name or address');
export const logLevel = checked(
  (text) => ['fatal', 'error', 'warn', 'info', 'debug', 'trace', 'silent'].includes(text.toLowerCase()),
  'fatal, error, warn, info, debug, trace or silent',
);
export const sourceName = checked(
  (text) => /^[a-z][a-z0-9_-]{0,62}$/.test(text),
  'a name of small letters, digits, - and _ that begins with a letter, of 63 characters at most',
);

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
