import { SECOND } from '../clock.ts';
import { formatDuration } from '../config/duration.ts';
import { SourceError } from '../errors.ts';
import { type SyncedSource, type SyncResult, syncSource } from '../sync/sync-source.ts';
import { noCounts, type RunCounts } from '../warehouse/runs.ts';
import { summarizeQueue } from '../warehouse/settlements.ts';
import { countGaps } from '../warehouse/status.ts';
import { type CommandContext, clock, LEASE_WAIT_MS, withSources } from './command.ts';
import { table } from './console.ts';

export interface SyncCommand {
  untilSettled: boolean;
  timeoutMs: number;
}

/** What one source came to, over all passes of the command. */
export interface SourceSummary {
  source: string;
  outcome: SyncResult['outcome'];
  error: string | null;
  /** Calls that are still open or settling, and gaps in what is covered. */
  pending: number;
  gaps: number;
  counts: RunCounts;
}

/** Shortest pause between two passes: each lists the newest calls again. */
const PAUSE_MIN_MS = 5 * SECOND;

/** `sync`: one full pass over every source, or passes until nothing is open or due. */
export function sync(context: CommandContext, command: SyncCommand): Promise<number> {
  return withSources(context, async (_warehouse, sources) => {
    const startedAt = clock.now();
    const summaries = await syncAll(context, sources, command);
    return reportSummaries(context, summaries, clock.now() - startedAt, command.untilSettled);
  });
}

/** Syncs every source beside the others: a slow or failing one holds up nobody. */
export function syncAll(
  context: CommandContext,
  sources: readonly SyncedSource[],
  command: SyncCommand,
): Promise<SourceSummary[]> {
  return Promise.all(sources.map((source) => syncOne(context, source, command)));
}

async function syncOne(
  { signal, console }: CommandContext,
  synced: SyncedSource,
  command: SyncCommand,
): Promise<SourceSummary> {
  const giveUpAt = clock.now() + command.timeoutMs;
  const counts = noCounts();
  const progress = console.progress(synced.source.name);
  let failed: SyncResult | null = null;
  try {
    for (;;) {
      const pass = await syncSource(synced, {
        command: 'sync',
        only: 'everything',
        signal,
        until: command.untilSettled ? giveUpAt : null,
        leaseWaitMs: LEASE_WAIT_MS,
        onProgress: ({ step, done, total }) => step === 'backfill' && progress.update(done, total),
      });
      addCounts(counts, pass.counts);
      // A pass that the time cut short has not shown that what failed before it is over.
      const isCut = command.untilSettled && clock.now() >= giveUpAt;
      if (pass.outcome !== 'done' || !isCut) failed = pass.outcome === 'failed' ? pass : null;
      const left = await whatIsLeft(synced);
      const isWhole = pass.outcome === 'done' && left.pending + left.gaps === 0;
      const result = isWhole ? pass : (failed ?? pass);
      const finished = !command.untilSettled || isWhole;
      const shortestMs = Math.min(PAUSE_MIN_MS, synced.settings.pollIntervalMs);
      // No pass fits in any more: how this one ended is the result.
      const isLast = clock.now() + shortestMs >= giveUpAt;
      if (finished || isLast || cannotGoOn(result)) {
        const { outcome, error } = result;
        return {
          source: synced.source.name,
          outcome,
          error: error?.message ?? null,
          pending: left.pending,
          gaps: left.gaps,
          counts,
        };
      }
      const waitUntil = Math.min(
        giveUpAt,
        left.nextCheckAt ?? 0,
        clock.now() + synced.settings.pollIntervalMs,
      );
      await clock.sleep(Math.max(shortestMs, waitUntil - clock.now()), signal);
    }
  } finally {
    progress.stop();
  }
}

async function whatIsLeft({ database, sourceId }: SyncedSource) {
  return { ...(await summarizeQueue(database, sourceId)), gaps: await countGaps(database, sourceId) };
}

/** What waiting cannot mend: a refused key, or being told to stop. */
function cannotGoOn({ outcome, error }: SyncResult): boolean {
  return outcome === 'stopped' || (outcome === 'failed' && error instanceof SourceError);
}

function addCounts(total: RunCounts, more: RunCounts): void {
  for (const name of Object.keys(total) as (keyof RunCounts)[]) total[name] += more[name];
}

/** Prints what came of it, and gives the exit code. */
export function reportSummaries(
  { console }: CommandContext,
  summaries: readonly SourceSummary[],
  tookMs: number,
  untilSettled: boolean,
): number {
  const text = [
    table([
      [
        'source',
        'outcome',
        'calls new',
        'changed',
        'unchanged',
        'settled',
        'turns',
        'set aside',
        'lists',
        'details',
        'still open',
      ],
      ...summaries.map(({ source, outcome, counts, pending }) => [
        source,
        outcome,
        counts.callsInserted,
        counts.callsUpdated,
        counts.callsUnchanged,
        counts.callsSettled,
        counts.transcriptItemsWritten,
        counts.deadLettersWritten,
        counts.listRequests,
        counts.detailRequests,
        pending,
      ]),
    ]),
    `took ${formatDuration(tookMs)}`,
  ].join('\n');
  console.result({ sources: summaries, tookMs }, text);
  let exitCode = 0;
  for (const { source, outcome, error, pending, gaps } of summaries) {
    if (outcome !== 'done') {
      console.note(`${source} ${outcome}: ${error ?? 'stopped before the end; start it again to go on'}`);
      exitCode = 1;
    } else if (gaps > 0 && (!untilSettled || pending === 0)) {
      console.note(`${source}: time that is not covered: ${gaps} gaps; callhouse status says which and why`);
      exitCode = 1;
    } else if (untilSettled && pending + gaps > 0) {
      console.note(
        `${source}: time is up with ${pending} calls not final and ${gaps} gaps; see callhouse status`,
      );
      exitCode = 1;
    }
  }
  return exitCode;
}
