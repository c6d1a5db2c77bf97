import { beforeEach, describe, expect, test } from 'vitest';
import { HOUR } from '../../src/clock.ts';
import { noEvidence } from '../../src/coverage/window-evidence.ts';
import type { TimeWindow } from '../../src/source.ts';
import {
  cover as coverTime,
  dropOpenWindow,
  type OpenWindow,
  openWindow,
  readCoveredTo,
  readGaps,
  readOpenWindow,
  readSavedAt,
  type Stream,
  saveOpenWindow,
  wantWindow,
} from '../../src/warehouse/checkpoints.ts';
import { useTestDatabase } from '../support/database.ts';

const NOON = Date.parse('2026-11-20T03:00:00Z');
const database = useTestDatabase();
let sourceId = 0;

beforeEach(() => {
  sourceId += 1;
});

/** From one hour of the day to another; null is unbounded. */
const hours = (from: number | null, to: number | null): TimeWindow => ({
  from: from === null ? null : NOON + from * HOUR,
  to: to === null ? null : NOON + to * HOUR,
});

const want = (window: TimeWindow, stream: Stream = 'live', now = NOON) =>
  wantWindow(database.pool, sourceId, stream, window, now);
const cover = (window: TimeWindow, stream: Stream = 'live', now = NOON) =>
  coverTime(database.pool, sourceId, stream, window, now);
const gaps = (within?: TimeWindow) => readGaps(database.pool, sourceId, within);

/** The watermark in hours of the day, by stream. */
async function watermarks(): Promise<Record<string, number | null>> {
  const { rows } = await database.pool.query<{ stream: string; watermark: Date | null }>(
    'select stream, watermark from callhouse_sync.checkpoints where source_id = $1',
    [sourceId],
  );
  return Object.fromEntries(
    rows.map(({ stream, watermark }) => [stream, watermark && (watermark.getTime() - NOON) / HOUR]),
  );
}

// Holds invariant 3.
describe('what is wanted and not covered is a gap', () => {
  test('from the moment that it is wanted, newest first', async () => {
    await want(hours(0, 2));
    await want(hours(4, 6));
    expect(await gaps()).toEqual([hours(4, 6), hours(0, 2)]);
  });

  test('until it is covered, in parts and by any stream', async () => {
    await want(hours(0, 10), 'backfill');
    await cover(hours(2, 4), 'live');
    expect(await gaps()).toEqual([hours(4, 10), hours(0, 2)]);
    await cover(hours(3, 10), 'lookback');
    await cover(hours(0, 2), 'backfill');
    expect(await gaps()).toEqual([]);
  });

  test('once, though two streams want it', async () => {
    await want(hours(0, 4), 'live');
    await want(hours(2, 6), 'backfill');
    expect(await gaps()).toEqual([hours(0, 6)]);
  });

  test('not when it was covered without being wanted', async () => {
    await want(hours(2, 4));
    await cover(hours(0, 9));
    expect(await gaps()).toEqual([]);
  });

  test('of all time, where history has no beginning', async () => {
    await want(hours(null, 5), 'backfill');
    await cover(hours(3, 5));
    expect(await gaps()).toEqual([hours(null, 3)]);
    await cover(hours(null, 3), 'backfill');
    expect(await gaps()).toEqual([]);
  });

  test('to the end of time, where a window has no end', async () => {
    await want(hours(0, null));
    await cover(hours(0, 1));
    expect(await gaps()).toEqual([hours(1, null)]);
  });

  test('as far as it lies within what is asked for', async () => {
    await want(hours(null, 10));
    await cover(hours(4, 6));
    expect(await gaps(hours(3, 8))).toEqual([hours(6, 8), hours(3, 4)]);
    expect(await gaps(hours(4, 6))).toEqual([]);
    expect(await gaps(hours(20, null))).toEqual([]);
    expect(await gaps(hours(null, -5))).toEqual([hours(null, -5)]);
  });

  test('of one source alone', async () => {
    await want(hours(0, 1));
    sourceId += 1;
    expect(await gaps()).toEqual([]);
  });

  test('an empty window is wanted and covered without effect', async () => {
    await want(hours(3, 3));
    await cover(hours(3, 3));
    expect(await gaps()).toEqual([]);
    expect(await readCoveredTo(database.pool, sourceId)).toBe(null);
  });
});

