import { SECOND } from '../clock.ts';
import { formatDuration } from '../config/duration.ts';
import { SourceError } from '../errors.ts';
import type { Progress } from '../sync/context.ts';
import { type SyncedSource, type SyncResult, syncSource } from '../sync/sync-source.ts';
import { noCounts, type RunCounts } from '../warehouse/runs.ts';
import { summarizeQueue } from '../warehouse/settlements.ts';
import { countGaps } from '../warehouse/status.ts';
import { type CommandContext, clock, LEASE_WAIT_MS, withSources } from './command.ts';
import { table } from './console.ts';
import { withinTime } from './time-limit.ts';

export interface SyncCommand {
  untilSettled: boolean;
  timeoutMs: number;
}

/** What one source came to, over all passes of the command. */
export interface SourceSummary {
  source: string;
  outcome: SyncResult['outcome'];
  error: string | null;
  /** Whether `--timeout` came before everything was settled. */
  timedOut: boolean;
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
    return reportSummaries(context, summaries, clock.now() - startedAt, command.timeoutMs);
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
  context: CommandContext,
  synced: SyncedSource,
  command: SyncCommand,
): Promise<SourceSummary> {
  const progress = context.console.progress(synced.source.name);
  const passes = (limited: AbortSignal) =>
    syncUntilDone(context, synced, command, limited, ({ step, done, total }) => {
      if (step === 'backfill') progress.update(done, total);
    });
  try {
    return command.untilSettled
      ? await withinTime(context.signal, command.timeoutMs, passes)
      : await passes(context.signal);
  } finally {
    progress.stop();
  }
}

/** One pass, or passes until nothing is left or time is up. `limited` aborts then, whatever a pass waits for. */
async function syncUntilDone(
  { signal }: CommandContext,
  synced: SyncedSource,
  { untilSettled, timeoutMs }: SyncCommand,
  limited: AbortSignal,
  onProgress: (progress: Progress) => void,
): Promise<SourceSummary> {
  const giveUpAt = clock.now() + timeoutMs;
  const counts = noCounts();
  let failed: SyncResult | null = null;
  for (;;) {
    const leftMs = giveUpAt - clock.now();
    const pass = await syncSource(synced, {
      command: 'sync',
      only: 'everything',
      signal: limited,
      until: untilSettled ? giveUpAt : null,
      leaseWaitMs: untilSettled ? Math.min(LEASE_WAIT_MS, Math.max(0, leftMs - SECOND)) : LEASE_WAIT_MS,
      onProgress,
    });
    addCounts(counts, pass.counts);
    // A pass that the time cut short has not shown that what failed before it is over.
    const isTimeUp = untilSettled && !signal.aborted && (limited.aborted || clock.now() >= giveUpAt);
    const isCut = isTimeUp && (pass.outcome === 'done' || pass.outcome === 'stopped');
    if (!isCut) failed = pass.outcome === 'failed' ? pass : null;
    const left = await whatIsLeft(synced);
    const isWhole = pass.outcome === 'done' && left.pending + left.gaps === 0;
    const { outcome, error } = isWhole ? pass : (failed ?? pass);
    const shortestMs = Math.min(PAUSE_MIN_MS, synced.settings.pollIntervalMs);
    // No pass fits in any more: how this one ended is the result.
    const isLast = isTimeUp || clock.now() + shortestMs >= giveUpAt;
    if (!untilSettled || isWhole || isLast || cannotGoOn(outcome, error)) {
      return {
        source: synced.source.name,
        outcome,
        error: error?.message ?? null,
        timedOut: untilSettled && isLast && !isWhole && !signal.aborted,
        pending: left.pending,
        gaps: left.gaps,
        counts,
      };
    }
    const waitUntil = Math.min(giveUpAt, left.nextCheckAt ?? 0, clock.now() + synced.settings.pollIntervalMs);
    await clock.sleep(Math.max(shortestMs, waitUntil - clock.now()), signal);
  }
}

async function whatIsLeft({ database, sourceId }: SyncedSource) {
  return { ...(await summarizeQueue(database, sourceId)), gaps: await countGaps(database, sourceId) };
}

/** What waiting cannot mend: a refused key, or being told to stop. */
function cannotGoOn(outcome: SyncResult['outcome'], error: Error | null): boolean {
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
  timeoutMs = 0,
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
  const notes = summaries.flatMap((summary) => notesOn(summary, timeoutMs));
  for (const note of notes) console.note(note);
  return notes.length === 0 ? 0 : 1;
}

function notesOn(
  { source, outcome, error, timedOut, pending, gaps }: SourceSummary,
  timeoutMs: number,
): string[] {
  const left =
    pending + gaps === 0
      ? 'the pass was not over'
      : `${pending} calls are not final, and ${gaps} gaps are left`;
  const late = timedOut
    ? [`${source}: not settled within ${formatDuration(timeoutMs)}: ${left}; callhouse status says why`]
    : [];
  if (outcome !== 'done' && !(timedOut && outcome === 'stopped')) {
    return [`${source} ${outcome}: ${error ?? 'stopped before the end; start it again to go on'}`, ...late];
  }
  if (timedOut || gaps === 0) return late;
  return [`${source}: time that is not covered: ${gaps} gaps; callhouse status says which and why`];
}
