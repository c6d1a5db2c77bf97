import { type Clock, SECOND } from '../clock.ts';
import type { Settings } from '../config/settings.ts';
import { addressOf, type DatabaseAddress, describeAddress } from '../database/address.ts';
import { type Reached, reach } from '../database/connect.ts';
import { type Database, openDatabase } from '../database/database.ts';
import { explainDatabase } from '../database/explain.ts';
import { isDatabaseFault } from '../database/faults.ts';
import { openEmbeddedPostgres } from '../embedded/embedded-postgres.ts';
import { migrate } from '../warehouse/migrate.ts';

export interface Warehouse {
  database: Database;
  /** For a person: of the embedded database with its password, which is the way in for psql; of others without. */
  shownUrl: string;
  reached: Reached;
  close(): Promise<void>;
}

export interface Opening {
  note: (line: string) => void;
  signal: AbortSignal;
  clock: Clock;
  /** Waits for a database that is not there yet, as a worker must that is started beside it. */
  patient: boolean;
  /** Told of each wait. */
  onWait?: () => void;
  /** Whether the schema is brought up to date; else it is taken as it is. */
  migrate: boolean;
}

/** A server that let us in; an embedded one is ended by `close`. */
export interface ReachedServer {
  reached: Reached;
  shownUrl: string;
  close(): Promise<void>;
}

/** Opens the configured database, or starts the embedded one, and brings it to this version's schema. */
export async function openWarehouse(settings: Settings, opening: Opening): Promise<Warehouse> {
  const { note } = opening;
  const ready = async (server: ReachedServer) => {
    // A database of our own is always of our own version.
    if (!opening.migrate && settings.database !== null) return;
    // The server says so itself, to what is written first. A worker waits for that here.
    if (server.reached.isReadOnly)
      throw Object.assign(new Error('the server is read-only'), { code: '25006' });
    const { warnings } = await migrate(server.reached.config);
    for (const warning of warnings) note(warning);
  };
  const server = await reachServer(settings, opening, ready);
  const database = openDatabase(server.reached.config, { connections: 8 });
  return {
    ...server,
    database,
    async close() {
      await database.end();
      await server.close();
    },
  };
}

/** Reaches the configured server, or starts the embedded one, and does with it what has to be done before it is used. */
export async function reachServer(
  settings: Settings,
  opening: Omit<Opening, 'migrate'>,
  ready: (server: ReachedServer) => Promise<void> = async () => undefined,
): Promise<ReachedServer> {
  const { note, signal } = opening;
  const embedded =
    settings.database === null
      ? await openEmbeddedPostgres({ dataDir: settings.dataDir, log: note, signal })
      : null;
  const address = settings.database ?? addressOf(embedded?.url ?? '');
  sayWhich(settings, note);
  const server = {
    shownUrl: embedded?.url ?? urlOf(address),
    close: async () => embedded?.close(),
  };
  const attempt = async () => {
    const reached = { ...server, reached: await aloud(reach(address, signal), address, note) };
    await ready(reached);
    return reached;
  };
  try {
    return await (opening.patient ? whenThere(attempt, address, opening) : attempt());
  } catch (error) {
    await embedded?.close();
    throw error;
  }
}

/** A database that no DATABASE_URL names is told: libpq's variables may be set for something else, or forgotten. */
function sayWhich({ database, dataDir }: Settings, note: (line: string) => void): void {
  if (database === null) note(`database: the embedded one in ${dataDir}, because no DATABASE_URL is set`);
  else if (database.saidBy.startsWith('PG')) {
    note(
      `database: ${describeAddress(database)}, because ${database.saidBy} says so and no DATABASE_URL is set`,
    );
  }
}

/** An address for people: host, port and database, and nothing that a URL may hold besides. */
function urlOf({ host, port, user, database }: DatabaseAddress): string {
  const name = `${encodeURIComponent(user)}@`;
  return host.startsWith('/')
    ? `postgresql://${name}/${database}?host=${host}&port=${port}`
    : `postgresql://${name}${host.includes(':') ? `[${host}]` : host}:${port}/${database}`;
}

const SAY_AFTER_MS = 3 * SECOND;

/** Says that it waits, when an answer is slow. */
async function aloud<T>(
  answer: Promise<T>,
  address: DatabaseAddress,
  note: (line: string) => void,
): Promise<T> {
  const timer = setTimeout(
    () => note(`waiting for an answer of the database ${describeAddress(address)} …`),
    SAY_AFTER_MS,
  );
  try {
    return await answer;
  } finally {
    clearTimeout(timer);
  }
}

const WAIT_FIRST_MS = SECOND;
const WAIT_MAX_MS = 30 * SECOND;

/** Tries until the database answers and can be written to, ever more rarely, and says so. A crash loop would say less. */
async function whenThere<T>(
  attempt: () => Promise<T>,
  address: DatabaseAddress,
  { note, signal, clock, onWait }: Omit<Opening, 'migrate'>,
): Promise<T> {
  for (let waitMs = WAIT_FIRST_MS; ; waitMs = Math.min(WAIT_MAX_MS, 2 * waitMs)) {
    try {
      return await attempt();
    } catch (error) {
      if (!isDatabaseFault(error)) throw error;
      note(`${explainDatabase(error, address) ?? error.message}; trying again in ${waitMs / SECOND} s`);
      onWait?.();
      await clock.sleep(waitMs, signal);
    }
  }
}
