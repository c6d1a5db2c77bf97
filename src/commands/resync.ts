import type { Instant } from '../call.ts';
import { formatDuration } from '../config/duration.ts';
import { ConfigError } from '../errors.ts';
import { newReread, type Reread, resyncCalls, resyncWindow } from '../sync/resync.ts';
import { runUnderLease, type SyncedSource, type SyncResult } from '../sync/sync-source.ts';
import { asStored, type CallMark, readMarks, readUnreadable, whoHolds } from '../warehouse/reread.ts';
import type { RunCounts } from '../warehouse/runs.ts';
import { readCallIds } from './call-ids.ts';
import { chooseSources } from './choose-sources.ts';
import { type CommandContext, clock, LEASE_WAIT_MS, withSources } from './command.ts';
import { type Console, table } from './console.ts';

export interface ResyncCommand {
  callIds: string[];
  from: Instant | null;
  to: Instant | null;
  source: string | null;
}

type CallResult =
  | 'new'
  | 'changed'
  | 'unchanged'
  /** The vendor no longer knows a call that is stored here. */
  | 'missing'
  | 'unknown'
  | 'unreadable'
  | 'failed'
  | 'not read';

interface ResyncedCall {
  callId: string;
  result: CallResult;
  /** Why it could not be read. */
  reason: string | null;
}

interface ResyncSummary {
  source: string;
  outcome: SyncResult['outcome'];
  error: string | null;
  /** The calls that were named, or those of a range of which something must be told. */
  calls: ResyncedCall[];
  counts: RunCounts;
}

/** `resync`: reads calls again now, whatever the schedule says, and mends rows that are not what the vendor says. */
export function resync(context: CommandContext, given: ResyncCommand): Promise<number> {
  const command = { ...given, callIds: readCallIds(given.callIds) };
  const window = checkUsage(command, given.callIds.length > 0);
  return withSources(context, async (_warehouse, sources) => {
    const chosen = chooseSources(sources, command.source);
    const startedAt = clock.now();
    const summaries = window
      ? await Promise.all(chosen.map((synced) => resyncRange(context, synced, window)))
      : await resyncByIds(context, chosen, command);
    return report(context.console, summaries, clock.now() - startedAt, window !== null);
  });
}

/** Gives the window that is meant, or null when calls are named. @throws ConfigError */
function checkUsage(
  { callIds, from, to }: ResyncCommand,
  namesCalls: boolean,
): { from: Instant; to: Instant } | null {
  if (namesCalls) {
    if (from !== null || to !== null) throw new ConfigError(['resync wants call ids, or --from and --to']);
    const wrong = callIds.length === 0 ? [''] : callIds.filter((callId) => !isCallId(callId));
    if (wrong.length === 0) return null;
    throw new ConfigError(
      wrong.map((callId) => `'${callId}' is no id of a call: nobody can be asked for it by that`),
    );
  }
  if (from === null || to === null) throw new ConfigError(['resync wants call ids, or both --from and --to']);
  if (from >= to) throw new ConfigError(['--from must be before --to']);
  return { from, to };
}

/** Records without an id are kept under a name of our own, which no vendor knows. Dots alone would ask for a folder. */
function isCallId(text: string): boolean {
  return /\S/.test(text) && !/^\.{1,2}$|^sha256:/.test(text);
}

/** Every call is asked for at the sources that have shown it; one that none has shown, at all of them. */
async function resyncByIds(
  context: CommandContext,
  chosen: readonly SyncedSource[],
  { callIds, source: only }: ResyncCommand,
): Promise<ResyncSummary[]> {
  const [first] = chosen;
  if (!first) return [];
  const wanted = [...new Set(await asStored(first.database, callIds))];
  const holders = only === null ? await whoHolds(first.database, wanted) : new Map<string, Set<number>>();
  const isAsked = (synced: SyncedSource, callId: string) => {
    const known = chosen.some(({ sourceId }) => holders.get(callId)?.has(sourceId));
    return !known || holders.get(callId)?.has(synced.sourceId) === true;
  };
  const work = chosen.map((synced) => ({
    synced,
    ids: wanted.filter((callId) => isAsked(synced, callId)),
  }));
  return Promise.all(
    work.filter(({ ids }) => ids.length > 0).map(({ synced, ids }) => resyncOne(context, synced, ids)),
  );
}

async function resyncOne(
  context: CommandContext,
  synced: SyncedSource,
  callIds: readonly string[],
): Promise<ResyncSummary> {
  const { database, sourceId, source } = synced;
  const found = newReread();
  const before = await readMarks(database, sourceId, callIds);
  const result = await reread(context, synced, (run) => resyncCalls(run, callIds, found));
  const after = await readMarks(database, sourceId, callIds);
  const unreadable = await readUnreadable(database, sourceId, callIds);
  const calls = callIds.map((callId): ResyncedCall => {
    const reason = found.failed.get(callId) ?? unreadable.get(callId) ?? null;
    const marks = { before: before.get(callId), after: after.get(callId) };
    return { callId, result: resultOf(callId, found, unreadable, marks), reason };
  });
  return toSummary(source.name, result, calls);
}

function resultOf(
  callId: string,
  found: Reread,
  unreadable: ReadonlyMap<string, string>,
  { before, after }: Record<'before' | 'after', CallMark | undefined>,
): CallResult {
  if (found.unknown.has(callId)) return before ? 'missing' : 'unknown';
  if (found.failed.has(callId)) return 'failed';
  if (!found.told.has(callId)) return 'not read';
  if (unreadable.has(callId)) return 'unreadable';
  if (!before) return 'new';
  return before.revision === after?.revision ? 'unchanged' : 'changed';
}

