import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { cp, mkdtemp, readFile, rm, symlink } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { afterEach, beforeEach, expect, inject, it } from 'vitest';
import { applyBlock, blocksOf } from './document.ts';

const ROOT = fileURLToPath(new URL('../..', import.meta.url));
/** What the example and its checks touch; the rest of the tests is not compiled for it. */
const COPIED = [
  'src',
  'migrations',
  'test/support',
  'test/scenarios/bench.ts',
  'test/conformance',
  'test/architecture.test.ts',
  'tsconfig.json',
  'vitest.config.ts',
  'package.json',
  '.env.example',
];

/** Alone it takes half a minute; beside the other tests on two slow cores several times that. */
const TOO_LONG_MS = 150_000;

let folder = '';

beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), 'callhouse-adding-'));
  for (const path of COPIED) await cp(join(ROOT, path), join(folder, path), { recursive: true });
  await symlink(join(ROOT, 'node_modules'), join(folder, 'node_modules'));
});
afterEach(() => rm(folder, { recursive: true }));

/** Runs a tool of this project in the copy, and gives what it says when it fails. */
async function run(tool: string, args: readonly string[]): Promise<string> {
  const child = spawn(process.execPath, [join(ROOT, 'node_modules', tool), ...args], {
    cwd: folder,
    env: { PATH: '/usr/bin:/bin', TEST_DATABASE_URL: inject('serverUrl') },
    stdio: ['ignore', 'pipe', 'pipe'],
    // A group of its own, so that what it starts ends with it.
    detached: true,
  });
  const { pid } = child;
  if (pid === undefined) throw new Error(`${tool} was not started`);
  let said = '';
  for (const stream of [child.stdout, child.stderr]) {
    stream.setEncoding('utf8').on('data', (text: string) => {
      said += text;
    });
  }
  const timer = setTimeout(() => process.kill(-pid, 'SIGKILL'), TOO_LONG_MS);
  const [code] = (await once(child, 'close')) as [number | null];
  clearTimeout(timer);
  return code === 0 ? '' : said.slice(-6_000) || `ended with ${code}`;
}

it(
  'a source that is added as the document says compiles, conforms, and keeps to its place',
  async () => {
    const document = await readFile(join(ROOT, 'docs/adding-a-source.md'), 'utf8');
    const blocks = blocksOf(document);
    expect(blocks.length).toBeGreaterThan(20);
    for (const block of blocks) await applyBlock(folder, block);

    expect(await run('typescript/bin/tsc', ['--noEmit'])).toBe('');
    const suite = ['listing', 'content', 'lateness', 'refusals', 'faults', 'storage'];
    const files = [...suite.map((name) => `test/conformance/${name}`), 'test/architecture.test.ts'];
    expect(await run('vitest/vitest.mjs', ['run', ...files, '-t', 'acme|imports go in one direction'])).toBe(
      '',
    );
  },
  2 * TOO_LONG_MS + 10_000,
);
