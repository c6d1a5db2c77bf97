import { isTerminal } from '../call.ts';
import { HOUR, MINUTE } from '../clock.ts';
import { noEvidence } from '../coverage/window-evidence.ts';
import { RecordError } from '../errors.ts';
import type { Page, TimeWindow } from '../source.ts';
import { countCallsSince, readLateness } from '../warehouse/call-density.ts';
import {
  openWindow,
  readCoveredTo,
  readOpenWindow,
  readSavedAt,
  saveOpenWindow,
  takeBackImpossible,
  wantWindow,
} from '../warehouse/checkpoints.ts';
import { countDrift } from '../warehouse/drift.ts';
import { hastenVanished } from '../warehouse/settlements.ts';
import type { SyncContext } from './context.ts';
import { fenced } from './fenced.ts';
import { newestPageFrom } from './fill-page.ts';
import { loadCalls } from './load-calls.ts';
import { CEILING_MARGIN_MS, planLive, planLookback, wholeLookbackEveryMs } from './plan-live.ts';
import { readPages } from './read-pages.ts';
import { readWindow } from './read-window.ts';

const never = () => false;
const UNHEARD_MARGIN_MS = MINUTE;
/** The live window shows most open calls at every poll. The list of open calls alone shows the others. */
const LIST_OPEN_EVERY_MS = MINUTE;
/** The most of the budget that it may take: a long list is read more rarely. */
const OPEN_SHARE = 1 / 12;
/** A filter that the vendor does not keep is tried again after so long. */
const OPEN_IGNORED_RETRY_MS = HOUR;

/**
 * Finds new calls and learns what became of the open ones. A window alone would lose calls: one moves in time
 * when it connects, and one that ends unconnected is placed at its creation. So the calls that have not ended
 * are listed first, whatever their time, and every one of them is followed until it is final.
 */
export async function discover(context: SyncContext): Promise<void> {
  const { source, notBefore, clock } = context;
  if (source.listsOpen && clock.now() >= notBefore.open) await readOpenCalls(context);
  await refuseImpossible(context);
  await readLive(context);
}

async function readOpenCalls(context: SyncContext): Promise<void> {
  const { sourceId, clock, settings, notBefore } = context;
  const listedAt = clock.now();
  const stillOpen: string[] = [];
  const query = {
    window: null,
    openOnly: true,
    order: 'oldest_first',
    cursor: null,
    urgency: 'live',
  } as const;
  let pages = 0;
  for await (const page of readPages(context, query)) {
    await loadCalls(context, { ...page, window: null, step: 'open' });
    if (showsEnded(context, page)) return doWithoutOpenList(context);
    stillOpen.push(...page.calls.flatMap(({ callId }) => callId ?? []));
    pages += 1;
  }
  await fenced(context, (tx) => hastenVanished(tx, sourceId, stillOpen, listedAt, clock.now()));
  // A poll that comes a moment early counts: else every fifth would list them, not every fourth.
  const everyMs = Math.max(LIST_OPEN_EVERY_MS, (pages * MINUTE) / (settings.requestsPerMinute * OPEN_SHARE));
  notBefore.open = listedAt + everyMs - settings.pollIntervalMs / 2;
}

/**
 * Whether a page of open calls is one of calls that have ended: the vendor does not filter by status. A call or two may
 * have ended in the moment between.
 */
function showsEnded({ source, numbers }: SyncContext, { calls }: Page): boolean {
  const ended = calls.filter(({ payloads }) => {
    try {
      return isTerminal(source.normalize(payloads, numbers).facts.status ?? 'unknown');
    } catch (error) {
      if (error instanceof RecordError) return false;
      throw error;
    }
  });
  return ended.length * 2 > calls.length;
}

/** The list of open calls is all of history: it is not read on. Each open call is followed by itself. */
async function doWithoutOpenList(context: SyncContext): Promise<void> {
  const { sourceId, source, clock, notBefore, log } = context;
  notBefore.open = clock.now() + OPEN_IGNORED_RETRY_MS;
  const sighting = { kind: 'page_fault', path: 'open_filter_ignored', value: '', callId: null } as const;
  const news = await fenced(context, (tx) => countDrift(tx, sourceId, [sighting], clock.now()));
  log[news.length > 0 ? 'warn' : 'debug'](
    { source: source.name },
    'the list of open calls shows calls that have ended: it is left out for an hour, and open calls are followed one by one',
  );
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
  const { database, sourceId, settings, clock, vendorClock } = context;
  const reading = { stream: 'live', step: 'live', urgency: 'live', isTry: false, pause: never } as const;
  const order = context.lists.placedFirst ?? 'oldest_first';
  const interrupted = await readOpenWindow(database, sourceId, 'live', order);
  if (interrupted) await readWindow(context, interrupted, reading);

  const now = clock.now();
  const { live, wide } = planLive({
    vendorNow: vendorClock.toVendor(now),
    coveredTo: await readCoveredTo(database, sourceId),
    since: settings.since,
    lookbackMs: settings.lookbackMs,
    pageFrom: await newestPageFrom(context),
  });
  context.horizon.to = live.to;
  await wantAll(context, live);
  // Where the clocks differ, the list reaches as far as the last of them: new calls wait for no clock.
  const farthest = vendorClock.farthest(now);
  const askTo = farthest > vendorClock.toVendor(now) ? farthest : null;
  await readWindow(context, openWindow(live, noEvidence(order, { askTo }), now), reading);
  if (!wide) await openLookback(context);
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

/** Opens a look-back of its own when the last is long enough ago. */
async function openLookback(context: SyncContext): Promise<void> {
  const { database, sourceId, settings, clock, vendorClock, source, notBefore } = context;
  if (await readOpenWindow(database, sourceId, 'lookback', 'oldest_first')) return;
  const now = clock.now();
  const { lookbackMs, requestsPerMinute } = settings;
  const vendorNow = vendorClock.toVendor(now);
  const { reachMs, whole, everyMs } = planLookback({
    lookbackMs,
    latenessMs: await readLateness(database, sourceId, vendorNow - lookbackMs),
    callsInLookback: await countCallsSince(database, sourceId, vendorNow - lookbackMs),
    pageSize: source.pageSize,
    requestsPerMinute,
    wholeIsDue: now >= notBefore.wholeLookback,
  });
  const lastAt = await readSavedAt(database, sourceId, 'lookback');
  if (lastAt !== null && now < lastAt + everyMs) return;
  const to = vendorNow - CEILING_MARGIN_MS;
  const from = Math.max(to - reachMs, settings.since ?? Number.NEGATIVE_INFINITY);
  if (from >= to) return;
  const window = openWindow({ from, to }, noEvidence('oldest_first'), now);
  await fenced(context, (tx) => saveOpenWindow(tx, sourceId, 'lookback', window, Buffer.alloc(0), now));
  if (whole) notBefore.wholeLookback = now + wholeLookbackEveryMs(lookbackMs);
}

/** Goes on with an open look-back, some pages at a time. Gives whether there was one. */
export async function continueLookback(context: SyncContext, pause: () => boolean): Promise<boolean> {
  const { database, sourceId } = context;
  const window = await readOpenWindow(database, sourceId, 'lookback', 'oldest_first');
  if (!window) return false;
  await readWindow(context, window, {
    stream: 'lookback',
    step: 'lookback',
    urgency: 'background',
    isTry: false,
    pause,
  });
  return true;
}
