/** Whether a server runs on a cluster, and how it is doing. */
import { readdir, readFile, readlink, rm } from 'node:fs/promises';
import { join } from 'node:path';
import { SECOND, systemClock } from '../clock.ts';
import { failedWith, unlessMissing } from './file-errors.ts';
import { isProcess } from './process-marks.ts';

/** A running server, by its own account in `postmaster.pid`. */
export interface Postmaster {
  readonly pid: number;
  /** Null while the server has not got that far. */
  readonly port: number | null;
  readonly isReady: boolean;
}

const PID_FILE = 'postmaster.pid';
const ORPHANS_PATIENCE_MS = 10 * SECOND;

/** Reads a `postmaster.pid`: process, data folder, start, port, socket folder, address, shared memory, state. */
export function parsePidFile(text: string): Postmaster | null {
  const lines = text.split('\n').map((line) => line.trim());
  // Negative: somebody works on the cluster in single-user mode.
  const pid = Math.abs(Number(lines[0]));
  const port = Number(lines[3]);
  if (!Number.isInteger(pid) || pid === 0) return null;
  return { pid, port: port > 0 ? port : null, isReady: lines[7] === 'ready' };
}

/** The server that runs on this cluster. A file of a dead one, whose id another program may have, is no server. */
export async function findPostmaster(cluster: string): Promise<Postmaster | null> {
  const text = await unlessMissing(readFile(join(cluster, PID_FILE), 'utf8'));
  const found = text === null ? null : parsePidFile(text);
  if (found === null) return null;
  const processes = await postgresProcesses(cluster);
  const lives = processes === null ? isProcess(found.pid) : processes.includes(found.pid);
  return lives ? found : null;
}

/**
 * Removes what a killed server left, when it is certain that no process of it lives. Its children go by
 * themselves once they notice. PostgreSQL clears up as well, but not when another program has the old id.
 * Where processes cannot be looked into, it is left to PostgreSQL.
 */
export async function clearAwayDeadServer(cluster: string, signal: AbortSignal | undefined): Promise<void> {
  const giveUpAt = systemClock.now() + ORPHANS_PATIENCE_MS;
  for (;;) {
    const processes = await postgresProcesses(cluster);
    if (processes === null) return;
    if (processes.length === 0) break;
    if (systemClock.now() > giveUpAt) {
      throw new Error(`processes of a dead server still work on ${cluster}: ${processes.join(', ')}`);
    }
    await systemClock.sleep(50, signal);
  }
  await rm(join(cluster, PID_FILE), { force: true });
}

/** Ids of all processes named `postgres` that work in this folder, as all of a server do. Null: cannot be told. */
async function postgresProcesses(cluster: string): Promise<number[] | null> {
  if (process.platform !== 'linux') return null;
  const found: number[] = [];
  for (const entry of await readdir('/proc')) {
    const pid = Number(entry);
    if (Number.isInteger(pid) && (await isPostgresOf(pid, cluster))) found.push(pid);
  }
  return found;
}

async function isPostgresOf(pid: number, cluster: string): Promise<boolean> {
  try {
    const name = await readFile(`/proc/${pid}/comm`, 'utf8');
    return name.trim() === 'postgres' && (await readlink(`/proc/${pid}/cwd`)) === cluster;
  } catch (error) {
    // It ended meanwhile; or it belongs to another user, who cannot work on our cluster.
    if (failedWith(error, 'ENOENT', 'ESRCH', 'EACCES', 'EPERM')) return false;
    throw error;
  }
}
