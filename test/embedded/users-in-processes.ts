import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { createInterface } from 'node:readline';
import { fileURLToPath } from 'node:url';
import { onTestFinished } from 'vitest';

export interface HoldOpenTask {
  readonly dataDir: string;
  readonly systemFolders: readonly string[];
  readonly platformPackage?: string;
  /** Becomes this user and group first. */
  readonly uid?: number;
}

export interface ProcessUser {
  readonly child: ChildProcess;
  /** The next line it prints. The first is the URL. Rejects with its complaints when it ends instead. */
  nextLine(): Promise<string>;
  /** Lets it close and end. Returns its exit code. */
  leave(): Promise<number | null>;
  kill(): Promise<void>;
}

const script = fileURLToPath(new URL('hold-open.ts', import.meta.url));

/** Starts a user of a server in a process group of its own, as a shell does. */
export function userInProcess(task: HoldOpenTask): ProcessUser {
  const child = spawn(process.execPath, ['--import', 'tsx', script, JSON.stringify(task)], {
    detached: true,
  });
  let complaints = '';
  child.stderr.on('data', (chunk: Buffer) => {
    complaints += chunk.toString();
  });
  const lines = createInterface({ input: child.stdout })[Symbol.asyncIterator]();
  const ended = once(child, 'exit');
  const kill = async () => {
    child.kill('SIGKILL');
    await ended;
  };
  onTestFinished(kill);
  return {
    child,
    kill,
    async nextLine() {
      const line = await lines.next();
      if (line.done) throw new Error(`the process ended: ${complaints}`);
      return line.value;
    },
    async leave() {
      child.stdin.end();
      await ended;
      return child.exitCode;
    },
  };
}
