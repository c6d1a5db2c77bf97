import {
  canonicalJson,
  digitsOf,
  isDeeperThan,
  isJsonObject,
  isStorableNumber,
  type Json,
  type JsonObject,
} from './json.ts';
import { isSecretText, type Naming, REDACTED, redactText, whatNameSays } from './secrets.ts';

/** Found by a glance at each character, which most texts end with. */
const PERHAPS_UNSTORABLE = /[\0\uD800-\uDFFF]/;
const UNSTORABLE = /\0|[\uD800-\uDBFF](?![\uDC00-\uDFFF])|(?<![\uD800-\uDBFF])[\uDC00-\uDFFF]/g;

/** Levels that one field may be nested. No vendor comes near; every walk over a payload relies on it. */
const FIELD_DEPTH_MAX = 100;

/**
 * What may be stored of a vendor's payload, before anything else sees it, so that tables, raw payloads and dead letters
 * agree. Secrets become `[REDACTED]` (vendors embed tool headers in calls) and links lose their signatures. The two things
 * that PostgreSQL refuses in text, U+0000 and lone surrogates, become U+FFFD. A field that is nested too deep becomes its
 * JSON as text. Counts the texts that have lost a character, here or when their bytes were decoded.
 */
export function scrubPayload(payload: Json): { payload: Json; cleanedTexts: number } {
  let cleanedTexts = 0;

  const text = (value: string): string => {
    const storable = storableText(value);
    if (storable !== value || storable.includes('\uFFFD')) cleanedTexts += 1;
    return redactText(storable);
  };
  const walk = (value: Json, naming: Naming, depth: number): Json => {
    if (typeof value === 'string') return isSecretText(value, naming) ? REDACTED : text(value);
    if (value === null || typeof value === 'boolean') return value;
    const digits = digitsOf(value);
    if (digits !== null) {
      if (naming === 'secret') return REDACTED;
      // A number that no jsonb can hold is kept as its text.
      return typeof value === 'number' || isStorableNumber(digits) ? value : digits;
    }
    if (depth === 0) throw TOO_DEEP;
    if (Array.isArray(value)) return value.map((item) => walk(item, naming, depth - 1));
    return walkObject(value as JsonObject, naming, depth - 1);
  };
  const walkObject = (object: JsonObject, naming: Naming, depth: number): JsonObject => {
    const scrubbed: JsonObject = {};
    const named = namedByAnother(object);
    for (const key of Object.keys(object)) {
      const known = knownKey(key);
      if (known.isCleaned) cleanedTexts += 1;
      const says = key === 'value' && named !== 'nothing' ? named : known.says;
      setMember(scrubbed, known.name, walk(object[key] ?? null, says === 'nothing' ? naming : says, depth));
    }
    const prototype: unknown = Object.getPrototypeOf(object);
    // The other parser stores a key `__proto__` as the prototype: here it becomes a member like any other.
    if (prototype !== Object.prototype && prototype !== null) {
      setMember(scrubbed, '__proto__', walk(prototype as Json, naming, depth));
    }
    return scrubbed;
  };
  try {
    return { payload: walk(payload, 'nothing', RECORD_DEPTH_MAX), cleanedTexts };
  } catch (error) {
    if (error !== TOO_DEEP) throw error;
    cleanedTexts = 0;
    return { payload: walk(foldFields(payload), 'nothing', Number.POSITIVE_INFINITY), cleanedTexts };
  }
}

/** A record, a list in it and an item of that stand above a field. */
const RECORD_DEPTH_MAX = FIELD_DEPTH_MAX + 3;
const TOO_DEEP = new Error('nested too deep');

/** A header or a variable may stand as `{"name": "Authorization", "value": "…"}`. */
function namedByAnother(object: JsonObject): Naming {
  if (typeof object.value !== 'string') return 'nothing';
  const name = object.name ?? object.key ?? object.header;
  return typeof name === 'string' ? whatNameSays(name) : 'nothing';
}

/** A record with the fields that are nested too deep as text: those of its own, and those of the items of its lists. */
function foldFields(record: Json): Json {
  if (Array.isArray(record)) return record.map(foldItem);
  if (!isJsonObject(record)) return record;
  return foldMembers(record, (member) => (Array.isArray(member) ? member.map(foldItem) : fold(member)));
}

function foldItem(item: Json): Json {
  return isJsonObject(item) ? foldMembers(item, fold) : fold(item);
}

function foldMembers(object: JsonObject, foldMember: (member: Json) => Json): JsonObject {
  return Object.fromEntries(Object.entries(object).map(([key, member]) => [key, foldMember(member)]));
}

function fold(value: Json): Json {
  return isDeeperThan(value, FIELD_DEPTH_MAX) ? canonicalJson(value) : value;
}

function setMember(object: JsonObject, name: string, value: Json): void {
  if (name !== '__proto__') object[name] = value;
  else Object.defineProperty(object, name, { value, enumerable: true, configurable: true, writable: true });
}

function storableText(value: string): string {
  return PERHAPS_UNSTORABLE.test(value) ? value.replace(UNSTORABLE, '\uFFFD') : value;
}

interface KnownKey {
  /** As it may be stored. */
  name: string;
  isCleaned: boolean;
  says: Naming;
}

/** What was found out of keys: a vendor has some dozens of them, and says them in each call. */
const knownKeys = new Map<string, KnownKey>();
const KNOWN_KEYS_MAX = 10_000;
const KNOWN_KEY_LENGTH_MAX = 200;

function knownKey(key: string): KnownKey {
  const known = knownKeys.get(key);
  if (known !== undefined) return known;
  const storable = storableText(key);
  const found = {
    name: redactText(storable),
    isCleaned: storable !== key || storable.includes('\uFFFD'),
    says: whatNameSays(key),
  };
  // Variables may be keyed by anything: those beyond are found out each time.
  if (knownKeys.size < KNOWN_KEYS_MAX && key.length <= KNOWN_KEY_LENGTH_MAX) knownKeys.set(key, found);
  return found;
}
