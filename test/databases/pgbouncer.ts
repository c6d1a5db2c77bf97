import { type ChildProcess, execFileSync, spawn } from 'node:child_process';
import { once } from 'node:events';
import { chmod, mkdtemp, rm, writeFile } from 'node:fs/promises';
import { connect } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as delay } from 'node:timers/promises';
import { thisMachine } from '../../src/embedded/machine.ts';
import { freePort } from '../../src/embedded/ports.ts';
import { isRoot, unprivilegedUser } from '../../src/embedded/unprivileged-user.ts';
import { PASSWORD, type Variety } from './journey.ts';

/** A real PgBouncer, with fewer sessions than callhouse has connections. */
export function behindPgBouncer(binary: string, mode: 'transaction' | 'session'): Variety {
  const [version = ''] = /\d+\.\d+/.exec(execFileSync(binary, ['--version'], { encoding: 'utf8' })) ?? [];
  return {
    name: `PgBouncer ${version}, pool_mode = ${mode}`,
    async open(server, database) {
      const folder = await mkdtemp(join(tmpdir(), 'callhouse-bouncer-'));
      await chmod(folder, 0o755);
      const port = await freePort();
      const settings = [
        '[databases]',
        `* = host=127.0.0.1 port=${server.port}`,
        '[pgbouncer]',
        `listen_addr = 127.0.0.1`,
        `listen_port = ${port}`,
        'unix_socket_dir =',
        'auth_type = plain',
        `auth_file = ${folder}/users`,
        `pool_mode = ${mode}`,
        // A session stays with a client: each of them wants one.
        `default_pool_size = ${mode === 'session' ? 20 : 3}`,
      ];
      await writeFile(join(folder, 'pgbouncer.ini'), `${settings.join('\n')}\n`);
      await writeFile(join(folder, 'users'), `"app" "${PASSWORD}"\n`);
      const user = isRoot() ? await unprivilegedUser(thisMachine.userNames) : {};
      const bouncer = spawn(binary, ['-q', join(folder, 'pgbouncer.ini')], { ...user, stdio: 'ignore' });
      await answers(port, bouncer);
      return {
        env: { DATABASE_URL: `postgresql://app:${PASSWORD}@127.0.0.1:${port}/${database}` },
        told: 'behind a pooler',
        async close() {
          bouncer.kill('SIGKILL');
          await once(bouncer, 'close');
          await rm(folder, { recursive: true, force: true });
        },
      };
    },
  };
}

async function answers(port: number, bouncer: ChildProcess): Promise<void> {
  for (let attempt = 0; attempt < 100; attempt += 1) {
    if (bouncer.exitCode !== null) throw new Error(`PgBouncer ended with ${bouncer.exitCode}`);
    const socket = connect(port, '127.0.0.1');
    const isThere = await new Promise<boolean>((resolve) => {
      socket.once('connect', () => resolve(true)).once('error', () => resolve(false));
    });
    socket.destroy();
    if (isThere) return;
    await delay(100);
  }
  throw new Error('PgBouncer does not listen');
}
