import type { DatabaseError } from 'pg';

/** What a database fails with, sorted by whether it may pass. What a person can do about it stands in `explain.ts`. */

/**
 * Classes of SQLSTATE that may pass: connection, transaction rollback, resources, locks, operator, system; a server that
 * is read-only (a standby after a failover, a full disk) or ended a transaction that took too long.
 */
const PASSING = /^(?:08|40|53|55|57|58)\w{3}$|^25(?:006|P0[1-4])$/;
/** What PostgreSQL refuses for what a row says: data, constraints, and limits such as the length of an index row. */
const OF_CONTENT = /^(?:22|23|54)\w{3}$/;

/** Codes of Node for a way that is not there. A socket file that is missing is a server that is not started. */
const NETWORK =
  /^(?:E(?:CONN(?:REFUSED|RESET|ABORTED)|NOTFOUND|AI_\w+|TIMEDOUT|PIPE|HOSTUNREACH|NETUNREACH|HOSTDOWN|NETDOWN))$/;

/** pg gives a connection that broke no code: its own words are the only mark. */
const WORDS: readonly [RegExp, string][] = [
  [
    /^(?:timeout expired|timeout exceeded when trying|Connection terminated due to connection timeout)/,
    'mute',
  ],
  [/^Query read timeout/, 'mute'],
  [/^(?:Connection terminated|Client has encountered a connection error|Client was closed)/, 'cut off'],
  [/^(?:The server does not support SSL|There was an error establishing an SSL)/, 'no TLS'],
];

/**
 * What a database failed with: a SQLSTATE, a code of Node's network or TLS, or a word of ours (`mute`: it does not answer;
 * `cut off`: the connection broke; `no TLS`). Null for an error that is no database's.
 */
export function faultCode(error: unknown): string | null {
  if (!(error instanceof Error)) return null;
  const { code, syscall } = error as { code?: unknown; syscall?: unknown };
  if (typeof code !== 'string') return WORDS.find(([words]) => words.test(error.message))?.[1] ?? null;
  if (SQLSTATE.test(code) || NETWORK.test(code) || TLS.test(code)) return code;
  // Files have the same codes: only what was said by a socket is meant.
  return syscall === 'connect' ? code : null;
}

const SQLSTATE = /^(?=.*\d)[0-9A-Z]{5}$/;
const TLS =
  /^(?:EPROTO|ERR_(?:SSL|TLS|OSSL)_\w+|CERT_\w+|SELF_SIGNED_\w+|DEPTH_ZERO_\w+|UNABLE_TO_\w+|HOSTNAME_MISMATCH)$/;

/** Whether an error is the database's trouble, which may pass, and not a mistake in a statement. */
export function isDatabaseFault(error: unknown): error is Error {
  const code = faultCode(error);
  return code !== null && (!SQLSTATE.test(code) || PASSING.test(code)) && !TLS.test(code);
}

/** Why the database would not take a row: its code, and what names the place. Its message may hold the row itself. */
export interface ContentRefusal {
  code: string;
  place: string | null;
}

/** What the database refused for its content, which no retry can mend; null for any other error. */
export function contentRefused(error: unknown): ContentRefusal | null {
  if (!(error instanceof Error)) return null;
  const { code, column, constraint, table } = error as DatabaseError;
  if (code === undefined || !OF_CONTENT.test(code)) return null;
  return { code, place: column ?? constraint ?? table ?? null };
}
