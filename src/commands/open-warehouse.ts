import type { Settings } from '../config/settings.ts';
import { openEmbeddedPostgres } from '../embedded/embedded-postgres.ts';
import { type Database, openDatabase } from '../warehouse/database.ts';
import { migrate } from '../warehouse/migrate.ts';

export interface Warehouse {
  database: Database;
  /** With its password: for `status`, which prints the embedded one. */
  url: string;
  embedded: boolean;
  close(): Promise<void>;
}

/** Opens the configured database, or starts the embedded one, and brings it to this version's schema. */
export async function openWarehouse(
  settings: Settings,
  options: { note: (line: string) => void; signal: AbortSignal; migrate?: boolean; connections?: number },
): Promise<Warehouse> {
  const { note, signal } = options;
  const embedded =
    settings.databaseUrl === null
      ? await openEmbeddedPostgres({ dataDir: settings.dataDir, log: note, signal })
      : null;
  const url = embedded?.url ?? settings.databaseUrl ?? '';
  try {
    if (options.migrate !== false) {
      const { warnings } = await migrate(url);
      for (const warning of warnings) note(warning);
    }
    const database = openDatabase(url, { connections: options.connections ?? 8 });
    return {
      database,
      url,
      embedded: embedded !== null,
      async close() {
        await database.end();
        await embedded?.close();
      },
    };
  } catch (error) {
    await embedded?.close();
    throw error;
  }
}
