/**
 * A lock between processes, by tickets (Lamport's bakery): who comes takes a number higher than all it sees, and
 * the lowest number is served. Every process writes only files of its own name, so those of a killed one can be
 * removed by anybody. One lock file for all cannot be broken safely: of two processes that find its owner dead,
 * the slower removes the lock that the quicker has just taken. Node.js has no flock.
 */
import { rm, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { MINUTE, systemClock } from '../clock.ts';
import { ConfigError } from '../errors.ts';
import { livingMarks, type Mark, newMarkName } from './process-marks.ts';

const POLL_MS = 20;
/** Longer than the longest work under the lock: the recovery of a server after a crash. */
const PATIENCE_MS = 5 * MINUTE;

/** Runs `work` while no other process, nor another call in this one, holds the lock of this folder. */
export async function withFolderLock<T>(
  folder: string,
  signal: AbortSignal | undefined,
  work: () => Promise<T>,
): Promise<T> {
  signal?.throwIfAborted();
  const ticket = await takeTicket(folder);
  try {
    await waitForTurn(folder, ticket, signal);
    return await work();
  } finally {
    await rm(join(folder, ticket), { force: true });
  }
}

/** Returns the name of the ticket's file. While it chooses, others wait, for it may get a lower number. */
async function takeTicket(folder: string): Promise<string> {
  const me = await newMarkName();
  const choosing = join(folder, `${me}.choosing`);
  await writeFile(choosing, '', { flag: 'wx' });
  try {
    const numbers = (await livingMarks(folder)).filter((mark) => !isChoosing(mark)).map(numberOf);
    const ticket = `${me}.${Math.max(0, ...numbers) + 1}`;
    // Laid before `choosing` goes: a rename could be missed under both names by who lists the folder meanwhile.
    await writeFile(join(folder, ticket), '', { flag: 'wx' });
    return ticket;
  } finally {
    await rm(choosing, { force: true });
  }
}

async function waitForTurn(folder: string, ticket: string, signal: AbortSignal | undefined): Promise<void> {
  const giveUpAt = systemClock.now() + PATIENCE_MS;
  for (;;) {
    const ahead = await whoIsAhead(folder, ticket);
    if (ahead === null) return;
    if (systemClock.now() > giveUpAt) {
      throw new ConfigError([
        `Process ${ahead.pid} has held the lock ${folder} for ${PATIENCE_MS / MINUTE} minutes: end it, then try again.`,
      ]);
    }
    await systemClock.sleep(POLL_MS, signal);
  }
}

/** Two looks, in this order: who finished choosing before the first has its ticket there for the second. */
async function whoIsAhead(folder: string, ticket: string): Promise<Mark | null> {
  const chooser = (await livingMarks(folder)).find(isChoosing);
  if (chooser) return chooser;
  const marks = await livingMarks(folder);
  const own = marks.find((mark) => mark.name === ticket);
  if (!own) throw new Error(`the ticket ${ticket} was removed from ${folder}`);
  return marks.find((mark) => !isChoosing(mark) && isBefore(mark, own)) ?? null;
}

/** Two processes may have taken the same number: then the name decides. */
function isBefore(a: Mark, b: Mark): boolean {
  return numberOf(a) < numberOf(b) || (numberOf(a) === numberOf(b) && a.name < b.name);
}

function isChoosing(mark: Mark): boolean {
  return mark.suffix === 'choosing';
}

function numberOf(mark: Mark): number {
  return Number(mark.suffix);
}
