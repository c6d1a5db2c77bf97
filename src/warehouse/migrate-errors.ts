import { DrizzleQueryError } from 'drizzle-orm';
import { DatabaseError } from 'pg';
import { ConfigError, TransientError } from '../errors.ts';

/** PostgreSQL's codes that a migration knows what to do about. */
export const SQLSTATE = {
  duplicateObject: '42710',
  insufficientPrivilege: '42501',
  internalError: 'XX000',
  lockNotAvailable: '55P03',
  uniqueViolation: '23505',
} as const;

/** PostgreSQL's code of an error, or null for an error that the server did not report. */
export function sqlState(error: unknown): string | null {
  return error instanceof DatabaseError ? (error.code ?? null) : null;
}

/**
 * What to throw for an error of drizzle's migrator. Its own message repeats the whole statement, which is a
 * whole migration; the server's says what is wrong.
 */
export function migrationFailure(error: unknown): unknown {
  const reason = error instanceof DrizzleQueryError && error.cause ? error.cause : error;
  switch (sqlState(reason)) {
    case SQLSTATE.insufficientPrivilege:
      return new ConfigError([
        `The database user may not migrate: ${messageOf(reason)}. Nothing was changed. ` +
          'Fix: run `callhouse migrate` once as the owner of the database.',
      ]);
    case SQLSTATE.lockNotAvailable:
      return new TransientError(
        'A session holds a table that the migration must change. Nothing was changed. ' +
          'End long queries on the schemas of callhouse, or migrate at a quieter time.',
        { cause: reason },
      );
    default:
      return reason;
  }
}

const messageOf = (error: unknown): string => (error instanceof Error ? error.message : String(error));
