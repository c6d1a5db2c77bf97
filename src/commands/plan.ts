import type { Instant } from '../call.ts';
import { formatDuration } from '../config/duration.ts';
import { ConfigError, RecordError, SourceError, TransientError } from '../errors.ts';
import { type BudgetLimits, limitsFor } from '../http/budget.ts';
import type { ListedCall, Page, Source, TimeWindow } from '../source.ts';
import { type BackfillEstimate, estimateBackfill } from '../sync/estimate-backfill.ts';
import type { SyncedSource } from '../sync/sync-source.ts';
import { readStoredFacts, type StoredFacts } from '../warehouse/backfill-facts.ts';
import { chooseSources } from './choose-sources.ts';
import { type CommandContext, clock, withSources } from './command.ts';
import { table } from './console.ts';

export interface PlanCommand {
  from: Instant | null;
  to: Instant | null;
  source: string | null;
}

/** What a call took with all its rows, indexes and payloads, measured: docs/operating.md says how. */
const BYTES_PER_CALL = 9_000;
/** So many calls must be there before what the warehouse has learned counts for more than a page or a default. */
const LEARNED_SHARE_CALLS_MIN = 200;
const LEARNED_BYTES_CALLS_MIN = 1_000;

export interface SourcePlan {
  source: string;
  from: string | null;
  to: string | null;
  error: string | null;
  /** Calls of the range at the vendor; null when it does not tell. */
  calls: number | null;
  /** So many there are at least, counted on a page. */
  callsAtLeast: number;
  readAlready: number;
  /** Calls that are left to be read; null when nobody can know. */
  toRead: number | null;
  transcriptShare: number;
  transcriptShareFrom: 'warehouse' | 'page' | 'vendor';
  bytesPerCall: number;
  bytesPerCallFrom: 'warehouse' | 'default';
  estimate: BackfillEstimate | null;
}

/** `plan`: what a backfill will cost before it starts. Two requests a source at most; no call is stored. */
export function plan(context: CommandContext, command: PlanCommand): Promise<number> {
  const { from, to } = command;
  if (from !== null && to !== null && from >= to) throw new ConfigError(['--from must be before --to']);
  return withSources(context, async (_warehouse, sources) => {
    const plans = await Promise.all(
      chooseSources(sources, command.source).map(async (synced) => {
        const configured = context.settings.sources.find(({ name }) => name === synced.source.name);
        const limits = configured?.limits ?? { requestsPerSecond: 1, requestsPerMinute: 1 };
        const window = { from: from ?? synced.settings.since, to };
        return planSource(synced, window, limits, context.signal).catch((error: unknown) => {
          if (error instanceof SourceError || error instanceof TransientError)
            return unplanned(synced.source.name, window, error);
          throw error;
        });
      }),
    );
    context.console.result({ sources: plans }, describePlans(plans));
    const failed = plans.filter(({ error }) => error !== null);
    for (const { source, error } of failed) context.console.note(`${source} failed: ${error}`);
    return failed.length > 0 ? 1 : 0;
  });
}

/** Looks at a range at the vendor and in the warehouse, and estimates what reading the rest of it will take. */
export async function planSource(
  synced: SyncedSource,
  window: TimeWindow,
  limits: BudgetLimits,
  signal: AbortSignal,
): Promise<SourcePlan> {
  const { source, database, sourceId, settings } = synced;
  const page = await look(source, window, 'newest_first', signal);
  const now = page.vendorNow ?? clock.now();
  const asked = { from: window.from, to: Math.min(window.to ?? now, now) };
  const stored = await readStoredFacts(database, sourceId, asked);
  const calls = countAtVendor(page);
  const toRead = stored.allCovered ? 0 : calls === null ? null : Math.max(0, calls - stored.readAlready);
  const { transcriptShare, transcriptShareFrom } =
    everyCall(source) ?? learnedShare(stored) ?? (await seenShare(source, window, page, signal));
  const { bytesPerCall, bytesPerCallFrom } = learnedBytes(stored);
  return {
    source: source.name,
    ...iso(window),
    error: null,
    calls,
    callsAtLeast: Math.max(page.calls.length, stored.readAlready),
    readAlready: stored.readAlready,
    toRead,
    transcriptShare,
    transcriptShareFrom,
    bytesPerCall,
    bytesPerCallFrom,
    estimate: estimateBackfill({
      calls: toRead,
      transcriptShare: source.facets.transcript === undefined ? 0 : transcriptShare,
      detailsOwed: stored.detailsOwed,
      pageSize: source.pageSize,
      backgroundPerMinute: limitsFor('background', limits).requestsPerMinute,
      requestsPerSecond: limits.requestsPerSecond,
      pollIntervalMs: settings.pollIntervalMs,
      bytesPerCall,
    }),
  };
}

/** A person waits for the answer, so it does not make room for a worker's history. */
function look(
  source: Source,
  window: TimeWindow,
  order: 'newest_first' | 'oldest_first',
  signal: AbortSignal,
): Promise<Page> {
  const query = { window, openOnly: false, order, cursor: null, urgency: 'live' } as const;
  return source.listCalls(query, () => undefined, signal);
}

/** The vendor's total is a hint; a list that ends on its first page is counted. */
function countAtVendor({ totalCount, nextCursor, calls }: Page): number | null {
  if (nextCursor === null) return calls.length;
  return totalCount === null ? null : Math.max(totalCount, calls.length);
}

type Share = Pick<SourcePlan, 'transcriptShare' | 'transcriptShareFrom'>;

