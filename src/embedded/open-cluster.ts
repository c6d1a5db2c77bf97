import { readFile, stat } from 'node:fs/promises';
import { join } from 'node:path';
import { ConfigError } from '../errors.ts';
import { makePassword, readPassword } from './address.ts';
import { binariesIn } from './binaries.ts';
import { announceCluster, clusterIn, findCluster, newClusterHome } from './cluster-home.ts';
import { createCluster } from './create-cluster.ts';
import type { DataFolder } from './data-folder.ts';
import { unlessMissing } from './file-errors.ts';
import type { Machine } from './machine.ts';
import { canReach, ENTER, type Identity } from './reachable.ts';
import { readyBinaries } from './ready-binaries.ts';
import type { Cluster } from './server.ts';
import { systemFolder } from './system-folder.ts';
import { isRoot, unprivilegedUser } from './unprivileged-user.ts';

/** A cluster that can be started, and the password of its role. */
export interface OpenCluster {
  readonly cluster: Cluster;
  readonly password: string;
}

/** The cluster of a data folder, made when there is none. Called under the folder's lock. */
export async function openCluster(
  folder: DataFolder,
  machine: Machine,
  log: (line: string) => void,
  signal: AbortSignal | undefined,
): Promise<OpenCluster> {
  const platformPackage = machine.platformPackage();
  const existing = await findCluster(folder);
  if (existing !== null) {
    await checkVersion(existing, (await binariesIn(platformPackage)).majorVersion);
  }
  const user = isRoot() ? await serverUser(existing, machine) : null;
  const binaries = await readyBinaries(platformPackage, user, async () =>
    user === null ? folder.path : await systemFolder(machine.systemFolders, user),
  );
  const path = existing ?? (await newCluster());
  return { cluster: { path, binaries, user }, password: await existingPassword(folder, path) };

  async function newCluster(): Promise<string> {
    log(`creating a PostgreSQL ${binaries.majorVersion} database in ${folder.path}`);
    const password = (await readPassword(folder)) ?? (await makePassword(folder));
    const home = await newClusterHome(folder, user, machine.systemFolders, log);
    await createCluster({ home, binaries, user, password, signal });
    await announceCluster(folder, home);
    return clusterIn(home);
  }
}

/** As root: who runs the server. For a cluster that exists, its owner, as PostgreSQL demands. */
async function serverUser(existing: string | null, machine: Machine): Promise<Identity> {
  const owner = existing === null ? null : await stat(existing);
  if (existing === null || owner === null || owner.uid === 0) return unprivilegedUser(machine.userNames);
  if (await canReach(existing, owner, ENTER)) return owner;
  throw new ConfigError([
    `uid ${owner.uid}, as whom PostgreSQL runs on ${existing}, cannot enter one of the folders above it any ` +
      'more: let it (chmod o+x), or move the data folder to a place where it can.',
  ]);
}

/** Only reads: data of another version is left exactly as it is. */
async function checkVersion(cluster: string, expected: string): Promise<void> {
  const found = await unlessMissing(readFile(join(cluster, 'PG_VERSION'), 'utf8'));
  if (found === null) {
    throw new ConfigError([
      `${cluster} is no PostgreSQL data folder: move it away, or set CALLHOUSE_DATA_DIR to another folder.`,
    ]);
  }
  if (found.trim() === expected) return;
  throw new ConfigError([
    `${cluster} holds data of PostgreSQL ${found.trim()}, and this callhouse brings PostgreSQL ${expected}: ` +
      'dump it with the callhouse that made it and load it here (pg_dump, psql), or set CALLHOUSE_DATA_DIR to ' +
      'another folder.',
  ]);
}

async function existingPassword(folder: DataFolder, cluster: string): Promise<string> {
  const password = await readPassword(folder);
  if (password !== null) return password;
  throw new ConfigError([
    `${folder.password} is missing, and without it nobody can log in to the database in ${cluster}: put the ` +
      `file back, or remove ${folder.cluster} to start with an empty database.`,
  ]);
}
