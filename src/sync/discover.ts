import { MINUTE } from '../clock.ts';
import type { TimeWindow } from '../source.ts';
import {
  openWindow,
  readCoveredTo,
  readOpenWindow,
  readSavedAt,
  saveOpenWindow,
  takeBackImpossible,
  wantWindow,
} from '../warehouse/checkpoints.ts';
import { countCallsSince } from '../warehouse/count-calls.ts';
import { hastenVanished } from '../warehouse/settlements.ts';
import type { SyncContext } from './context.ts';
import { fenced } from './fenced.ts';
import { loadCalls } from './load-calls.ts';
import { CEILING_MARGIN_MS, lookbackIntervalMs, planLive } from './plan-live.ts';
import { readPages } from './read-pages.ts';
import { readWindow } from './read-window.ts';

const never = () => false;
const UNHEARD_MARGIN_MS = MINUTE;

/**
 * Finds new calls and learns what became of the open ones. A window alone would lose calls: one moves in time
 * when it connects, and one that ends unconnected is placed at its creation. So the calls that have not ended
 * are listed first, whatever their time, and every one of them is followed until it is final.
 */
export async function discover(context: SyncContext): Promise<void> {
  if (context.source.listsOpen) await readOpenCalls(context);
  await refuseImpossible(context);
  await readLive(context);
}

async function readOpenCalls(context: SyncContext): Promise<void> {
  const { sourceId, clock } = context;
  const listedAt = clock.now();
  const stillOpen: string[] = [];
  const query = {
    window: null,
    openOnly: true,
    order: 'oldest_first',
    cursor: null,
    urgency: 'live',
  } as const;
  for await (const { page } of readPages(context, query)) {
    await loadCalls(context, { ...page, window: null, step: 'open' });
    stillOpen.push(...page.calls.flatMap(({ callId }) => callId ?? []));
  }
  await fenced(context, (tx) => hastenVanished(tx, sourceId, stillOpen, listedAt, clock.now()));
}

/** Takes back what the checkpoints say of time that has not come: somebody wrote them, or a clock ran ahead. */
async function refuseImpossible(context: SyncContext): Promise<void> {
  const { sourceId, clock, vendorClock } = context;
  // Where nothing was heard yet in this pass, the clock as it was heard last, and a good margin.
  const heard = vendorClock.known ? vendorClock.toVendor(clock.now()) + UNHEARD_MARGIN_MS : null;
  const latest = vendorClock.latest(clock.now()) ?? heard;
  if (latest === null) return;
  if (await fenced(context, (tx) => takeBackImpossible(tx, sourceId, latest))) {
    context.log.warn(
      { source: context.source.name },
      'the checkpoints spoke of time that has not come yet or of no time at all; that part is read again',
    );
  }
}

async function readLive(context: SyncContext): Promise<void> {
  const { database, sourceId, settings, clock, vendorClock, source } = context;
  const reading = {
    stream: 'live',
    order: 'oldest_first',
    step: 'live',
    urgency: 'live',
    pause: never,
  } as const;
  const interrupted = await readOpenWindow(database, sourceId, 'live');
  if (interrupted) await readWindow(context, interrupted, reading);

  const vendorNow = vendorClock.toVendor(clock.now());
  const callsInLookback = await countCallsSince(database, sourceId, vendorNow - settings.lookbackMs);
  const { live, wide } = planLive({
    vendorNow,
    coveredTo: await readCoveredTo(database, sourceId),
    since: settings.since,
    lookbackMs: settings.lookbackMs,
    callsInLookback,
    pageSize: source.pageSize,
  });
  context.horizon.to = live.to;
  await wantAll(context, live);
  await readWindow(context, openWindow(live, clock.now()), reading);
  if (!wide) await openLookback(context, callsInLookback);
}

/**
 * Says what is wanted before it is asked for. All time from the start of history is: what no window has covered
 * is a gap, for all to see, and backfill's work.
 */
async function wantAll(context: SyncContext, live: TimeWindow): Promise<void> {
  const { sourceId, settings } = context;
  const now = context.clock.now();
  await fenced(context, async (tx) => {
    const begun = settings.since === null || live.from === null || settings.since < live.from;
    if (begun) await wantWindow(tx, sourceId, 'backfill', { from: settings.since, to: live.from }, now);
    await wantWindow(tx, sourceId, 'live', live, now);
  });
}

/** Opens a look-back of its own when the last is long enough ago for its share of the budget. */
async function openLookback(context: SyncContext, calls: number): Promise<void> {
  const { database, sourceId, settings, clock, vendorClock, source } = context;
  if (await readOpenWindow(database, sourceId, 'lookback')) return;
  const lastAt = await readSavedAt(database, sourceId, 'lookback');
  const intervalMs = lookbackIntervalMs(calls, source.pageSize, settings.requestsPerMinute);
  if (lastAt !== null && clock.now() < lastAt + intervalMs) return;
  const to = vendorClock.toVendor(clock.now()) - CEILING_MARGIN_MS;
  const from = Math.max(to - settings.lookbackMs, settings.since ?? Number.NEGATIVE_INFINITY);
  if (from >= to) return;
  const window = openWindow({ from, to }, clock.now());
  await fenced(context, (tx) => saveOpenWindow(tx, sourceId, 'lookback', window, clock.now()));
}

/** Goes on with an open look-back, some pages at a time. Gives whether there was one. */
export async function continueLookback(context: SyncContext, pause: () => boolean): Promise<boolean> {
  const window = await readOpenWindow(context.database, context.sourceId, 'lookback');
  if (!window) return false;
  await readWindow(context, window, {
    stream: 'lookback',
    order: 'oldest_first',
    step: 'lookback',
    urgency: 'background',
    pause,
  });
  return true;
}
