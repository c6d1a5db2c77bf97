import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { afterEach, beforeAll } from 'vitest';
import { type Compiled, compiledCallhouse } from './compiled.ts';

export interface Finished {
  code: number | null;
  signal: NodeJS.Signals | null;
  stdout: string;
  stderr: string;
  /** stderr without the lines of progress, which come after some seconds: on a slow machine, and not on a fast one. */
  complaints: string;
}

const PROGRESS = /^\S+: \d+( of \d+)? [a-z ]+(, about .+ left)?\n/gm;

export interface Running {
  child: ChildProcess;
  /** Everything that was written to stderr so far. */
  stderr(): string;
  finished: Promise<Finished>;
}

const running = new Set<ChildProcess>();

let compiled: Compiled | null = null;
beforeAll(async () => {
  compiled = await compiledCallhouse();
});

afterEach(() => {
  for (const child of running) child.kill('SIGKILL');
});

/** Where callhouse is, compiled. */
export function theCompiled(): Compiled {
  if (compiled === null) throw new Error('callhouse is compiled inside of tests and hooks only');
  return compiled;
}

/** Starts `callhouse …` as a process of its own, with this environment and nothing of ours. It ends with the test. */
export function startCallhouse(args: readonly string[], env: Record<string, string>): Running {
  const started = spawnCallhouse(args, env);
  running.add(started.child);
  started.child.once('close', () => running.delete(started.child));
  return started;
}

/** The same for tests that run beside each other: the caller ends it. */
export function spawnCallhouse(
  args: readonly string[],
  env: Record<string, string>,
  nodeArgs: readonly string[] = [],
): Running {
  const child = spawn(process.execPath, [...nodeArgs, theCompiled().cli, ...args], {
    env: { PATH: '/usr/bin:/bin', ...env },
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
    return {
      code: code as number | null,
      signal: signal as NodeJS.Signals | null,
      stdout,
      stderr,
      complaints: stderr.replace(PROGRESS, ''),
    };
  });
  return { child, stderr: () => stderr, finished };
}

/** Runs `callhouse …` to its end. */
export function callhouse(args: readonly string[], env: Record<string, string>): Promise<Finished> {
  return startCallhouse(args, env).finished;
}
