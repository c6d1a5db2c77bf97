/**
 * A PostgreSQL server for those who have none: it is started with the first command on a data folder, shared by
 * all that come while it runs, and stopped with the last. It listens on 127.0.0.1 only.
 */
import { ConfigError } from '../errors.ts';
import { readPassword, readPort, urlOf } from './address.ts';
import { findCluster } from './cluster-home.ts';
import { type DataFolder, findDataFolder, openDataFolder } from './data-folder.ts';
import { exists, wasRefused } from './file-errors.ts';
import { withFolderLock } from './folder-lock.ts';
import { type Machine, thisMachine } from './machine.ts';
import { openCluster } from './open-cluster.ts';
import { findPostmaster } from './postmaster.ts';
import { type Cluster, runningPort, stopServer } from './server.ts';
import { addUser, removeUser } from './users.ts';

/** One user's hold on the embedded server. */
export interface EmbeddedPostgres {
  /** `postgresql://callhouse:PASSWORD@127.0.0.1:PORT/callhouse` */
  readonly url: string;
  readonly port: number;
  /** Lets go of the server. The last user out stops it. */
  close(): Promise<void>;
}

/** Which server, and who wants to hear about it. */
export interface EmbeddedPostgresOptions {
  readonly dataDir: string;
  /** Gets a line for what a person should know, such as where files are kept. Never a password. */
  readonly log?: (line: string) => void;
  /** Ends the waiting and a start under way. */
  readonly signal?: AbortSignal;
}

/** Starts (or joins) the embedded server of a data folder. */
export async function openEmbeddedPostgres(
  options: EmbeddedPostgresOptions,
  machine: Machine = thisMachine,
): Promise<EmbeddedPostgres> {
  const { dataDir, signal, log = () => undefined } = options;
  // Before anything is made: who has no PostgreSQL of ours wants to hear of that, not of folders.
  machine.platformPackage();
  const folder = await openDataFolder(dataDir);
  return await withFolderLock(folder.lock, signal, async () => {
    const { cluster, password } = await openCluster(folder, machine, log, signal);
    const user = await addUser(folder.users);
    try {
      const port = await runningPort(cluster, folder, log, signal);
      let closing: Promise<void> | undefined;
      const close = () => {
        closing ??= closeFor(user, folder, cluster);
        return closing;
      };
      return { url: urlOf(port, password), port, close };
    } catch (error) {
      await leave(user, folder, cluster);
      throw error;
    }
  });
}

/** What a data folder's server is. */
export interface EmbeddedPostgresDescription {
  readonly url: string;
  readonly running: boolean;
  /** Where PostgreSQL's files are. */
  readonly dataPath: string;
}

/** What a data folder's server is, without starting it (null when the folder has none). */
export async function describeEmbeddedPostgres(dataDir: string): Promise<EmbeddedPostgresDescription | null> {
  try {
    return await describe(dataDir);
  } catch (error) {
    if (!wasRefused(error)) throw error;
    throw new ConfigError([
      `${dataDir} belongs to another user: run callhouse as that user, or set CALLHOUSE_DATA_DIR.`,
    ]);
  }
}

async function describe(dataDir: string): Promise<EmbeddedPostgresDescription | null> {
  const folder = await findDataFolder(dataDir);
  const dataPath = folder && (await findCluster(folder));
  if (!folder || !dataPath) return null;
  const [password, keptPort, server] = await Promise.all([
    readPassword(folder),
    readPort(folder),
    findPostmaster(dataPath),
  ]);
  const port = server?.port ?? keptPort;
  if (password === null || port === null) return null;
  return { url: urlOf(port, password), running: server?.isReady ?? false, dataPath };
}

async function closeFor(user: string, folder: DataFolder, cluster: Cluster): Promise<void> {
  // Somebody deleted the data folder. Its server ends by itself when it notices.
  if (!(await exists(folder.lock))) return;
  await withFolderLock(folder.lock, undefined, () => leave(user, folder, cluster));
}

async function leave(user: string, folder: DataFolder, cluster: Cluster): Promise<void> {
  if (await removeUser(folder.users, user)) await stopServer(cluster);
}
