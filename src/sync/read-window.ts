import { SECOND } from '../clock.ts';
import {
  type DoubtedStretch,
  inHalves,
  isToBeHalved,
  PIECES_MAX,
  toldBefore,
  withDoubt,
  withoutCovered,
} from '../coverage/doubts.ts';
import { askedWindow, type Doubt, isOutside } from '../coverage/window-evidence.ts';
import type { Sql } from '../database/database.ts';
import type { Urgency } from '../requests.ts';
import type { Page, TimeWindow } from '../source.ts';
import {
  cover,
  dropOpenWindow,
  type OpenWindow,
  readGaps,
  type Stream,
  saveOpenWindow,
  uncover,
} from '../warehouse/checkpoints.ts';
import { middleOf, readDoubts, replaceDoubts } from '../warehouse/doubts.ts';
import { countDrift } from '../warehouse/drift.ts';
import type { Progress, SyncContext } from './context.ts';
import { fenced } from './fenced.ts';
import { loadCalls } from './load-calls.ts';
import { CEILING_MARGIN_MS } from './plan-live.ts';
import { refutedWith, rememberProved } from './refute-filter.ts';
import { type End, type Step, takeStep, walkWindow } from './walk-window.ts';

export interface WindowReading {
  stream: Stream;
  step: Progress['step'];
  urgency: Urgency;
  /** Whether it is read for the sake of a gap: then a reading in vain counts as an attempt. */
  isTry: boolean;
  /** Asked when a page has come: true leaves the window open behind it, to go on later from its cursor. */
  pause: () => boolean;
}

/**
 * Reads an open window to its end. Each page is stored in one transaction with the checkpoint that speaks of it, so a
 * crash anywhere costs at most that page read again. At its end the window is covered when its pages prove it, and else
 * noted as doubted. Gives the window as it was left; its end is null when it was paused.
 */
export async function readWindow(
  context: SyncContext,
  opened: OpenWindow,
  reading: WindowReading,
): Promise<{ window: OpenWindow; end: End | null }> {
  const { walk, end } = await walkWindow(context, opened, {
    urgency: reading.urgency,
    pause: reading.pause,
    store: (walk, page) => storePage(context, walk, page, reading),
    async turn(walk, end) {
      await fenced(context, (tx) => saveProgress(tx, context, reading, walk, end, NOTHING));
      return walk;
    },
  });
  return { window: walk, end };
}

const NOTHING = Buffer.alloc(0);

/** Stores a page of a window with its checkpoint, and gives the window after it. */
export async function storePage(
  context: SyncContext,
  before: OpenWindow,
  page: Page,
  reading: Pick<WindowReading, 'stream' | 'step' | 'isTry'>,
): Promise<Step<OpenWindow>> {
  const { stream, step } = reading;
  const advanced = advance(context, before, page);
  if (advanced.window !== before.window) {
    context.log.warn(
      { source: context.source.name, stream },
      'a window reached beyond the vendor’s clock; it is cut',
    );
  }
  let taken: Step<OpenWindow> | null = null;
  const { total } = await loadCalls(
    context,
    { ...page, window: advanced.window, step },
    async (tx, changed) => {
      taken = await takeStep(context, tx, advanced, page, changed);
      const { walk, next, added } = taken;
      await countOutside(tx, context, askedWindow(advanced.window, advanced.evidence), page);
      const end = next.is === 'ended' ? next.verdict : null;
      await saveProgress(tx, context, reading, walk, end, added);
      await learnFilter(tx, context, reading, walk, end, page);
    },
  );
  if (taken === null) throw new Error('a page was stored without its checkpoint');
  const done: Step<OpenWindow> = taken;
  context.answers.lastPageText = total;
  context.onProgress({ step, done: done.walk.rows, total: done.walk.total });
  return done;
}

/**
 * A page that is refuted for its window refutes those windows, too, that were taken for proved by the same calls: the
 * vendor shows them whatever is asked.
 */
async function learnFilter(
  tx: Sql,
  context: SyncContext,
  { stream }: Pick<WindowReading, 'stream'>,
  { window, evidence }: OpenWindow,
  end: End | null,
  page: Page,
): Promise<void> {
  const { lists, sourceId, clock } = context;
  if (end === null || evidence.list.pages > 1 || evidence.list.from !== null) return;
  if (end.is === 'proved') return rememberProved(lists, window, page);
  if (end.doubt !== 'outside_window' && end.doubt !== 'same_page') return;
  const word = { order: evidence.list.order, callsSeen: page.calls.length, callsCounted: page.totalCount };
  for (const refuted of refutedWith(lists, page)) {
    await uncover(tx, sourceId, refuted, clock.now());
    await noteDoubted(tx, context, { stream, isTry: false }, refuted, { reason: 'same_page', ...word });
  }
}

function advance(context: SyncContext, open: OpenWindow, page: Page): OpenWindow {
  return {
    ...open,
    window: withinVendorTime(context, open.window, page),
    pages: open.pages + 1,
    rows: open.rows + page.calls.length,
    total: open.evidence.list.from === null ? (page.totalCount ?? open.total) : open.total,
  };
}

/**
 * What a page can speak for: no time after the vendor's clock, as its answer shows it. A window is opened well behind
 * that, so this cuts only when our own clock was set meanwhile; what is cut off is wanted again by the next pass.
 */
