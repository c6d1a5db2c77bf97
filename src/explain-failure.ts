import { CommanderError } from 'commander';
import { ConfigError, LeaseLostError, SourceError, TransientError } from './errors.ts';
import { redactText } from './secrets.ts';
import { isDatabaseFault } from './warehouse/database.ts';

/** What a person is told when a command fails, and the exit code. A bug keeps its stack. */
export function explainFailure(
  error: unknown,
  stopped: AbortSignal,
): { message: string; exitCode: 0 | 1 | 2 } {
  // commander has printed its own words already.
  if (error instanceof CommanderError) return { message: '', exitCode: error.exitCode === 0 ? 0 : 2 };
  if (error instanceof ConfigError) {
    const lines = error.problems.map((problem) => `  - ${problem}`);
    return { message: redactText(['callhouse cannot start:', ...lines].join('\n')), exitCode: 2 };
  }
  if (stopped.aborted) return { message: 'stopped', exitCode: 1 };
  if (error instanceof SourceError || error instanceof TransientError || error instanceof LeaseLostError) {
    return { message: redactText(error.message), exitCode: 1 };
  }
  const database = explainDatabase(error);
  if (database !== null) return { message: database, exitCode: 1 };
  const text = error instanceof Error ? (error.stack ?? error.message) : String(error);
  return { message: redactText(`callhouse met a fault of its own:\n${text}`), exitCode: 1 };
}

const DATABASE_FAULTS: Readonly<Record<string, string>> = {
  ECONNREFUSED: 'nothing listens there: start the database, or check host and port in DATABASE_URL',
  ENOTFOUND: 'there is no such host: check DATABASE_URL',
  ETIMEDOUT: 'it does not answer: check host, port and firewall',
  '28P01': 'the password is not accepted: check DATABASE_URL',
  '28000': 'the user is not let in: check DATABASE_URL and pg_hba.conf',
  '3D000': 'there is no such database: create it, or check the name in DATABASE_URL',
  '42P01': 'its schema is not there, or is older: run callhouse migrate',
  '3F000': 'its schema is not there: run callhouse migrate',
  '42501': 'the user may not do that: let the owner of the schema run callhouse migrate',
  '53100': 'its disk is full: make room; nothing was lost, the next pass goes on',
  '57P03': 'it is starting up: try again in a moment',
};

function explainDatabase(error: unknown): string | null {
  const code = error instanceof Error && 'code' in error ? String(error.code) : '';
  const isFault = isDatabaseFault(error);
  const hint =
    DATABASE_FAULTS[code] ??
    (isFault ? 'the connection broke, or the server has no room: try again' : undefined);
  return hint === undefined ? null : `the database failed (${code || 'connection lost'}): ${hint}`;
}
