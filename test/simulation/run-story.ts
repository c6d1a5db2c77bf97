import { DAY, HOUR, SECOND } from '../../src/clock.ts';
import { readSettings, type Settings } from '../../src/config/settings.ts';
import { buildSandbox } from '../../src/sandbox/server.ts';
import type { SyncedSource } from '../../src/sync/sync-source.ts';
import { readGaps } from '../../src/warehouse/checkpoints.ts';
import { summarizeQueue } from '../../src/warehouse/settlements.ts';
import { lackingWhereCovered } from './checks/coverage.ts';
import type { DatabaseServer } from './database.ts';
import { differencesBeforeReread } from './early.ts';
import { scheduleIncidents } from './incidents.ts';
import { createNetwork } from './network.ts';
import { createOperationLog } from './operation-log.ts';
import { newChronicle, type Play, sceneOf, scenesOf } from './play.ts';
import { newWorker, type Strand } from './process.ts';
import { rereadEverything } from './reread.ts';
import { createScheduler } from './scheduler.ts';
import { readSettledCalls } from './settled-calls.ts';
import { incidentsOf, type Story } from './story.ts';
import { vendorOf } from './vendors/index.ts';
import { liveAsWorker, makePass, workUntil } from './worker-life.ts';

const TURNS_MAX = 400_000;
/** Passes that the end of a story may take: reads of one call back off, so that there are few. */
const CLOSING_PASSES_MAX = 200;

/** Plays a story on a migrated database to its end: incidents, rest, and the reading of all that is left. */
export async function playStory(
  story: Story,
  server: DatabaseServer,
  tell: (line: string) => void = () => undefined,
): Promise<Play> {
  const play = setStage(story, server, tell);
  const { scheduler, workers, chronicle } = play;
  const settings = settingsOf(story);
  const endIncidents = scheduleIncidents(play);
  const restAtMs = story.originMs + story.horizonMs;
  for (const worker of workers) {
    scheduler.start(worker, async () => {
      await scheduler.turn(worker, story.workers[worker.index]?.startsAtMs ?? 0);
      await liveAsWorker(play, settings, worker, (strand, synced) =>
        workUntil(play, strand, synced, restAtMs),
      );
    });
  }
  scheduler.at(restAtMs, endIncidents);
  await scheduler.play();
  await endIncidents();
  chronicle.restedAtMs = scheduler.now();
  for (const scene of scenesOf(play)) chronicle.lacking.push(...(await lackingWhereCovered(scene)));
  chronicle.settledAtRest = await readSettledCalls(server.admin);
  await bringToRest(play, settings);
  chronicle.endedAtMs = scheduler.now();
  await play.sandbox.close();
  return play;
}

function setStage(story: Story, server: DatabaseServer, tell: (line: string) => void): Play {
  const scheduler = createScheduler(story.originMs, TURNS_MAX);
  const vendorNow = () => Math.floor(scheduler.now() + story.vendorSkewMs);
  const { pastCalls, historyMs, liveCalls, pageSize: _, ...world } = story.world;
  const sandbox = buildSandbox({
    ...world,
    seed: story.seed,
    now: vendorNow,
    originMs: story.originMs + story.vendorSkewMs,
    pastCalls,
    historyDays: historyMs / DAY,
    liveCallsPerSecond: (liveCalls * SECOND) / story.horizonMs,
    liveForMs: story.horizonMs,
  });
  return {
    story,
    scheduler,
    sandbox,
    server,
    vendorNow,
    databaseSkew: { ms: 0 },
    log: createOperationLog(tell),
    network: createNetwork(),
    workers: story.workers.map(({ skewMs }, index) => newWorker(story.seed, index, skewMs)),
    chronicle: newChronicle(),
  };
}

function settingsOf({ settings, vendors }: Story): Settings {
  const duration = (ms: number) => `${Math.round(ms / SECOND)}s`;
  const accounts = vendors.map(vendorOf).map(({ case: { prefix }, baseUrl }) => ({
    [`${prefix}_API_KEY`]: 'sandbox-key',
    [`${prefix}_BASE_URL`]: baseUrl,
    [`${prefix}_REQUESTS_PER_SECOND`]: String(settings.requestsPerSecond),
    [`${prefix}_REQUESTS_PER_MINUTE`]: String(settings.requestsPerMinute),
  }));
  return readSettings({
    ...Object.assign({}, ...accounts),
    CALLHOUSE_SINCE: settings.sinceAgeMs === null ? 'all' : duration(settings.sinceAgeMs),
    CALLHOUSE_POLL_INTERVAL: duration(settings.pollIntervalMs),
    CALLHOUSE_LOOKBACK: duration(settings.lookbackMs),
    CALLHOUSE_SETTLE_DEADLINE: duration(settings.settleDeadlineMs),
    CALLHOUSE_STUCK_AFTER: duration(settings.stuckAfterMs),
    CALLHOUSE_ON_RETRACTION: settings.onRetraction,
  });
}

