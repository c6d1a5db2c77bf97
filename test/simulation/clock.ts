import type { Clock } from '../../src/clock.ts';
import type { Worker } from './process.ts';
import type { Scheduler } from './scheduler.ts';

/** The clock of a worker's machine: wrong by as much as the story says, and set while the process runs. */
export function machineClock(scheduler: Scheduler, worker: Worker, isDead: () => boolean): Clock {
  return {
    now: () => Math.floor(scheduler.now() + worker.skewMs),
    sleep: (ms, signal) => scheduler.turn(worker, Math.max(0, ms), { signal }),
    deadline(ms) {
      const controller = new AbortController();
      const tooLate = () => {
        if (!isDead()) controller.abort(new DOMException(`no answer in ${ms} ms`, 'TimeoutError'));
      };
      return { signal: controller.signal, clear: scheduler.timer(worker, scheduler.now() + ms, tooLate) };
    },
  };
}
