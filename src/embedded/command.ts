import { spawn } from 'node:child_process';
import type { Identity } from './reachable.ts';

/** How a command ended, and the last of what it said. */
export interface CommandResult {
  /** null when a signal ended it. */
  readonly exitCode: number | null;
  readonly output: string;
}

/** How to run a command. */
export interface CommandOptions {
  /** The user to run as. Null: our own. */
  readonly user: Identity | null;
  /** On abort the command gets SIGINT, is waited for, and the signal's reason is thrown. */
  readonly signal?: AbortSignal | undefined;
  readonly environment?: Readonly<Record<string, string>>;
  /** Given on standard input. */
  readonly input?: string;
  /** A file descriptor that takes all output. Then no pipe stays open in a daemon that the command leaves. */
  readonly outputFile?: number;
}

const KEPT_OUTPUT_CHARS = 8_000;

/** Runs a command to its end. Rejects when it cannot be started; any exit code is an answer. */
export async function runCommand(
  file: string,
  args: readonly string[],
  options: CommandOptions,
): Promise<CommandResult> {
  const { user, signal, input, outputFile } = options;
  signal?.throwIfAborted();
  const child = spawn(file, args, {
    // A folder that every user can enter: initdb gives up when it may not enter the current one.
    cwd: '/',
    // Nothing of our environment, which may hold API keys.
    env: { PATH: '/usr/sbin:/usr/bin:/sbin:/bin', LC_ALL: 'C', ...options.environment },
    // A session of its own: Ctrl-C in a terminal goes to the whole group, and must reach us alone.
    detached: true,
    windowsHide: true,
    stdio: [input === undefined ? 'ignore' : 'pipe', outputFile ?? 'pipe', outputFile ?? 'pipe'],
    ...(user ? { uid: user.uid, gid: user.gid } : {}),
  });
  const interrupt = () => child.kill('SIGINT');
  signal?.addEventListener('abort', interrupt, { once: true });
  try {
    const result = await new Promise<CommandResult>((resolve, reject) => {
      let output = '';
      const collect = (chunk: Buffer) => {
        output = (output + chunk.toString('utf8')).slice(-KEPT_OUTPUT_CHARS);
      };
      child.stdout?.on('data', collect);
      child.stderr?.on('data', collect);
      // A command that ends without reading its input is judged by its exit code.
      child.stdin?.on('error', () => undefined);
      child.stdin?.end(input);
      child.on('error', reject);
      child.on('close', (exitCode) => resolve({ exitCode, output: output.trim() }));
    });
    signal?.throwIfAborted();
    return result;
  } finally {
    signal?.removeEventListener('abort', interrupt);
  }
}
