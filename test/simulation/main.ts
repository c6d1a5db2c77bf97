/** `npm run simulate`: plays many stories, and makes those that fail small enough to be understood. */
import { readFile, writeFile } from 'node:fs/promises';
import { onServer } from '../support/databases.ts';
import { openTestServer } from '../support/postgres-server.ts';
import { createTemplate, dropAll, withDatabase } from './databases.ts';
import { drawStory } from './draw-story.ts';
import { explain } from './explain.ts';
import { type Options, readOptions, USAGE } from './options.ts';
import { playAndJudge } from './result.ts';
import { PROFILES, type Profile, type Story } from './story.ts';
import { openStoryPool, type StoryPool } from './story-pool.ts';
import { hasFailed, type Played, summarize } from './summary.ts';
import { span } from './timeline.ts';

/** Failures beyond these are told, but not made smaller. */
const SHRINK_MAX = 3;
const PROGRESS_MS = 15_000;

/** Profiles of several kinds of trouble, or of several vendors. */
const MIXED: readonly Profile[] = ['everything', 'voicy', 'everything', 'diga', 'everything', 'three'];
const PLAIN = PROFILES.filter((profile) => !MIXED.includes(profile));

/** Without a profile every second story is mixed, half of those of vox.ai, and the plain ones take turns. */
function profileOf(seed: number, chosen: Profile | null): Profile {
  if (chosen !== null) return chosen;
  const from = seed % 2 === 0 ? MIXED : PLAIN;
  return from[Math.floor(seed / 2) % from.length] ?? 'calm';
}

/** A story of a time when there was one vendor names none. */
function readStory(text: string): Story {
  return { vendors: ['vox'], ...(JSON.parse(text) as Omit<Story, 'vendors'>) };
}

async function storiesOf({ story, seeds, from, profile }: Options): Promise<Story[]> {
  if (story !== null) return [readStory(await readFile(story, 'utf8'))];
  return Array.from({ length: seeds }, (_, n) => drawStory(from + n, profileOf(from + n, profile)));
}

async function playAll(options: Options, pool: StoryPool): Promise<Played[]> {
  const stories = await storiesOf(options);
  const played: Played[] = [];
  const startedAt = performance.now();
  const progress = setInterval(() => {
    const failed = played.filter(hasFailed).length;
    say(
      `${played.length} of ${stories.length} played, ${failed} failed, ${span(performance.now() - startedAt)}`,
    );
  }, PROGRESS_MS);
  const next = stories.values();
  const player = async () => {
    for (const story of next) {
      if (options.failFast && played.some(hasFailed)) return;
      const one = { story, result: await pool.play(story) };
      played.push(one);
      if (hasFailed(one)) say(firstWords(one));
    }
  };
  await Promise.all(Array.from({ length: options.jobs }, player)).finally(() => clearInterval(progress));
  return played;
}

function firstWords({ story, result }: Played): string {
  const [first] = result.complaints;
  return `FAILED seed ${story.seed} ${story.profile}: ${first?.check}: ${first?.message.slice(0, 160)}`;
}

/** Plays one story in this process and writes every operation of it down. */
async function trace(options: Options, path: string, serverUrl: string, template: string): Promise<number> {
  const [story] = await storiesOf(options);
  if (!story) return 2;
  const lines: string[] = [];
  const result = await withDatabase(serverUrl, template, (server) =>
    playAndJudge(story, server, (line) => lines.push(line)),
  );
  await writeFile(path, `${lines.join('\n')}\n`);
  for (const { check, message } of result.complaints) say(`${check}: ${message}`);
  return result.complaints.length > 0 ? 1 : 0;
}

async function simulate(options: Options, pool: StoryPool): Promise<number> {
  const startedAt = performance.now();
  const played = await playAll(options, pool);
  say(summarize(played, performance.now() - startedAt));
  const failed = played.filter(hasFailed);
  const explained = options.failFast || options.shrinkForMs === 0 ? [] : failed.slice(0, SHRINK_MAX);
  for (const one of explained) say(await explain(one, options, pool));
  return failed.length > 0 ? 1 : 0;
}

function say(line: string): void {
  process.stdout.write(`${line}\n`);
}

async function main(): Promise<number> {
  const options = readOptions();
  if (options === null) {
    process.stderr.write(USAGE);
    return 2;
  }
  let pool: StoryPool | null = null;
  let isInterrupted = false;
  const interrupt = () => {
    isInterrupted = true;
    pool?.close();
  };
  process.on('SIGINT', interrupt).on('SIGTERM', interrupt);
  const server = await openTestServer({ url: options.database, kind: undefined });
  const template = await createTemplate(server.url);
  try {
    // Nothing of it has to survive a power cut.
    if (options.database === undefined) {
      await onServer(server.url, async (client) => {
        await client.query('alter system set fsync = off');
        await client.query('select pg_reload_conf()');
      });
    }
    if (isInterrupted) return 130;
    if (options.trace !== null) return await trace(options, options.trace, server.url, template);
    pool = openStoryPool(options.jobs, server.url, template);
    return await simulate(options, pool);
  } catch (error) {
    if (isInterrupted) return 130;
    throw error;
  } finally {
    pool?.close();
    await dropAll(server.url, template);
    await server.close();
  }
}

process.exitCode = await main();
