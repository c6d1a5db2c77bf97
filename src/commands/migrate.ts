import { openEmbeddedPostgres } from '../embedded/embedded-postgres.ts';
import { migrate } from '../warehouse/migrate.ts';
import type { CommandContext } from './command.ts';

/** `migrate`: brings the database to this version's schema. Safe when many start at once. */
export async function migrateCommand({ settings, console, signal }: CommandContext): Promise<number> {
  const embedded =
    settings.databaseUrl === null
      ? await openEmbeddedPostgres({ dataDir: settings.dataDir, log: console.note, signal })
      : null;
  try {
    const result = await migrate(embedded?.url ?? settings.databaseUrl ?? '');
    for (const warning of result.warnings) console.note(warning);
    const text =
      result.applied.length > 0
        ? `applied ${result.applied.join(', ')}`
        : `nothing to do: ${result.alreadyApplied} migrations are applied`;
    console.result(result, text);
    return 0;
  } finally {
    await embedded?.close();
  }
}
