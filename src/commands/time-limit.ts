import { setMaxListeners } from 'node:events';
import { DAY } from '../clock.ts';
import { clock } from './command.ts';

/** A timer of Node cannot be set to more. */
const TIMER_MAX_MS = 24 * DAY;

/**
 * Does work under a signal that aborts with the command's own, and when time is up: so every wait ends then, for a vendor that
 * is silent, for budget, or for another worker.
 */
export async function withinTime<T>(
  signal: AbortSignal,
  timeoutMs: number,
  work: (limited: AbortSignal) => Promise<T>,
): Promise<T> {
  const deadline = clock.deadline(Math.min(timeoutMs, TIMER_MAX_MS));
  const limited = AbortSignal.any([signal, deadline.signal]);
  // Each request in flight listens.
  setMaxListeners(0, deadline.signal, limited);
  try {
    return await work(limited);
  } finally {
    deadline.clear();
  }
}
