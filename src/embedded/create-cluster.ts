import { chown, mkdir, mkdtemp, readdir, rename, rm, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { ConfigError } from '../errors.ts';
import { NAME } from './address.ts';
import type { Binaries } from './binaries.ts';
import { clusterIn } from './cluster-home.ts';
import { type CommandOptions, type CommandResult, runCommand } from './command.ts';
import { failedWith } from './file-errors.ts';
import type { Identity } from './reachable.ts';

/** What a new cluster needs. */
export interface NewCluster {
  readonly home: string;
  readonly binaries: Binaries;
  readonly user: Identity | null;
  readonly password: string;
  readonly signal: AbortSignal | undefined;
}

const DRAFT = 'postgres-draft-';

/**
 * Makes a cluster with its role and database. It is built beside its place and renamed when it is complete, so
 * that a crash in the middle leaves nothing that looks like a cluster. Called under the folder's lock.
 */
export async function createCluster(cluster: NewCluster): Promise<void> {
  const { home, user } = cluster;
  for (const name of await readdir(home)) {
    if (name.startsWith(DRAFT)) await removeDraft(join(home, name));
  }
  const draft = await mkdtemp(join(home, DRAFT));
  const data = join(draft, 'data');
  const passwordFile = join(draft, 'password');
  try {
    await writeFile(passwordFile, `${cluster.password}\n`, { mode: 0o600 });
    await mkdir(data, { mode: 0o700 });
    if (user !== null) {
      for (const path of [passwordFile, data, draft]) await chown(path, user.uid, user.gid);
    }
    await initdb(cluster, data, passwordFile);
    await createDatabase(cluster, data);
    await rename(data, clusterIn(home));
  } finally {
    await removeDraft(draft);
  }
}

/** With patience: the initdb of a killed process may still be writing there. It gives up when its files go. */
async function removeDraft(path: string): Promise<void> {
  await rm(path, { recursive: true, force: true, maxRetries: 10, retryDelay: 100 });
}

/** Written to the disk before it counts (no `--no-sync`): that takes 0.2 s, once. */
async function initdb(cluster: NewCluster, data: string, passwordFile: string): Promise<void> {
  const options = [
    `--pgdata=${data}`,
    `--username=${NAME}`,
    `--pwfile=${passwordFile}`,
    '--auth-local=scram-sha-256',
    '--auth-host=scram-sha-256',
    '--encoding=UTF8',
    // The builtin provider sorts and folds the same on every system and after every update of it.
    '--locale-provider=builtin',
    '--builtin-locale=C.UTF-8',
    '--locale=C',
    // Extensions ask the system's library instead: with C, pg_trgm finds no letters in Korean.
    `--lc-ctype=${utf8Locale(await systemLocales())}`,
  ];
  await mustSucceed(cluster, cluster.binaries.initdb, options);
}

/** By a server in single-user mode: so that the cluster is complete before anyone can connect to it. */
async function createDatabase(cluster: NewCluster, data: string): Promise<void> {
  const options = ['--single', '-D', data, '-c', 'exit_on_error=on', 'postgres'];
  await mustSucceed(cluster, cluster.binaries.postgres, options, { input: `CREATE DATABASE ${NAME}\n` });
}

async function mustSucceed(
  { user, signal }: NewCluster,
  file: string,
  args: readonly string[],
  more: Pick<CommandOptions, 'input'> = {},
): Promise<void> {
  let result: CommandResult;
  try {
    result = await runCommand(file, args, { user, signal, ...more });
  } catch (error) {
    if (failedWith(error, 'ENOENT', 'EACCES')) throw doesNotRun(file, String(error));
    throw error;
  }
  // By 127 the loader says that a library is missing.
  if (result.exitCode === 127) throw doesNotRun(file, result.output);
  if (result.exitCode !== 0) throw new Error(`${file} ended with ${result.exitCode}:\n${result.output}`);
}

function doesNotRun(file: string, reason: string): ConfigError {
  return new ConfigError([
    `The embedded PostgreSQL does not run on this system (${file}: ${reason}): set DATABASE_URL to a ` +
      'PostgreSQL server.',
  ]);
}

async function systemLocales(): Promise<string> {
  try {
    return (await runCommand('locale', ['-a'], { user: null })).output;
  } catch (error) {
    // Windows, and systems with a bare C library.
    if (failedWith(error, 'ENOENT')) return '';
    throw error;
  }
}

/** The locale of a list by `locale -a` whose letters are those of Unicode. `C` when there is none. */
export function utf8Locale(listing: string): string {
  const installed = listing.split(/\s+/);
  const wanted = ['c.utf8', 'en_us.utf8'];
  const found = wanted.map((want) => installed.find((name) => name.toLowerCase().replace('-', '') === want));
  return found.find((name) => name !== undefined) ?? 'C';
}
