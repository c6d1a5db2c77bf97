import { DAY, SECOND } from '../clock.ts';
import { goOn, judgeEnd, type Verdict } from '../coverage/judge-window.ts';
import { SeenCalls } from '../coverage/seen-calls.ts';
import {
  addPage,
  askedWindow,
  beginList,
  noEvidence,
  type WindowEvidence,
} from '../coverage/window-evidence.ts';
import type { Sql } from '../database/database.ts';
import { CursorRefusedError } from '../errors.ts';
import type { Urgency } from '../requests.ts';
import type { ListQuery, Page, TimeWindow } from '../source.ts';
import { countOpenCalls } from '../warehouse/doubts.ts';
import type { SyncContext } from './context.ts';
import { fetchPage, readPagesAhead } from './read-pages.ts';
import { refutation } from './refute-filter.ts';

/** A window on its way through the lists that show it. */
export interface Walk {
  window: TimeWindow;
  /** Belongs to the list in hand, which the evidence tells. */
  cursor: string | null;
  evidence: WindowEvidence;
  seen: SeenCalls;
}

/** What follows a page: the next one of its list, another list of the window, or the end. */
type Next = { is: 'page' } | { is: 'list' } | { is: 'ended'; verdict: End };
/** How a window that is left came out. */
export type End = Exclude<Verdict, { is: 'go_on' }>;

/** A walk after a page. `added` are the calls that the page brought, as bytes. */
export interface Step<W extends Walk = Walk> {
  walk: W;
  next: Next;
  added: Buffer;
}

export interface WalkOptions<W extends Walk> {
  urgency: Urgency;
  /** Asked when a page has come: true leaves the window open behind it, to go on later from its cursor. */
  pause(): boolean;
  /** Stores a page, and gives the walk after it, as `takeStep` says. */
  store(walk: W, page: Page): Promise<Step<W>>;
  /** Notes a walk that goes on, or has ended, without a page. */
  turn(walk: W, end: End | null): Promise<W>;
}

/**
 * Reads a window to its end, through as many lists as that takes: where cursors end or are refused, a new list goes on
 * from what was read. No page is believed by itself: whether the window is whole is the verdict. Null when it was paused.
 */
export async function walkWindow<W extends Walk>(
  context: SyncContext,
  begun: W,
  options: WalkOptions<W>,
): Promise<{ walk: W; end: End | null }> {
  let walk = begun;
  for (;;) {
    const read = await readList(context, walk, options);
    walk = read.walk;
    if (read.next.is === 'ended') return { walk, end: read.next.verdict };
    if (read.next.is === 'page') return { walk, end: null };
  }
}

/**
 * Reads a window to its end in one go, without a checkpoint. `store` gives how many calls of a page were new or
 * different; `first` is its first page, where that was read already. Gives whether the window proves itself.
 */
export async function readWhole(
  context: SyncContext,
  window: TimeWindow,
  { order, urgency }: Pick<ListQuery, 'order' | 'urgency'>,
  store: (page: Page) => Promise<number>,
  first: Page | null = null,
): Promise<End> {
  const take = async (walk: Walk, page: Page) =>
    takeStep(context, context.database, walk, page, await store(page));
  let walk: Walk = { window, cursor: null, evidence: noEvidence(order), seen: SeenCalls.none() };
  if (first !== null) {
    const step = await take(walk, first);
    if (step.next.is === 'ended') return step.next.verdict;
    walk = step.walk;
  }
  const { end } = await walkWindow(context, walk, {
    urgency,
    pause: () => false,
    store: take,
    turn: async (turned) => turned,
  });
  if (end === null) throw new Error('a window that is read in one go was paused');
  return end;
}

/** Reads the pages of the list in hand. `page` as the next means that it was paused. */
async function readList<W extends Walk>(
  context: SyncContext,
  begun: W,
  options: WalkOptions<W>,
): Promise<{ walk: W; next: Next }> {
  let walk = begun;
  try {
    const query = { ...queryOf(walk), urgency: options.urgency };
    for await (const page of readPagesAhead(context, query, () => !options.pause())) {
      const step = await options.store(walk, page);
      walk = step.walk;
      if (step.next.is !== 'page') return { walk, next: step.next };
      const passed = await passUnplaced(context, walk, options);
      if (passed !== null) return passed;
    }
    return { walk, next: { is: 'page' } };
  } catch (error) {
    if (!(error instanceof CursorRefusedError)) throw error;
    return afterRefusal(context, walk, error, options);
  }
}

function queryOf({ window, cursor, evidence }: Walk): Omit<ListQuery, 'urgency'> {
  return { window: askedWindow(window, evidence), openOnly: false, order: evidence.list.order, cursor };
}

/** Pages without a new call after which a list is no more followed. */
const STALE_PAGES_MAX = 3;

/** What a page adds to a walk, and what follows. `changed` is how many of its calls were new or different. */
export async function takeStep<W extends Walk>(
  context: SyncContext,
  sql: Sql,
  walk: W,
  page: Page,
  changed: number,
): Promise<Step<W>> {
  const { evidence: told, added } = addPage(walk.evidence, walk.seen, walk.window, page);
  const isIdle =
    page.calls.length > 0 && changed === 0 && page.calls.every(({ listedAt }) => listedAt === null);
  const evidence = {
    ...told,
    list: { ...told.list, idlePages: isIdle ? told.list.idlePages + 1 : 0 },
  };
  const after = { ...walk, cursor: page.nextCursor, evidence };
  const verdict = await judgeStep(context, sql, after, page);
  if (verdict === null) return { walk: after, next: { is: 'page' }, added };
  if (verdict.is === 'go_on') return { walk: onto(after, verdict.list), next: { is: 'list' }, added };
  return { walk: after, next: { is: 'ended', verdict }, added };
}

