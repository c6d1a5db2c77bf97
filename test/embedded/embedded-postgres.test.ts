import { spawnSync } from 'node:child_process';
import { once } from 'node:events';
import { readdir, readFile, stat, truncate } from 'node:fs/promises';
import { createServer } from 'node:net';
import { join } from 'node:path';
import pg from 'pg';
import { beforeAll, describe, expect, it } from 'vitest';
import {
  describeEmbeddedPostgres,
  type EmbeddedPostgres,
  openEmbeddedPostgres,
} from '../../src/embedded/embedded-postgres.ts';
import {
  clusterDrafted,
  machineIn,
  makeScratchFolder,
  openForTest,
  packageThatHangs,
  queryRow,
  scratchFolder,
  serverProcesses,
} from './scratch.ts';
import { usedFolders } from './used-folder.ts';

const usedFolder = usedFolders();

describe('a first start', () => {
  let scratch: string;
  let dataDir: string;
  let server: EmbeddedPostgres;
  const lines: string[] = [];

  beforeAll(async () => {
    const { path, remove } = await makeScratchFolder();
    scratch = path;
    dataDir = join(path, 'data');
    server = await openEmbeddedPostgres({ dataDir, log: (line) => lines.push(line) }, machineIn(path));
    return async () => {
      await server.close();
      await remove();
    };
  });

  it('gives an empty database in UTC and UTF-8 whose trigrams know Korean letters', async () => {
    expect(server.url).toMatch(/^postgresql:\/\/callhouse:[\w-]{43}@127\.0\.0\.1:\d+\/callhouse$/);
    const facts = await queryRow(
      server.url,
      `SELECT current_database() AS name, current_setting('server_encoding') AS encoding,
              current_setting('TimeZone') AS zone, datlocprovider AS provider, datlocale AS locale,
              current_setting('unix_socket_directories') AS sockets,
              current_setting('listen_addresses') AS addresses
       FROM pg_database WHERE datname = current_database()`,
    );
    expect(facts).toEqual({
      name: 'callhouse',
      encoding: 'UTF8',
      zone: 'UTC',
      provider: 'b',
      locale: 'C.UTF-8',
      sockets: '',
      addresses: '127.0.0.1',
    });
    await queryRow(server.url, 'CREATE EXTENSION pg_trgm');
    const { trigrams } = await queryRow(server.url, `SELECT show_trgm('환불 문의') AS trigrams`);
    expect(trigrams).not.toEqual([]);
  });

  it('keeps the password in one private file and nowhere else', async () => {
    const file = join(dataDir, 'postgres-password');
    const password = (await readFile(file, 'utf8')).trim();
    expect(new URL(server.url).password).toBe(password);
    expect((await stat(file)).mode & 0o777).toBe(0o600);
    for (const { pid, commandLine } of await serverProcesses(scratch)) {
      expect(commandLine).not.toContain(password);
      // A process of the server may end meanwhile.
      const environment = await readFile(`/proc/${pid}/environ`, 'utf8').catch(() => '');
      expect(environment).not.toContain(password);
    }
    expect(lines.join('\n')).not.toContain(password);
    // In the whole of both folders, also in what PostgreSQL wrote.
    // A running server makes and deletes files: one that goes while grep is looking is no finding.
    const holders = spawnSync('grep', ['-rslF', password, scratch], { encoding: 'utf8' }).stdout;
    expect(holders.trim()).toBe(file);
  });

  it('lets nobody in without the password', async () => {
    const wrong = new URL(server.url);
    wrong.password = 'callhouse';
    await expect(queryRow(wrong.href, 'SELECT 1')).rejects.toThrow(/password authentication failed/);
    wrong.password = '';
    await expect(queryRow(wrong.href, 'SELECT 1')).rejects.toThrow();
  });

  it('works in a folder whose name a shell would read', async () => {
    const scratch = await scratchFolder();
    const dataDir = join(scratch, `it's "$HOME" \`x\` 통화`);
    const server = await openForTest({ dataDir }, machineIn(scratch));
    expect(await queryRow(server.url, 'SELECT 1 AS one')).toEqual({ one: 1 });
  });

  it('is ended by the signal and leaves nothing that looks like a database', async () => {
    const scratch = await scratchFolder();
    const dataDir = join(scratch, 'data');
    const hanging = await packageThatHangs(join(scratch, 'package'));
    const stop = new AbortController();
    const opening = openEmbeddedPostgres(
      { dataDir, signal: stop.signal },
      machineIn(scratch, { platformPackage: () => hanging }),
    );
    const ended = expect(opening).rejects.toThrow('enough');
    await clusterDrafted(dataDir);
    stop.abort(new Error('enough'));
    await ended;
    expect(await describeEmbeddedPostgres(dataDir)).toBeNull();
    expect((await readdir(dataDir)).filter((name) => name.includes('draft'))).toEqual([]);
    const server = await openForTest({ dataDir }, machineIn(scratch));
    expect(await queryRow(server.url, 'SELECT 1 AS one')).toEqual({ one: 1 });
  });
});

