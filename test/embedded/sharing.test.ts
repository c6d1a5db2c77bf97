import { readdir } from 'node:fs/promises';
import { join } from 'node:path';
import { expect, it } from 'vitest';
import { describeEmbeddedPostgres } from '../../src/embedded/embedded-postgres.ts';
import {
  clusterDrafted,
  machineIn,
  openForTest,
  packageThatHangs,
  postmasterPid,
  queryRow,
  scratchFolder,
  serverProcesses,
} from './scratch.ts';
import { userInProcess } from './users-in-processes.ts';

async function emptyFolder() {
  const scratch = await scratchFolder();
  const { systemFolders } = machineIn(scratch);
  return { scratch, systemFolders, dataDir: join(scratch, 'data') };
}

it('eight processes that start at the same instant share one server, and the last one stops it', async () => {
  const { scratch, ...task } = await emptyFolder();
  const users = Array.from({ length: 8 }, () => userInProcess(task));
  const urls = await Promise.all(users.map((user) => user.nextLine()));
  expect(new Set(urls).size).toBe(1);
  const pid = await postmasterPid(scratch);
  const [last, ...others] = users;
  expect(await Promise.all(others.map((user) => user.leave()))).toEqual(others.map(() => 0));
  expect(await postmasterPid(scratch)).toBe(pid);
  expect(await queryRow(urls[0] ?? '', 'SELECT 1 AS one')).toEqual({ one: 1 });
  expect(await last?.leave()).toBe(0);
  expect(await serverProcesses(scratch)).toEqual([]);
  expect(await readdir(join(task.dataDir, 'postgres-users'))).toEqual([]);
  expect(await readdir(join(task.dataDir, 'postgres-lock'))).toEqual([]);
});

it('the server outlives a starter that was killed; who joins finds it and, being the last, stops it', async () => {
  const { scratch, ...task } = await emptyFolder();
  const starter = userInProcess(task);
  const url = await starter.nextLine();
  const pid = await postmasterPid(scratch);
  await starter.kill();
  const next = await openForTest({ dataDir: task.dataDir }, machineIn(scratch));
  expect(next.url).toBe(url);
  expect(await postmasterPid(scratch)).toBe(pid);
  await next.close();
  expect(await serverProcesses(scratch)).toEqual([]);
});

it('Ctrl-C in a terminal does not take the server down before its user closes it', async () => {
  const { scratch, ...task } = await emptyFolder();
  const user = userInProcess(task);
  const url = await user.nextLine();
  const pid = await postmasterPid(scratch);
  process.kill(-(user.child.pid ?? 0), 'SIGINT');
  expect(await user.nextLine()).toBe('interrupted');
  expect(await queryRow(url, 'SELECT 1 AS one')).toEqual({ one: 1 });
  expect(await postmasterPid(scratch)).toBe(pid);
  expect(await user.leave()).toBe(0);
  expect(await serverProcesses(scratch)).toEqual([]);
});

it('a process that is killed while it makes the database does not poison the folder', async () => {
  const { scratch, ...task } = await emptyFolder();
  const platformPackage = await packageThatHangs(join(scratch, 'package'));
  const killed = userInProcess({ ...task, platformPackage });
  await clusterDrafted(task.dataDir);
  await killed.kill();
  expect(await describeEmbeddedPostgres(task.dataDir)).toBeNull();
  const next = await openForTest({ dataDir: task.dataDir }, machineIn(scratch));
  expect(await queryRow(next.url, 'SELECT 1 AS one')).toEqual({ one: 1 });
  expect((await readdir(task.dataDir)).filter((name) => name.includes('draft'))).toEqual([]);
});