function withinVendorTime({ vendorClock }: SyncContext, window: TimeWindow, page: Page): TimeWindow {
  const vendorNow = vendorClock.toVendor(page.receivedAt);
  if (page.vendorNow === null || window.to === null || window.to <= vendorNow + SECOND) return window;
  const to = vendorNow - CEILING_MARGIN_MS;
  return { from: window.from === null ? null : Math.min(window.from, to), to };
}

/** Saves where a window stands, in the transaction of the page: open, covered, or doubted. */
async function saveProgress(
  tx: Sql,
  context: SyncContext,
  { stream, isTry }: Pick<WindowReading, 'stream' | 'isTry'>,
  open: OpenWindow,
  end: End | null,
  added: Buffer,
): Promise<void> {
  const { sourceId, clock } = context;
  const now = clock.now();
  if (end === null) return saveOpenWindow(tx, sourceId, stream, open, added, now);
  await dropOpenWindow(tx, sourceId, stream, now);
  if (end.is === 'proved') return noteProved(tx, context, stream, open.window);
  const { evidence, seen } = open;
  await noteDoubted(tx, context, { stream, isTry }, open.window, {
    reason: end.doubt,
    order: evidence.list.order,
    callsSeen: seen.count,
    callsCounted: evidence.counted?.last ?? null,
  });
}

/** A window that its pages prove is covered, and what was doubted of it is doubted no more. */
export async function noteProved(
  tx: Sql,
  { sourceId, clock }: SyncContext,
  stream: Stream,
  window: TimeWindow,
): Promise<void> {
  await cover(tx, sourceId, stream, window, clock.now());
  const doubts = await readDoubts(tx, sourceId);
  await replaceDoubts(tx, sourceId, doubts, withoutCovered(doubts, [window]));
}

/**
 * A window that was read in vain: what of it no other reading has covered is a gap, with this reason. An end that was
 * told before is told twice now: so far the window is covered after all.
 */
export async function noteDoubted(
  tx: Sql,
  context: SyncContext,
  { stream, isTry }: Pick<WindowReading, 'stream' | 'isTry'>,
  window: TimeWindow,
  word: Pick<DoubtedStretch, 'reason' | 'order' | 'callsSeen' | 'callsCounted'>,
): Promise<void> {
  const { sourceId, clock } = context;
  const now = clock.now();
  const before = await readDoubts(tx, sourceId);
  const confirmed = word.reason === 'told_once' ? toldBefore(before, window, now) : [];
  for (const part of confirmed) await cover(tx, sourceId, stream, part, now);
  const uncovered = await readGaps(tx, sourceId, window);
  const doubts = withDoubt(withoutCovered(before, confirmed), uncovered, word, { now, isTry });
  await replaceDoubts(tx, sourceId, before, isTry ? await halved(tx, context, doubts, uncovered) : doubts);
  if (word.reason !== 'told_once' && uncovered.length > 0) await tell(tx, context, window, word.reason, word);
}

/**
 * The doubts, with those in halves that were just tried and are to be read on so: half of the calls where calls are known,
 * else of the time.
 */
async function halved(
  tx: Sql,
  { sourceId, clock }: SyncContext,
  doubts: readonly DoubtedStretch[],
  tried: readonly TimeWindow[],
): Promise<DoubtedStretch[]> {
  const after: DoubtedStretch[] = [];
  for (const [i, doubt] of doubts.entries()) {
    const { from, to } = doubt.stretch;
    const isTried = tried.some((one) => one.from === from && one.to === to);
    const hasRoom = after.length + doubts.length - i < PIECES_MAX;
    const middleOfTime = from === null || to === null ? null : Math.floor((from + to) / 2);
    const middle =
      isTried && hasRoom && isToBeHalved(doubt)
        ? ((await middleOf(tx, sourceId, doubt.stretch)) ?? middleOfTime)
        : null;
    after.push(...(middle === null ? [doubt] : inHalves(doubt, middle, clock.now())));
  }
  return after;
}

/** Calls of another time than was asked for are stored, and counted, few or many. */
async function countOutside(
  tx: Sql,
  { sourceId, clock }: SyncContext,
  window: TimeWindow,
  { calls }: Page,
): Promise<void> {
  const sightings = calls
    .filter(({ listedAt }) => listedAt !== null && isOutside(window, listedAt))
    .map(({ callId }) => ({ kind: 'page_fault' as const, path: 'outside_window', value: '', callId }));
  await countDrift(tx, sourceId, sightings, clock.now());
}

/** The reason is counted as drift; the first time it is told to people as well. */
async function tell(
  tx: Sql,
  { sourceId, clock, log, source }: SyncContext,
  window: TimeWindow,
  reason: Doubt,
  { callsSeen, callsCounted }: Pick<DoubtedStretch, 'callsSeen' | 'callsCounted'>,
): Promise<void> {
  const sighting = { kind: 'page_fault' as const, path: reason, value: '', callId: null };
  const news = await countDrift(tx, sourceId, [sighting], clock.now());
  const iso = (at: number | null) => (at === null ? null : new Date(at).toISOString());
  log[news.length > 0 ? 'warn' : 'debug'](
    { source: source.name, from: iso(window.from), to: iso(window.to), reason, callsSeen, callsCounted },
    'a window does not prove itself complete: it is a gap, and is read again',
  );
}
