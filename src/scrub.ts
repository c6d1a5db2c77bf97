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
/** Found by a glance at each character, which most texts end with. */
const PERHAPS_UNSTORABLE = /[\0\uD800-\uDFFF]/;
const UNSTORABLE = /\0|[\uD800-\uDBFF](?![\uDC00-\uDFFF])|(?<![\uD800-\uDBFF])[\uDC00-\uDFFF]/g;

/** `Basic ` and eight letters: nothing shorter holds a credential. */
const SECRET_VALUE_LENGTH_MIN = 14;

export const REDACTED = '[REDACTED]';

/**
 * What may be stored of a vendor's payload, before anything else sees it, so that tables, raw payloads and dead
 * letters agree: secrets become `[REDACTED]` (vendors embed tool headers in calls), and the two things that
 * PostgreSQL refuses in text, U+0000 and lone surrogates, become U+FFFD.
 */
export function scrubPayload(payload: Json): { payload: Json; cleanedTexts: number } {
  let cleanedTexts = 0;

  const text = (value: string): string => {
    const storable = PERHAPS_UNSTORABLE.test(value) ? value.replace(UNSTORABLE, '\uFFFD') : value;
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
    const scrubbed: [string, Json][] = members(value);
    for (const member of scrubbed) {
      const [key, inside] = member;
      member[0] = text(key);
      member[1] = walk(inside, secret || isSecretKey(key));
    }
    return Object.fromEntries(scrubbed);
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
  return text.length < SECRET_VALUE_LENGTH_MIN ? text : text.replace(SECRET_VALUE, REDACTED);
}

/** What was found out of keys: a vendor has some dozens of them, and says them in each call. */
const secretKeys = new Map<string, boolean>();
const SECRET_KEYS_MAX = 10_000;

function isSecretKey(key: string): boolean {
  const known = secretKeys.get(key);
  if (known !== undefined) return known;
  const isSecret = SECRET_KEY.test(key.toLowerCase().replace(/[^a-z]/g, ''));
  // Variables may be keyed by anything: those beyond are found out each time.
  if (secretKeys.size < SECRET_KEYS_MAX) secretKeys.set(key, isSecret);
  return isSecret;
}
