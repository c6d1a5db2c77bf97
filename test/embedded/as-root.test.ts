import { execFileSync } from 'node:child_process';
import { chmod, mkdir, readdir, readFile, readlink, realpath, rm, stat } from 'node:fs/promises';
import { basename, dirname, join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { runCommand } from '../../src/embedded/command.ts';
import { describeEmbeddedPostgres, openEmbeddedPostgres } from '../../src/embedded/embedded-postgres.ts';
import { mend } from '../../src/embedded/ready-binaries.ts';
import { systemFolder } from '../../src/embedded/system-folder.ts';
import { unprivilegedUser } from '../../src/embedded/unprivileged-user.ts';
import { ConfigError } from '../../src/errors.ts';
import {
  asRoot,
  machineIn,
  openForTest,
  packageAt,
  postmasterPid,
  queryRow,
  scratchFolder,
  serverProcesses,
} from './scratch.ts';
import { userInProcess } from './users-in-processes.ts';

const NOBODY = 65_534;

async function uidOfServer(scratch: string): Promise<number> {
  return (await stat(`/proc/${await postmasterPid(scratch)}`)).uid;
}

/** As in /root/project: a checkout in a home that only root can enter. */
async function closedHome() {
  const scratch = await scratchFolder();
  const home = join(scratch, 'home');
  await mkdir(home, { mode: 0o700 });
  return { scratch, home, dataDir: join(home, 'project', '.callhouse') };
}

describe.runIf(asRoot)('as root', () => {
  it('the server runs as a user without rights, in the data folder when that user can enter it', async () => {
    const scratch = await scratchFolder();
    const dataDir = join(scratch, 'data');
    await openForTest({ dataDir }, machineIn(scratch));
    expect(await uidOfServer(scratch)).toBe(NOBODY);
    expect((await stat(join(dataDir, 'postgres'))).uid).toBe(NOBODY);
    expect((await stat(join(dataDir, 'postgres-password'))).uid).toBe(0);
  });

  it('in a closed home, binaries and data are kept outside and the home stays closed', async () => {
    const { scratch, home, dataDir } = await closedHome();
    const system = join(scratch, 'system');
    const platformPackage = await packageAt(join(home, 'package'));
    const machine = machineIn(scratch, { platformPackage: () => platformPackage });
    const lines: string[] = [];
    const server = await openForTest({ dataDir, log: (line) => lines.push(line) }, machine);
    expect(await queryRow(server.url, 'SELECT 1 AS one')).toEqual({ one: 1 });
    expect((await stat(home)).mode & 0o777).toBe(0o700);
    const [binaries] = (await readdir(system)).filter((name) => name !== 'data');
    const executable = await readlink(`/proc/${await postmasterPid(scratch)}/exe`);
    expect(executable).toBe(join(system, binaries ?? '', 'native', 'bin', 'postgres'));
    const cluster = await realpath(join(dataDir, 'postgres'));
    expect(dirname(dirname(cluster))).toBe(join(system, 'data'));
    expect((await stat(cluster)).mode & 0o777).toBe(0o700);
    expect(lines.join('\n')).toContain(dirname(cluster));
    expect(await describeEmbeddedPostgres(dataDir)).toMatchObject({ running: true, dataPath: cluster });
    await server.close();
    expect((await openForTest({ dataDir }, machine)).url).toBe(server.url);
    expect(await readdir(join(system, 'data'))).toEqual([basename(dirname(cluster))]);
    expect(await readFile(join(dataDir, 'postgres.log'), 'utf8')).toContain('ready to accept connections');
  });

  it('a data folder that was deleted starts anew, and a line says where the old database is left', async () => {
    const { scratch, dataDir } = await closedHome();
    const machine = machineIn(scratch);
    const first = await openEmbeddedPostgres({ dataDir }, machine);
    await queryRow(first.url, 'CREATE TABLE old ()');
    await first.close();
    const old = dirname(await realpath(join(dataDir, 'postgres')));
    await rm(dataDir, { recursive: true });
    const lines: string[] = [];
    const second = await openForTest({ dataDir, log: (line) => lines.push(line) }, machine);
    expect(await queryRow(second.url, `SELECT to_regclass('old') AS old`)).toEqual({ old: null });
    expect(lines).toContain(`an earlier database of ${dataDir} is left in ${old}`);
    expect(await readdir(old)).toContain('postgres');
  });

  it('data that vanished from outside of the home is not silently replaced by nothing', async () => {
    const { scratch, dataDir } = await closedHome();
    const server = await openEmbeddedPostgres({ dataDir }, machineIn(scratch));
    await server.close();
    await rm(join(scratch, 'system', 'data'), { recursive: true });
    const opening = openEmbeddedPostgres({ dataDir }, machineIn(scratch));
    await expect(opening).rejects.toThrow(ConfigError);
    await expect(opening).rejects.toThrow(/which is gone: put it back, or remove/);
  });

  it('a data folder that was closed after its database was made is reported, not worked around', async () => {
    const scratch = await scratchFolder();
    const dataDir = join(scratch, 'data');
    await (await openEmbeddedPostgres({ dataDir }, machineIn(scratch))).close();
    await chmod(dataDir, 0o700);
    await expect(openEmbeddedPostgres({ dataDir }, machineIn(scratch))).rejects.toThrow(ConfigError);
  });

  it('a system folder that others can write is passed over, and without any other one it says so', async () => {
    const scratch = await scratchFolder();
    const [open, own] = [join(scratch, 'open'), join(scratch, 'own')];
    await mkdir(open);
    await chmod(open, 0o777);
    const nobody = { uid: NOBODY, gid: NOBODY };
    expect(await systemFolder([open, own], nobody)).toBe(own);
    await expect(systemFolder([open, '/proc/none'], nobody)).rejects.toThrow(ConfigError);
  });

  it('a missing system user is created', async () => {
    const name = `callhouse-test-${process.pid}`;
    try {
      const user = await unprivilegedUser([name]);
      expect(execFileSync('id', ['-u', name], { encoding: 'utf8' }).trim()).toBe(String(user.uid));
      expect(await unprivilegedUser(['no-such-user', name])).toEqual(user);
    } finally {
      await runCommand('userdel', [name], { user: null });
    }
  });

  it('a user that cannot be created is reported with the way out', async () => {
    const creating = unprivilegedUser(['no:colon']);
    await expect(creating).rejects.toThrow(ConfigError);
    await expect(creating).rejects.toThrow(/run callhouse as a normal user.*or set DATABASE_URL/);
  });
});

describe.runIf(asRoot)('as a normal user', () => {
  async function folderOfNobody() {
    const scratch = await scratchFolder();
    const home = join(scratch, 'home');
    await mkdir(home, { mode: 0o700 });
    execFileSync('chown', [`${NOBODY}:${NOBODY}`, home]);
    return { scratch, home, task: { dataDir: join(home, 'data'), systemFolders: [], uid: NOBODY } };
  }

  it('the server runs in the own home, and root can join it there', async () => {
    const { scratch, task } = await folderOfNobody();
    const platformPackage = await packageAt(join(scratch, 'package'));
    await mend(platformPackage);
    const user = userInProcess({ ...task, platformPackage });
    const url = await user.nextLine();
    expect(await uidOfServer(scratch)).toBe(NOBODY);
    const root = await openForTest({ dataDir: task.dataDir }, machineIn(scratch));
    expect(root.url).toBe(url);
    expect(await user.leave()).toBe(0);
    await root.close();
    expect(await serverProcesses(scratch)).toEqual([]);
    const again = userInProcess({ ...task, platformPackage });
    expect(await again.nextLine()).toBe(url);
    expect(await again.leave()).toBe(0);
  });

  it('binaries that want mending and cannot be written are copied into the data folder', async () => {
    const { scratch, home, task } = await folderOfNobody();
    const platformPackage = await packageAt(join(scratch, 'package'));
    await rm(join(platformPackage, 'native', 'lib', 'libpq.so.5'), { force: true });
    const user = userInProcess({ ...task, platformPackage });
    expect(await user.nextLine()).toContain('postgresql://');
    const executable = await readlink(`/proc/${await postmasterPid(scratch)}/exe`);
    expect(executable.startsWith(join(home, 'data', 'postgres-binaries-'))).toBe(true);
    expect(await user.leave()).toBe(0);
  });
});
