import { MINUTE, SECOND } from '../../src/clock.ts';
import { openSources } from '../../src/commands/open-sources.ts';
import type { Settings } from '../../src/config/settings.ts';
import { isDatabaseFault } from '../../src/database/faults.ts';
import { SourceError } from '../../src/errors.ts';
import { createLogger } from '../../src/log.ts';
import {
  type SyncedSource,
  type SyncOptions,
  type SyncResult,
  syncSource,
} from '../../src/sync/sync-source.ts';
import { noCounts } from '../../src/warehouse/runs.ts';
import { machineClock } from './clock.ts';
import { type DatabaseServer, openStrandDatabase } from './database.ts';
import { inProcessTransport } from './in-process-transport.ts';
import type { Play } from './play.ts';
import { Crash, isPlanted, kill, type Process, type Strand, startProcess, type Worker } from './process.ts';
import type { VendorName } from './vendors/vendor.ts';

const log = createLogger('silent');

/** What a strand does with its source. */
export type Work = (strand: Strand, synced: SyncedSource) => Promise<'again' | 'done'>;

/** Lives one process after the other, until `work` says of every source that all is done. */
export async function liveAsWorker(
  play: Play,
  settings: Settings,
  worker: Worker,
  work: Work,
): Promise<void> {
  for (let number = 1; ; number += 1) {
    const process = startProcess(worker, number, play.story.vendors);
    if ((await liveAsProcess(play, settings, process, work)) === 'done') return;
    await play.scheduler.turn(worker, Math.max(SECOND, worker.downForMs));
    worker.downForMs = 0;
  }
}

/** Each source has a strand of its own, as each has a schedule of its own in `run`. */
async function liveAsProcess(
  play: Play,
  settings: Settings,
  process: Process,
  work: Work,
): Promise<'again' | 'done'> {
  let isDone = true;
  const lives = process.strands.map((strand) => ({
    actor: strand,
    async live() {
      if ((await liveAsStrand(play, settings, strand, work)) === 'again') isDone = false;
    },
  }));
  await play.scheduler.waitFor(process.worker, lives);
  process.isDead = true;
  return isDone ? 'done' : 'again';
}

async function liveAsStrand(
  play: Play,
  settings: Settings,
  strand: Strand,
  work: Work,
): Promise<'again' | 'done'> {
  const { database, close } = openStrandDatabase(play, strand);
  try {
    await play.scheduler.turn(strand, 0);
    return await work(strand, await open(play, settings, strand, database));
  } catch (error) {
    // A process that the database fails at its start ends, and its supervisor starts the next.
    if (!(error instanceof Crash) && !isDatabaseFault(error)) throw error;
    if (!strand.process.isDead) kill(play.scheduler, strand.process);
    return 'again';
  } finally {
    await close();
  }
}

async function open(
  play: Play,
  settings: Settings,
  strand: Strand,
  database: SyncedSource['database'],
): Promise<SyncedSource> {
  const { scheduler, story, workers } = play;
  const { worker, name } = strand.process;
  const sources = settings.sources.filter((source) => source.name === strand.vendor);
  const [synced] = await openSources({ ...settings, sources }, database, {
    clock: machineClock(scheduler, strand),
    sharedNow: () => Math.floor(scheduler.now() + play.databaseSkew.ms),
    random: () => worker.dice.next(),
    transport: inProcessTransport(play, strand),
    log,
  });
  if (!synced) throw new Error(`the story has no source ${strand.vendor}`);
  const isAlive = (holder: string) =>
    workers.some((one) => one.process?.name === holder && !one.process.isDead);
  // One request at a time per source, so that one gate is enough to replay it.
  synced.settings.detailsAtOnce = 1;
  synced.settings.asksAhead = false;
  return {
    ...synced,
    source: { ...synced.source, pageSize: story.world.pageSize },
    worker: name,
    holderIsGone: (holder) => story.deathIsKnown && !isAlive(holder),
  };
}

