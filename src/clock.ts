import { setTimeout as delay } from 'node:timers/promises';

/** Time as an argument: the engine never asks the machine, so that a test or a simulation can be its clock. */
export interface Clock {
  /** Unix milliseconds. */
  now(): number;
  /** Waits. Rejects with the signal's reason as soon as it aborts. */
  sleep(ms: number, signal?: AbortSignal): Promise<void>;
  /** A signal that aborts after `ms`, and a way to take the timer down when the work was quicker. */
  deadline(ms: number): { signal: AbortSignal; clear(): void };
}

/**
 * The time that all workers share, for leases and budgets. Null is the database's own clock, so that the clocks of
 * the machines do not matter; a simulation has one in hand.
 */
export type SharedNow = () => number | null;

/** A clock that can be put right without being set: the machine's, plus what it is wrong by. */
export interface SteadyClock extends Clock {
  /** Milliseconds that are added to the machine's clock. */
  readonly offsetMs: number;
  setOffset(ms: number): void;
  /** While set, a long wait is interrupted so often to do this: what is held for a time must not expire meanwhile. */
  keepAlive: { everyMs: number; renew: () => Promise<void> } | null;
}

export function steadyClock(machine: Clock): SteadyClock {
  let offsetMs = 0;
  return {
    keepAlive: null,
    get offsetMs() {
      return offsetMs;
    },
    setOffset(ms) {
      offsetMs = ms;
    },
    now: () => machine.now() + offsetMs,
    async sleep(ms, signal) {
      let left = ms;
      for (; this.keepAlive !== null && left > this.keepAlive.everyMs; left -= this.keepAlive.everyMs) {
        await machine.sleep(this.keepAlive.everyMs, signal);
        await this.keepAlive.renew();
      }
      await machine.sleep(left, signal);
    },
    deadline: machine.deadline,
  };
}

/** A number in [0, 1), as `Math.random` gives it. Passed in, so that jitter can be replayed. */
export type Random = () => number;

export const SECOND = 1_000;
export const MINUTE = 60 * SECOND;
export const HOUR = 60 * MINUTE;
export const DAY = 24 * HOUR;

/** Goes on evenly while the process lives, however the machine's clock is set meanwhile. */
export const systemClock: Clock = {
  now: () => Math.floor(performance.timeOrigin + performance.now()),
  sleep: (ms, signal) => delay(ms, undefined, signal ? { signal } : undefined),
  deadline(ms) {
    const controller = new AbortController();
    const timer = setTimeout(
      () => controller.abort(new DOMException(`no answer in ${ms} ms`, 'TimeoutError')),
      ms,
    );
    return { signal: controller.signal, clear: () => clearTimeout(timer) };
  },
};
