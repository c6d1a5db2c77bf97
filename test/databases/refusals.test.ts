import { once } from 'node:events';
import { writeFile } from 'node:fs/promises';
import { type AddressInfo, createServer, type Server, type Socket } from 'node:net';
import { join } from 'node:path';
import { afterAll, afterEach, beforeAll, describe, expect, it, test, vi } from 'vitest';
import { readAddress } from '../../src/database/address.ts';
import { reach } from '../../src/database/connect.ts';
import { type Database, openDatabase } from '../../src/database/database.ts';
import { explainFailure } from '../../src/explain-failure.ts';
import { workerGrants } from '../../src/warehouse/grants.ts';
import { migrate } from '../../src/warehouse/migrate.ts';
import { zoneProblem } from '../../src/warehouse/time-zones.ts';
import { callhouse, startCallhouse } from '../support/command-line.ts';
import { type Certificate, makeAuthority, signFor } from './certificates.ts';
import { furnish, PASSWORD } from './journey.ts';
import { ADMIN, type StartedPostgres, startPostgres } from './postgres.ts';

const running = new AbortController().signal;
let authority: Certificate;
let server: StartedPostgres;
/** Has no TLS, and is told to be read-only by a role of its own. */
let bare: StartedPostgres;

beforeAll(async () => {
  authority = await makeAuthority();
  server = await startPostgres(await signFor(authority, 'localhost'));
  bare = await startPostgres(null);
  await furnish(server);
  await furnish(bare);
});
afterAll(async () => {
  await server.stop();
  await bare.stop();
});

/** What a person is told about a database that is named so. */
async function told(url: string): Promise<string> {
  const problems: string[] = [];
  const address = readAddress({ text: url, where: 'DATABASE_URL' }, {}, problems);
  if (problems.length > 0 || address === null) return problems.join('\n');
  try {
    await reach(address, running);
  } catch (error) {
    return explainFailure(error, running, address).message;
  }
  throw new Error('it was let in');
}

const by = (port: number, query = '', login = `app:${PASSWORD}`, host = 'localhost') =>
  `postgresql://${login}@${host}:${port}/postgres${query}`;

describe('a server that does not let us in is told with what to do', () => {
  it.each([
    [
      'no TLS, and TLS is wanted',
      () => by(bare.port, '?sslmode=require'),
      'turn it on there (ssl = on), or set sslmode',
    ],
    ['no TLS, and the host is to be proved', () => by(bare.port, '?sslmode=verify-full'), 'it has no TLS'],
    [
      'a CA that nobody knows',
      () => by(server.port, '?sslmode=verify-full'),
      'name the file of its CA as sslrootcert',
    ],
    ['a wrong password', () => by(server.port, '', 'app:wrong'), 'the password is not accepted'],
    ['no such database', () => by(server.port).replace('/postgres', '/nowhere'), 'there is no such database'],
    ['no such host', () => by(server.port, '', 'app:x', 'no-such-host.invalid'), 'there is no such host'],
    [
      'a user who must come with TLS',
      () => by(server.port, '?sslmode=disable', 'only_tls:x'),
      'is not let in from here',
    ],
    ['no password', () => by(server.port, '', 'app'), 'the server wants a password for the user'],
    ['no socket', () => 'postgresql://app:x@/db?host=/nowhere', 'there is no socket of a server'],
    [
      'sslmode that does not exist',
      () => by(server.port, '?sslmode=full'),
      'it wants one of disable, allow, prefer',
    ],
    [
      'verify-ca without a CA',
      () => by(server.port, '?sslmode=verify-ca'),
      'wants the file of the CA in sslrootcert',
    ],
    [
      'a CA file that is not there',
      () => by(server.port, '?sslmode=verify-full&sslrootcert=/no/ca'),
      '(ENOENT)',
    ],
  ])('%s', async (_, url, words) => {
    const message = await told(url());
    expect(message).toContain(words);
    expect(message).not.toMatch(/\n {4}at /);
    expect(message).not.toContain(PASSWORD);
  });

  it('a certificate for another host, and one that has ended', async () => {
    const root = join(server.folder, 'ca.crt');
    await writeFile(root, authority.cert);
    const url = (host: string) =>
      by(server.port, `?sslmode=verify-full&sslrootcert=${root}`, `app:${PASSWORD}`, host);
    expect(await told(url('127.0.0.1'))).toContain('its certificate is for another name');
    await server.present(await signFor(authority, 'localhost', { ended: true }));
    expect(await told(url('localhost'))).toContain('its certificate is not valid today');
    await server.present(await signFor(authority, 'localhost'));
  });
});

