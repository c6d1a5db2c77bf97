import { chmod, mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { Client } from 'pg';
import { GenericContainer, Wait } from 'testcontainers';
import { openEmbeddedPostgres } from '../../src/embedded/embedded-postgres.ts';
import { onServer } from './databases.ts';

/** Which PostgreSQL the tests run on. */
export interface ServerChoice {
  /** `TEST_DATABASE_URL`: a server that is there already. Its user must be allowed to create databases and roles. */
  url: string | undefined;
  /** `TEST_POSTGRES`: `container` for one of Docker's; anything else means the embedded one. */
  kind: string | undefined;
}

export interface TestServer {
  /** A database to connect to while others are created and dropped. */
  url: string;
  close(): Promise<void>;
}

/** A PostgreSQL that answers, or an error that says how to get one. Tests are never skipped for lack of it. */
export async function openTestServer(choice: ServerChoice): Promise<TestServer> {
  try {
    return await open(choice);
  } catch (error) {
    throw new Error(HOW_TO_GET_ONE, { cause: error });
  }
}

const HOW_TO_GET_ONE = [
  'The tests need a PostgreSQL 15 or newer, and found none. One of these gives them one:',
  '  npm install                        the embedded PostgreSQL (an optional dependency), used by default',
  '  TEST_POSTGRES=container npm test   one in Docker',
  '  TEST_DATABASE_URL=postgresql://user:password@host:5432/postgres npm test   your own; databases named',
  '                                     callhouse_test_… are created there and dropped again',
].join('\n');

async function open({ url, kind }: ServerChoice): Promise<TestServer> {
  if (url) return openOwn(url);
  return kind === 'container' ? openContainer() : openEmbedded();
}

async function openOwn(url: string): Promise<TestServer> {
  const client = new Client({ connectionString: url });
  await client.connect();
  await client.end();
  return { url, close: async () => undefined };
}

/** The data is thrown away, so it need not survive a power cut: writing for one takes a third of the time. */
const NOT_DURABLE = ['fsync', 'full_page_writes', 'synchronous_commit'];

async function openContainer(): Promise<TestServer> {
  const container = await new GenericContainer('postgres:18')
    .withEnvironment({ POSTGRES_PASSWORD: 'test' })
    .withCommand([
      'postgres',
      ...NOT_DURABLE.flatMap((name) => ['-c', `${name}=off`]),
      '-c',
      'max_connections=300',
    ])
    .withExposedPorts(5432)
    // The image starts the server twice: first to set it up, then to be used.
    .withWaitStrategy(Wait.forLogMessage(/database system is ready to accept connections/, 2))
    .start();
  const url = `postgresql://postgres:test@${container.getHost()}:${container.getMappedPort(5432)}/postgres`;
  return {
    url,
    close: async () => {
      await container.stop();
    },
  };
}

async function openEmbedded(): Promise<TestServer> {
  const dataDir = await mkdtemp(join(tmpdir(), 'callhouse-test-'));
  // Open to the server's own user, so that everything stays in this folder and goes with it.
  await chmod(dataDir, 0o755);
  const server = await openEmbeddedPostgres({ dataDir });
  await onServer(server.url, async (client) => {
    for (const name of NOT_DURABLE) await client.query(`alter system set ${name} = off`);
    await client.query('select pg_reload_conf()');
  });
  return {
    url: server.url,
    close: async () => {
      await server.close();
      await rm(dataDir, { recursive: true, force: true });
    },
  };
}
