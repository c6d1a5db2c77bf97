import { chmod, mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import pg from 'pg';
import { openEmbeddedPostgres } from '../src/embedded/embedded-postgres.ts';
import { migrate } from '../src/warehouse/migrate.ts';

/** The embedded PostgreSQL in a folder of its own, with its defaults: what is committed is on the disk. */
export interface Postgres {
  version: string;
  settings: Record<string, string>;
  /** A new database with this version's tables, empty; gone when `work` is done. */
  withDatabase<T>(work: (database: BenchDatabase) => Promise<T>): Promise<T>;
  close(): Promise<void>;
}

export interface BenchDatabase {
  url: string;
  query<Row extends pg.QueryResultRow>(text: string, values?: unknown[]): Promise<Row[]>;
}

const TEMPLATE = 'bench_template';
const TOLD = [
  'fsync',
  'synchronous_commit',
  'full_page_writes',
  'wal_level',
  'shared_buffers',
  'max_wal_size',
  'work_mem',
  'jit',
  'autovacuum',
];

export async function openPostgres(): Promise<Postgres> {
  const dataDir = await mkdtemp(join(tmpdir(), 'callhouse-bench-'));
  await chmod(dataDir, 0o755);
  const embedded = await openEmbeddedPostgres({ dataDir });
  const urlOf = (name: string) => Object.assign(new URL(embedded.url), { pathname: `/${name}` }).href;
  const admin = connection(embedded.url);
  await admin.query(`create database ${TEMPLATE}`);
  await migrate(urlOf(TEMPLATE));
  const [told] = await admin.query<{ version: string; settings: Record<string, string> }>(
    `select current_setting('server_version') as version,
  (select jsonb_object_agg(name, current_setting(name)) from pg_settings where name = any($1)) as settings`,
    [TOLD],
  );
  if (told?.settings.fsync !== 'on' || told.settings.synchronous_commit !== 'on') {
    throw new Error('the server does not write what it commits: its numbers would mean nothing');
  }
  let made = 0;
  return {
    ...told,
    async withDatabase(work) {
      made += 1;
      const name = `bench_${made}`;
      await admin.query(`create database ${name} template ${TEMPLATE}`);
      const database = connection(urlOf(name));
      try {
        // The pages of the clone, and those of the database before, are written now and not while somebody measures.
        await admin.query('checkpoint');
        return await work({ url: urlOf(name), query: database.query });
      } finally {
        await database.end();
        await admin.query(`drop database ${name} with (force)`);
      }
    },
    async close() {
      await admin.end();
      await embedded.close();
      await rm(dataDir, { recursive: true, force: true });
    },
  };
}

function connection(url: string) {
  const pool = new pg.Pool({ connectionString: url, max: 2 });
  pool.on('error', () => undefined);
  return {
    query: async <Row extends pg.QueryResultRow>(text: string, values?: unknown[]) =>
      (await pool.query<Row>(text, values)).rows,
    end: () => pool.end(),
  };
}

/** Bytes of write-ahead log since the server was made. */
export async function walPosition({ query }: BenchDatabase): Promise<number> {
  const [row] = await query<{ bytes: string }>("select pg_current_wal_insert_lsn() - '0/0' as bytes");
  return Number(row?.bytes);
}
