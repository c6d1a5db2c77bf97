/** A user of an embedded server in a process of its own: opens, prints the URL, closes when its input ends. */
import { once } from 'node:events';
import { openEmbeddedPostgres } from '../../src/embedded/embedded-postgres.ts';
import { thisMachine } from '../../src/embedded/machine.ts';
import type { HoldOpenTask } from './users-in-processes.ts';

const task: HoldOpenTask = JSON.parse(process.argv[2] ?? '{}');
// A terminal sends Ctrl-C to the whole group. Here it asks for nothing, so that only the server could fall.
process.on('SIGINT', () => process.stdout.write('interrupted\n'));
if (task.uid !== undefined) {
  process.setgroups?.([]);
  process.setgid?.(task.uid);
  process.setuid?.(task.uid);
}
const server = await openEmbeddedPostgres(
  { dataDir: task.dataDir },
  {
    ...thisMachine,
    systemFolders: task.systemFolders,
    userNames: ['nobody'],
    ...(task.platformPackage === undefined ? {} : { platformPackage: () => task.platformPackage ?? '' }),
  },
);
process.stdout.write(`${server.url}\n`);
process.stdin.resume();
await once(process.stdin, 'end');
await server.close();
