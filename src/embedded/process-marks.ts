/**
 * Who is alive, told by files. A process that takes part in something lays an empty file whose name says which
 * process it is: its id and when it started, because ids are used again (in a container, at every start).
 * Such a file is never shared, so anybody may remove it once its process is dead, at any time.
 */
import { randomBytes } from 'node:crypto';
import { readdir, readFile, rm } from 'node:fs/promises';
import { join } from 'node:path';
import { failedWith, unlessMissing } from './file-errors.ts';

/** A file that a living process has laid. */
export interface Mark {
  readonly name: string;
  readonly pid: number;
  /** What follows the first dot of the name, when there is one. */
  readonly suffix: string;
}

/** A name for a file of this process, different at each call. */
export async function newMarkName(): Promise<string> {
  return `${process.pid}_${await birthOf(process.pid)}_${randomBytes(6).toString('hex')}`;
}

/** The marks of living processes in a folder. Those of the dead are removed. */
export async function livingMarks(folder: string): Promise<Mark[]> {
  const marks: Mark[] = [];
  for (const name of await readdir(folder)) {
    const [, pid, birth, suffix] = /^(\d+)_([^_]+)_[0-9a-f]+(?:\.(.*))?$/.exec(name) ?? [];
    if (pid === undefined || birth === undefined) continue;
    if (await isAlive(Number(pid), birth)) marks.push({ name, pid: Number(pid), suffix: suffix ?? '' });
    else await rm(join(folder, name), { force: true });
  }
  return marks;
}

/** Whether some process has this id. */
export function isProcess(pid: number): boolean {
  try {
    process.kill(pid, 0);
    return true;
  } catch (error) {
    if (failedWith(error, 'ESRCH')) return false;
    // It is there and belongs to somebody else.
    if (failedWith(error, 'EPERM')) return true;
    throw error;
  }
}

const UNKNOWN_BIRTH = 'unknown';

async function isAlive(pid: number, birth: string): Promise<boolean> {
  if (!isProcess(pid)) return false;
  const now = await birthOf(pid);
  return now === birth || now === UNKNOWN_BIRTH || birth === UNKNOWN_BIRTH;
}

/**
 * When a process was started: boot and clock ticks since, on Linux. Elsewhere it is not known and the id alone
 * must do. A zombie counts as never born: it does nothing any more, but keeps its id until it is reaped.
 */
async function birthOf(pid: number): Promise<string> {
  if (process.platform !== 'linux') return UNKNOWN_BIRTH;
  const stat = await readStat(pid);
  if (stat === null) return UNKNOWN_BIRTH;
  // The name of the program stands in brackets and may hold anything. `state` is field 3, `starttime` 22.
  const fields = stat.slice(stat.lastIndexOf(')') + 2).split(' ');
  const [state, ticks] = [fields[0], fields[19]];
  if (state === 'Z' || state === 'X') return 'zombie';
  const boot = await readFile('/proc/sys/kernel/random/boot_id', 'utf8');
  return `${boot.slice(0, 8)}-${ticks}`;
}

/** Null also when the process ended while it was read. */
async function readStat(pid: number): Promise<string | null> {
  try {
    return await unlessMissing(readFile(`/proc/${pid}/stat`, 'utf8'));
  } catch (error) {
    if (failedWith(error, 'ESRCH')) return null;
    throw error;
  }
}
