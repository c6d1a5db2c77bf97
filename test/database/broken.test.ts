import { once } from 'node:events';
import { type AddressInfo, connect, createServer, type Socket } from 'node:net';
import { expect, test } from 'vitest';
import { openDatabase } from '../../src/database/database.ts';
import { useTestDatabase } from '../support/database.ts';

const database = useTestDatabase();

/** A way to the server that can be cut without a word, as a crash or a firewall does. */
async function openWay(): Promise<{ url: string; cut(): void; close(): Promise<void> }> {
  const { port, hostname } = new URL(database.url);
  const sockets = new Set<Socket>();
  const way = createServer((client) => {
    const server = connect(Number(port), hostname);
    for (const socket of [client, server]) {
      sockets.add(socket);
      socket.on('error', () => socket.destroy());
      socket.on('close', () => sockets.delete(socket));
    }
    client.pipe(server).pipe(client);
  }).listen(0, '127.0.0.1');
  await once(way, 'listening');
  const url = new URL(database.url);
  url.port = String((way.address() as AddressInfo).port);
  const cut = () => {
    for (const socket of sockets) socket.destroy();
  };
  return {
    url: url.href,
    cut,
    async close() {
      cut();
      way.close();
      await once(way, 'close');
    },
  };
}

/** Waits until the server runs it. */
async function isRunning(text: string): Promise<void> {
  for (let count = 0; count === 0; ) {
    const { rowCount } = await database.pool.query(
      `select from pg_stat_activity where datname = current_database() and query = $1`,
      [text],
    );
    count = rowCount ?? 0;
  }
}

test('a connection that is cut under a statement fails the statement, and not the process', async () => {
  const way = await openWay();
  const opened = openDatabase(way.url);
  const text = 'select pg_sleep(20)';
  const running = expect(opened.query(text)).rejects.toThrow(/Connection terminated|ECONNRESET/);
  await isRunning(text);
  way.cut();
  await running;
  expect((await opened.query('select 1 as one')).rows).toEqual([{ one: 1 }]);
  await opened.end();
  await way.close();
});
