import { randomBytes } from 'node:crypto';
import { setTimeout as delay } from 'node:timers/promises';
import { Client, DatabaseError } from 'pg';

/** Databases of the test server by name. For tests, `database.ts` is the door to use. */

/** A name that no other run and no other test has, recognizable when a killed run leaves it behind. */
export const uniqueName = (what: string): string =>
  `callhouse_test_${what}_${randomBytes(6).toString('hex')}`;

/** The same server, another database. */
export function databaseUrl(serverUrl: string, name: string): string {
  const url = new URL(serverUrl);
  url.pathname = `/${name}`;
  return url.href;
}

/** Runs work on a connection to the maintenance database. */
export async function onServer<T>(serverUrl: string, work: (client: Client) => Promise<T>): Promise<T> {
  const client = new Client({ connectionString: serverUrl });
  await client.connect();
  try {
    return await work(client);
  } finally {
    await client.end();
  }
}

/** Creates a database: a clone of `template`, or an empty one. */
export async function createDatabase(
  serverUrl: string,
  name: string,
  template: string | null,
): Promise<void> {
  await onServer(serverUrl, async (client) => {
    const source = client.escapeIdentifier(template ?? 'template0');
    const statement = `create database ${client.escapeIdentifier(name)} template ${source}`;
    for (let attempt = 1; ; attempt++) {
      try {
        await client.query(statement);
        return;
      } catch (error) {
        if (attempt === ATTEMPTS || !isBusy(error)) throw error;
        await delay(PAUSE_MS);
      }
    }
  });
}

const ATTEMPTS = 50;
const PAUSE_MS = 100;

/** "source database is being accessed by other users": autovacuum, or a clone that is being made right now. */
const isBusy = (error: unknown): boolean => error instanceof DatabaseError && error.code === '55006';

/** Drops a database and ends whatever is still connected to it. */
export async function dropDatabase(serverUrl: string, name: string): Promise<void> {
  await onServer(serverUrl, (client) =>
    client.query(`drop database if exists ${client.escapeIdentifier(name)} with (force)`),
  );
}
