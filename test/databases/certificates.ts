import { generate } from 'selfsigned';
import { DAY } from '../../src/clock.ts';

/** As PEM. */
export interface Certificate {
  cert: string;
  key: string;
}

/** A CA of our own, whom nobody trusts who does not know it. */
export async function makeAuthority(): Promise<Certificate> {
  const made = await generate([{ name: 'commonName', value: 'callhouse test CA' }], {
    keyType: 'ec',
    algorithm: 'sha256',
    extensions: [
      { name: 'basicConstraints', cA: true, critical: true },
      { name: 'keyUsage', keyCertSign: true, cRLSign: true, critical: true },
    ],
  });
  return { cert: made.cert, key: made.private };
}

/** The certificate of a server of that name, signed by a CA; `ended` is one that was valid until yesterday. */
export async function signFor(
  authority: Certificate,
  host: string,
  { ended = false } = {},
): Promise<Certificate> {
  const made = await generate([{ name: 'commonName', value: host }], {
    keyType: 'ec',
    algorithm: 'sha256',
    ca: authority,
    notBeforeDate: new Date(Date.now() - 10 * DAY),
    notAfterDate: new Date(Date.now() + (ended ? -DAY : 10 * DAY)),
    extensions: [
      { name: 'basicConstraints', cA: false },
      { name: 'subjectAltName', altNames: [{ type: 2, value: host }] },
    ],
  });
  return { cert: made.cert, key: made.private };
}