// Holds invariant 3.
describe('the watermark', () => {
  test('is the end of what is covered without a gap from the beginning', async () => {
    await want(hours(0, 4));
    await cover(hours(0, 2));
    expect(await watermarks()).toEqual({ live: 2 });
    await cover(hours(3, 4));
    expect(await watermarks()).toEqual({ live: 2 });
    await cover(hours(2, 3));
    expect(await watermarks()).toEqual({ live: 4 });
  });

  test('is not there while the beginning is missing', async () => {
    await want(hours(null, 2), 'backfill');
    await want(hours(2, 4), 'live');
    await cover(hours(2, 4), 'live');
    expect(await watermarks()).toEqual({ live: null, backfill: null });
    await cover(hours(null, 2), 'backfill');
    expect(await watermarks()).toEqual({ live: 4, backfill: 4 });
  });

  test('never moves back, though earlier time is wanted later', async () => {
    await want(hours(4, 6));
    await cover(hours(4, 6));
    await want(hours(0, 4), 'backfill');
    await cover(hours(2, 4), 'backfill');
    expect((await watermarks()).live).toBe(6);
    await want(hours(6, 8));
    await cover(hours(7, 8));
    expect((await watermarks()).live).toBe(6);
    await cover(hours(6, 7));
    expect((await watermarks()).live).toBe(6);
    await cover(hours(0, 2), 'backfill');
    expect((await watermarks()).live).toBe(8);
  });
});

describe('an open window', () => {
  const page = { cursor: 'c1', pages: 3, rows: 250, total: 5_000_000_000 };
  const begin = (window: TimeWindow) => openWindow(window, noEvidence('newest_first'), NOON);
  const read = (stream: Stream) => readOpenWindow(database.pool, sourceId, stream, 'newest_first');
  const save = (open: OpenWindow, added: Buffer = Buffer.alloc(0), now = NOON) =>
    saveOpenWindow(database.pool, sourceId, 'backfill', open, added, now);
  const call = (callId: string) => ({ callId, payloads: {}, cleanedTexts: 0, listedAt: NOON });

  test('is kept with its cursor, its counts and what its pages proved, and is gone when it is let go of', async () => {
    const open = { ...begin(hours(null, 2)), ...page };
    await save(open, open.seen.add([call('a'), call('b')]), NOON + 5);
    const kept = await read('backfill');
    expect(kept).toMatchObject({ window: hours(null, 2), openedAt: NOON, ...page, evidence: open.evidence });
    expect(kept?.seen.count).toBe(2);
    expect(await read('live')).toBe(null);
    expect(await readSavedAt(database.pool, sourceId, 'backfill')).toBe(NOON + 5);
    await dropOpenWindow(database.pool, sourceId, 'backfill', NOON + 9);
    expect(await read('backfill')).toBe(null);
    expect(await readSavedAt(database.pool, sourceId, 'backfill')).toBe(NOON + 9);
  });

  test('remembers the calls of all its pages, and none of the window before it', async () => {
    const open = { ...begin(hours(0, 2)), ...page };
    await save(open, open.seen.add([call('a')]));
    await save({ ...open, pages: 4 }, open.seen.add([call('b')]));
    expect((await read('backfill'))?.seen.unseen([call('a'), call('b'), call('c')])).toEqual([call('c')]);
    const next = { ...begin(hours(2, 4)), pages: 1 };
    await save(next, next.seen.add([call('c')]));
    expect((await read('backfill'))?.seen.unseen([call('a'), call('c')])).toEqual([call('a')]);
  });

  test('of which nobody kept what its pages proved begins again', async () => {
    await save({ ...begin(hours(0, 2)), ...page });
    await database.pool.query(
      'update callhouse_sync.checkpoints set window_evidence = null where source_id = $1',
      [sourceId],
    );
    expect(await read('backfill')).toEqual(begin(hours(0, 2)));
  });

  test('covers nothing yet', async () => {
    await want(hours(0, 2));
    await save(begin(hours(0, 2)));
    expect(await gaps()).toEqual([hours(0, 2)]);
    expect(await readCoveredTo(database.pool, sourceId)).toBe(null);
  });
});

test('the newest covered time is that of all streams together', async () => {
  await cover(hours(0, 9), 'backfill');
  await cover(hours(2, 3), 'live');
  expect(await readCoveredTo(database.pool, sourceId)).toBe(NOON + 9 * HOUR);
});

test('wanting again what is wanted writes nothing', async () => {
  await want(hours(0, 4));
  await want(hours(1, 3), 'live', NOON + HOUR);
  expect(await readSavedAt(database.pool, sourceId, 'live')).toBe(NOON);
  expect(await readSavedAt(database.pool, sourceId, 'lookback')).toBe(null);
});
