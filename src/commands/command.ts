import { type Clock, type Random, SECOND, systemClock } from '../clock.ts';
import type { Settings } from '../config/settings.ts';
import { createHttpTransport } from '../http/transport.ts';
import type { Logger } from '../log.ts';
import type { SyncedSource } from '../sync/sync-source.ts';
import type { Console } from './console.ts';
import { openSources, requireSources, type Surroundings } from './open-sources.ts';
import { openWarehouse, type Warehouse } from './open-warehouse.ts';

/** What a command is given. It gives its exit code: 0 done, 1 something failed or is left, 2 wrong usage. */
export interface CommandContext {
  settings: Settings;
  console: Console;
  log: Logger;
  /** Aborts on SIGTERM and SIGINT. */
  signal: AbortSignal;
}

/** How long a command waits for another worker that is in the middle of a pass. */
export const LEASE_WAIT_MS = 90 * SECOND;

export const clock: Clock = systemClock;
const random: Random = Math.random;

/** Whether a command waits for a database that is not there yet, and who is told of it. */
interface Waiting {
  patient: boolean;
  onWait?: () => void;
}

/** Runs `work` with the warehouse and all sources open, and closes everything whatever happens. */
export async function withSources<T>(
  context: CommandContext,
  work: (warehouse: Warehouse, sources: SyncedSource[], surroundings: Surroundings) => Promise<T>,
  options: Waiting = { patient: false },
): Promise<T> {
  requireSources(context.settings);
  const openAll = async (warehouse: Warehouse) => {
    const { transport, close } = createHttpTransport();
    try {
      const surroundings = { clock, sharedNow: () => null, random, transport, log: context.log };
      const sources = await openSources(context.settings, warehouse.database, surroundings);
      return await work(warehouse, sources, surroundings);
    } finally {
      await close();
    }
  };
  return withWarehouse(context, openAll, options);
}

/** Runs `work` with the warehouse open and migrated. */
export async function withWarehouse<T>(
  { settings, console, signal }: CommandContext,
  work: (warehouse: Warehouse) => Promise<T>,
  options: Waiting & { migrate?: boolean } = { patient: false },
): Promise<T> {
  const warehouse = await openWarehouse(settings, {
    note: console.note,
    signal,
    clock,
    migrate: true,
    ...options,
  });
  try {
    return await work(warehouse);
  } finally {
    await warehouse.close();
  }
}
