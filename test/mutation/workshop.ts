import { execFile, spawn } from 'node:child_process';
import { chmod, cp, mkdir, mkdtemp, readFile, rm, symlink, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';
import type { Defect } from './defects.ts';

const ROOT = fileURLToPath(new URL('../..', import.meta.url));
/** Stories that are played against a defect before the tests have their turn. */
const SEEDS = 12;
/** A defect that makes the engine go in circles is noticed by that. */
const PATIENCE_MS = 180_000;

/** A copy of the source that may be damaged. */
interface Copy {
  folder: string;
  remove(): Promise<void>;
}

/** What noticed a defect. */
export interface Caught {
  by: string;
  /** The first complaint. */
  sign: string;
  tookMs: number;
}

export async function openCopy(): Promise<Copy> {
  const folder = await mkdtemp(join(tmpdir(), 'callhouse-mutation-'));
  await chmod(folder, 0o755);
  const { stdout } = await promisify(execFile)(
    'git',
    ['ls-files', '-z', '--cached', '--others', '--exclude-standard'],
    { cwd: ROOT, maxBuffer: 64 * 1024 * 1024 },
  );
  for (const path of new Set(stdout.split('\0').filter((name) => name !== ''))) {
    await mkdir(dirname(join(folder, path)), { recursive: true });
    // A file that was deleted and not committed yet is still listed.
    await cp(join(ROOT, path), join(folder, path)).catch((error: NodeJS.ErrnoException) => {
      if (error.code !== 'ENOENT') throw error;
    });
  }
  await symlink(join(ROOT, 'node_modules'), join(folder, 'node_modules'));
  return { folder, remove: () => rm(folder, { recursive: true, force: true }) };
}

/** Puts a defect in, plays stories and runs tests until something notices it, and takes it out again. */
export async function catchDefect(copy: Copy, defect: Defect, serverUrl: string): Promise<Caught | null> {
  const startedAt = performance.now();
  try {
    await damage(copy, defect);
    const noticed =
      (await noticedByStories(copy, defect, serverUrl)) ?? (await noticedByTests(copy, defect, serverUrl));
    return noticed && { ...noticed, tookMs: performance.now() - startedAt };
  } finally {
    for (const { file } of defect.edits) await cp(join(ROOT, file), join(copy.folder, file));
  }
}

async function damage({ folder }: Copy, { name, edits }: Defect): Promise<void> {
  for (const { file, find, replace } of edits) {
    const text = await readFile(join(folder, file), 'utf8');
    if (text.split(find).length !== 2) throw new Error(`${name}: ${file} does not have its place once`);
    await writeFile(
      join(folder, file),
      text.replace(find, () => replace),
    );
  }
}

type Noticed = Omit<Caught, 'tookMs'>;

async function noticedByStories(copy: Copy, defect: Defect, serverUrl: string): Promise<Noticed | null> {
  const { profile } = defect;
  const args = [
    'test/simulation/main.ts',
    '--seeds',
    String(SEEDS),
    '--profile',
    profile,
    '--jobs',
    '1',
    '--fail-fast',
    '--database',
    serverUrl,
  ];
  const { code, output } = await run(copy, ['--import', 'tsx', ...args], serverUrl);
  if (code === 0) return null;
  if (code === null) return { by: `simulation, ${profile}`, sign: 'did not come to an end' };
  const failed = /^FAILED seed (\d+) \w+: (.*)$/m.exec(output);
  if (!failed) throw new Error(`${defect.name}: the simulation broke:\n${output.slice(-2_000)}`);
  return { by: `simulation, ${profile} seed ${failed[1]}`, sign: shorten(failed[2] ?? '') };
}

async function noticedByTests(copy: Copy, defect: Defect, serverUrl: string): Promise<Noticed | null> {
  if (defect.tests === undefined) return null;
  const vitest = join(ROOT, 'node_modules/vitest/vitest.mjs');
  const args = [vitest, 'run', '--bail=1', '--reporter=verbose', '--no-color', ...defect.tests];
  const { code, output } = await run(copy, args, serverUrl);
  if (code === 0) return null;
  if (code === null) return { by: 'tests', sign: 'did not come to an end' };
  const failed = /^\s*FAIL\s+(\S+) > (.*)$/m.exec(output);
  if (!failed) throw new Error(`${defect.name}: the tests broke:\n${output.slice(-2_000)}`);
  return { by: failed[1] ?? 'tests', sign: shorten(failed[2] ?? '') };
}

/** Runs Node in the copy; a null code is a run that had to be ended. */
function run(
  { folder }: Copy,
  args: readonly string[],
  serverUrl: string,
): Promise<{ code: number | null; output: string }> {
  const child = spawn(process.execPath, args, {
    cwd: folder,
    env: { PATH: '/usr/bin:/bin', TMPDIR: tmpdir(), TEST_DATABASE_URL: serverUrl },
    stdio: ['ignore', 'pipe', 'pipe'],
    detached: true,
  });
  let output = '';
  const listen = (text: string) => {
    output += text;
  };
  child.stdout.setEncoding('utf8').on('data', listen);
  child.stderr.setEncoding('utf8').on('data', listen);
  // Its children go with it.
  const timer = setTimeout(() => process.kill(-(child.pid ?? 0), 'SIGKILL'), PATIENCE_MS);
  return new Promise((resolve, reject) => {
    child.once('error', reject).once('close', (code) => {
      clearTimeout(timer);
      resolve({ code, output });
    });
  });
}

function shorten(text: string): string {
  return text.length > 110 ? `${text.slice(0, 109)}…` : text;
}
