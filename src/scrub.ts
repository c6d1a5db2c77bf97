import { isLosslessNumber } from 'lossless-json';
import type { Json, JsonObject } from './json.ts';

const SECRET_KEYS = new Set([
  'authorization',
  'proxyauthorization',
  'cookie',
  'setcookie',
  'apikey',
  'xapikey',
  'accesskey',
  'secretkey',
  'privatekey',
  'token',
  'accesstoken',
  'refreshtoken',
  'idtoken',
  'authtoken',
  'bearertoken',
  'clientsecret',
  'secret',
  'password',
  'passwd',
]);
const SECRET_VALUE =
  /\b(?:Bearer|Basic)\s+[A-Za-z0-9._~+/=-]{8,}|\b(?:sk|pk|rk)_(?:live|test)_[A-Za-z0-9]{8,}/g;
const UNSTORABLE = /\0|[\uD800-\uDBFF](?![\uDC00-\uDFFF])|(?<![\uD800-\uDBFF])[\uDC00-\uDFFF]/g;

export const REDACTED = '[REDACTED]';

/**
 * What may be stored of a vendor's payload, before anything else sees it, so that tables, raw payloads and dead
 * letters agree: secrets become `[REDACTED]` (vendors embed tool headers in calls), and the two things that
 * PostgreSQL refuses in text, U+0000 and lone surrogates, become U+FFFD.
 */
export function scrubPayload(payload: Json): { payload: Json; cleanedTexts: number } {
  let cleanedTexts = 0;

  const text = (value: string): string => {
    const storable = value.replace(UNSTORABLE, '\uFFFD');
    if (storable !== value) cleanedTexts += 1;
    return redactText(storable);
  };
  const walk = (value: Json): Json => {
    if (typeof value === 'string') return text(value);
    if (value === null || typeof value !== 'object' || isLosslessNumber(value)) return value;
    if (Array.isArray(value)) return value.map(walk);
    const clean: JsonObject = {};
    for (const [key, member] of Object.entries(value)) {
      const secret = typeof member === 'string' && member !== '' && isSecretKey(key);
      clean[text(key)] = secret ? REDACTED : walk(member);
    }
    return clean;
  };
  return { payload: walk(payload), cleanedTexts };
}

/** Text for logs and errors: credentials that stand in the middle of it become `[REDACTED]`. */
export function redactText(text: string): string {
  return text.replace(SECRET_VALUE, REDACTED);
}

function isSecretKey(key: string): boolean {
  return SECRET_KEYS.has(key.toLowerCase().replace(/[^a-z]/g, ''));
}
