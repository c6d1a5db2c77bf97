/**
 * What a secret looks like. Only what has the full form of one, in its place: people speak of basic plans, of bearers
 * and of passwords, and what they say is never changed.
 */

export const REDACTED = '[REDACTED]';

/** Keys of our own, which vendors echo: never stored, whatever they look like. */
const ownKeys = new Set<string>();
/** A shorter one is a word that people use. */
const OWN_KEY_LENGTH_MIN = 8;

/** Has a key of ours removed from whatever is stored or told from now on. */
export function keepSecret(key: string): void {
  if (key.length >= OWN_KEY_LENGTH_MIN) ownKeys.add(key);
}

/** Names of secrets, letters only; a prefix such as in `openai_api_key` may stand before them. */
const SECRET_NAME =
  /(?:authorization|cookie|apikey|accesskey|secretkey|privatekey|token|secret|password|passwd)$/;
/** A token may be a thing that is counted: `prompt_token: 812`. */
const COUNTED_NAME = /token$/;

/** What the name of a field, of a header or of a parameter says of its value. */
export type Naming = 'secret' | 'secret or count' | 'nothing';

export function whatNameSays(name: string): Naming {
  const letters = name.toLowerCase().replace(/[^a-z]/g, '');
  if (!SECRET_NAME.test(letters)) return 'nothing';
  return COUNTED_NAME.test(letters) ? 'secret or count' : 'secret';
}

const SCHEME = /^(?:bearer|basic|digest|token|apikey)\s+\S+$/i;
const COOKIES = /^[^\s=;]+=[^\s;]*(?:;\s*[^\s=;]+(?:=[^\s;]*)?)*;?$/;
const PLAIN_NUMBER = /^[\d.,\s]+$/;
const NO_SECRET = /^(?:true|false|yes|no|none|null|n\/a)$/i;

/** Whether a text under such a name is a secret. One of several words is something that somebody said. */
export function isSecretText(text: string, naming: Naming): boolean {
  const value = text.trim();
  if (naming === 'nothing' || value === '' || NO_SECRET.test(value)) return false;
  if (naming === 'secret or count' && PLAIN_NUMBER.test(value)) return false;
  return !/\s/.test(value) || SCHEME.test(value) || COOKIES.test(value) || value.includes('-----BEGIN');
}

// Repetitions are bounded: a text that was made to be slow takes no longer than another.

/** A JSON Web Token: two parts that are base64 of `{"`, and a signature. */
const JWT = /\beyJ[\w-]{8,500}\.eyJ[\w-]{8,}\.[\w-]*/g;
/** Keys of well-known forms. Those that begin with no more than `sk-` have a digit and letters of both cases. */
const KNOWN_KEY =
  /(?<![A-Za-z0-9])(?:sk|pk|rk)_(?:live|test)_[A-Za-z0-9]{8,}|\bsk-(?=[\w-]{0,100}\d)(?=[\w-]{0,100}[a-z])(?=[\w-]{0,100}[A-Z])[\w-]{20,}/g;
const PRIVATE_KEY =
  /-----BEGIN [A-Z ]{0,20}PRIVATE KEY-----[\s\S]{0,10000}?-----END [A-Z ]{0,20}PRIVATE KEY-----/g;