/** The world rests: one more worker reads until nothing is left, then all of history once more, and what that brings. */
async function bringToRest(play: Play, settings: Settings): Promise<void> {
  const { scheduler, story, workers, chronicle } = play;
  const closer = newWorker(story.seed, workers.length, 0);
  workers.push(closer);
  scheduler.start(closer, () =>
    liveAsWorker(play, settings, closer, async (strand, synced) => {
      const unrest = await readToTheEnd(play, strand, synced);
      if (unrest !== null) chronicle.unrest.push(`${strand.vendor}: ${unrest}`);
      return 'done';
    }),
  );
  await scheduler.play();
}

/** Gives why it did not come to rest; null when it did. */
async function readToTheEnd(play: Play, strand: Strand, synced: SyncedSource): Promise<string | null> {
  let unrest = await passUntilQuiet(play, strand, synced);
  if (unrest === null && incidentsOf(play.story, strand.vendor).some(({ kind }) => kind === 'rights')) {
    // Names that a key could not read are asked for once more a day later.
    await play.scheduler.turn(strand, DAY + HOUR);
    unrest = await passUntilQuiet(play, strand, synced);
  }
  if (unrest !== null) return unrest;
  play.chronicle.early.push(...(await differencesBeforeReread(sceneOf(play, strand.vendor))));
  return (await rereadEverything(play, strand, synced)) ?? (await passUntilQuiet(play, strand, synced));
}

/** Gives why it did not come to rest; null when it did. */
async function passUntilQuiet(play: Play, strand: Strand, synced: SyncedSource): Promise<string | null> {
  const { scheduler, server, story } = play;
  const { settleDeadlineMs, stuckAfterMs } = story.settings;
  const giveUpAtMs = scheduler.now() + settleDeadlineMs + stuckAfterMs + story.horizonMs + 3 * DAY;
  for (let passes = 0; passes < CLOSING_PASSES_MAX; passes += 1) {
    const result = await makePass(play, strand, synced, { until: synced.clock.now() + HOUR });
    const left = await whatIsLeft(play, synced);
    if (result.outcome === 'done' && left.nothing) return null;
    if (scheduler.now() >= giveUpAtMs) {
      return `after ${passes} passes and ${(scheduler.now() - giveUpAtMs) / HOUR} h: ${left.words}; last pass ${result.outcome}`;
    }
    // Ever rarer: a call that never ends is read every minute until it is called stuck, and nothing else happens.
    const shortestMs = Math.min(2 * HOUR, 5 * SECOND * 1.25 ** passes);
    const waitMs = Math.min(left.nextAtMs - scheduler.now() - play.databaseSkew.ms, 6 * HOUR);
    await scheduler.turn(strand, Math.max(waitMs, shortestMs));
  }
  return `after ${CLOSING_PASSES_MAX} passes: ${(await whatIsLeft(play, synced)).words} (${server.url})`;
}

/** What is left to do, read on a connection of the harness. */
async function whatIsLeft(
  { server: { admin } }: Play,
  { sourceId }: SyncedSource,
): Promise<{ nothing: boolean; nextAtMs: number; words: string }> {
  const { pending, nextCheckAt } = await summarizeQueue(admin, sourceId);
  const gaps = await readGaps(admin, sourceId);
  const { rows } = await admin.query<{ letters: number; next_at: Date | null }>(
    `select count(*)::integer as letters, min(next_check_at) as next_at
from callhouse_sync.dead_letters where source_id = $1 and resolved_at is null and next_check_at is not null`,
    [sourceId],
  );
  const { letters = 0, next_at = null } = rows[0] ?? {};
  const nextAtMs = Math.min(nextCheckAt ?? Number.MAX_VALUE, next_at?.getTime() ?? Number.MAX_VALUE);
  return {
    nothing: pending + gaps.length + letters === 0,
    nextAtMs,
    words: `${pending} calls not final, ${gaps.length} gaps, ${letters} dead letters to be read again`,
  };
}
