import { execFileSync } from 'node:child_process';
import { join } from 'node:path';
import { beforeAll } from 'vitest';
import { openEmbeddedPostgres } from '../../src/embedded/embedded-postgres.ts';
import type { Machine } from '../../src/embedded/machine.ts';
import { machineIn, makeScratchFolder, scratchFolder } from './scratch.ts';

/** A data folder that had a server before. */
export interface UsedFolder {
  readonly scratch: string;
  readonly dataDir: string;
  readonly machine: Machine;
  readonly url: string;
  readonly port: number;
}

/** For one test file: makes a folder once, and gives each test a copy, which is quicker than another initdb. */
export function usedFolders(): () => Promise<UsedFolder> {
  let original: { dataDir: string; url: string; port: number };
  beforeAll(async () => {
    const { path, remove } = await makeScratchFolder();
    const dataDir = join(path, 'data');
    const { url, port, close } = await openEmbeddedPostgres({ dataDir }, machineIn(path));
    await close();
    original = { dataDir, url, port };
    return remove;
  });
  return async () => {
    const scratch = await scratchFolder();
    const dataDir = join(scratch, 'data');
    execFileSync('cp', ['-a', original.dataDir, dataDir]);
    return { ...original, scratch, dataDir, machine: machineIn(scratch) };
  };
}
