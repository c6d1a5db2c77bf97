import type { Instant } from '../call.ts';
import { MINUTE, SECOND } from '../clock.ts';
import { TOLD_TWICE_AFTER_MS } from '../coverage/doubts.ts';
import { BudgetSpentError } from '../errors.ts';
import { auditNext } from './audit.ts';
import { backfill, nextDoubtAt } from './backfill.ts';
import type { SyncContext } from './context.ts';
import { refreshDirectory } from './directory.ts';
import { continueLookback, discover } from './discover.ts';
import { recheckNext } from './recheck.ts';
import { ifAllowed, tellRefused } from './refused.ts';
import { rejudge } from './rejudge.ts';
import { settleByDetail, settleByList } from './settle.ts';

/** What one turn may do before the others have theirs: nothing starves, and the newest calls come first. */
const DETAILS_PER_TURN = 15;
const LOOKBACK_PAGES_PER_TURN = 2;
/** A key that may send more does more in a turn, in these shares. */
export const DETAILS_PER_PAGE = 3;

export interface PassOptions {
  /** When the pass ends at the latest, whatever is left; null works until nothing is. */
  until: Instant | null;
  /** `backfill` reads history alone. */
  only: 'everything' | 'backfill';
}

/**
 * One pass over a source: find new calls, settle what is due, ask for details, re-read the look-back, read history;
 * again and again in small turns, with the newest calls in between whenever they are due, until nothing is left.
 */
export async function runPass(context: SyncContext, options: PassOptions): Promise<void> {
  const { clock, settings, signal } = context;
  let discoverAt = clock.now();
  let idleSince: Instant | null = null;
  const isOver = () => options.until !== null && clock.now() >= options.until;
  const stop = () => {
    signal.throwIfAborted();
    return isOver() || clock.now() >= discoverAt;
  };

  for (;;) {
    signal.throwIfAborted();
    if (clock.now() >= discoverAt) {
      discoverAt = clock.now() + settings.pollIntervalMs;
      await ifAllowed(context, 'list', () => discover(context), undefined);
      await refreshDirectory(context);
    }
    const turn = await takeTurn(context, options.only, stop).catch(spent);
    if (turn === 'nothing') idleSince ??= clock.now();
    const wait = turn === 'nothing' ? await waitForDoubts(context, options, idleSince) : turn;
    if (wait === 'nothing') await rejudge(context);
    if (wait === 'nothing' || isOver()) return tellRefused(context);
    if (typeof wait === 'object') {
      const wakeAt = Math.min(clock.now() + wait.waitMs, discoverAt, options.until ?? discoverAt);
      await clock.sleep(Math.max(1, wakeAt - clock.now()), signal);
    }
  }
}

/** Waits of a pass for what is to be told a second time. What is due later is left to a later pass. */
const DOUBT_WAIT_MAX_MS = 2 * TOLD_TWICE_AFTER_MS;
/** How long after the work was first done a look at new calls may leave something to wait for. */
const WAITED_FOR_MS = 20 * SECOND;

/**
 * Nothing is left but time that was read and is to be told once more, in a moment: the pass waits for it. Where the next
 * pass comes soon, that one is told the newest time again anyway. Each look at new calls may leave such time again: what
 * comes into doubt long after the work was done is not waited for, or a pass that looks often would never end.
 */
async function waitForDoubts(
  context: SyncContext,
  { until }: PassOptions,
  idleSince: Instant | null,
): Promise<{ waitMs: number } | 'nothing'> {
  const now = context.clock.now();
  if (until !== null && until - now < MINUTE) return 'nothing';
  const at = await nextDoubtAt(context, (idleSince ?? now) + WAITED_FOR_MS);
  if (at === null || at > now + DOUBT_WAIT_MAX_MS) return 'nothing';
  return { waitMs: Math.max(1, at - now) };
}

/** The budget is spent for work that can wait: the pass sleeps until there is room, or new calls are due. */
function spent(error: unknown): { waitMs: number } {
  if (error instanceof BudgetSpentError) return { waitMs: error.waitMs };
  throw error;
}

/** One turn for each kind of work, dearest to people first. */
async function takeTurn(
  context: SyncContext,
  only: PassOptions['only'],
  stop: () => boolean,
): Promise<'worked' | 'nothing'> {
  const listing = (work: () => Promise<boolean>) => ifAllowed(context, 'list', work, false);
  if (only === 'backfill') return (await listing(() => backfill(context, stop))) ? 'worked' : 'nothing';
  const details = Math.max(DETAILS_PER_TURN, 3 * context.settings.detailsAtOnce);
  const settled = await settleByList(context, stop);
  const asked = stop() ? 0 : await settleByDetail(context, details, stop);
  const lookBack = () => continueLookback(context, limited(LOOKBACK_PAGES_PER_TURN, stop));
  const lookedBack = !stop() && (await listing(lookBack));
  // While details wait, history gets a quarter of the requests; else all of them.
  const pause = asked > 0 ? limited(Math.floor(details / DETAILS_PER_PAGE), stop) : stop;
  const filled = !stop() && (await listing(() => backfill(context, pause)));
  if (settled > 0 || asked > 0 || lookedBack || filled || stop()) return 'worked';
  return (await listing(() => auditNext(context))) || (await recheckNext(context)) ? 'worked' : 'nothing';
}

/** True after `pages` pages, or when `stop` says so. */
function limited(pages: number, stop: () => boolean): () => boolean {
  let left = pages;
  return () => {
    left -= 1;
    return left <= 0 || stop();
  };
}
