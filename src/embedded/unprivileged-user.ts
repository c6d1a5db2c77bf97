import { ConfigError } from '../errors.ts';
import { runCommand } from './command.ts';
import { failedWith } from './file-errors.ts';
import type { Identity } from './reachable.ts';

/** Whether this process is root, as whom PostgreSQL refuses to run. Never on Windows. */
export function isRoot(): boolean {
  return process.getuid?.() === 0;
}

/** The first of these system users that exists. When none does, the last one is created. Only root may ask. */
export async function unprivilegedUser(names: readonly string[]): Promise<Identity> {
  for (const name of names) {
    const user = await lookUp(name);
    if (user) return user;
  }
  const name = names.at(-1) ?? 'callhouse-postgres';
  const complaint = await create(name);
  // Asked anew whatever useradd said: another process may have been quicker.
  const user = await lookUp(name);
  if (user) return user;
  throw new ConfigError([
    'PostgreSQL refuses to run as root, and no system user could be created for it ' +
      `(${complaint}): run callhouse as a normal user, or create the user "${name}", or set DATABASE_URL.`,
  ]);
}

async function lookUp(name: string): Promise<Identity | null> {
  const [uid, gid] = await Promise.all([
    runCommand('id', ['-u', name], { user: null }),
    runCommand('id', ['-g', name], { user: null }),
  ]);
  if (uid.exitCode !== 0 || gid.exitCode !== 0) return null;
  return { uid: Number(uid.output), gid: Number(gid.output) };
}

async function create(name: string): Promise<string> {
  const options = ['--system', '--user-group', '--no-create-home', '--shell', '/usr/sbin/nologin'];
  try {
    const { exitCode, output } = await runCommand('useradd', [...options, name], { user: null });
    return `useradd ended with ${exitCode}: ${output}`;
  } catch (error) {
    if (failedWith(error, 'ENOENT')) return 'this system has no useradd';
    throw error;
  }
}
