import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { TestProject } from 'vitest/node';
import { migrate } from '../../src/warehouse/migrate.ts';
import { createDatabase, databaseUrl, dropDatabase, onServer, uniqueName } from './databases.ts';
import { openTestServer } from './postgres-server.ts';

declare module 'vitest' {
  interface ProvidedContext {
    /** Address of the test server's maintenance database. */
    serverUrl: string;
    /** A migrated database that nobody connects to, to be cloned. */
    templateDatabase: string;
    /** A folder for what `compiled.ts` makes. */
    compiledFolder: string;
  }
}

/** Once per run: a server, and on it one migrated database that each test file clones in a few milliseconds. */
export default async function setUp(project: TestProject): Promise<() => Promise<void>> {
  const { TEST_DATABASE_URL: url, TEST_POSTGRES: kind } = project.vite.config.env;
  const server = await openTestServer({ url, kind });
  const template = uniqueName('template');
  await createDatabase(server.url, template, null);
  const compiledFolder = await mkdtemp(join(tmpdir(), 'callhouse-compiled-'));
  const tearDown = async () => {
    await rm(compiledFolder, { recursive: true, force: true });
    await dropDatabase(server.url, template);
    await server.close();
  };
  try {
    await migrate(databaseUrl(server.url, template));
    await onServer(server.url, (client) =>
      client.query(`alter database ${client.escapeIdentifier(template)} with allow_connections false`),
    );
  } catch (error) {
    await tearDown();
    throw error;
  }
  project.provide('serverUrl', server.url);
  project.provide('templateDatabase', template);
  project.provide('compiledFolder', compiledFolder);
  return tearDown;
}
