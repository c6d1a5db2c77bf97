import {
  access,
  chmod,
  constants,
  cp,
  mkdtemp,
  open,
  readdir,
  readFile,
  rename,
  rm,
  stat,
  symlink,
} from 'node:fs/promises';
import { basename, dirname, join, relative } from 'node:path';
import { type Binaries, binariesIn } from './binaries.ts';
import { exists, failedWith, unlessMissing, wasRefused } from './file-errors.ts';
import { canReach, ENTER, type Identity, READ } from './reachable.ts';

/**
 * Binaries that run as `user` (null: our own): those of the installed package, or else a copy of it. A copy is
 * made when the user cannot get there, or when the package wants mending and is read-only to us.
 */
export async function readyBinaries(
  packageFolder: string,
  user: Identity | null,
  copyHome: () => Promise<string>,
): Promise<Binaries> {
  if ((await mended(packageFolder)) && (user === null || (await isOpenTo(packageFolder, user)))) {
    return binariesIn(packageFolder);
  }
  const { packageVersion } = await binariesIn(packageFolder);
  const name = `postgres-binaries-${packageVersion}-${process.platform}-${process.arch}`;
  return binariesIn(await copyOnce(packageFolder, join(await copyHome(), name)));
}

/** Mends the package. False when that is needed and not permitted. */
async function mended(packageFolder: string): Promise<boolean> {
  try {
    await mend(packageFolder);
    return true;
  } catch (error) {
    if (wasRefused(error)) return false;
    throw error;
  }
}

/**
 * Makes up for install scripts that npm was told not to run, and for unpackers that lose the executable bit.
 * A tarball of npm holds no symbolic links, so the package lists those that its libraries need.
 */
export async function mend(packageFolder: string): Promise<void> {
  for (const link of await missingLinks(packageFolder)) {
    const path = join(packageFolder, link.target);
    const source = relative(dirname(path), join(packageFolder, link.source));
    await symlink(source, path).catch((error: unknown) => {
      if (!failedWith(error, 'EEXIST')) throw error;
    });
  }
  for (const tool of await toolsOf(packageFolder)) {
    const { mode } = await stat(tool);
    if ((mode & 0o111) === 0) await chmod(tool, mode | 0o111);
    await access(tool, constants.X_OK);
  }
}

async function missingLinks(packageFolder: string): Promise<{ source: string; target: string }[]> {
  const list = await unlessMissing(readFile(join(packageFolder, 'native', 'pg-symlinks.json'), 'utf8'));
  const links: { source: string; target: string }[] = list === null ? [] : JSON.parse(list);
  const missing: typeof links = [];
  for (const link of links) {
    if (!(await exists(join(packageFolder, link.target)))) missing.push(link);
  }
  return missing;
}

async function toolsOf(packageFolder: string): Promise<string[]> {
  const { initdb, pgCtl, postgres } = await binariesIn(packageFolder);
  return [initdb, pgCtl, postgres];
}

/** Whether the user gets to the package. One file of each folder stands for all: npm sets one mode for all. */
async function isOpenTo(packageFolder: string, user: Identity): Promise<boolean> {
  for (const path of await toolsOf(packageFolder)) {
    if (!(await canReach(path, user, READ | ENTER))) return false;
  }
  return (
    (await canReach(join(packageFolder, 'native', 'lib'), user, READ | ENTER)) &&
    (await canReach(join(packageFolder, 'native', 'share'), user, READ | ENTER))
  );
}

/** Copies the package to `target` unless it is there. Two processes may race: the quicker rename counts. */
export async function copyOnce(packageFolder: string, target: string): Promise<string> {
  if (await exists(target)) return target;
  const building = await mkdtemp(join(dirname(target), `.${basename(target)}-`));
  try {
    for (const part of ['package.json', 'native']) {
      await cp(join(packageFolder, part), join(building, part), { recursive: true, verbatimSymlinks: true });
    }
    await mend(building);
    await settle(building);
    await rename(building, target);
  } catch (error) {
    if (!(await exists(target))) throw error;
  } finally {
    await rm(building, { recursive: true, force: true });
  }
  return target;
}

/**
 * Lets everyone read the copy, whatever the umask of the installation was, and brings it to the disk: after a
 * power cut, a rename may be kept and what the files held may not.
 */
async function settle(folder: string): Promise<void> {
  await chmod(folder, 0o755);
  for (const entry of await readdir(folder, { recursive: true, withFileTypes: true })) {
    const path = join(entry.parentPath, entry.name);
    if (entry.isDirectory()) await chmod(path, 0o755);
    if (!entry.isFile()) continue;
    const file = await open(path, 'r');
    await file.chmod(((await file.stat()).mode & 0o111) === 0 ? 0o644 : 0o755);
    await file.sync();
    await file.close();
  }
}
