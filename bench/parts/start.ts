import { spawn } from 'node:child_process';
import { chmod, mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { type Bench, type Finding, median, repeated, runsOf, secondsOf } from '../kernel.ts';

const ROOT = fileURLToPath(new URL('../..', import.meta.url));

/** How long until something happens: the first request of a worker, and the result of a demo. Needs `npm run build`. */
export async function start(bench: Bench): Promise<Finding> {
  const firstRequests = await bench.postgres.withDatabase(async ({ url }) => {
    await firstRequest(bench, url);
    return repeated(runsOf(bench), () => firstRequest(bench, url));
  });
  const demos = await repeated(bench.quick ? 1 : 3, demo);
  return {
    figures: [
      {
        name: 'start.first_request',
        what: 'callhouse sync: to its first request',
        value: median(firstRequests),
        unit: 's',
      },
      { name: 'start.demo', what: 'npm run demo: to its result', value: median(demos), unit: 's' },
    ],
    evidence: { firstRequests, demos },
  };
}

async function firstRequest(bench: Bench, databaseUrl: string): Promise<number> {
  const vendor = await bench.processes.vendor({ calls: 100 });
  const startedAt = Date.now();
  const worker = run(process.execPath, ['dist/cli.js', 'sync'], {
    DATABASE_URL: databaseUrl,
    VOX_API_KEY: 'bench-key',
    VOX_BASE_URL: vendor.url,
    VOX_REQUESTS_PER_SECOND: '10000',
    VOX_REQUESTS_PER_MINUTE: '600000',
  });
  const [askedAt] = await Promise.all([vendor.firstRequest, worker]);
  vendor.close();
  return (askedAt - startedAt) / 1_000;
}

/** With a folder of its own, so that it also makes its database, as on somebody's first day. */
async function demo(): Promise<number> {
  const dataDir = await mkdtemp(join(tmpdir(), 'callhouse-bench-demo-'));
  await chmod(dataDir, 0o755);
  const seconds = await secondsOf(() => run('npm', ['run', 'demo'], { CALLHOUSE_DATA_DIR: dataDir }));
  await rm(dataDir, { recursive: true, force: true });
  return seconds;
}

function run(command: string, args: string[], more: Record<string, string>): Promise<void> {
  // biome-ignore lint/style/noProcessEnv: npm and node need what they were started with.
  const env = { ...process.env, ...more };
  const child = spawn(command, args, { cwd: ROOT, env, stdio: ['ignore', 'ignore', 'pipe'] });
  let complaint = '';
  child.stderr.on('data', (chunk: Buffer) => {
    complaint += chunk.toString();
  });
  return new Promise((resolve, reject) => {
    child.once('error', reject);
    child.once('exit', (code) =>
      code === 0
        ? resolve()
        : reject(new Error(`${command} ${args.join(' ')} ended with ${code}: ${complaint}`)),
    );
  });
}
