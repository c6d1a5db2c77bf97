import { rm, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { livingMarks, newMarkName } from './process-marks.ts';

/** Enters a user of the server into the list that is this folder. Returns what to strike out again. */
export async function addUser(folder: string): Promise<string> {
  const name = await newMarkName();
  await writeFile(join(folder, name), '', { flag: 'wx' });
  return name;
}

/** Strikes a user out. True when no other living one is left. Asked and answered under the folder's lock. */
export async function removeUser(folder: string, name: string): Promise<boolean> {
  await rm(join(folder, name), { force: true });
  return (await livingMarks(folder)).length === 0;
}
