import cron from 'node-cron';
import { MINUTE, SECOND } from '../clock.ts';
import { formatDuration } from '../config/duration.ts';
import { SourceError } from '../errors.ts';
import { startOpsServer } from '../ops/ops-server.ts';
import { type SyncedSource, type SyncResult, syncSource } from '../sync/sync-source.ts';
import { type CommandContext, clock, withSources } from './command.ts';
import type { Warehouse } from './open-warehouse.ts';

/** Longer than a turn of a replay, so that the moment between two of them is ours. */
const LEASE_WAIT_MS = 5 * SECOND;
/** Longest pause after failures in a row; a refused key is tried again this rarely, because a person must mend it. */
const PAUSE_MAX_MS = 5 * MINUTE;

/** `run`: the long-lived worker. Every source has its own schedule; SIGTERM ends it after the page in hand. */
export async function run(context: CommandContext): Promise<number> {
  const { settings, log } = context;
  const ops = await startOpsServer({ host: settings.opsHost, port: settings.port, clock });
  try {
    const work = (warehouse: Warehouse, sources: SyncedSource[]) => {
      ops.serve(warehouse.database);
      log.info({ sources: sources.map(({ source }) => source.name), ops: ops.url }, 'worker started');
      return runSchedules(context, sources, ops.beat);
    };
    return await withSources(context, work, { patient: true, onWait: ops.beat });
  } finally {
    await ops.close();
  }
}

async function runSchedules(
  context: CommandContext,
  sources: readonly SyncedSource[],
  beat: () => void,
): Promise<number> {
  const { console, log, signal } = context;
  const schedules = sources.map((synced) => schedule(synced, context, beat));
  await aborted(signal);
  log.info('stopping');
  const results = await Promise.all(schedules.map((stop) => stop()));
  const failed = results.flatMap((result) => (result?.outcome === 'failed' ? [result] : []));
  for (const { error } of failed) console.note(`stopped while failing: ${error?.message ?? 'unknown'}`);
  return failed.length > 0 ? 1 : 0;
}

/**
 * Wakes up every second, and starts a pass when one is due and none is running. What there is to do stands in the
 * database, so a tick that is late or lost costs nothing, and any interval is possible where a cron line has few.
 * Gives a function that stops the schedule, waits for the pass in hand, and gives how the last one ended.
 */
function schedule(
  synced: SyncedSource,
  { signal, log }: CommandContext,
  beat: () => void,
): () => Promise<SyncResult | null> {
  let dueAt = 0;
  let failures = 0;
  let last: SyncResult | null = null;
  let inHand: Promise<void> | null = null;

  const pass = async () => {
    const startedAt = clock.now();
    dueAt = startedAt + synced.settings.pollIntervalMs;
    const result = await syncSource(synced, {
      command: 'run',
      only: 'everything',
      signal,
      until: dueAt,
      leaseWaitMs: LEASE_WAIT_MS,
    });
    if (result.outcome === 'busy') return;
    last = result;
    failures = result.outcome === 'failed' ? failures + 1 : 0;
    if (result.error) dueAt = Math.max(dueAt, clock.now() + pauseAfter(result.error, failures, synced));
    report(synced, log, result, dueAt);
  };
  const passBroke = (error: unknown) => {
    if (!signal.aborted) log.error({ source: synced.source.name, err: error }, 'pass broke');
    failures += 1;
    dueAt = clock.now() + pauseAfter(error, failures, synced);
  };
  // No overlap: node-cron's own guard would log a line for every second that a pass lasts.
  const task = cron.schedule('* * * * * *', () => {
    beat();
    if (signal.aborted || inHand !== null || clock.now() < dueAt) return;
    inHand = pass()
      .catch(passBroke)
      .finally(() => {
        inHand = null;
      });
  });
  return async () => {
    await task.destroy();
    await inHand;
    return last;
  };
}

function pauseAfter(error: unknown, failures: number, { settings }: SyncedSource): number {
  if (error instanceof SourceError) return PAUSE_MAX_MS;
  return Math.min(PAUSE_MAX_MS, Math.max(SECOND, settings.pollIntervalMs) * 2 ** Math.min(failures, 10));
}

function report(
  { source }: SyncedSource,
  log: CommandContext['log'],
  result: SyncResult,
  dueAt: number,
): void {
  const { callsInserted, callsUpdated, callsSettled, deadLettersWritten } = result.counts;
  if (result.error) {
    const retryIn = formatDuration(dueAt - clock.now());
    log.error({ source: source.name, reason: result.error.message, retryIn }, 'sync failed');
  } else if (callsInserted + callsUpdated + deadLettersWritten > 0) {
    log.info(
      { source: source.name, callsInserted, callsUpdated, callsSettled, deadLettersWritten },
      'synced',
    );
  } else {
    log.debug({ source: source.name }, 'nothing new');
  }
}

function aborted(signal: AbortSignal): Promise<void> {
  if (signal.aborted) return Promise.resolve();
  return new Promise((resolve) => signal.addEventListener('abort', () => resolve(), { once: true }));
}
