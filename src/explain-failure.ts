import { CommanderError } from 'commander';
import type { DatabaseAddress } from './database/address.ts';
import { explainDatabase } from './database/explain.ts';
import { faultCode } from './database/faults.ts';
import { ConfigError, LeaseLostError, SourceError, TransientError } from './errors.ts';
import { redactText } from './secrets.ts';
import { workerGrants } from './warehouse/grants.ts';

/** What a person is told when a command fails, and the exit code. A bug keeps its stack. `address` is the database's. */
export function explainFailure(
  error: unknown,
  stopped: AbortSignal,
  address: DatabaseAddress | null = null,
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
  const database = faultCode(error) === '42501' ? explainRights(address) : explainDatabase(error, address);
  if (database !== null) return { message: redactText(database), exitCode: 1 };
  const text = error instanceof Error ? (error.stack ?? error.message) : String(error);
  const report = 'Please report it: what you ran, `callhouse --version`, and these lines.';
  return { message: redactText(`callhouse met a fault of its own. ${report}\n${text}`), exitCode: 1 };
}

/** Whoever migrated owns the schemas: another user needs their grants, and no migration. */
function explainRights(address: DatabaseAddress | null): string {
  const user = address?.user ?? 'the user of DATABASE_URL';
  return [
    `the database failed (42501): the user '${user}' may not do that.`,
    'When another role has migrated the database, let that role run:',
    ...workerGrants(user).map((statement) => `  ${statement};`),
    'When nobody has, let a user who may create schemas run callhouse migrate.',
  ].join('\n');
}
