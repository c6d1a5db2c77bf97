import type { Client, ClientBase, ClientConfig } from 'pg';
import { MINUTE, SECOND } from '../clock.ts';

/**
 * What a session must be set to, whatever the server, the database or the role set it to: texts that mean one thing,
 * names that are ours and PostgreSQL's alone, and limits.
 */
const SETTINGS: Readonly<Record<string, string>> = {
  search_path: 'pg_catalog, pg_temp',
  client_encoding: 'UTF8',
  datestyle: 'ISO, MDY',
  intervalstyle: 'postgres',
  timezone: 'UTC',
  extra_float_digits: '1',
  bytea_output: 'hex',
  standard_conforming_strings: 'on',
  default_transaction_isolation: 'read committed',
  default_transaction_deferrable: 'off',
  lock_timeout: '0',
};

/** Milliseconds; 0 is no limit. */
export interface SessionLimits {
  statementMs: number;
  /** A vendor is read between two statements of a pass, never inside a transaction: a long wait is a fault. */
  idleInTransactionMs: number;
}

/** Our own limits, where the address does not set others. */
export function limitsOf(config: ClientConfig): SessionLimits {
  return {
    statementMs: Number(config.statement_timeout || 2 * MINUTE),
    idleInTransactionMs: Number(config.idle_in_transaction_session_timeout || 30 * SECOND),
  };
}

/** Poolers refuse what they do not know at the start of a session: these are set in it. */
export const NOT_AT_THE_START = {
  statement_timeout: undefined,
  idle_in_transaction_session_timeout: undefined,
} as const;

const settingsWith = ({ statementMs, idleInTransactionMs }: SessionLimits): [string, string][] => [
  ...Object.entries(SETTINGS),
  ['statement_timeout', String(statementMs)],
  ['idle_in_transaction_session_timeout', String(idleInTransactionMs)],
];

/** A pooler lets everybody in, and then waits for a server that may not be there. */
const ENTER_WITHIN_MS = 15 * SECOND;

interface EnteredSession {
  /** Whether nobody else is let into it. */
  isOwn: boolean;
  isReadOnly: boolean;
}

/**
 * Sets a session, if the connection has one for itself, and says whether it has. A pooler gives each client a key of its
 * own making, and lends it another session for every transaction: what is set there, or prepared, meets the next client.
 * So nothing is left in such a session: each transaction sets what it needs.
 */
export async function enterSession(client: ClientBase, limits: SessionLimits): Promise<EnteredSession> {
  const settings = settingsWith(limits);
  // One statement decides and sets, because behind a pooler the next may run in another session.
  const { rows } = await client.query<{ is_own: boolean; is_read_only: boolean }>({
    text: `select pg_catalog.bool_and(pg_catalog.pg_backend_pid() = $1::integer) as is_own,
  pg_catalog.current_setting('transaction_read_only') = 'on' as is_read_only, pg_catalog.count(
  case when pg_catalog.pg_backend_pid() = $1::integer then pg_catalog.set_config(s.name, s.value, false) end)
from rows from (pg_catalog.unnest($2::text[]), pg_catalog.unnest($3::text[])) as s (name, value)`,
    values: [processId(client), settings.map(([name]) => name), settings.map(([, value]) => value)],
    ...{ query_timeout: ENTER_WITHIN_MS },
  });
  return { isOwn: rows[0]?.is_own === true, isReadOnly: rows[0]?.is_read_only === true };
}

/** The server process that the other side says it is; 0 when it says nothing. */
function processId(client: ClientBase): number {
  return (client as Client as unknown as { processID: number | null }).processID ?? 0;
}

/** Begins a transaction that sets for itself what a session cannot keep. Values are ours: nothing of them needs quoting. */
export function beginAlone(limits: SessionLimits): string {
  const settings = settingsWith(limits).map(([name, value]) => {
    return `set local ${name} = ${name === 'search_path' ? value : `'${value}'`}`;
  });
  return ['begin isolation level read committed', ...settings].join('; ');
}
