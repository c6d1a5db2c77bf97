import type { Instant } from '../call.ts';
import { runInTurns } from '../sync/in-turns.ts';
import {
  type DeadLettersRead,
  inOrder,
  newReplay,
  noLettersRead,
  type ReplayResult,
  replayCalls,
  replayFields,
  replayRecords,
  type Slices,
} from '../sync/replay.ts';
import type { SyncedSource, SyncResult } from '../sync/sync-source.ts';
import { type CommandContext, LEASE_WAIT_MS, withSources } from './command.ts';

export interface ReplayCommand {
  /** Only payloads fetched since then. */
  since: Instant | null;
  /** Only records that were set aside. */
  deadLetters: boolean;
}

interface SourceReplay {
  source: string;
  outcome: SyncResult['outcome'];
  error: string | null;
  tables: ReplayResult | null;
  deadLetters: DeadLettersRead | null;
}

/** `replay`: derives every table again from the stored payloads, without one request. */
export function replayCommand(context: CommandContext, command: ReplayCommand): Promise<number> {
  return withSources(context, async (_warehouse, sources) => {
    const results = await Promise.all(sources.map((synced) => replayOne(context, synced, command)));
    context.console.result({ sources: results }, results.map(describe).join('\n'));
    const fine = ({ outcome, tables, deadLetters }: SourceReplay) =>
      outcome === 'done' && (tables?.unreadable.length ?? 0) + (deadLetters?.left ?? 0) === 0;
    return results.every(fine) ? 0 : 1;
  });
}

async function replayOne(
  { console, signal }: CommandContext,
  synced: SyncedSource,
  { since, deadLetters: onlyLetters }: ReplayCommand,
): Promise<SourceReplay> {
  const progress = console.progress(`${synced.source.name} payloads`);
  const tables = newReplay();
  const deadLetters = noLettersRead();
  const options = { since, within: null, write: true, step: 'replay' } as const;
  const calls = replayCalls(options, tables);
  const toldCalls: Slices = async (context) => {
    const isLeft = await calls(context);
    progress.update(tables.calls, null);
    return isLeft;
  };
  const work = [...(onlyLetters ? [] : [toldCalls]), replayRecords(deadLetters), replayFields(deadLetters)];
  const run = { command: 'replay', signal, leaseWaitMs: LEASE_WAIT_MS, asksVendor: false };
  try {
    const { outcome, error } = await runInTurns(synced, run, inOrder(work));
    return {
      source: synced.source.name,
      outcome,
      error: error?.message ?? null,
      tables: onlyLetters ? null : tables,
      deadLetters,
    };
  } finally {
    progress.stop();
  }
}

function describe({ source, outcome, error, tables, deadLetters }: SourceReplay): string {
  const parts: string[] = [];
  if (tables) {
    parts.push(`${tables.calls} calls derived again, ${tables.differing.length} of them changed`);
    if (tables.unreadable.length > 0) {
      parts.push(`${tables.unreadable.length} have a payload that this version cannot read and were left`);
    }
  }
  if (deadLetters) {
    const { read, left, overtaken } = deadLetters;
    parts.push(`${read} dead letters could be read, ${left} not`);
    if (overtaken > 0)
      parts.push(`${overtaken} are older than their call and are asked for again by the next pass`);
  }
  if (outcome !== 'done') parts.push(`${outcome}: ${error ?? 'stopped before the end; start it again'}`);
  return `${source}: ${parts.join('; ')}`;
}
