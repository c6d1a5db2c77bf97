/** What breaks between us and a vendor, told apart by what mends it. */

const NETWORK_CODES =
  /^(E[A-Z_]+|UNABLE_TO_\w+|UND_ERR_\w+|HPE_\w+|ERR_SSL_\w+|ERR_TLS_\w+|CERT_\w+|DEPTH_ZERO_\w+|SELF_SIGNED_\w+|Z_\w+|ERR__ERROR_\w+)$/;

/** The code of the fault of the network that an error is, or stands for; null when it is none. */
export function networkCode(error: unknown): string | null {
  for (const cause of causesOf(error)) {
    const { code } = cause as { code?: unknown };
    if (typeof code === 'string' && NETWORK_CODES.test(code)) return code;
  }
  return null;
}

function* causesOf(error: unknown): Generator<Error> {
  for (let cause = error, depth = 0; cause instanceof Error && depth < 5; cause = cause.cause, depth += 1) {
    yield cause;
  }
}

const EXPLAINED: readonly [RegExp, string][] = [
  [/^(ENOTFOUND|EAI_\w+)$/, 'its name cannot be resolved: check the base URL, and the DNS of this machine'],
  [/^ECONNREFUSED$/, 'nothing listens there, or a firewall refuses: check the base URL'],
  [
    /^(ETIMEDOUT|EHOSTUNREACH|ENETUNREACH|UND_ERR_CONNECT_TIMEOUT)$/,
    'there is no way there: check firewall and routes, or set HTTPS_PROXY',
  ],
  [
    /^CERT_(HAS_EXPIRED|NOT_YET_VALID)$/,
    'its certificate is not valid today: check the clock of this machine',
  ],
  [/^ERR_TLS_CERT_ALTNAME_INVALID$/, 'its certificate is for another name: check the base URL'],
  [
    /^(UNABLE_TO_\w+|SELF_SIGNED_\w+|DEPTH_ZERO_\w+|CERT_\w+)$/,
    'its certificate is signed by nobody who is trusted: name the file of your CA in NODE_EXTRA_CA_CERTS',
  ],
  [
    /^(EPROTO|ERR_SSL_\w+|ERR_TLS_\w+)$/,
    'TLS failed: check that the base URL is https where the vendor wants it',
  ],
  [/^(Z_\w+|ERR__ERROR_\w+)$/, 'its compressed answer is broken'],
];

/** What a person can do about a fault of the network; null when the code says all. */
export function explainNetwork(error: unknown): string | null {
  for (const { message } of causesOf(error)) {
    const refused = /^Proxy response \((\d{3})\)/.exec(message);
    if (refused) {
      const key = refused[1] === '407' ? 'it wants a user and a password in the address' : 'ask who runs it';
      return `the proxy answered ${refused[1]}: ${key} (HTTPS_PROXY, HTTP_PROXY, NO_PROXY)`;
    }
  }
  const code = networkCode(error);
  return EXPLAINED.find(([codes]) => code !== null && codes.test(code))?.[1] ?? null;
}
