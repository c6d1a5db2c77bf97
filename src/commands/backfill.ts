import type { Instant } from '../call.ts';
import { ConfigError } from '../errors.ts';
import { syncSource } from '../sync/sync-source.ts';
import { readGaps } from '../warehouse/checkpoints.ts';
import { chooseSources } from './choose-sources.ts';
import { type CommandContext, clock, LEASE_WAIT_MS, withSources } from './command.ts';
import { reportSummaries, type SourceSummary } from './sync.ts';

export interface BackfillCommand {
  from: Instant | null;
  to: Instant | null;
  source: string | null;
}

/** `backfill`: reads history newest first until nothing of it is missing. Interrupted, it goes on where it was. */
export function backfillCommand(context: CommandContext, command: BackfillCommand): Promise<number> {
  const { from, to } = command;
  if (from !== null && to !== null && from >= to) {
    throw new ConfigError(['--from must be before --to']);
  }
  return withSources(context, async (_warehouse, sources) => {
    const chosen = chooseSources(sources, command.source);
    const startedAt = clock.now();
    const summaries = await Promise.all(
      chosen.map(async (synced): Promise<SourceSummary> => {
        const progress = context.console.progress(`${synced.source.name} history`);
        const within = { from, to };
        const settings = { ...synced.settings, since: from ?? synced.settings.since, backfillWithin: within };
        const { outcome, error, counts } = await syncSource(
          { ...synced, settings },
          {
            command: 'backfill',
            only: 'backfill',
            until: null,
            signal: context.signal,
            leaseWaitMs: LEASE_WAIT_MS,
            onProgress: ({ step, done, total }) => step === 'backfill' && progress.update(done, total),
          },
        );
        progress.stop();
        const gaps = await readGaps(synced.database, synced.sourceId, within);
        const shown = error?.message ?? null;
        return {
          source: synced.source.name,
          outcome,
          error: shown,
          timedOut: false,
          pending: 0,
          gaps: gaps.length,
          counts,
        };
      }),
    );
    return reportSummaries(context, summaries, clock.now() - startedAt);
  });
}