const vendor = { VOX_API_KEY: 'no-key', VOX_BASE_URL: 'http://127.0.0.1:9/v3', PORT: '0' };

test.each(['sync', 'status', 'migrate', 'check'])(
  '%s without a password that is wanted says so, and ends',
  async (command) => {
    const env = { ...vendor, DATABASE_URL: by(server.port, '', 'app'), HOME: server.folder };
    const { code, stdout, stderr } = await callhouse([command], env);
    expect(stdout + stderr).toContain("the server wants a password for the user 'app', and there is none");
    expect(stdout + stderr).not.toMatch(/\n {4}at /);
    expect(code).toBe(command === 'check' ? 1 : 2);
  },
);

describe('a port', () => {
  let port: Server;
  const url = () => `postgresql://app:x@127.0.0.1:${(port.address() as AddressInfo).port}/db`;
  const listening = async (answer: (socket: Socket) => void) => {
    port = createServer((socket) => {
      socket.on('error', () => socket.destroy());
      answer(socket);
    }).listen(0, '127.0.0.1');
    await once(port, 'listening');
  };
  afterEach(() => port.close());

  it('that takes a connection and stays mute is waited for with a word, and not for ever, by every command', async () => {
    const sockets: Socket[] = [];
    await listening((socket) => sockets.push(socket));
    const commands = ['sync', 'status', 'migrate', 'check', 'verify'];
    const ended = commands.map((command) => callhouse([command], { ...vendor, DATABASE_URL: url() }));
    const worker = startCallhouse(['run'], { ...vendor, DATABASE_URL: url() });
    for (const { code, stdout, stderr } of await Promise.all(ended)) {
      expect(stderr).toContain('waiting for an answer of the database db on 127.0.0.1');
      expect(stdout + stderr).toContain('something listens there, and says nothing');
      expect(code).toBe(1);
    }
    await vi.waitFor(() => expect(worker.stderr()).toMatch(/says nothing.*trying again in \d+ s/s), PATIENCE);
    // It ends when it is told to, though it waits for an answer.
    worker.child.kill('SIGTERM');
    expect((await worker.finished).stderr).toMatch(/stopped\n$/);
    for (const socket of sockets) socket.destroy();
  });

  it('that takes a connection and closes it is waited for by the worker, and told by others', async () => {
    await listening((socket) => socket.end());
    const { code, stderr } = await callhouse(['sync'], { ...vendor, DATABASE_URL: url() });
    expect(stderr).toContain('the database failed (cut off): the connection broke');
    expect(code).toBe(1);
    const worker = startCallhouse(['run'], { ...vendor, DATABASE_URL: url() });
    await vi.waitFor(() => expect(worker.stderr()).toContain('trying again in 2 s'), PATIENCE);
    worker.child.kill('SIGTERM');
    await worker.finished;
  });
});

const PATIENCE = { timeout: 60_000, interval: 100 };

