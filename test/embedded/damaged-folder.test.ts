import { execFileSync, spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdir, rm, stat, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { describe, expect, it, vi } from 'vitest';
import { describeEmbeddedPostgres, openEmbeddedPostgres } from '../../src/embedded/embedded-postgres.ts';
import { parsePidFile } from '../../src/embedded/postmaster.ts';
import { ConfigError } from '../../src/errors.ts';
import { asRoot, machineIn, openForTest, postmasterPid, queryRow, scratchFolder } from './scratch.ts';
import { usedFolders } from './used-folder.ts';

const WAITING = { timeout: 60_000, interval: 10 };

const usedFolder = usedFolders();

describe('after a crash', () => {
  it('of the server, the next user starts it again', async () => {
    const { scratch, dataDir, machine, url } = await usedFolder();
    await openForTest({ dataDir }, machine);
    process.kill(await postmasterPid(scratch), 'SIGKILL');
    // A killed process takes a moment to go; until then it looks like a server that one can join.
    await vi.waitFor(async () => {
      expect(await describeEmbeddedPostgres(dataDir)).toMatchObject({ running: false });
    }, WAITING);
    const next = await openForTest({ dataDir }, machine);
    expect(next.url).toBe(url);
    expect(await queryRow(url, 'SELECT 1 AS one')).toEqual({ one: 1 });
  });

  it('a postmaster.pid does not stop the start when another program has its process id', async () => {
    const { scratch, dataDir, machine, url } = await usedFolder();
    // Of the same user, and in the same folder: PostgreSQL itself would refuse to start beside it.
    const cluster = join(dataDir, 'postgres');
    const { uid, gid } = await stat(cluster);
    const stranger = spawn('sleep', ['60'], { cwd: cluster, ...(asRoot ? { uid, gid } : {}) });
    await writeFile(join(cluster, 'postmaster.pid'), `${stranger.pid}\n${cluster}\n1\n5999\n\n127.0.0.1\n`);
    expect(await describeEmbeddedPostgres(dataDir)).toMatchObject({ running: false, url });
    await openForTest({ dataDir }, machine);
    expect(await queryRow(url, 'SELECT 1 AS one')).toEqual({ one: 1 });
    expect(await postmasterPid(scratch)).not.toBe(stranger.pid);
    expect(stranger.exitCode).toBeNull();
    stranger.kill();
    await once(stranger, 'exit');
  });

  it('reads a postmaster.pid that is still being written, or was left by single-user mode', () => {
    expect(parsePidFile('')).toBeNull();
    expect(parsePidFile('-41\n/data\n1700000000\n0\n\n')).toEqual({ pid: 41, port: null, isReady: false });
    expect(parsePidFile('41\n/data\n1700000000\n5433\n\n127.0.0.1\n 1 2\nready   \n')).toEqual({
      pid: 41,
      port: 5433,
      isReady: true,
    });
  });
});

describe('what the user must mend', () => {
  it('is data of another major version, of which nothing is touched', async () => {
    const { dataDir, machine } = await usedFolder();
    const cluster = join(dataDir, 'postgres');
    await writeFile(join(cluster, 'PG_VERSION'), '17\n');
    const listing = () => execFileSync('ls', ['-laR', '--full-time', cluster], { encoding: 'utf8' });
    const before = listing();
    const opening = openEmbeddedPostgres({ dataDir }, machine);
    await expect(opening).rejects.toThrow(ConfigError);
    await expect(opening).rejects.toThrow(/PostgreSQL 17.* PostgreSQL 18.*pg_dump.*CALLHOUSE_DATA_DIR/);
    expect(listing()).toBe(before);
  });

  it('is a lost password', async () => {
    const { dataDir, machine } = await usedFolder();
    await rm(join(dataDir, 'postgres-password'));
    const opening = openEmbeddedPostgres({ dataDir }, machine);
    await expect(opening).rejects.toThrow(ConfigError);
    await expect(opening).rejects.toThrow(/put the file back/);
  });

  it('is a folder of that name which is no database', async () => {
    const scratch = await scratchFolder();
    await mkdir(join(scratch, 'postgres'));
    await expect(openEmbeddedPostgres({ dataDir: scratch }, machineIn(scratch))).rejects.toThrow(
      /is no PostgreSQL data folder/,
    );
  });

  it('is a data folder that cannot be made', async () => {
    const scratch = await scratchFolder();
    await writeFile(join(scratch, 'file'), '');
    const opening = openEmbeddedPostgres({ dataDir: join(scratch, 'file', 'data') }, machineIn(scratch));
    await expect(opening).rejects.toThrow(ConfigError);
    await expect(opening).rejects.toThrow(/set CALLHOUSE_DATA_DIR/);
  });
});
