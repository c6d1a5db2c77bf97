/** Starts and stops the server of a cluster. All of this happens under the folder's lock. */
import { type FileHandle, open, rename, stat } from 'node:fs/promises';
import { MINUTE, SECOND, systemClock } from '../clock.ts';
import { keepPort, readPort } from './address.ts';
import type { Binaries } from './binaries.ts';
import { type CommandResult, runCommand } from './command.ts';
import type { DataFolder } from './data-folder.ts';
import { unlessMissing } from './file-errors.ts';
import { freePort, isPortFree } from './ports.ts';
import { clearAwayDeadServer, findPostmaster } from './postmaster.ts';
import type { Identity } from './reachable.ts';

/** A cluster and what runs it. */
export interface Cluster {
  readonly path: string;
  readonly binaries: Binaries;
  /** Whose it is, when that is not us. */
  readonly user: Identity | null;
}

/** Recovery after a crash is part of a start. */
const START_PATIENCE_MS = 2 * MINUTE;
const STOP_FAST_MS = 8 * SECOND;
const STOP_IMMEDIATE_MS = 5 * SECOND;
const LOG_LIMIT_BYTES = 8_000_000;
const PORT_ATTEMPTS = 5;

/** Joins the server, or starts it. Returns its port. */
export async function runningPort(
  cluster: Cluster,
  folder: DataFolder,
  log: (line: string) => void,
  signal: AbortSignal | undefined,
): Promise<number> {
  const giveUpAt = systemClock.now() + START_PATIENCE_MS;
  for (;;) {
    const server = await findPostmaster(cluster.path);
    if (server === null) return startOnFreePort(cluster, folder, log, signal);
    if (server.isReady && server.port !== null) return server.port;
    if (systemClock.now() > giveUpAt) {
      throw new Error(`server ${server.pid} of ${cluster.path} is neither ready nor gone: see ${folder.log}`);
    }
    // Who started or stopped it was killed meanwhile: soon it is ready, or gone.
    await systemClock.sleep(50, signal);
  }
}

/** Stops the server if it runs: politely, then at once, which costs it a recovery at the next start. */
export async function stopServer(cluster: Cluster): Promise<void> {
  for (const [mode, ms] of [
    ['fast', STOP_FAST_MS],
    ['immediate', STOP_IMMEDIATE_MS],
  ] as const) {
    if ((await findPostmaster(cluster.path)) === null) return;
    await pgCtl(cluster, ['stop', '-s', '-m', mode, '-t', String(ms / SECOND)]);
  }
  const left = await findPostmaster(cluster.path);
  if (left !== null) throw new Error(`server ${left.pid} of ${cluster.path} does not stop`);
}

async function startOnFreePort(
  cluster: Cluster,
  folder: DataFolder,
  log: (line: string) => void,
  signal: AbortSignal | undefined,
): Promise<number> {
  await clearAwayDeadServer(cluster.path, signal);
  for (let attempt = 1; ; attempt++) {
    const port = await choosePort(folder, log);
    const complaint = await start(cluster, folder, port, signal);
    if (complaint === null) return port;
    // Another program may have taken the port between our look and the start. Else trying again is no use.
    if (attempt === PORT_ATTEMPTS || (await isPortFree(port))) {
      throw new Error(`PostgreSQL did not start:\n${complaint}`);
    }
  }
}

async function choosePort(folder: DataFolder, log: (line: string) => void): Promise<number> {
  const kept = await readPort(folder);
  if (kept !== null && (await isPortFree(kept))) return kept;
  const port = await freePort();
  if (kept !== null) log(`port ${kept} is taken: the database is on port ${port} from now on`);
  await keepPort(folder, port);
  return port;
}

/** Returns null, or what PostgreSQL said when it did not start. */
async function start(
  cluster: Cluster,
  folder: DataFolder,
  port: number,
  signal: AbortSignal | undefined,
): Promise<string | null> {
  const settings = [
    `-p ${port}`,
    '-c listen_addresses=127.0.0.1',
    // No socket: its path has a length limit, and who is on this machine can use the port.
    '-c unix_socket_directories=',
    '-c timezone=UTC',
    '-c log_timezone=UTC',
    '-c cluster_name=callhouse',
  ];
  const args = ['start', '-s', '-w', '-t', String(START_PATIENCE_MS / SECOND), '-o', settings.join(' ')];
  const file = await openLog(folder.log, cluster.user);
  try {
    const { size } = await file.stat();
    const { exitCode } = await pgCtl(cluster, args, file, signal);
    return exitCode === 0 ? null : await readFrom(file, size);
  } finally {
    await file.close();
  }
}

/**
 * The folder goes by the environment: pg_ctl puts an argument into a shell's line, where a `$` or a quote in
 * its name would be read by the shell. On SIGINT, a waiting `pg_ctl start` takes the server down again.
 */
function pgCtl(
  cluster: Cluster,
  args: readonly string[],
  outputFile?: FileHandle,
  signal?: AbortSignal,
): Promise<CommandResult> {
  const environment = { PGDATA: cluster.path };
  const output = outputFile ? { outputFile: outputFile.fd } : {};
  return runCommand(cluster.binaries.pgCtl, args, { user: cluster.user, signal, environment, ...output });
}

/** Opened by us and handed down: the server's user need not get into the data folder. One old log is kept. */
async function openLog(path: string, owner: Identity | null): Promise<FileHandle> {
  const found = await unlessMissing(stat(path));
  if (found !== null && found.size > LOG_LIMIT_BYTES) await rename(path, `${path}.old`);
  const file = await open(path, 'a+', 0o600);
  if (owner !== null) await file.chown(owner.uid, owner.gid);
  return file;
}

async function readFrom(file: FileHandle, start: number): Promise<string> {
  const { buffer, bytesRead } = await file.read({ buffer: Buffer.alloc(4_000), position: start });
  return buffer.toString('utf8', 0, bytesRead).trim();
}
