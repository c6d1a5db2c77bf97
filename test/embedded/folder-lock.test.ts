import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { readdir, readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { expect, it } from 'vitest';
import { withFolderLock } from '../../src/embedded/folder-lock.ts';
import { livingMarks, newMarkName } from '../../src/embedded/process-marks.ts';
import { scratchFolder } from './scratch.ts';

it('lets one in at a time, all of them in turn, and leaves nothing behind', async () => {
  const folder = await scratchFolder();
  let inside = 0;
  let most = 0;
  const visits = Array.from({ length: 12 }, () =>
    withFolderLock(folder, undefined, async () => {
      inside += 1;
      most = Math.max(most, inside);
      await readFile('/proc/self/stat');
      inside -= 1;
    }),
  );
  await Promise.all(visits);
  expect(most).toBe(1);
  expect(await readdir(folder)).toEqual([]);
});

it('is free again when its work fails', async () => {
  const folder = await scratchFolder();
  const failing = withFolderLock(folder, undefined, () => Promise.reject(new Error('no')));
  await expect(failing).rejects.toThrow('no');
  expect(await withFolderLock(folder, undefined, () => Promise.resolve('in'))).toBe('in');
});

it('waits no longer when the signal aborts, and takes its ticket back', async () => {
  const folder = await scratchFolder();
  const stop = new AbortController();
  await withFolderLock(folder, undefined, async () => {
    const waiting = withFolderLock(folder, stop.signal, () => Promise.resolve());
    stop.abort(new Error('enough'));
    await expect(waiting).rejects.toThrow();
  });
  expect(await readdir(folder)).toEqual([]);
});

it('goes past the tickets of the dead, also when their process id lives on in another program', async () => {
  const folder = await scratchFolder();
  const dead = spawn('true');
  await once(dead, 'exit');
  await writeFile(join(folder, `${dead.pid}_aaaaaaaa-1_bbbb.1`), '');
  await writeFile(join(folder, `${process.pid}_aaaaaaaa-1_bbbb.1`), '');
  await writeFile(join(folder, `${process.pid}_aaaaaaaa-1_cccc.choosing`), '');
  expect(await withFolderLock(folder, undefined, () => Promise.resolve('in'))).toBe('in');
  expect(await readdir(folder)).toEqual([]);
});

it('counts a zombie as dead', async () => {
  const folder = await scratchFolder();
  // A shell that becomes another program does not reap its child.
  const parent = spawn('sh', ['-c', 'sleep 0.01 & echo $!; exec sleep 60']);
  const [line] = (await once(parent.stdout, 'data')) as [Buffer];
  const pid = line.toString().trim();
  await expect.poll(() => readFile(`/proc/${pid}/stat`, 'utf8')).toContain(') Z ');
  const [, birth] = (await newMarkName()).split('_');
  await writeFile(join(folder, `${pid}_${birth}_bbbb`), '');
  expect(await livingMarks(folder)).toEqual([]);
  parent.kill('SIGKILL');
  await once(parent, 'exit');
});
