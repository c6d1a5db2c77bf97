import { chmod, mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { expect } from 'vitest';
import { workerGrants } from '../../src/warehouse/grants.ts';
import { migrate } from '../../src/warehouse/migrate.ts';
import { PASSWORD, type Variety } from './journey.ts';
import { startPooler } from './pooler.ts';
import { ADMIN } from './postgres.ts';

const url = (host: string, port: number, database: string, query = '', user = 'app') =>
  `postgresql://${user}:${PASSWORD}@${host}:${port}/${database}${query}`;

/** A folder with files, which goes with the test. */
async function files(contents: Record<string, string>) {
  const folder = await mkdtemp(join(tmpdir(), 'callhouse-ways-'));
  for (const [name, text] of Object.entries(contents)) {
    await writeFile(join(folder, name), text);
    await chmod(join(folder, name), 0o600);
  }
  return { folder, close: () => rm(folder, { recursive: true, force: true }) };
}

const plain: Variety = {
  name: 'TCP, sslmode=disable',
  open: async ({ port }, database) => ({
    env: { DATABASE_URL: url('127.0.0.1', port, database, '?sslmode=disable') },
    told: 'without TLS',
  }),
};

/** What most people have on their own machine: a server without TLS, and a URL that says nothing of it. */
export const asItComes: Variety = {
  name: 'no TLS, no sslmode',
  open: async ({ port }, database) => ({
    env: { DATABASE_URL: url('127.0.0.1', port, database) },
    told: 'without TLS',
  }),
};

/** Ways to the same server, which `authority` has signed for the host `localhost`. */
export const waysTo = (authority: string): Variety[] => [
  plain,
  {
    name: 'TLS where the server has it (no sslmode)',
    open: async ({ port }, database) => ({
      env: { DATABASE_URL: url('127.0.0.1', port, database) },
      told: 'with TLS',
    }),
  },
  {
    name: 'sslmode=require',
    open: async ({ port }, database) => ({
      env: { DATABASE_URL: url('localhost', port, database, '?sslmode=require') },
      told: 'with TLS',
    }),
  },
  {
    name: 'sslmode=verify-ca with sslrootcert',
    async open({ port }, database) {
      const { folder, close } = await files({ 'ca.crt': authority });
      const query = `?sslmode=verify-ca&sslrootcert=${folder}/ca.crt`;
      return { env: { DATABASE_URL: url('127.0.0.1', port, database, query) }, told: 'with TLS', close };
    },
  },
  {
    name: 'sslmode=verify-full with sslrootcert',
    async open({ port }, database) {
      const { folder, close } = await files({ 'ca.crt': authority });
      const query = `?sslmode=verify-full&sslrootcert=${folder}/ca.crt`;
      return { env: { DATABASE_URL: url('localhost', port, database, query) }, told: 'with TLS', close };
    },
  },
  {
    name: 'sslmode=verify-full with NODE_EXTRA_CA_CERTS',
    async open({ port }, database) {
      const { folder, close } = await files({ 'ca.crt': authority });
      const DATABASE_URL = url('localhost', port, database, '?sslmode=verify-full');
      return { env: { DATABASE_URL, NODE_EXTRA_CA_CERTS: `${folder}/ca.crt` }, told: 'with TLS', close };
    },
  },
  {
    name: 'unix socket',
    open: async ({ port, folder }, database) => ({
      env: { DATABASE_URL: `postgresql://app:${PASSWORD}@/${database}?host=${folder}&port=${port}` },
      told: `at the socket ${folder}`,
    }),
  },
  {
    name: 'IPv6',
    open: async ({ port }, database) => ({
      env: { DATABASE_URL: url('[::1]', port, database) },
      told: `on ::1:${port}`,
    }),
  },
  {
    name: 'PGHOST, PGUSER, PGDATABASE and PGPASSWORD',
    open: async ({ port }, database) => ({
      env: {
        PGHOST: '127.0.0.1',
        PGPORT: String(port),
        PGUSER: 'app',
        PGDATABASE: database,
        PGPASSWORD: PASSWORD,
      },
      told: `${database} on 127.0.0.1:${port}`,
    }),
  },
  {
    name: 'PGSERVICE with a password file',
    async open({ port }, database) {
      const { folder, close } = await files({
        services: `[warehouse]\nhost=127.0.0.1\nport=${port}\ndbname=${database}\nuser=app\n`,
        passwords: `127.0.0.1:${port}:*:app:${PASSWORD}\n`,
      });
      const PGSERVICEFILE = join(folder, 'services');
      return {
        env: { PGSERVICE: 'warehouse', PGSERVICEFILE, PGPASSFILE: join(folder, 'passwords') },
        told: `${database} on 127.0.0.1:${port}`,
        close,
      };
    },
  },
  {
    name: 'role that may only come with TLS',
    async open(server, database) {
      await server.run(`create role only_tls login password '${PASSWORD}';
alter database ${database} owner to only_tls`);
      return {
        env: { DATABASE_URL: url('127.0.0.1', server.port, database, '?sslmode=allow', 'only_tls') },
        told: 'with TLS',
      };
    },
  },
  {
    name: 'role with settings of its own',
    async open(server, database) {
      await server.run(`create role odd login password '${PASSWORD}'; alter database ${database} owner to odd;
alter role odd set datestyle = 'German'; alter role odd set intervalstyle = 'sql_standard';
alter role odd set timezone = 'America/St_Johns'; alter role odd set client_encoding = 'LATIN1';
alter role odd set default_transaction_isolation = 'serializable'; alter role odd set bytea_output = 'escape';
alter role odd set extra_float_digits = -15; alter role odd set statement_timeout = '1s';
alter role odd set lock_timeout = '1ms'; alter role odd set search_path = 'callhouse_analytics, public'`);
      return {
        env: { DATABASE_URL: url('127.0.0.1', server.port, database, '', 'odd') },
        told: "the user 'odd' may do all that is needed",
      };
    },
  },
  {
    name: 'role with nothing but grants, where another migrates',
    async open(server, database) {
      const admin = `postgresql://${ADMIN}:${ADMIN}@127.0.0.1:${server.port}/${database}`;
      await migrate(admin);
      await server.run(`create role worker login password '${PASSWORD}'`);
      for (const statement of workerGrants('worker')) await server.run(statement, database);
      return {
        env: { DATABASE_URL: url('127.0.0.1', server.port, database, '', 'worker') },
        told: "the user 'worker' may do all that is needed",
      };
    },
  },
];

/** A pooler that lends sessions, as a stand-in. It has to have lent them, or nothing is proved. */
export const lent: Variety = {
  name: 'pooler of transactions (a stand-in)',
  async open(server, database) {
    await server.run(
      `do $$ begin create role pooled login; exception when duplicate_object then null; end $$`,
    );
    await server.run(`alter database ${database} owner to pooled`);
    const pooler = await startPooler(server.port, database, 'pooled');
    return {
      env: { DATABASE_URL: url('127.0.0.1', pooler.port, database) },
      told: 'behind a pooler',
      async close() {
        expect(pooler.lendings()).toBeGreaterThan(10);
        await pooler.close();
      },
    };
  },
};
