import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { afterAll, beforeAll } from 'vitest';
import type { Finished, Running } from '../support/command-line.ts';
import { type Compiled, compileCallhouse } from './compiled.ts';

let compiled: Compiled | null = null;
beforeAll(async () => {
  compiled = await compileCallhouse();
});
afterAll(() => compiled?.remove());

/** Where a process sends itself a signal: see `at-step.ts`. */
export interface Step {
  at: string;
  occurrence?: number;
  signal?: 'SIGKILL' | 'SIGSTOP';
}

/** Starts `callhouse …` as a process of its own that may kill or stop itself at a step. The caller ends it. */
export function startWorker(args: readonly string[], env: Record<string, string>, step?: Step): Running {
  if (compiled === null) throw new Error('workers are there inside of tests only');
  const { atStep, cli } = compiled;
  const child = spawn(process.execPath, ['--import', atStep, cli, ...args], {
    env: { PATH: '/usr/bin:/bin', ...env, ...(step ? steered(step) : {}) },
    stdio: ['ignore', 'pipe', 'pipe'],
  });
  let stdout = '';
  let stderr = '';
  child.stdout.setEncoding('utf8').on('data', (text: string) => {
    stdout += text;
  });
  child.stderr.setEncoding('utf8').on('data', (text: string) => {
    stderr += text;
  });
  const finished = once(child, 'close').then(([code, signal]: unknown[]): Finished => {
    return { code: code as number | null, signal: signal as NodeJS.Signals | null, stdout, stderr };
  });
  return { child, stderr: () => stderr, finished };
}

function steered({ at, occurrence = 1, signal = 'SIGKILL' }: Step): Record<string, string> {
  return { CRASH_STEP: at, CRASH_OCCURRENCE: String(occurrence), CRASH_SIGNAL: signal };
}
