import { type Clock, SECOND } from '../clock.ts';
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
  options: {
    note: (line: string) => void;
    signal: AbortSignal;
    clock: Clock;
    /** Waits for a database that is not there yet, as a worker must that is started beside it. */
    patient: boolean;
    /** Told of each wait. */
    onWait?: () => void;
    /** Whether the schema is brought up to date; else it is taken as it is. */
    migrate: boolean;
  },
): Promise<Warehouse> {
  const { note, signal } = options;
  const embedded =
    settings.databaseUrl === null
      ? await openEmbeddedPostgres({ dataDir: settings.dataDir, log: note, signal })
      : null;
  const url = embedded?.url ?? settings.databaseUrl ?? '';
  try {
    // A database of our own is always of our own version.
    if (options.migrate || embedded) {
      const { warnings } = options.patient
        ? await whenThere(() => migrate(url), options)
        : await migrate(url);
      for (const warning of warnings) note(warning);
    }
    const database = openDatabase(url, { connections: 8 });
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

const WAIT_FIRST_MS = SECOND;
const WAIT_MAX_MS = 30 * SECOND;
/** Nobody listens, there is no such host yet, or the server is starting up or shutting down. */
const NOT_THERE = new Set([
  'ECONNREFUSED',
  'ECONNRESET',
  'ENOTFOUND',
  'EAI_AGAIN',
  'ETIMEDOUT',
  '57P03',
  '57P01',
]);

/** Tries until the database answers, ever more rarely, and says so. A crash loop would say less. */
async function whenThere<T>(
  attempt: () => Promise<T>,
  options: { note: (line: string) => void; signal: AbortSignal; clock: Clock; onWait?: () => void },
): Promise<T> {
  for (let waitMs = WAIT_FIRST_MS; ; waitMs = Math.min(WAIT_MAX_MS, 2 * waitMs)) {
    try {
      return await attempt();
    } catch (error) {
      const code = error instanceof Error && 'code' in error ? String(error.code) : '';
      if (!NOT_THERE.has(code)) throw error;
      options.note(`the database is not there (${code}); trying again in ${waitMs / SECOND} s`);
      options.onWait?.();
      await options.clock.sleep(waitMs, options.signal);
    }
  }
}
