import { chmod, lstat, mkdir } from 'node:fs/promises';
import { ConfigError } from '../errors.ts';
import { failedWith, wasRefused } from './file-errors.ts';
import { canReach, ENTER, type Identity } from './reachable.ts';

/**
 * A folder outside of the homes, written by root alone, that `user` can enter: for what the server's user must
 * reach although the checkout or the data folder is closed to it. The homes themselves are never opened.
 */
export async function systemFolder(candidates: readonly string[], user: Identity): Promise<string> {
  for (const path of candidates) {
    if ((await isOurs(path)) && (await canReach(path, user, ENTER))) return path;
  }
  throw new ConfigError([
    `None of ${candidates.join(', ')} can be written by root and entered by uid ${user.uid}, as whom ` +
      'PostgreSQL has to run: run callhouse as a normal user, or set DATABASE_URL.',
  ]);
}

/** Whether root has the folder to itself. A folder that others could write may hold their binaries: refused. */
async function isOurs(path: string): Promise<boolean> {
  try {
    await mkdir(path, { mode: 0o755 }).catch((error: unknown) => {
      if (!failedWith(error, 'EEXIST')) throw error;
    });
    const found = await lstat(path);
    if (!found.isDirectory() || found.uid !== process.getuid?.() || (found.mode & 0o022) !== 0) return false;
    await chmod(path, 0o755);
    return true;
  } catch (error) {
    if (wasRefused(error) || failedWith(error, 'ENOENT', 'ENOTDIR')) return false;
    throw error;
  }
}
