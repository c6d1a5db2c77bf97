import { realpath, stat } from 'node:fs/promises';
import { dirname } from 'node:path';

/** Whom the kernel would ask about: a process with this user and group and no others. */
export interface Identity {
  readonly uid: number;
  readonly gid: number;
}

/** What `stat` says about a file or folder, as far as permission goes. */
export interface Guarded {
  readonly uid: number;
  readonly gid: number;
  readonly mode: number;
}

/** Permission bits of one class. */
export const READ = 0o4;
export const ENTER = 0o1;

/** Whether the mode grants all `bits`. As in the kernel, only the first class that fits counts. */
export function grants(entry: Guarded, who: Identity, bits: number): boolean {
  const shift = entry.uid === who.uid ? 6 : entry.gid === who.gid ? 3 : 0;
  return ((entry.mode >> shift) & bits) === bits;
}

/** Whether `who` gets through all `ancestors` and has `bits` on the entry itself. */
export function isReachable(
  ancestors: readonly Guarded[],
  entry: Guarded,
  who: Identity,
  bits: number,
): boolean {
  return ancestors.every((folder) => grants(folder, who, ENTER)) && grants(entry, who, bits);
}

/**
 * The same for a path. It looks instead of trying, because trying needs a process of that user. Access lists
 * beyond the mode are not looked at: where they forbid more, the server's own message tells.
 */
export async function canReach(path: string, who: Identity, bits: number): Promise<boolean> {
  const real = await realpath(path);
  const ancestors: Guarded[] = [];
  for (let folder = dirname(real); ; folder = dirname(folder)) {
    ancestors.push(await stat(folder));
    if (folder === dirname(folder)) break;
  }
  return isReachable(ancestors, await stat(real), who, bits);
}
