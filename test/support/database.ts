import { Pool } from 'pg';
import { afterAll, beforeAll, inject } from 'vitest';
import { createDatabase, databaseUrl, dropDatabase, uniqueName } from './databases.ts';

export interface TestDatabase {
  url: string;
  name: string;
  drop(): Promise<void>;
}

/** A database of the test's own: migrated, or `{ empty: true }`. The caller drops it. */
export async function createTestDatabase(options: { empty?: boolean } = {}): Promise<TestDatabase> {
  const serverUrl = inject('serverUrl');
  const name = uniqueName('file');
  await createDatabase(serverUrl, name, options.empty ? null : inject('templateDatabase'));
  return { name, url: databaseUrl(serverUrl, name), drop: () => dropDatabase(serverUrl, name) };
}

/** What `useTestDatabase` gives; both are there from `beforeAll` on. */
export interface OpenTestDatabase {
  readonly url: string;
  readonly pool: Pool;
}

/**
 * One migrated database for a test file (or a `describe`), with a pool, dropped afterwards.
 *
 * ```ts
 * const database = useTestDatabase();
 * test('…', async () => { await database.pool.query('select 1'); });
 * ```
 */
export function useTestDatabase(): OpenTestDatabase {
  let opened: { database: TestDatabase; pool: Pool } | null = null;
  const current = () => {
    if (!opened) throw new Error('The test database is there inside of tests and hooks only.');
    return opened;
  };
  beforeAll(async () => {
    const database = await createTestDatabase();
    opened = { database, pool: openPool(database.url) };
  });
  afterAll(async () => {
    if (!opened) return;
    await opened.pool.end();
    await opened.database.drop();
  });
  return {
    get url() {
      return current().database.url;
    },
    get pool() {
      return current().pool;
    },
  };
}

/** A pool as a test needs it: small, and not ending the process when the server ends an idle connection. */
export function openPool(connectionString: string): Pool {
  const pool = new Pool({ connectionString, max: 4 });
  pool.on('error', toldByTheNextQuery);
  return pool;
}

const toldByTheNextQuery = (): void => undefined;