describe('a later start', () => {
  it('has the same address and the data', async () => {
    const { dataDir, machine, url } = await usedFolder();
    const second = await openEmbeddedPostgres({ dataDir }, machine);
    expect(second.url).toBe(url);
    await queryRow(url, 'CREATE TABLE kept AS SELECT 7 AS n');
    await second.close();
    await openForTest({ dataDir }, machine);
    expect(await queryRow(url, 'SELECT n FROM kept')).toEqual({ n: 7 });
  });

  it('takes another port when a program sits on the kept one, says so, and keeps the new one', async () => {
    const { dataDir, machine, port } = await usedFolder();
    const squatter = createServer().listen(port, '127.0.0.1');
    await once(squatter, 'listening');
    const lines: string[] = [];
    const second = await openForTest({ dataDir, log: (line) => lines.push(line) }, machine);
    squatter.close();
    expect(second.port).not.toBe(port);
    expect(lines).toEqual([`port ${port} is taken: the database is on port ${second.port} from now on`]);
    await second.close();
    expect((await openForTest({ dataDir }, machine)).port).toBe(second.port);
  });

  it('begins a new log when the old one has grown large, and keeps that one', async () => {
    const { dataDir, machine } = await usedFolder();
    const log = join(dataDir, 'postgres.log');
    await truncate(log, 9_000_000);
    await openForTest({ dataDir }, machine);
    expect((await stat(log)).size).toBeLessThan(10_000);
    expect((await stat(`${log}.old`)).size).toBe(9_000_000);
  });

  it('that is ended by the signal leaves no server', async () => {
    const { scratch, dataDir, machine } = await usedFolder();
    let outcome: unknown = null;
    // A start may be done before the abort arrives. Then it was not what is tested here.
    while (!(outcome instanceof Error)) {
      const stop = new AbortController();
      const opening = openEmbeddedPostgres({ dataDir, signal: stop.signal }, machine);
      const settled = opening.then((server) => server.close()).catch((error: unknown) => error);
      // The binaries may have to be copied first.
      await expect.poll(() => serverProcesses(scratch), { interval: 1, timeout: 60_000 }).not.toEqual([]);
      stop.abort(new Error('enough'));
      outcome = await settled;
    }
    expect(outcome.message).toBe('enough');
    await expect.poll(() => serverProcesses(scratch)).toEqual([]);
  });
});

describe('users in one process', () => {
  it('share the server until the last of them closes; closing twice counts once', async () => {
    const { dataDir, machine, url } = await usedFolder();
    const [first, second] = await Promise.all([1, 2].map(() => openForTest({ dataDir }, machine)));
    await first?.close();
    await first?.close();
    expect(await queryRow(url, 'SELECT 1 AS one')).toEqual({ one: 1 });
    await second?.close();
    await expect(queryRow(url, 'SELECT 1')).rejects.toThrow('ECONNREFUSED');
  });

  it('are not waited for by the stop when they keep connections', async () => {
    const { dataDir, machine } = await usedFolder();
    const server = await openForTest({ dataDir }, machine);
    const client = new pg.Client({ connectionString: server.url });
    const cut = new Promise((resolve) => client.on('error', resolve));
    await client.connect();
    const sleeping = client.query('SELECT pg_sleep(60)').catch((error: unknown) => error);
    await server.close();
    await cut;
    expect(await sleeping).toMatchObject({ code: '57P01' });
    expect((await describeEmbeddedPostgres(dataDir))?.running).toBe(false);
  });
});

describe('a description', () => {
  it('starts nothing and makes nothing', async () => {
    const scratch = await scratchFolder();
    expect(await describeEmbeddedPostgres(join(scratch, 'none'))).toBeNull();
    expect(await describeEmbeddedPostgres(scratch)).toBeNull();
    expect(await readdir(scratch)).toEqual([]);
  });

  it('tells the address, where the files are, and whether the server runs', async () => {
    const { dataDir, machine, url } = await usedFolder();
    const dataPath = join(dataDir, 'postgres');
    expect(await describeEmbeddedPostgres(dataDir)).toEqual({ url, running: false, dataPath });
    await openForTest({ dataDir }, machine);
    expect(await describeEmbeddedPostgres(dataDir)).toEqual({ url, running: true, dataPath });
  });
});
