import type { Clock } from '../../src/clock.ts';
import type { Strand } from './process.ts';
import type { Scheduler } from './scheduler.ts';

/** The clock of a worker's machine: wrong by as much as the story says, and set while the process runs. */
export function machineClock(scheduler: Scheduler, strand: Strand): Clock {
  const { process } = strand;
  return {
    now: () => Math.floor(scheduler.now() + process.worker.skewMs),
    sleep: (ms, signal) => scheduler.turn(strand, Math.max(0, ms), { signal }),
    deadline(ms) {
      const controller = new AbortController();
      const tooLate = () => {
        if (!process.isDead) controller.abort(new DOMException(`no answer in ${ms} ms`, 'TimeoutError'));
      };
      return { signal: controller.signal, clear: scheduler.timer(strand, scheduler.now() + ms, tooLate) };
    },
  };
}
