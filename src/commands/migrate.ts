import { migrate } from '../warehouse/migrate.ts';
import { type CommandContext, clock } from './command.ts';
import { reachServer } from './open-warehouse.ts';

/** `migrate`: brings the database to this version's schema. Safe when many start at once. */
export async function migrateCommand({ settings, console, signal }: CommandContext): Promise<number> {
  const server = await reachServer(settings, { note: console.note, signal, clock, patient: false });
  try {
    const result = await migrate(server.reached.config);
    for (const warning of result.warnings) console.note(warning);
    const text =
      result.applied.length > 0
        ? `applied ${result.applied.join(', ')}`
        : `nothing to do: ${result.alreadyApplied} migrations are applied`;
    console.result(result, text);
    return 0;
  } finally {
    await server.close();
  }
}