/** Where a list leaves facts out, every call is asked for. */
function everyCall({ facets }: Source): Share | null {
  return facets.status === 'list' ? null : { transcriptShare: 1, transcriptShareFrom: 'vendor' };
}

function learnedShare({ settled, settledWithDetail }: StoredFacts): Share | null {
  if (settled < LEARNED_SHARE_CALLS_MIN) return null;
  return { transcriptShare: settledWithDetail / settled, transcriptShareFrom: 'warehouse' };
}

/** The newest calls of a range may be of one evening: its oldest are looked at as well. */
async function seenShare(
  source: Source,
  window: TimeWindow,
  newest: Page,
  signal: AbortSignal,
): Promise<Share> {
  const oldest = newest.nextCursor === null ? null : await look(source, window, 'oldest_first', signal);
  const calls = [...newest.calls, ...(oldest?.calls ?? [])];
  const withDetail = calls.filter((call) => mayHaveTranscript(source, call)).length;
  return {
    transcriptShare: calls.length === 0 ? 0 : withDetail / calls.length,
    transcriptShareFrom: 'page',
  };
}

function mayHaveTranscript(source: Source, { payloads }: ListedCall): boolean {
  try {
    const { facts } = source.normalize(payloads, new Map());
    return typeof facts.startedAt === 'number' && !facts.optOut;
  } catch (error) {
    if (error instanceof RecordError) return false;
    throw error;
  }
}

/** Calls whose transcripts are still to come take less than they will: then the default is nearer. */
function learnedBytes({ storedCalls, storedSettled, storedBytes }: StoredFacts) {
  const isLearned = storedCalls >= LEARNED_BYTES_CALLS_MIN && storedSettled >= 0.9 * storedCalls;
  return isLearned
    ? { bytesPerCall: Math.round(storedBytes / storedCalls), bytesPerCallFrom: 'warehouse' as const }
    : { bytesPerCall: BYTES_PER_CALL, bytesPerCallFrom: 'default' as const };
}

function unplanned(source: string, window: TimeWindow, error: Error): SourcePlan {
  return {
    source,
    ...iso(window),
    error: error.message,
    calls: null,
    callsAtLeast: 0,
    readAlready: 0,
    toRead: null,
    transcriptShare: 0,
    transcriptShareFrom: 'page',
    bytesPerCall: BYTES_PER_CALL,
    bytesPerCallFrom: 'default',
    estimate: null,
  };
}

function iso({ from, to }: TimeWindow): { from: string | null; to: string | null } {
  const text = (at: Instant | null) => (at === null ? null : new Date(at).toISOString());
  return { from: text(from), to: text(to) };
}

function describePlans(plans: readonly SourcePlan[]): string {
  const told = plans.filter(({ error }) => error === null);
  if (told.length === 0) return 'nothing could be planned';
  return [
    table([
      ['source', 'calls', 'read already', 'to read', 'lists', 'details', 'listed in', 'complete in', 'disk'],
      ...told.map(({ source, calls, readAlready, toRead, estimate }) => [
        source,
        calls,
        readAlready,
        toRead,
        estimate?.listRequests ?? null,
        estimate?.detailRequests ?? null,
        estimate && formatDuration(estimate.listedBesideDetailsMs),
        estimate && formatDuration(estimate.completeMs),
        estimate && formatBytes(estimate.diskBytes),
      ]),
    ]),
    ...told.map((told) => `\n${describePlan(told)}`),
  ].join('\n');
}

function describePlan(plan: SourcePlan): string {
  const { source, from, to, callsAtLeast, estimate } = plan;
  const range = `from ${from ?? 'the beginning'} to ${to ?? 'now'}`;
  if (estimate === null) {
    return `${source}: the vendor does not tell how many calls it has ${range}; there are at least ${callsAtLeast}. What reading them costs cannot be known before they are listed.`;
  }
  if (estimate.listRequests + estimate.detailRequests === 0) {
    return `${source}: everything ${range} is read already; a backfill has nothing to do.`;
  }
  const share = Math.round(plan.transcriptShare * 100);
  const shareFrom = {
    warehouse: 'of the calls stored here',
    page: 'of the calls just looked at',
    vendor: 'of the calls of this vendor',
  };
  const diskFrom = { warehouse: 'as stored here', page: '', default: 'as measured with simulated calls' };
  return [
    `${source}, ${range}: \`callhouse backfill\` lists the calls in about ${formatDuration(estimate.listedMs)};`,
    `a worker, which reads transcripts beside, in about ${formatDuration(estimate.listedBesideDetailsMs)},`,
    `and has every transcript in about ${formatDuration(estimate.completeMs)}.`,
    `That is at ${estimate.requestsPerMinute} requests a minute: what the key allows in the background, less the polling of new calls.`,
    `${share} % ${shareFrom[plan.transcriptShareFrom]} need a detail for their transcript.`,
    `A call takes about ${formatBytes(plan.bytesPerCall)}, ${diskFrom[plan.bytesPerCallFrom]}.`,
  ].join('\n');
}

function formatBytes(bytes: number): string {
  const units = ['B', 'kB', 'MB', 'GB', 'TB'];
  const unit = Math.min(units.length - 1, Math.floor(Math.log10(Math.max(1, bytes)) / 3));
  const amount = bytes / 1_000 ** unit;
  return `${amount < 10 && unit > 0 ? amount.toFixed(1) : Math.round(amount)} ${units[unit]}`;
}
