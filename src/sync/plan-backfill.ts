import type { Instant } from '../call.ts';
import { DAY, MINUTE } from '../clock.ts';
import type { TimeWindow } from '../source.ts';

/** Rows that one window of history may hold: what is paged again at worst when the vendor refuses its cursor. */
export const WINDOW_ROWS_MAX = 5_000;
const WIDTH_MIN_MS = MINUTE;
const WIDTH_FIRST_MS = DAY;
const WIDTH_MAX_MS = 366 * DAY;

/** What the windows of this process taught. Not stored: a new process asks once more. */
export interface BackfillPace {
  /** Rows that lie before the newest gap's end, as the vendor counted them, less what was read since. */
  remainingRows: number | null;
  /** Rows read so far. */
  readRows: number;
  /** Width and rows of the last window that was closed. */
  last: { widthMs: number; rows: number } | null;
}

export function newPace(): BackfillPace {
  return { remainingRows: null, readRows: 0, last: null };
}

/**
 * The next window of a gap, newest first. The whole rest is one window when it is known to be small; else a
 * window as wide as the last one's density says. Null asks for a look at the first page of the whole gap.
 */
export function planBackfill(gap: TimeWindow, pace: BackfillPace): TimeWindow | null {
  const { remainingRows, last } = pace;
  if (last === null) return remainingRows !== null && remainingRows <= WINDOW_ROWS_MAX ? gap : null;
  if (remainingRows !== null && remainingRows <= WINDOW_ROWS_MAX) return gap;
  const factor = last.rows === 0 ? 4 : WINDOW_ROWS_MAX / last.rows;
  return narrow(gap, last.widthMs * Math.min(4, Math.max(0.25, factor)));
}

/**
 * The first window of a gap after one page of all of it: the gap itself when it is small, else a width judged by
 * how much time the page spans. Order and counts are only hints here: a wrong guess costs requests, never calls.
 */
export function planAfterProbe(
  gap: TimeWindow,
  probe: { rows: number; oldest: Instant | null; totalCount: number | null; isLast: boolean },
): TimeWindow {
  if (probe.isLast || (probe.totalCount !== null && probe.totalCount <= WINDOW_ROWS_MAX)) return gap;
  const spanMs = gap.to !== null && probe.oldest !== null ? gap.to - probe.oldest : null;
  const pages = WINDOW_ROWS_MAX / Math.max(1, probe.rows);
  return narrow(gap, spanMs === null ? WIDTH_FIRST_MS : spanMs * pages);
}

/** What a window that was closed teaches. */
export function learnPace(pace: BackfillPace, window: TimeWindow, rows: number): void {
  pace.readRows += rows;
  if (pace.remainingRows !== null) pace.remainingRows = Math.max(0, pace.remainingRows - rows);
  if (window.from !== null && window.to !== null) pace.last = { widthMs: window.to - window.from, rows };
}

function narrow(gap: TimeWindow, widthMs: number): TimeWindow {
  if (gap.to === null) return gap;
  const width = Math.round(Math.min(WIDTH_MAX_MS, Math.max(WIDTH_MIN_MS, widthMs)));
  const from = gap.to - width;
  return gap.from !== null && gap.from >= from ? gap : { from, to: gap.to };
}
