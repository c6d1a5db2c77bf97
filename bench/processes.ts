import { type ChildProcess, execFile, fork } from 'node:child_process';
import { mkdir, mkdtemp, rm, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';
import type { EngineJob, EngineResult } from './engine-process.ts';
import type { VendorJob } from './vendor-process.ts';

const ROOT = fileURLToPath(new URL('..', import.meta.url));
const TSC = join(ROOT, 'node_modules/typescript/bin/tsc');

/** The processes of the bench: what is measured runs compiled, as it is shipped, and never beside what measures it. */
export interface Processes {
  engine(job: Omit<EngineJob, 'profile'> & { profile?: boolean }): Promise<EngineResult>;
  run<Result>(name: string, job: object): Promise<Result>;
  vendor(job: Partial<VendorJob> & Pick<VendorJob, 'calls'>): Promise<Vendor>;
  close(): Promise<void>;
}

export interface Vendor {
  url: string;
  /** When the first request came, unix ms. */
  firstRequest: Promise<number>;
  close(): void;
}

const NEWEST_AGE_MS = 3 * 24 * 3_600_000;

/** Compiles the processes into a folder of their own, inside the checkout so that they find their packages. */
export async function openProcesses(): Promise<Processes> {
  const cache = join(ROOT, 'node_modules/.cache');
  await mkdir(cache, { recursive: true });
  const folder = await mkdtemp(join(cache, 'callhouse-bench-'));
  await writeFile(join(folder, 'package.json'), '{"type":"module"}');
  const options = ['-p', join(ROOT, 'bench/tsconfig.json'), '--outDir', folder, '--noCheck'];
  await promisify(execFile)(process.execPath, [TSC, ...options]);
  const running = new Set<ChildProcess>();
  const start = (name: string, job: object): ChildProcess => {
    const script = join(folder, `bench/${name}-process.js`);
    const child = fork(script, [JSON.stringify(job)], {
      execArgv: ['--import', join(folder, 'src/bounded-heap.js')],
    });
    running.add(child);
    child.once('exit', () => running.delete(child));
    return child;
  };
  const run = <Result>(name: string, job: object) => answerOf<Result>(start(name, job), 'result');
  return {
    run,
    engine: (job) => run<EngineResult>('engine', { profile: false, ...job }),
    async vendor(job) {
      const newestMs = Date.now() - NEWEST_AGE_MS;
      const usual = { newestMs, turns: 24, extraBytes: 0, prepared: true };
      const child = start('vendor', { ...usual, ...job });
      const firstRequest = answerOf<number>(child, 'firstRequestAt');
      // Who asks for it hears of it; a vendor that is never asked ends without.
      firstRequest.catch(() => undefined);
      const url = await answerOf<string>(child, 'url');
      return { url, firstRequest, close: () => child.kill() };
    },
    async close() {
      for (const child of running) child.kill();
      await rm(folder, { recursive: true, force: true });
    },
  };
}

/** The first message of a process that has this member. */
function answerOf<Answer>(child: ChildProcess, member: string): Promise<Answer> {
  return new Promise((resolve, reject) => {
    child.on('message', (message: Record<string, Answer>) => {
      const answer = message[member];
      if (answer !== undefined) resolve(answer);
    });
    child.once('error', reject);
    child.once('exit', (code) =>
      reject(new Error(`a process of the bench ended with ${code} and no ${member}`)),
    );
  });
}
