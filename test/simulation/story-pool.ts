import { type ChildProcess, fork } from 'node:child_process';
import { fileURLToPath } from 'node:url';
import type { StoryResult } from './result.ts';
import type { Story } from './story.ts';

/** Processes that play stories side by side. */
export interface StoryPool {
  play(story: Story): Promise<StoryResult>;
  close(): void;
}

export function openStoryPool(jobs: number, serverUrl: string, template: string): StoryPool {
  const children: ChildProcess[] = [];
  const idle: ChildProcess[] = [];
  const waiting: ((child: ChildProcess) => void)[] = [];
  for (let job = 0; job < jobs; job += 1) {
    const child = fork(fileURLToPath(new URL('story-process.ts', import.meta.url)), [serverUrl, template], {
      execArgv: ['--import', 'tsx'],
      stdio: ['ignore', 'ignore', 'inherit', 'ipc'],
    });
    children.push(child);
    idle.push(child);
  }
  const take = (): Promise<ChildProcess> => {
    const child = idle.pop();
    return child ? Promise.resolve(child) : new Promise((resolve) => waiting.push(resolve));
  };
  const giveBack = (child: ChildProcess) => {
    const next = waiting.shift();
    if (next) next(child);
    else idle.push(child);
  };
  return {
    async play(story) {
      const child = await take();
      try {
        return await ask(child, story);
      } finally {
        giveBack(child);
      }
    },
    close() {
      for (const child of children) child.kill('SIGKILL');
    },
  };
}

function ask(child: ChildProcess, story: Story): Promise<StoryResult> {
  return new Promise((resolve, reject) => {
    const onExit = (code?: number | null, signal?: string | null) =>
      reject(new Error(`a process of the simulation has ended: ${signal ?? code}`));
    child.once('exit', onExit);
    child.once('message', (result) => {
      child.off('exit', onExit);
      resolve(result as StoryResult);
    });
    if (!child.connected) return onExit();
    child.send(story);
  });
}
