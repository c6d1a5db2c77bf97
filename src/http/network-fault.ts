/** What breaks between us and a vendor, told apart by where it breaks, with what mends it. */

/** Where a request gets to, one after the other. */
export const STAGES = ['name resolution', 'connection', 'proxy', 'TLS', 'answer'] as const;
type Stage = (typeof STAGES)[number];

export interface NetworkFault {
  code: string;
  stage: Stage;
  /** What is wrong, and what a person can do about it; null when the code says all there is to say. */
  advice: string | null;
}

const NETWORK_CODES =
  /^(E[A-Z_]+|UNABLE_TO_\w+|UND_ERR_\w+|HPE_\w+|ERR_SSL_\w+|ERR_TLS_\w+|CERT_\w+|DEPTH_ZERO_\w+|SELF_SIGNED_\w+|Z_\w+|ERR__ERROR_\w+)$/;

/** The code of the fault of the network that an error is, or stands for; null when it is none. */
export function networkCode(error: unknown): string | null {
  return coded(error)?.code ?? null;
}

interface Coded {
  code: string;
  /** The name that was looked up, or the port that was connected to. */
  hostname?: unknown;
  port?: unknown;
}

function coded(error: unknown): Coded | null {
  for (const cause of causesOf(error)) {
    const { code } = cause as { code?: unknown };
    if (typeof code === 'string' && NETWORK_CODES.test(code)) return cause as Error & Coded;
  }
  return null;
}

function* causesOf(error: unknown): Generator<Error> {
  for (let cause = error, depth = 0; cause instanceof Error && depth < 5; cause = cause.cause, depth += 1) {
    yield cause;
  }
}

const EXPLAINED: readonly [RegExp, Stage, string][] = [
  [
    /^(ENOTFOUND|EAI_\w+)$/,
    'name resolution',
    'its name cannot be resolved: check the base URL, and the DNS of this machine',
  ],
  [
    /^ECONNREFUSED$/,
    'connection',
    'nothing listens there, or a firewall refuses: check the base URL, or set HTTPS_PROXY',
  ],
  [
    /^(ETIMEDOUT|EHOSTUNREACH|ENETUNREACH|UND_ERR_CONNECT_TIMEOUT)$/,
    'connection',
    'there is no way there: check firewall and routes, or set HTTPS_PROXY',
  ],
  [
    /^CERT_(HAS_EXPIRED|NOT_YET_VALID)$/,
    'TLS',
    'its certificate is not valid today: check the clock of this machine',
  ],
  [/^ERR_TLS_CERT_ALTNAME_INVALID$/, 'TLS', 'its certificate is for another name: check the base URL'],
  [
    /^(UNABLE_TO_\w+|SELF_SIGNED_\w+|DEPTH_ZERO_\w+|CERT_\w+)$/,
    'TLS',
    'its certificate is signed by nobody who is trusted: name the file of your CA in NODE_EXTRA_CA_CERTS',
  ],
  [
    /^(EPROTO|ERR_SSL_\w+|ERR_TLS_\w+)$/,
    'TLS',
    'TLS failed: check that the base URL is https where the vendor wants it',
  ],
  [/^(Z_\w+|ERR__ERROR_\w+)$/, 'answer', 'its compressed answer is broken'],
];

/** The fault of the network that an error is, when `url` was asked for; null when it is none. */
export function networkFault(error: unknown, url: string): NetworkFault | null {
  const found = coded(error);
  if (found === null) return null;
  const { code } = found;
  const refused = refusedByProxy(error);
  if (refused !== null) return { code, stage: 'proxy', advice: refused };
  const [, stage, advice] = EXPLAINED.find(([codes]) => codes.test(code)) ?? [null, 'answer' as const, null];
  if (isOfProxy(found, url)) {
    const words =
      'the proxy cannot be reached: check its address in HTTPS_PROXY or HTTP_PROXY, or add the host to NO_PROXY';
    return { code, stage: 'proxy', advice: words };
  }
  return { code, stage, advice };
}

function refusedByProxy(error: unknown): string | null {
  for (const { message } of causesOf(error)) {
    const refused = /^Proxy response \((\d{3})\)/.exec(message);
    if (refused === null) continue;
    const key = refused[1] === '407' ? 'it wants a user and a password in the address' : 'ask who runs it';
    return `the proxy answered ${refused[1]}: ${key} (HTTPS_PROXY, HTTP_PROXY, NO_PROXY)`;
  }
  return null;
}

/** What was looked up or connected to is not what was asked for: it is the proxy between. */
function isOfProxy({ hostname, port }: Coded, url: string): boolean {
  const asked = new URL(url);
  if (typeof hostname === 'string') return hostname !== asked.hostname;
  const askedPort = asked.port === '' ? (asked.protocol === 'https:' ? 443 : 80) : Number(asked.port);
  return typeof port === 'number' && port !== askedPort;
}
