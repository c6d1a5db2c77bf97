import { access, constants, mkdir, realpath } from 'node:fs/promises';
import { join, resolve } from 'node:path';
import { ConfigError } from '../errors.ts';
import { failedWith, unlessMissing, wasRefused } from './file-errors.ts';

/** Where everything of one embedded server is. */
export interface DataFolder {
  readonly path: string;
  /** The cluster, or a symbolic link to it when PostgreSQL's user cannot enter this folder. */
  readonly cluster: string;
  readonly password: string;
  readonly port: string;
  readonly log: string;
  readonly users: string;
  readonly lock: string;
}

/** The data folder, created when it is missing. */
export async function openDataFolder(dataDir: string): Promise<DataFolder> {
  const path = resolve(dataDir);
  try {
    await mkdir(path, { recursive: true });
    await access(path, constants.W_OK);
    const folder = layout(await realpath(path));
    for (const list of [folder.users, folder.lock]) {
      await mkdir(list, { recursive: true, mode: 0o700 });
      await access(list, constants.R_OK | constants.W_OK);
    }
    return folder;
  } catch (error) {
    if (!wasRefused(error) && !failedWith(error, 'EEXIST', 'ENOTDIR')) throw error;
    throw new ConfigError([
      `Cannot keep data in ${path} (${codeOf(error)}): set CALLHOUSE_DATA_DIR to a folder that this user ` +
        'can write, or set DATABASE_URL.',
    ]);
  }
}

/** The data folder as it is. Null when it is missing. */
export async function findDataFolder(dataDir: string): Promise<DataFolder | null> {
  const path = await unlessMissing(realpath(resolve(dataDir)));
  return path === null ? null : layout(path);
}

function layout(path: string): DataFolder {
  return {
    path,
    cluster: join(path, 'postgres'),
    password: join(path, 'postgres-password'),
    port: join(path, 'postgres-port'),
    log: join(path, 'postgres.log'),
    users: join(path, 'postgres-users'),
    lock: join(path, 'postgres-lock'),
  };
}

function codeOf(error: unknown): unknown {
  return error instanceof Error && 'code' in error ? error.code : error;
}
