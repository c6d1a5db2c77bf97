import { writeFile } from 'node:fs/promises';
import type { Options } from './options.ts';
import { shrink } from './shrink.ts';
import type { Story } from './story.ts';
import type { StoryPool } from './story-pool.ts';
import type { Played } from './summary.ts';
import { timeline } from './timeline.ts';

/** Replays a story that failed, makes it as small as it goes, and tells it with the command that plays it again. */
export async function explain({ story, result }: Played, options: Options, pool: StoryPool): Promise<string> {
  const again = await pool.play(story);
  const name = `seed ${story.seed} of ${story.profile}`;
  if (again.complaints.length === 0) return `${name} did not fail again: a fault of the harness`;
  const lines: string[] = [];
  if (again.digest !== result.digest)
    lines.push(`${name} went another way when it was replayed: a fault of the harness`);
  const checks = new Set(again.complaints.map(({ check }) => check));
  const giveUpAt = performance.now() + options.shrinkForMs;
  const fails = async (candidate: Story) =>
    (await pool.play(candidate)).complaints.some(({ check }) => checks.has(check));
  const smallest = await shrink(story, fails, () => performance.now() >= giveUpAt);
  lines.push('', timeline(smallest, await pool.play(smallest)));
  if (options.story === null) {
    lines.push(`whole:    npm run simulate -- --seeds 1 --from ${story.seed} --profile ${story.profile}`);
  }
  return [...lines, await howToReplay(smallest, options.out)].join('\n');
}

async function howToReplay(story: Story, out: string | null): Promise<string> {
  if (out === null) {
    return `smallest: npm run simulate -- --story story.json, which is\n${JSON.stringify(story)}`;
  }
  const path = `${out}/story-${story.profile}-${story.seed}.json`;
  await writeFile(path, JSON.stringify(story, null, 2));
  return `smallest: npm run simulate -- --story ${path}`;
}
