/**
 * Where a new cluster is laid. As root, PostgreSQL's user may be unable to enter the data folder (a checkout
 * under /root, mode 0700). Then the cluster goes to `<system folder>/data/<id>/`, and the data folder gets a
 * symbolic link with that id. Who deletes the data folder deletes the id, and gets a fresh cluster next time.
 */
import { randomUUID } from 'node:crypto';
import {
  chmod,
  mkdir,
  readdir,
  readFile,
  readlink,
  realpath,
  rm,
  symlink,
  writeFile,
} from 'node:fs/promises';
import { join } from 'node:path';
import { ConfigError } from '../errors.ts';
import type { DataFolder } from './data-folder.ts';
import { exists, unlessMissing } from './file-errors.ts';
import { canReach, ENTER, type Identity } from './reachable.ts';
import { systemFolder } from './system-folder.ts';

/** Name of the cluster's folder in its home. */
const CLUSTER = 'postgres';
/** Tells whose the home is: the path of the data folder. */
const ORIGIN = 'data-folder';

/** The real path of a data folder's cluster. Null when it has none. */
export async function findCluster(folder: DataFolder): Promise<string | null> {
  if (!(await exists(folder.cluster))) return null;
  const path = await unlessMissing(realpath(folder.cluster));
  if (path !== null) return path;
  throw new ConfigError([
    `The data of ${folder.path} was kept in ${await readlink(folder.cluster)}, which is gone: put it back, or ` +
      `remove ${folder.cluster} to start with an empty database.`,
  ]);
}

/** A folder that `user` (null: our own) can enter, for a new cluster in its subfolder. */
export async function newClusterHome(
  folder: DataFolder,
  user: Identity | null,
  systemFolders: readonly string[],
  log: (line: string) => void,
): Promise<string> {
  if (user === null || (await canReach(folder.path, user, ENTER))) return folder.path;
  const all = join(await systemFolder(systemFolders, user), 'data');
  await makeOpenFolder(all);
  await reportAbandoned(all, folder, log);
  const home = join(all, randomUUID());
  await makeOpenFolder(home);
  await writeFile(join(home, ORIGIN), `${folder.path}\n`, { mode: 0o600 });
  log(`PostgreSQL's user cannot enter ${folder.path}: its files are kept in ${home}`);
  return home;
}

/** The cluster's final place in its home. */
export function clusterIn(home: string): string {
  return join(home, CLUSTER);
}

/** The last step: from now on the data folder has a cluster. */
export async function announceCluster(folder: DataFolder, home: string): Promise<void> {
  if (home !== folder.path) await symlink(clusterIn(home), folder.cluster);
}

async function makeOpenFolder(path: string): Promise<void> {
  await mkdir(path, { recursive: true });
  // Said again, because a strict umask takes it from mkdir.
  await chmod(path, 0o755);
}

/** Names the clusters of earlier folders at this path, and removes homes that never got their cluster. */
async function reportAbandoned(all: string, folder: DataFolder, log: (line: string) => void): Promise<void> {
  for (const id of await readdir(all)) {
    const home = join(all, id);
    const origin = await unlessMissing(readFile(join(home, ORIGIN), 'utf8'));
    if (origin?.trimEnd() !== folder.path) continue;
    if (await exists(clusterIn(home))) log(`an earlier database of ${folder.path} is left in ${home}`);
    else await rm(home, { recursive: true, force: true });
  }
}
