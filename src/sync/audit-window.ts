import { refutedBy } from '../coverage/window-evidence.ts';
import type { ListedCall, ListQuery, Page } from '../source.ts';
import {
  type AuditMethod,
  type AuditWindow,
  type Comparison,
  countPlaced,
  lackingCalls,
  placedCalls,
} from '../warehouse/audits.ts';
import { countDrift } from '../warehouse/drift.ts';
import { markMissing } from '../warehouse/missing-calls.ts';
import { askForCalls } from './ask-for-calls.ts';
import type { SyncContext } from './context.ts';
import { fenced } from './fenced.ts';
import { loadCalls } from './load-calls.ts';
import { fetchPage } from './read-pages.ts';
import { countAddedToAll, readWhole } from './walk-window.ts';

export interface AuditOptions {
  method: Exclude<AuditMethod, 'payloads'>;
  /** Whether what differs is read again and stored. */
  heal: boolean;
}

const BACKGROUND = { urgency: 'background' } as const;
/** Calls that are asked for one by one before a list that leaves them out is called a liar. */
const DOUBTS_MAX = 25;

/**
 * Compares a window with the vendor. By count: one request while the totals agree; else the window is halved, and only
 * the half that differs is halved again, down to one page, whose calls are compared by id. Counts alone cannot see a
 * call that is missing here and another that is missing there; ids can. A list that does not prove itself whole says
 * nothing: the window is named as unproved.
 */
export async function auditWindow(
  context: SyncContext,
  window: AuditWindow,
  options: AuditOptions,
): Promise<Comparison> {
  const stored = await countPlaced(context.database, context.sourceId, window);
  return compare(context, window, options, { requests: lookAtMost(context, stored) });
}

/** Looks that an audit by count may take: where it cannot find what differs by then, its counts are none. */
function lookAtMost({ source }: SyncContext, calls: number): number {
  return 64 + 4 * Math.ceil(calls / source.pageSize);
}

async function compare(
  context: SyncContext,
  window: AuditWindow,
  options: AuditOptions,
  left: { requests: number },
): Promise<Comparison> {
  const { database, sourceId } = context;
  left.requests -= 1;
  const page = await fetchPage(context, queryOf(window), new Set());
  const storedCalls = await countPlaced(database, sourceId, window);
  const times = page.calls.flatMap(({ listedAt }) => listedAt ?? []);
  const unproved = { ...equal(storedCalls), vendorCalls: null, unproved: [window] };
  if (refutedBy(window, times) !== null) return unproved;
  if (page.nextCursor === null || page.totalCount === null || options.method === 'ids') {
    return compareIds(context, window, page, storedCalls, options);
  }
  const counts = await countsOf(context, window, page, { vendorCalls: page.totalCount, storedCalls });
  if (counts.vendorCalls === counts.storedCalls) return { ...equal(storedCalls), ...counts };
  const middle = Math.floor((window.from + window.to) / 2);
  // More than a page of calls in one millisecond.
  if (middle === window.from) return compareIds(context, window, page, storedCalls, options);
  if (left.requests <= 0) return unproved;
  const halves = [
    await compare(context, { from: window.from, to: middle }, options, left),
    await compare(context, { from: middle, to: window.to }, options, left),
  ];
  return { ...join(halves), ...counts };
}

type Counts = Pick<Comparison, 'storedCalls'> & { vendorCalls: number };

/** Both counts of calls that have a place in time, where the vendor adds the others to every window. */
async function countsOf(
  context: SyncContext,
  window: AuditWindow,
  { calls }: Page,
  counts: Counts,
): Promise<Counts> {
  if (counts.vendorCalls <= counts.storedCalls || calls.every(isPlaced)) return counts;
  const added = await countAddedToAll(context, BACKGROUND);
  if (added === 0) return counts;
  const storedCalls = await countPlaced(context.database, context.sourceId, window, false);
  return { vendorCalls: counts.vendorCalls - added, storedCalls };
}

function isPlaced({ listedAt }: ListedCall): boolean {
  return listedAt !== null;
}

function queryOf(window: AuditWindow): ListQuery {
  return { window, openOnly: false, order: 'oldest_first', cursor: null, urgency: 'background' };
}

