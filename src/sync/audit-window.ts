import type { ListQuery, Page } from '../source.ts';
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
import { fetchPage, readPages } from './read-pages.ts';

export interface AuditOptions {
  method: Exclude<AuditMethod, 'payloads'>;
  /** Whether what differs is read again and stored. */
  heal: boolean;
}

/** Calls that are asked for one by one before a list that leaves them out is called a liar. */
const DOUBTS_MAX = 25;

/**
 * Compares a window with the vendor. By count: one request while the totals agree; else the window is halved, and only
 * the half that differs is halved again, down to one page, whose calls are compared by id. Counts alone cannot see a
 * call that is missing here and another that is missing there; ids can.
 */
export async function auditWindow(
  context: SyncContext,
  window: AuditWindow,
  options: AuditOptions,
): Promise<Comparison> {
  const page = await fetchPage(context, queryOf(window), new Set());
  const storedCalls = await countPlaced(context.database, context.sourceId, window);
  if (page.nextCursor === null || page.totalCount === null || options.method === 'ids') {
    return compareIds(context, window, page, storedCalls, options);
  }
  if (page.totalCount === storedCalls) return equal(storedCalls);
  const middle = Math.floor((window.from + window.to) / 2);
  // More than a page of calls in one millisecond.
  if (middle === window.from) return compareIds(context, window, page, storedCalls, options);
  const halves = [
    await auditWindow(context, { from: window.from, to: middle }, options),
    await auditWindow(context, { from: middle, to: window.to }, options),
  ];
  return { ...join(halves), vendorCalls: page.totalCount, storedCalls };
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
  for await (const page of pagesFrom(context, window, first)) {
    const callIds = page.calls.flatMap(({ callId }) => callId ?? []);
    notStored.push(...(await lackingCalls(database, sourceId, callIds)).filter((id) => !listed.has(id)));
    if (heal) await loadCalls(context, { ...page, window, step: 'audit' });
    for (const callId of callIds) listed.add(callId);
  }
  const placed = await placedCalls(database, sourceId, window);
  const doubtful = placed.filter((callId) => !listed.has(callId));
  const notListed = await askForDoubtful(context, doubtful, heal);
  const differsIn = notStored.length + notListed.length > 0 ? [window] : [];
  return { vendorCalls: listed.size, storedCalls, notStored, notListed, damaged: [], differsIn };
}

async function* pagesFrom(context: SyncContext, window: AuditWindow, first: Page): AsyncGenerator<Page> {
  yield first;
  if (first.nextCursor === null) return;
  for await (const { page } of readPages(context, { ...queryOf(window), cursor: first.nextCursor }))
    yield page;
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