async function judgeStep(
  context: SyncContext,
  sql: Sql,
  { evidence, seen }: Walk,
  page: Page,
): Promise<Verdict | null> {
  const { list, cursorsEndAfter } = evidence;
  const refuted = refutation(context.lists, evidence, page);
  if (refuted !== null) return { is: 'doubted', doubt: refuted };
  if (page.nextCursor === null) return judge(context, sql, evidence, seen);
  if (list.stalePages >= STALE_PAGES_MAX) return { is: 'doubted', doubt: 'no_progress' };
  // A cursor that is sure to be refused is not tried again.
  return cursorsEndAfter !== null && list.pages >= cursorsEndAfter ? goOn(evidence) : null;
}

async function judge(
  { source, sourceId }: SyncContext,
  sql: Sql,
  evidence: WindowEvidence,
  seen: SeenCalls,
): Promise<Verdict> {
  const { counted } = evidence;
  const differs = counted !== null && (counted.most !== counted.last || seen.count > counted.most);
  const mayHaveMoved = differs ? await countOpenCalls(sql, sourceId) : 0;
  return judgeEnd(evidence, { seen: seen.count, pageSize: source.pageSize, mayHaveMoved });
}

function onto<W extends Walk>(walk: W, list: WindowEvidence['list']): W {
  return { ...walk, cursor: null, evidence: { ...walk.evidence, list } };
}

/** A refused cursor: a new list goes on from what was read, as long as that brings something new. */
async function afterRefusal<W extends Walk>(
  { log, source }: SyncContext,
  walk: W,
  refusal: CursorRefusedError,
  options: WalkOptions<W>,
): Promise<{ walk: W; next: Next }> {
  const { evidence } = walk;
  const next = goOn(evidence);
  log.warn(
    { source: source.name, reason: refusal.message },
    next
      ? 'cursor refused, a new list goes on from what is read'
      : 'cursor refused, the window is read again later',
  );
  if (next === null) return left(walk, { is: 'doubted', doubt: 'cursor_refused' }, options);
  const wiser = { ...walk, evidence: { ...evidence, cursorsEndAfter: evidence.list.pages } };
  return { walk: await options.turn(onto(wiser, next.list), null), next: { is: 'list' } };
}

async function left<W extends Walk>(
  walk: W,
  end: End,
  options: WalkOptions<W>,
): Promise<{ walk: W; next: Next }> {
  return { walk: await options.turn(walk, end), next: { is: 'ended', verdict: end } };
}

/** Idle pages after which it is asked whether the vendor adds calls without a place in time to every window. */
const IDLE_PAGES_MAX = 2;

/**
 * A vendor may add calls that have no place in time to every window ("calls not yet connected may be included"): all
 * that there ever were, page after page. Where pages show nothing but such calls that are known, one request asks how
 * many it adds, by a window in which nothing can be. Then these pages are passed by: the list is left, or read from its
 * other side where the others stand behind them. Null where the list simply goes on.
 */
async function passUnplaced<W extends Walk>(
  context: SyncContext,
  walk: W,
  options: WalkOptions<W>,
): Promise<{ walk: W; next: Next } | null> {
  const { evidence } = walk;
  const { list, addsNone } = evidence;
  const patience = context.lists.placedFirst === null ? IDLE_PAGES_MAX : 1;
  if (addsNone || list.idlePages < patience) return null;
  const addedToAll = await countAddedToAll(context, options);
  if (addedToAll === 0) {
    const wiser = { ...walk, evidence: { ...evidence, addsNone: true } };
    return { walk: await options.turn(wiser, null), next: { is: 'list' } };
  }
  const known = { ...walk, evidence: { ...evidence, addedToAll } };
  // Those with a place came first, and they are through.
  if (list.reached !== null) {
    context.lists.placedFirst = list.order;
    const verdict = await judge(context, context.database, known.evidence, walk.seen);
    const end: End = verdict.is === 'go_on' ? { is: 'doubted', doubt: 'fewer_than_counted' } : verdict;
    return left(known, end, options);
  }
  const isFirstSide = evidence.addedToAll === null && list.from === null;
  if (!isFirstSide) return left(known, { is: 'doubted', doubt: 'only_unplaced' }, options);
  const other = list.order === 'oldest_first' ? 'newest_first' : 'oldest_first';
  context.lists.placedFirst = other;
  return { walk: await options.turn(onto(known, beginList(other, null)), null), next: { is: 'list' } };
}

/** How far in the time to come no call can be. */
const NEVER_MS = 30 * DAY;
/** The answer holds for a while: it grows by a call now and then. */
const ADDED_HOLDS_MS = 30 * SECOND;

/** How many calls the vendor adds to every window, whatever is asked. One request, now and then. */
export async function countAddedToAll(
  context: SyncContext,
  { urgency }: Pick<ListQuery, 'urgency'>,
): Promise<number> {
  const { lists, clock, vendorClock } = context;
  const now = clock.now();
  if (lists.added !== null && now < lists.added.at + ADDED_HOLDS_MS) return lists.added.calls;
  const from = vendorClock.farthest(now) + NEVER_MS;
  const window = { from, to: from + SECOND };
  const query = { window, openOnly: false, order: 'oldest_first', cursor: null, urgency } as const;
  const page = await fetchPage(context, query, new Set());
  const isPlaced = page.calls.some(({ listedAt }) => listedAt !== null);
  const calls = isPlaced ? 0 : (page.totalCount ?? page.calls.length);
  lists.added = { calls, at: now };
  return calls;
}