function equal(calls: number): Comparison {
  return {
    vendorCalls: calls,
    storedCalls: calls,
    notStored: [],
    notListed: [],
    damaged: [],
    differsIn: [],
    unproved: [],
  };
}

/** What several windows came to. A call on the bound of two is named once. */
export function join(parts: readonly Comparison[]): Comparison {
  const all = (ids: (part: Comparison) => string[]) => [...new Set(parts.flatMap(ids))];
  const asked = parts.flatMap(({ vendorCalls }) => vendorCalls ?? []);
  const sum = (numbers: readonly number[]) => numbers.reduce((total, number) => total + number, 0);
  return {
    vendorCalls: asked.length > 0 ? sum(asked) : null,
    storedCalls: sum(parts.map(({ storedCalls }) => storedCalls)),
    notStored: all(({ notStored }) => notStored),
    notListed: all(({ notListed }) => notListed),
    damaged: all(({ damaged }) => damaged),
    differsIn: parts.flatMap(({ differsIn }) => differsIn),
    unproved: parts.flatMap(({ unproved }) => unproved),
  };
}

/** Pages a window to its end and compares every call of it. */
async function compareIds(
  context: SyncContext,
  window: AuditWindow,
  first: Page,
  storedCalls: number,
  { heal }: AuditOptions,
): Promise<Comparison> {
  const { database, sourceId } = context;
  const listed = new Set<string>();
  const notStored: string[] = [];
  const store = async (page: Page) => {
    const callIds = page.calls.flatMap(({ callId }) => callId ?? []);
    notStored.push(...(await lackingCalls(database, sourceId, callIds)).filter((id) => !listed.has(id)));
    for (const callId of callIds) listed.add(callId);
    return heal ? (await loadCalls(context, { ...page, window, step: 'audit' })).changed : 1;
  };
  const end = await readWhole(context, window, queryOf(window), store, first);
  // An end that was told once is enough here: what the list leaves out is asked for.
  const unproved = end.is === 'proved' || end.doubt === 'told_once' ? [] : [window];
  const doubtful = unproved.length > 0 ? [] : await notAmong(context, window, listed, first);
  const notListed = await askForDoubtful(context, doubtful, heal);
  const differsIn = notStored.length + notListed.length > 0 ? [window] : [];
  return { vendorCalls: listed.size, storedCalls, notStored, notListed, damaged: [], differsIn, unproved };
}

/** Calls that the warehouse places in a window and that its list did not show. */
async function notAmong(
  context: SyncContext,
  window: AuditWindow,
  listed: ReadonlySet<string>,
  first: Page,
): Promise<string[]> {
  const { database, sourceId } = context;
  const lacking = async (withGuesses: boolean) =>
    (await placedCalls(database, sourceId, window, withGuesses)).filter((callId) => !listed.has(callId));
  const doubtful = await lacking(true);
  if (doubtful.length === 0 || first.calls.every(isPlaced)) return doubtful;
  // Where the vendor adds the calls without a place to every window, they are passed by.
  return (await countAddedToAll(context, BACKGROUND)) === 0 ? doubtful : lacking(false);
}

/**
 * A call that a list leaves out may only be placed elsewhere: the vendor is asked for it. Gives those that it does not
 * know; one that it fails on is left as it is. When it knows one after the other, the list is not to be trusted, and the rest is not asked for.
 */
async function askForDoubtful(
  context: SyncContext,
  callIds: readonly string[],
  heal: boolean,
): Promise<string[]> {
  const { sourceId, clock } = context;
  const gone: string[] = [];
  for (const [asked, callId] of callIds.entries()) {
    if (asked >= DOUBTS_MAX && gone.length === 0) {
      await fenced(context, (tx) =>
        countDrift(tx, sourceId, [{ kind: 'page_fault', path: 'left_out', value: '', callId }], clock.now()),
      );
      return gone;
    }
    const { calls, requestedAt, unknown, fault } = await askForCalls(context, [callId]);
    if (fault !== null) throw fault;
    gone.push(...unknown);
    if (!heal) continue;
    await loadCalls(context, { calls, requestedAt, window: null, step: 'audit' }, (tx) =>
      markMissing(tx, sourceId, unknown, { now: clock.now(), step: 'audit' }),
    );
  }
  return gone;
}