describe('a server that is read-only', () => {
  it('is named, `check` fails, and the worker waits until it can be written to', async () => {
    await bare.run('create database shut owner app');
    await bare.run('alter database shut set default_transaction_read_only = on');
    const env = { ...vendor, DATABASE_URL: by(bare.port).replace('/postgres', '/shut') };
    const checked = await callhouse(['check'], env);
    expect(checked.stdout).toContain('NO  rights: the database is read-only');
    expect(checked.code).toBe(1);
    const synced = await callhouse(['sync'], env);
    expect(synced.stderr).toContain('the database failed (25006): it is read-only');
    expect(synced.code).toBe(1);

    const worker = startCallhouse(['run'], env);
    await vi.waitFor(() => expect(worker.stderr()).toMatch(/read-only.*trying again/), PATIENCE);
    await bare.run('alter database shut set default_transaction_read_only = off');
    await vi.waitFor(() => expect(worker.stderr()).toContain('worker started'), PATIENCE);
    worker.child.kill('SIGTERM');
    await worker.finished;
  });
});

describe('a user who may not do all that is needed', () => {
  it('is told by `check`, with the statement that helps', async () => {
    await bare.run(`create role guest login password '${PASSWORD}'`);
    await bare.run('create database empty');
    const env = {
      ...vendor,
      DATABASE_URL: by(bare.port, '', `guest:${PASSWORD}`).replace('/postgres', '/empty'),
    };
    const { code, stdout } = await callhouse(['check'], env);
    expect(stdout).toContain("NO  rights: the user 'guest' may not create schemas here");
    expect(stdout).toContain('grant create on database "empty" to "guest";');
    expect(code).toBe(1);
  });

  it('is told the grants, word for word, where another role has migrated', async () => {
    await bare.run('create database kept');
    await migrate(`postgresql://${ADMIN}:${ADMIN}@127.0.0.1:${bare.port}/kept`);
    await bare.run(`create role late login password '${PASSWORD}'`);
    const env = {
      ...vendor,
      DATABASE_URL: by(bare.port, '', `late:${PASSWORD}`).replace('/postgres', '/kept'),
    };
    const checked = await callhouse(['check'], env);
    expect(checked.stdout).toMatch(/NO {2}rights: the user 'late' may not \w+ callhouse/);
    const synced = await callhouse(['sync'], env);
    expect(synced.code).toBe(1);
    for (const statement of workerGrants('late')) {
      expect(checked.stdout).toContain(`${statement};`);
      expect(synced.stderr).toContain(`${statement};`);
    }
  });
});

describe('a time zone', () => {
  it.each(['CET', 'PST', 'IST', 'BST', 'ACT', 'SST', 'ECT'])(
    '%s, which Node and PostgreSQL do not mean the same by, is refused with a name to use',
    async (zone) => {
      const problem = await withBare((database) => zoneProblem(database, zone, Date.now()));
      expect(problem).toMatchObject({ isRefused: true, fix: expect.stringMatching(/such as [A-Z]\w+\/\w+/) });
      const named = /such as (\w+\/\w+)/.exec(problem?.fix ?? '')?.[1] ?? '';
      expect(await withBare((database) => zoneProblem(database, named, Date.now()))).toBeNull();
    },
  );

  it.each(['UTC', 'EST', 'Japan', 'Europe/Paris', 'Asia/Kolkata', 'America/St_Johns', 'Australia/Lord_Howe'])(
    '%s means one thing',
    async (zone) => {
      expect(await withBare((database) => zoneProblem(database, zone, Date.now()))).toBeNull();
    },
  );

  it('that is refused keeps a source from being read', async () => {
    const env = { ...vendor, DATABASE_URL: by(bare.port), CALLHOUSE_TIMEZONE: 'CET' };
    await bare.run('alter database postgres owner to app');
    const { code, stderr } = await callhouse(['sync'], env);
    expect(stderr).toContain("source vox: PostgreSQL reads 'CET' as an abbreviation");
    expect(code).toBe(2);
  });
});

async function withBare<T>(work: (database: Database) => Promise<T>): Promise<T> {
  const database = openDatabase(by(bare.port));
  return work(database).finally(() => database.end());
}
