import { isLosslessNumber } from 'lossless-json';
import { isStorableNumber, type Json, type JsonObject } from './json.ts';

/** Names of secrets, letters only; a prefix such as in `openai_api_key` may stand before them. */
const SECRET_KEY =
  /(?:authorization|cookie|apikey|accesskey|secretkey|privatekey|token|secret|password|passwd)$/;
/**
 * A scheme and a credential, or a key of a well-known form. A credential has a digit, an inner capital or a `=`:
 * people speak of bearers and of basic subscriptions.
 */
const SECRET_VALUE =
  /\b(?:[Bb]earer|BEARER|[Bb]asic|BASIC)\s+(?=\S*(?:\d|=|[a-z][A-Z]))[A-Za-z0-9._~+/=-]{8,}|(?<![A-Za-z0-9])(?:sk|pk|rk)_(?:live|test)_[A-Za-z0-9]{8,}|\bsk-[A-Za-z0-9_-]{16,}/g;
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
  const walk = (value: Json, secret: boolean): Json => {
    if (value === null || typeof value === 'boolean') return value;
    if (typeof value === 'string') return secret && value !== '' ? REDACTED : text(value);
    if (typeof value === 'number' || isLosslessNumber(value)) {
      if (secret) return REDACTED;
      // A number that no jsonb can hold is kept as its text.
      return isStorableNumber(String(value)) ? value : String(value);
    }
    if (Array.isArray(value)) return value.map((item) => walk(item, secret));
    return Object.fromEntries(
      members(value).map(([key, member]) => [text(key), walk(member, secret || isSecretKey(key))]),
    );
  };
  return { payload: walk(payload, false), cleanedTexts };
}

/** The parser stores a key `__proto__` as the prototype: here it becomes a member like any other. */
function members(value: JsonObject): [string, Json][] {
  const prototype: unknown = Object.getPrototypeOf(value);
  const own = Object.entries(value);
  return prototype === Object.prototype || prototype === null
    ? own
    : [...own, ['__proto__', prototype as Json]];
}

/** Text for logs and errors: credentials that stand in the middle of it become `[REDACTED]`. */
export function redactText(text: string): string {
  return text.replace(SECRET_VALUE, REDACTED);
}

function isSecretKey(key: string): boolean {
  return SECRET_KEY.test(key.toLowerCase().replace(/[^a-z]/g, ''));
}
