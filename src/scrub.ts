import { digitsOf, isStorableNumber, type Json, type JsonObject } from './json.ts';

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
    const storable = storableText(value);
    if (storable !== value) cleanedTexts += 1;
    return redactText(storable);
  };
  const walk = (value: Json, secret: boolean): Json => {
    if (typeof value === 'string') return secret && value !== '' ? REDACTED : text(value);
    if (value === null || typeof value === 'boolean') return value;
    const digits = digitsOf(value);
    if (digits !== null) {
      if (secret) return REDACTED;
      // A number that no jsonb can hold is kept as its text.
      return typeof value === 'number' || isStorableNumber(digits) ? value : digits;
    }
    if (Array.isArray(value)) return value.map((item) => walk(item, secret));
    return walkObject(value as JsonObject, secret);
  };
  const walkObject = (object: JsonObject, secret: boolean): JsonObject => {
    const scrubbed: JsonObject = {};
    for (const key of Object.keys(object)) {
      const known = knownKey(key);
      if (known.isCleaned) cleanedTexts += 1;
      setMember(scrubbed, known.name, walk(object[key] ?? null, secret || known.isSecret));
    }
    const prototype: unknown = Object.getPrototypeOf(object);
    // The other parser stores a key `__proto__` as the prototype: here it becomes a member like any other.
    if (prototype !== Object.prototype && prototype !== null) {
      setMember(scrubbed, '__proto__', walk(prototype as Json, secret));
    }
    return scrubbed;
  };
  return { payload: walk(payload, false), cleanedTexts };
}

function setMember(object: JsonObject, name: string, value: Json): void {
  if (name !== '__proto__') object[name] = value;
  else Object.defineProperty(object, name, { value, enumerable: true, configurable: true, writable: true });
}

function storableText(value: string): string {
  return PERHAPS_UNSTORABLE.test(value) ? value.replace(UNSTORABLE, '\uFFFD') : value;
}

/** Text for logs and errors: credentials that stand in the middle of it become `[REDACTED]`. */
export function redactText(text: string): string {
  return text.length < SECRET_VALUE_LENGTH_MIN ? text : text.replace(SECRET_VALUE, REDACTED);
}

interface KnownKey {
  /** As it may be stored. */
  name: string;
  isCleaned: boolean;
  isSecret: boolean;
}

/** What was found out of keys: a vendor has some dozens of them, and says them in each call. */
const knownKeys = new Map<string, KnownKey>();
const KNOWN_KEYS_MAX = 10_000;

function knownKey(key: string): KnownKey {
  const known = knownKeys.get(key);
  if (known !== undefined) return known;
  const storable = storableText(key);
  const found = {
    name: redactText(storable),
    isCleaned: storable !== key,
    isSecret: SECRET_KEY.test(key.toLowerCase().replace(/[^a-z]/g, '')),
  };
  // Variables may be keyed by anything: those beyond are found out each time.
  if (knownKeys.size < KNOWN_KEYS_MAX) knownKeys.set(key, found);
  return found;
}
