import { randomBytes } from 'node:crypto';
import { Pool } from 'pg';
import { migrate } from '../../src/warehouse/migrate.ts';
import { createDatabase, databaseUrl, dropDatabase, onServer, uniqueName } from '../support/databases.ts';
import type { DatabaseServer } from './database.ts';

/** A migrated database on a server, for every story to be cloned from. Gives its name. */
export async function createTemplate(serverUrl: string): Promise<string> {
  const template = uniqueName('simulation');
  await createDatabase(serverUrl, template, null);
  await migrate(databaseUrl(serverUrl, template));
  await onServer(serverUrl, (client) =>
    client.query(`alter database ${client.escapeIdentifier(template)} with allow_connections false`),
  );
  return template;
}

/** Lends a clone of the template for as long as `work` lasts. */
export async function withDatabase<T>(
  serverUrl: string,
  template: string,
  work: (server: DatabaseServer) => Promise<T>,
): Promise<T> {
  const name = `${template}_${randomBytes(4).toString('hex')}`;
  await createDatabase(serverUrl, name, template);
  const url = databaseUrl(serverUrl, name);
  // What a story writes is thrown away: no commit has to reach the disk.
  await onServer(serverUrl, (client) =>
    client.query(`alter database ${client.escapeIdentifier(name)} set synchronous_commit = off`),
  );
  const admin = new Pool({ connectionString: url, max: 1 });
  admin.on('error', () => undefined);
  try {
    return await work({ url, admin, isDown: false, connections: new Set() });
  } finally {
    await admin.end();
    await dropDatabase(serverUrl, name);
  }
}

/** Drops the template and the clones that a killed process has left behind. */
export async function dropAll(serverUrl: string, template: string): Promise<void> {
  const names = await onServer(serverUrl, async (client) => {
    const { rows } = await client.query<{ datname: string }>(
      'select datname from pg_database where starts_with(datname, $1)',
      [template],
    );
    return rows.map(({ datname }) => datname);
  });
  for (const name of names) await dropDatabase(serverUrl, name);
}
