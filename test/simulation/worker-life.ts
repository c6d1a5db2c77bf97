import { MINUTE, SECOND } from '../../src/clock.ts';
import { openSources } from '../../src/commands/open-sources.ts';
import type { Settings } from '../../src/config/settings.ts';
import { SourceError } from '../../src/errors.ts';
import { createLogger } from '../../src/log.ts';
import {
  type SyncedSource,
  type SyncOptions,
  type SyncResult,
  syncSource,
} from '../../src/sync/sync-source.ts';
import { isDatabaseFault } from '../../src/warehouse/database.ts';
import { machineClock } from './clock.ts';
import { openProcessDatabase } from './database.ts';
import { inProcessTransport } from './in-process-transport.ts';
import type { Play } from './play.ts';
import { Crash, type Process, startProcess, type Worker } from './process.ts';

const log = createLogger('silent');

/** Lives one process after the other, until `work` says that all is done. */
export async function liveAsWorker(
  play: Play,
  settings: Settings,
  worker: Worker,
  work: (process: Process, synced: SyncedSource) => Promise<'again' | 'done'>,
): Promise<void> {
  for (let number = 1; ; number += 1) {
    const process = startProcess(worker, number);
    const { database, close } = openProcessDatabase(play, process);
    try {
      const synced = await open(play, settings, process, database);
      if ((await work(process, synced)) === 'done') return;
    } catch (error) {
      // A process that the database fails at its start ends, and its supervisor starts the next.
      if (!(error instanceof Crash) && !isDatabaseFault(error)) throw error;
    } finally {
      process.isDead = true;
      await close();
    }
    await play.scheduler.turn(worker, Math.max(SECOND, worker.downForMs));
    worker.downForMs = 0;
  }
}

async function open(
  play: Play,
  settings: Settings,
  process: Process,
  database: SyncedSource['database'],
): Promise<SyncedSource> {
  const { scheduler, story, workers } = play;
  const { worker } = process;
  const [synced] = await openSources(settings, database, {
    clock: machineClock(scheduler, worker, () => process.isDead),
    sharedNow: () => Math.floor(scheduler.now() + play.databaseSkew.ms),
    random: () => worker.dice.next(),
    transport: inProcessTransport(play, process),
    log,
  });
  if (!synced) throw new Error('the story has no source');
  const isAlive = (name: string) => workers.some((one) => one.process?.name === name && !one.process.isDead);
  // One request at a time per worker, so that one gate is enough to replay it.
  synced.settings.detailsAtOnce = 1;
  return {
    ...synced,
    source: { ...synced.source, pageSize: story.world.pageSize },
    worker: process.name,
    holderIsGone: (holder) => story.deathIsKnown && !isAlive(holder),
  };
}

/** Passes at the poll interval, as `run` makes them, until an instant of true time. */
export async function workUntil(
  play: Play,
  process: Process,
  synced: SyncedSource,
  endAtMs: number,
): Promise<'again' | 'done'> {
  const { scheduler, story } = play;
  const { worker } = process;
  const manner = story.workers[worker.index]?.manner ?? 'run';
  let failures = 0;
  for (;;) {
    if (scheduler.now() >= endAtMs) return 'done';
    const dueAtMs = scheduler.now() + synced.settings.pollIntervalMs;
    const untilDue = manner === 'run' ? synced.clock.now() + synced.settings.pollIntervalMs : null;
    const result = await makePass(play, process, synced, { until: untilDue });
    if (process.stop.signal.aborted) return scheduler.now() >= endAtMs ? 'done' : 'again';
    if (result.outcome !== 'busy') failures = result.outcome === 'failed' ? failures + 1 : 0;
    const pauseMs =
      result.error && result.outcome !== 'busy' ? pauseAfter(result.error, failures, synced) : 0;
    const nextAtMs = Math.max(dueAtMs, scheduler.now() + pauseMs);
    const sleep = scheduler.turn(worker, Math.min(nextAtMs, endAtMs) - scheduler.now(), {
      signal: process.stop.signal,
    });
    const isStopped = await sleep.then(
      () => false,
      () => true,
    );
    if (isStopped) return 'again';
  }
}

/** One pass, noted in the chronicle. What it throws is a defect, or the death of its process. */
export async function makePass(
  { scheduler, chronicle }: Play,
  process: Process,
  synced: SyncedSource,
  options: Pick<SyncOptions, 'until'>,
): Promise<SyncResult> {
  const startedAtMs = scheduler.now();
  try {
    const result = await syncSource(synced, {
      command: 'run',
      only: 'everything',
      signal: process.stop.signal,
      leaseWaitMs: 0,
      ...options,
    });
    const { outcome, error } = result;
    const facts = { worker: process.name, startedAtMs, endedAtMs: scheduler.now() };
    chronicle.passes.push({ ...facts, outcome, error: error?.message ?? null });
    if (process.isDead) throw new Crash(`${process.name} is dead`);
    return result;
  } catch (error) {
    if (process.isDead) throw new Crash(`${process.name} is dead`);
    const what = error instanceof Error ? (error.stack ?? error.message) : String(error);
    chronicle.broken.push(`${process.name}: ${what}`);
    throw new Crash(`${process.name} broke`);
  }
}

const PAUSE_MAX_MS = 5 * MINUTE;

/** As `run` pauses after a failure. */
function pauseAfter(error: Error, failures: number, { settings }: SyncedSource): number {
  if (error instanceof SourceError) return PAUSE_MAX_MS;
  return Math.min(PAUSE_MAX_MS, Math.max(SECOND, settings.pollIntervalMs) * 2 ** Math.min(failures, 10));
}