/** Passes at the poll interval, as `run` makes them, until an instant of true time. */
export async function workUntil(
  play: Play,
  strand: Strand,
  synced: SyncedSource,
  endAtMs: number,
): Promise<'again' | 'done'> {
  const { scheduler, story } = play;
  const { signal } = strand.stop;
  const manner = story.workers[strand.process.worker.index]?.manner ?? 'run';
  let failures = 0;
  for (;;) {
    if (scheduler.now() >= endAtMs) return 'done';
    const dueAtMs = scheduler.now() + synced.settings.pollIntervalMs;
    const untilDue = manner === 'run' ? synced.clock.now() + synced.settings.pollIntervalMs : null;
    const result = await makePass(play, strand, synced, { until: untilDue });
    if (signal.aborted) return scheduler.now() >= endAtMs ? 'done' : 'again';
    if (result.outcome !== 'busy') failures = result.outcome === 'failed' ? failures + 1 : 0;
    const pauseMs =
      result.error && result.outcome !== 'busy' ? pauseAfter(result.error, failures, synced) : 0;
    const nextAtMs = Math.max(dueAtMs, scheduler.now() + pauseMs);
    const sleep = scheduler.turn(strand, Math.min(nextAtMs, endAtMs) - scheduler.now(), { signal });
    const isStopped = await sleep.then(
      () => false,
      () => true,
    );
    if (isStopped) return 'again';
  }
}

/** One pass, noted in the chronicle. What it throws is a defect, or the death of its process. */
export async function makePass(
  { scheduler, chronicle, server }: Play,
  { process, stop, vendor }: Strand,
  synced: SyncedSource,
  options: Pick<SyncOptions, 'until'>,
): Promise<SyncResult> {
  const startedAtMs = scheduler.now();
  const facts = () => ({ worker: process.name, vendor, startedAtMs, endedAtMs: scheduler.now() });
  try {
    const result = await syncSource(synced, {
      command: 'run',
      only: 'everything',
      signal: stop.signal,
      leaseWaitMs: 0,
      ...options,
    });
    const { outcome, error } = result;
    chronicle.passes.push({ ...facts(), outcome, error: error?.message ?? null });
    if (process.isDead) throw new Crash(`${process.name} is dead`);
    return result;
  } catch (error) {
    if (process.isDead) throw new Crash(`${process.name} is dead`);
    if (error instanceof Error && isPlanted(error)) {
      // As `run` goes on after a pass that broke.
      chronicle.passes.push({ ...facts(), outcome: 'failed', error: error.message });
      if (!(await isNoted(server, vendor))) chronicle.unnoted.push(`${process.name} ${vendor}`);
      return { outcome: 'failed', error, counts: noCounts() };
    }
    const what = error instanceof Error ? (error.stack ?? error.message) : String(error);
    chronicle.broken.push(`${process.name} ${vendor}: ${what}`);
    throw new Crash(`${process.name} broke`);
  }
}

/** Whether anybody who looks can see that the last pass over a source failed. */
async function isNoted({ admin }: DatabaseServer, vendor: VendorName): Promise<boolean> {
  const { rows } = await admin.query<{ noted: boolean }>(
    `select h.last_error ~ '(callhouse broke|SQLSTATE)' and v.state <> 'green' as noted
from callhouse_sync.heartbeats h join callhouse_sync.health v using (source_id) where v.source = $1`,
    [vendor],
  );
  return rows[0]?.noted === true;
}

const PAUSE_MAX_MS = 5 * MINUTE;

/** As `run` pauses after a failure. */
function pauseAfter(error: Error, failures: number, { settings }: SyncedSource): number {
  if (error instanceof SourceError) return PAUSE_MAX_MS;
  return Math.min(PAUSE_MAX_MS, Math.max(SECOND, settings.pollIntervalMs) * 2 ** Math.min(failures, 10));
}