async function resyncRange(
  context: CommandContext,
  synced: SyncedSource,
  window: { from: Instant; to: Instant },
): Promise<ResyncSummary> {
  const { database, sourceId, source } = synced;
  const found = newReread();
  const result = await reread(context, synced, (run) => resyncWindow(run, window, found));
  const seen = [...new Set([...found.listed, ...found.told])];
  const unreadable = await readUnreadable(database, sourceId, seen);
  const calls: ResyncedCall[] = [
    ...[...found.unknown].map((callId) => ({ callId, result: 'missing' as const, reason: null })),
    ...[...found.failed].map(([callId, reason]) => ({ callId, result: 'failed' as const, reason })),
    ...[...unreadable].map(([callId, reason]) => ({ callId, result: 'unreadable' as const, reason })),
  ];
  return toSummary(source.name, result, calls);
}

function reread(
  { console, signal }: CommandContext,
  synced: SyncedSource,
  work: Parameters<typeof runUnderLease>[2],
): Promise<SyncResult> {
  const lists = console.progress(`${synced.source.name} lists`);
  const details = console.progress(`${synced.source.name} one by one`);
  return runUnderLease(
    synced,
    {
      command: 'resync',
      signal,
      leaseWaitMs: LEASE_WAIT_MS,
      onProgress({ step, done, total }) {
        if (step === 'resync') lists.update(done, total);
        if (step !== 'details') return;
        lists.stop();
        details.update(done, total);
      },
    },
    work,
  ).finally(() => {
    lists.stop();
    details.stop();
  });
}

function toSummary(
  source: string,
  { outcome, error, counts }: SyncResult,
  calls: ResyncedCall[],
): ResyncSummary {
  return { source, outcome, error: error?.message ?? null, calls, counts };
}

const COLUMNS = [
  ['read', 'callsSeen'],
  ['new', 'callsInserted'],
  ['changed', 'callsUpdated'],
  ['unchanged', 'callsUnchanged'],
  ['settled', 'callsSettled'],
  ['turns', 'transcriptItemsWritten'],
  ['set aside', 'deadLettersWritten'],
  ['lists', 'listRequests'],
  ['details', 'detailRequests'],
] as const;

/** Prints what came of it, and gives the exit code: 0 when every call that was meant was read. */
function report(
  console: Console,
  summaries: readonly ResyncSummary[],
  tookMs: number,
  isRange: boolean,
): number {
  const named = isRange ? [] : describeCalls(summaries);
  const text = [
    ...named,
    table([
      ['source', 'outcome', ...COLUMNS.map(([title]) => title)],
      ...summaries.map(({ source, outcome, counts }) => [
        source,
        outcome,
        ...COLUMNS.map(([, name]) => counts[name]),
      ]),
    ]),
    `took ${formatDuration(tookMs)}`,
  ];
  console.result({ sources: summaries, tookMs }, text.join('\n'));
  const notes = summaries.flatMap((summary) => notesOn(summary, readSomewhere(summaries)));
  for (const note of notes) console.note(note);
  return notes.length === 0 ? 0 : 1;
}

function describeCalls(summaries: readonly ResyncSummary[]): string[] {
  const rows = summaries.flatMap(({ source, calls }) =>
    calls.map(({ callId, result }) => [callId, source, result]),
  );
  return [table([['call', 'source', 'result'], ...rows]), ''];
}

/** Calls that one of the sources has told: that another does not know them is no fault. */
function readSomewhere(summaries: readonly ResyncSummary[]): ReadonlySet<string> {
  const read = new Set<CallResult>(['new', 'changed', 'unchanged']);
  return new Set(
    summaries.flatMap(({ calls }) =>
      calls.filter(({ result }) => read.has(result)).map(({ callId }) => callId),
    ),
  );
}

function notesOn({ source, outcome, error, calls }: ResyncSummary, read: ReadonlySet<string>): string[] {
  const of = (result: CallResult) => calls.filter((call) => call.result === result && !read.has(call.callId));
  const named = (result: CallResult) => firstOf(of(result).map(({ callId }) => callId));
  const reasons = (result: CallResult) =>
    firstOf(of(result).map(({ callId, reason }) => `${callId} (${reason})`));
  const notes: string[] = [];
  if (outcome !== 'done') {
    const why = error ?? 'stopped before the end; what was read is stored';
    notes.push(`${source} ${outcome}: ${why}`);
  }
  if (of('missing').length > 0) {
    notes.push(
      `${source} no longer knows: ${named('missing')}. What is stored of them is kept and called missing.`,
    );
  }
  if (of('unknown').length > 0) notes.push(`${source} does not know: ${named('unknown')}`);
  if (of('not read').length > 0) notes.push(`${source} was not asked for: ${named('not read')}`);
  if (of('failed').length > 0) notes.push(`${source} gave no answer for: ${reasons('failed')}`);
  if (of('unreadable').length > 0) {
    notes.push(
      `${source} sent what cannot be read: ${reasons('unreadable')}; see callhouse_sync.dead_letters`,
    );
  }
  return notes;
}

const NAMED_MAX = 10;

function firstOf(names: readonly string[]): string {
  const more = names.length - NAMED_MAX;
  return `${names.slice(0, NAMED_MAX).join(', ')}${more > 0 ? ` and ${more} more` : ''}`;
}
