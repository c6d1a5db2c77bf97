/** Where the server is and how to log in: kept in the data folder, because psql and scripts rely on it. */
import { randomBytes } from 'node:crypto';
import { open, readFile, rename, rm } from 'node:fs/promises';
import type { DataFolder } from './data-folder.ts';
import { unlessMissing } from './file-errors.ts';

/** Role and database of the embedded server. */
export const NAME = 'callhouse';

/** The address of the server, with its password. */
export function urlOf(port: number, password: string): string {
  return `postgresql://${NAME}:${password}@127.0.0.1:${port}/${NAME}`;
}

/** Null when none was made yet. */
export async function readPassword(folder: DataFolder): Promise<string | null> {
  const text = await unlessMissing(readFile(folder.password, 'utf8'));
  return text?.trim() || null;
}

/** Makes a password: only letters that need no quoting, neither in a URL nor in SQL. */
export async function makePassword(folder: DataFolder): Promise<string> {
  const password = randomBytes(32).toString('base64url');
  await replaceFile(folder.password, `${password}\n`, 0o600);
  return password;
}

/** Null when none was chosen yet. */
export async function readPort(folder: DataFolder): Promise<number | null> {
  const text = await unlessMissing(readFile(folder.port, 'utf8'));
  const port = Number(text);
  return Number.isInteger(port) && port > 0 && port < 65_536 ? port : null;
}

/** Keeps the port for the next start. */
export async function keepPort(folder: DataFolder, port: number): Promise<void> {
  await replaceFile(folder.port, `${port}\n`, 0o644);
}

/** All or nothing, also after a power cut. Called under the folder's lock. */
async function replaceFile(path: string, text: string, mode: number): Promise<void> {
  const draft = `${path}.new`;
  await rm(draft, { force: true });
  const file = await open(draft, 'wx', mode);
  try {
    await file.writeFile(text);
    await file.sync();
  } finally {
    await file.close();
  }
  await rename(draft, path);
}
