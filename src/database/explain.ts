import type { DatabaseError } from 'pg';
import type { DatabaseAddress } from './address.ts';
import { faultCode } from './faults.ts';

/**
 * What a person can do about what a database fails with, by its code; the first that fits. `{address}` is the setting
 * that names the database, `{user}` the user there.
 */
const EXPLAINED: readonly [RegExp, string][] = [
  [/^ECONNREFUSED$/, 'nothing listens there: start the database, or check host and port in {address}'],
  [/^(ENOTFOUND|EAI_\w+)$/, 'there is no such host: check {address}, and the DNS of this machine'],
  [/^ENOENT$/, 'there is no socket of a server: start the database, or check folder and port in {address}'],
  [/^EACCES$/, 'this user may not enter the folder of the socket: let it, or name a host in {address}'],
  [
    /^(ETIMEDOUT|EHOST\w+|ENET\w+)$/,
    'there is no way there: check host and port in {address}, and the firewall',
  ],
  [
    /^mute$/,
    'it does not answer: something listens there, and says nothing. Check host and port in {address}, and what lies ' +
      'between (firewall, proxy, a pooler that has no server)',
  ],
  [
    /^(cut off|ECONN\w+|EPIPE)$/,
    'the connection broke: try again; if it stays, check host and port in {address}',
  ],
  [/^no TLS$/, 'it has no TLS: turn it on there (ssl = on), or set sslmode=prefer or disable in {address}'],
  [
    /^(CERT_HAS_EXPIRED|CERT_NOT_YET_VALID)$/,
    'its certificate is not valid today: renew it, or check the clock of this machine',
  ],
  [
    /^(ERR_TLS_CERT_ALTNAME_INVALID|HOSTNAME_MISMATCH)$/,
    'its certificate is for another name: name that host in {address}, or set sslmode=verify-ca with sslrootcert',
  ],
  [
    /^(SELF_SIGNED_\w+|DEPTH_ZERO_\w+|UNABLE_TO_\w+|CERT_\w+)$/,
    'its certificate is signed by nobody who is trusted: name the file of its CA as sslrootcert in {address}, or in ' +
      'NODE_EXTRA_CA_CERTS',
  ],
  [
    /^ERR_OSSL_\w+$/,
    'a certificate or key cannot be read: check sslrootcert, sslcert and sslkey in {address}',
  ],
  [
    /^(EPROTO|ERR_(SSL|TLS)_\w+)$/,
    'TLS failed: check that a PostgreSQL with TLS listens there, or set sslmode',
  ],
  [
    /^0A000$/,
    'the server or the pooler cannot do what is asked; a pooler has to pool sessions or transactions',
  ],
  [/^08P01$/, 'the server or the pooler does not take what is sent: see what it says, and what it allows'],
  [/^08\w{3}$/, 'the connection broke: try again'],
  [/^25006$/, 'it is read-only: a standby, or set so when its disk was full. Name the primary in {address}'],
  [
    /^25P0[34]$/,
    'it ended a transaction that took too long: this machine or the way there is slow; try again',
  ],
  [
    /^25\w{3}$/,
    'something between does not keep a transaction together: let the pooler pool sessions or transactions',
  ],
  [
    /^(26000|42P05)$/,
    'a pooler between lends sessions in a way that is not known: use its port for sessions',
  ],
  [/^28P01$/, 'the password is not accepted: check {address}'],
  [/^28\w{3}$/, "the user '{user}' is not let in from here: check {address}, and pg_hba.conf of the server"],
  [/^3D\w{3}$/, 'there is no such database: create it, or check the name in {address}'],
  [/^3F000$/, 'its schema is not there: run callhouse migrate'],
  [/^(42P01|42703|42883)$/, 'its schema is not there, or is older: run callhouse migrate'],
  [/^40\w{3}$/, 'another session was in the way: try again'],
  [/^53100$/, 'its disk is full: make room; nothing was lost, the next pass goes on'],
  [/^53200$/, 'it has no memory left: give it more, or let less run there'],
  [/^53300$/, 'it has no connection left: end others or raise max_connections; callhouse uses up to 9'],
  [/^53\w{3}$/, 'a limit in its configuration is reached: raise it'],
  [/^55P03$/, 'another session holds a lock: end it, or try again'],
  [/^55\w{3}$/, 'what is needed is in use by another session: try again'],
  [/^57014$/, 'a statement took too long, or was cancelled there: find out what it waits for, and try again'],
  [/^57P0[12]$/, 'it was shut down or restarted: try again when it is up'],
  [/^57P03$/, 'it is starting up: try again in a moment'],
  [/^57P04$/, 'the database was dropped: check {address}'],
  [/^57\w{3}$/, 'somebody there ended the session: try again'],
  [/^58\w{3}$/, 'it has trouble with its disk or its files: look into its log'],
  [
    /^XX00[12]$/,
    'its data or an index is damaged: stop writing, look into its log, and restore a backup or reindex',
  ],
  [/^XX\w{3}$/, 'a fault inside of the server or the pooler: look into its log'],
];

/** A sentence for what a database failed with; null when a person can do nothing about it, or it is no database's. */
export function explainDatabase(error: unknown, address: DatabaseAddress | null): string | null {
  const code = faultCode(error);
  const advice = EXPLAINED.find(([codes]) => code !== null && codes.test(code))?.[1];
  if (code === null || advice === undefined) return null;
  const filled = advice
    .replaceAll('{address}', address?.saidBy ?? 'DATABASE_URL')
    .replaceAll('{user}', address?.user ?? '?');
  return `the database failed (${code}): ${filled}${ownWords(error)}`;
}

/** What a server says when it lets nobody in is about that alone. What it says of a statement may hold what was stored. */
function ownWords(error: unknown): string {
  const { severity, message } = error as DatabaseError;
  return severity === 'FATAL' ? `. It says: ${message.slice(0, 300)}` : '';
}
