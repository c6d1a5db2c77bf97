import { execFile } from 'node:child_process';
import {
  chmod,
  mkdtemp,
  readdir,
  readFile,
  readlink,
  realpath,
  rename,
  rm,
  writeFile,
} from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { promisify } from 'node:util';
import pg from 'pg';
import { expect, onTestFinished } from 'vitest';
import {
  type EmbeddedPostgres,
  type EmbeddedPostgresOptions,
  openEmbeddedPostgres,
} from '../../src/embedded/embedded-postgres.ts';
import { type Machine, thisMachine } from '../../src/embedded/machine.ts';

const run = promisify(execFile);

export const asRoot = process.getuid?.() === 0;

/** A folder for one test. */
export async function scratchFolder(): Promise<string> {
  const { path, remove } = await makeScratchFolder();
  onTestFinished(remove);
  return path;
}

/** A folder for several tests. `remove` also ends every server that still works in it. */
export async function makeScratchFolder(): Promise<{ path: string; remove: () => Promise<void> }> {
  const path = await realpath(await mkdtemp(join(tmpdir(), 'callhouse-embedded-')));
  await chmod(path, 0o755);
  const remove = async () => {
    for (const { pid } of await serverProcesses(path)) kill(pid);
    await rm(path, { recursive: true, force: true, maxRetries: 10, retryDelay: 100 });
  };
  return { path, remove };
}

/** A machine whose system folder is in the scratch folder and whose server user is always there. */
export function machineIn(scratch: string, changes: Partial<Machine> = {}): Machine {
  return { ...thisMachine, systemFolders: [join(scratch, 'system')], userNames: ['nobody'], ...changes };
}

/** A copy of the installed package that can be changed. */
export async function packageAt(path: string): Promise<string> {
  // Half as long as `cp` of Node.js takes for a thousand files.
  await run('cp', ['-a', thisMachine.platformPackage(), path]);
  return path;
}

/** A package whose initdb does its work and then does not end as long as the new cluster is there. */
export async function packageThatHangs(path: string): Promise<string> {
  await packageAt(path);
  const initdb = join(path, 'native', 'bin', 'initdb');
  await rename(initdb, `${initdb}.real`);
  const script = [
    '#!/bin/sh',
    `"${initdb}.real" "$@"`,
    'data=$(echo "$1" | cut -d = -f 2)',
    'while [ -e "$data/PG_VERSION" ]; do sleep 0.05; done',
  ];
  await writeFile(initdb, script.join('\n'), { mode: 0o755 });
  return path;
}

/** Resolves when initdb has written one of its last files below this data folder. */
export async function clusterDrafted(dataDir: string): Promise<void> {
  await expect
    .poll(() => readdir(dataDir, { recursive: true }), { timeout: 60_000 })
    .toContainEqual(expect.stringMatching(/base\/5\/PG_VERSION$/));
}

/** Opens, and closes at the end of the test if the test has not. */
export async function openForTest(
  options: EmbeddedPostgresOptions,
  machine: Machine,
): Promise<EmbeddedPostgres> {
  const server = await openEmbeddedPostgres(options, machine);
  onTestFinished(() => server.close());
  return server;
}

/** One row of one query on a connection of its own. */
export async function queryRow(url: string, sql: string): Promise<Record<string, unknown>> {
  const client = new pg.Client({ connectionString: url });
  // A server that is killed under the connection is what some tests are about.
  client.on('error', () => undefined);
  await client.connect();
  try {
    const { rows } = await client.query<Record<string, unknown>>(sql);
    return rows[0] ?? {};
  } finally {
    await client.end();
  }
}

export interface ServerProcess {
  readonly pid: number;
  readonly parent: number;
  readonly commandLine: string;
}

/** All processes called `postgres` that work below a folder. */
export async function serverProcesses(below: string): Promise<ServerProcess[]> {
  const found: ServerProcess[] = [];
  for (const entry of await readdir('/proc')) {
    if (!/^\d+$/.test(entry)) continue;
    try {
      const stat = await readFile(`/proc/${entry}/stat`, 'utf8');
      if (!stat.includes('(postgres)') || !(await readlink(`/proc/${entry}/cwd`)).startsWith(below)) continue;
      const commandLine = await readFile(`/proc/${entry}/cmdline`, 'utf8');
      found.push({ pid: Number(entry), parent: Number(stat.split(' ')[3]), commandLine });
    } catch {
      // It ended while it was looked at.
    }
  }
  return found;
}

/** The one process that is the parent of the others. */
export async function postmasterPid(below: string): Promise<number> {
  const all = await serverProcesses(below);
  const parents = all.filter((one) => !all.some((other) => other.pid === one.parent));
  const [postmaster, ...others] = parents;
  if (!postmaster || others.length > 0) throw new Error(`not one server but ${parents.length}`);
  return postmaster.pid;
}

function kill(pid: number): void {
  try {
    process.kill(pid, 'SIGKILL');
  } catch {
    // Gone already.
  }
}