/** A scheme and what may be a credential: a test of its own decides. */
const BEARER = /\b(?:[Bb]earer|BEARER)\s+([\w.~+/=-]{16,})/g;
const BASIC = /\b(?:[Bb]asic|BASIC)\s+([A-Za-z0-9+/]{8,}={0,2})(?![A-Za-z0-9+/=])/g;
const USER_INFO = /\b([a-z][a-z0-9+.-]{0,20}:\/\/)[^\s/?#@"'<>]{1,500}@/gi;
const URL_WITH_QUERY = /\b[a-z][a-z0-9+.-]{0,20}:\/\/[^\s"'<>\\?]{0,2000}\?[^\s"'<>\\]+/gi;
/** A member of JSON that stands in a text, such as what a tool answered; its quotes may be escaped. */
const MEMBER = /(\\{0,8}")([A-Za-z][\w-]{1,60})\1(\s{0,20}:\s{0,20})\1([^"\\]+)\1/g;

/** Every form has one of these, or is none: most texts end with this glance. */
const PERHAPS = /eyJ|[sprk]k[-_]|PRIVATE KEY|bearer\s|basic\s|:\/\/|"\s*:/i;

/** A text without the secrets and the signatures of links that stand in it. */
export function redactText(given: string): string {
  let text = given;
  for (const key of ownKeys) if (text.includes(key)) text = text.replaceAll(key, REDACTED);
  if (!PERHAPS.test(text)) return text;
  return text
    .replace(PRIVATE_KEY, REDACTED)
    .replace(BEARER, (all, credential: string) => (isOpaque(credential) ? REDACTED : all))
    .replace(BASIC, (all, credential: string) => (isUserAndPassword(credential) ? REDACTED : all))
    .replace(JWT, REDACTED)
    .replace(KNOWN_KEY, REDACTED)
    .replace(USER_INFO, `$1${REDACTED}@`)
    .replace(URL_WITH_QUERY, cleanUrl)
    .replace(MEMBER, (all, quote: string, name: string, colon: string, value: string) =>
      isSecretText(value, whatNameSays(name))
        ? `${quote}${name}${quote}${colon}${quote}${REDACTED}${quote}`
        : all,
    );
}

/** Nobody speaks like that: capitals, small letters and digits in one word, or digits and letters in a long run. */
function isOpaque(credential: string): boolean {
  const isMixed = /\d/.test(credential) && /[a-z]/.test(credential) && /[A-Z]/.test(credential);
  const runs = credential.match(/[A-Za-z0-9]{12,}/g) ?? [];
  return isMixed || runs.some((run) => /\d/.test(run) && /[A-Za-z]/.test(run));
}

function isUserAndPassword(credential: string): boolean {
  return /^[\x20-\x7e]*:[\x20-\x7e]*$/.test(Buffer.from(credential, 'base64').toString('latin1'));
}

/**
 * Parameters that sign a link for a while, by the names that the large stores give them. They are worded anew at every
 * reading and open the file for whoever has them.
 */
const SIGNING =
  /^(?:x-(?:amz|goog)-[\w-]+|awsaccesskeyid|googleaccessid|key-pair-id|policy|signature|sig|expires|exp|hdnea|hdnts|__token__)$/i;
/** Those of Azure are of two letters: they are signing only beside `sig`. */
const SIGNING_BESIDE_SIG = /^(?:s[aeiprtv]|spr|srt|skoid|sktid|skt|ske|sks|skv|sip|ses|sdd)$/i;
/** These are words of other uses as well: they are signing only beside a signature. */
const ONLY_BESIDE_OTHERS = /^(?:policy|expires|exp)$/i;

/** A link without its signature; other parameters stay as they are, but for the values of secrets. */
function cleanUrl(url: string): string {
  const [, address = url, query = '', fragment = ''] = /^([^?]*)\?([^#]*)(#.*)?$/s.exec(url) ?? [];
  const parameters = query.split('&');
  const names = parameters.map((parameter) => decodedName(parameter.split('=', 1)[0] ?? ''));
  const isSecret = names.map((name, i) =>
    isSecretText(parameters[i]?.replace(/^[^=]*=?/, '') ?? '', whatNameSays(name)),
  );
  const isSigned =
    isSecret.includes(true) || names.some((name) => SIGNING.test(name) && !ONLY_BESIDE_OTHERS.test(name));
  const besideSig = names.some((name) => /^sig$/i.test(name));
  const kept = parameters.flatMap((parameter, i) => {
    const name = names[i] ?? '';
    if (isSecret[i]) return [`${parameter.split('=', 1)[0]}=${REDACTED}`];
    const signs = SIGNING.test(name) || (besideSig && SIGNING_BESIDE_SIG.test(name));
    return isSigned && signs ? [] : [parameter];
  });
  return `${address}${kept.length > 0 ? `?${kept.join('&')}` : ''}${fragment}`;
}

function decodedName(name: string): string {
  try {
    return decodeURIComponent(name);
  } catch {
    return name;
  }
}
