import { appendFile, chmod, chown, mkdir, mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { Client } from 'pg';
import { runCommand } from '../../src/embedded/command.ts';
import { thisMachine } from '../../src/embedded/machine.ts';
import { freePort } from '../../src/embedded/ports.ts';
import type { Identity } from '../../src/embedded/reachable.ts';
import { readyBinaries } from '../../src/embedded/ready-binaries.ts';
import { isRoot, unprivilegedUser } from '../../src/embedded/unprivileged-user.ts';
import type { Certificate } from './certificates.ts';

/** A PostgreSQL of its own, set up as people have them: with TLS, a socket, both address families, and rules for roles. */
export interface StartedPostgres {
  version: string;
  port: number;
  /** Folder of its socket. */
  folder: string;
  /** As the administrator. */
  run(sql: string, database?: string): Promise<void>;
  /** Takes another certificate from now on. */
  present(certificate: Certificate): Promise<void>;
  stop(): Promise<void>;
}

export const ADMIN = 'admin';

const HBA = [
  'local all all scram-sha-256',
  // A stand-in for a pooler logs in without a password.
  'host all pooled all trust',
  'hostssl all only_tls all scram-sha-256',
  'host all only_tls all reject',
  'host all all all scram-sha-256',
];

/** Starts the server of a package of binaries. The caller stops it. */
export async function startPostgres(
  certificate: Certificate | null,
  packageFolder = thisMachine.platformPackage(),
): Promise<StartedPostgres> {
  const user = isRoot() ? await unprivilegedUser(thisMachine.userNames) : null;
  // Short: the path of a socket may not be long.
  const folder = await mkdtemp(join(tmpdir(), 'callhouse-pg-'));
  await chmod(folder, 0o755);
  const [data, settings] = [join(folder, 'data'), join(folder, 'data', 'postgresql.conf')];
  const binaries = await readyBinaries(packageFolder, user, async () => folder);
  const own = async (path: string) => {
    if (user !== null) await chown(path, user.uid, user.gid);
  };
  const must = async (file: string, args: string[], environment: Record<string, string> = {}) => {
    const { exitCode, output } = await runCommand(file, args, { user, environment });
    if (exitCode !== 0) throw new Error(`${file} ended with ${exitCode}:\n${output}`);
  };
  await mkdir(data, { mode: 0o700 });
  const password = join(folder, 'password');
  await writeFile(password, `${ADMIN}\n`);
  for (const path of [folder, data, password]) await own(path);
  await must(binaries.initdb, [
    `--pgdata=${data}`,
    `--username=${ADMIN}`,
    `--pwfile=${password}`,
    '--auth=scram-sha-256',
    '--encoding=UTF8',
    '--locale=C.UTF-8',
    '--no-sync',
  ]);
  await writeFile(join(data, 'pg_hba.conf'), `${HBA.join('\n')}\n`);
  const port = await freePort();
  const present = (next: Certificate) => store(next, data, user);
  if (certificate !== null) await present(certificate);
  const lines = [
    `port = ${port}`,
    "listen_addresses = '127.0.0.1, ::1'",
    `unix_socket_directories = '${folder}'`,
    'fsync = off',
    `ssl = ${certificate === null ? 'off' : 'on'}`,
  ];
  await appendFile(settings, `${lines.join('\n')}\n`);
  const control = (...args: string[]) => must(binaries.pgCtl, ['-s', '-w', ...args], { PGDATA: data });
  await control('-l', join(folder, 'log'), 'start');
  const run = async (sql: string, database = 'postgres') => {
    const client = new Client({ host: folder, port, user: ADMIN, password: ADMIN, database });
    await client.connect();
    await client.query(sql).finally(() => client.end());
  };
  return {
    version: binaries.majorVersion,
    port,
    folder,
    run,
    async present(next) {
      await present(next);
      await run('select pg_reload_conf()');
    },
    async stop() {
      await control('-m', 'immediate', 'stop');
      await rm(folder, { recursive: true, force: true });
    },
  };
}

async function store({ cert, key }: Certificate, data: string, user: Identity | null): Promise<void> {
  for (const [name, text] of [
    ['server.crt', cert],
    ['server.key', key],
  ] as const) {
    const path = join(data, name);
    await writeFile(path, text, { mode: 0o600 });
    if (user !== null) await chown(path, user.uid, user.gid);
  }
}
