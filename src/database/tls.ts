import type { ConnectionOptions } from 'node:tls';

/** How a connection is protected, as libpq names it. `no-verify` is pg's own word for what `require` means. */
export const SSL_MODES = [
  'disable',
  'allow',
  'prefer',
  'require',
  'verify-ca',
  'verify-full',
  'no-verify',
] as const;
export type SslMode = (typeof SSL_MODES)[number];

/** Without TLS, or with it and what is checked then. */
export type Protection = false | ConnectionOptions;

/** Certificates, as PEM. */
export interface Certificates {
  /** Who may sign the server's; null leaves it to Node, which knows public ones and `NODE_EXTRA_CA_CERTS`. */
  root: string | null;
  /** Our own, for a server that asks for one. */
  own: { cert: string; key: string } | null;
}

/**
 * How to connect, in the order in which it is tried, as libpq does: `allow` and `prefer` take what the server has,
 * `require` wants TLS with anybody (with whom the root has signed, where there is one), `verify-ca` with whom the root has
 * signed, `verify-full` with that very host.
 */
export function protections(mode: SslMode, { root, own }: Certificates): Protection[] {
  const base: ConnectionOptions = { ...(root === null ? {} : { ca: root }), ...own };
  const anybody = { ...base, rejectUnauthorized: false };
  const anyHost = { ...base, checkServerIdentity: () => undefined };
  switch (mode) {
    case 'disable':
      return [false];
    case 'allow':
      return [false, anybody];
    case 'prefer':
      return [anybody, false];
    case 'no-verify':
      return [anybody];
    case 'require':
      return [root === null ? anybody : anyHost];
    case 'verify-ca':
      return [anyHost];
    case 'verify-full':
      return [base];
  }
}
