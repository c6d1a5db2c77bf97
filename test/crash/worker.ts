import { type Running, spawnCallhouse, theCompiled } from '../support/command-line.ts';

/** Where a process sends itself a signal: see `at-step.ts`. */
export interface Step {
  at: string;
  occurrence?: number;
  signal?: 'SIGKILL' | 'SIGSTOP';
}

/** Starts `callhouse …` as a process of its own that may kill or stop itself at a step. The caller ends it. */
export function startWorker(args: readonly string[], env: Record<string, string>, step?: Step): Running {
  const preload = ['--import', theCompiled().atStep];
  return spawnCallhouse(args, step ? { ...env, ...steered(step) } : env, preload);
}

function steered({ at, occurrence = 1, signal = 'SIGKILL' }: Step): Record<string, string> {
  return { CRASH_STEP: at, CRASH_OCCURRENCE: String(occurrence), CRASH_SIGNAL: signal };
}
