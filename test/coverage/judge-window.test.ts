import fc from 'fast-check';
import { describe, expect, it, test } from 'vitest';
import { MINUTE, SECOND } from '../../src/clock.ts';
import { judgeEnd } from '../../src/coverage/judge-window.ts';
import { SeenCalls } from '../../src/coverage/seen-calls.ts';
import { addPage, askedWindow, noEvidence, type WindowEvidence } from '../../src/coverage/window-evidence.ts';
import type { ListedCall, ListQuery, Page, TimeWindow } from '../../src/source.ts';

const NOON = Date.parse('2026-11-20T03:00:00Z');
const WINDOW: TimeWindow = { from: NOON, to: NOON + 1_000 * MINUTE };

/** The nth call of the window, oldest first, a minute after the one before. */
const call = (n: number): ListedCall => ({
  callId: `call-${n}`,
  payloads: {},
  cleanedTexts: 0,
  listedAt: NOON + n * MINUTE,
});
const unplaced = (n: number): ListedCall => ({ ...call(n), callId: `unplaced-${n}`, listedAt: null });
const range = (from: number, to: number): ListedCall[] =>
  Array.from({ length: Math.abs(to - from) }, (_, i) => call(from < to ? from + i : from - 1 - i));

const page = (calls: ListedCall[], totalCount: number | null, nextCursor: string | null = null): Page => ({
  calls,
  totalCount,
  nextCursor,
  requestedAt: NOON,
  receivedAt: NOON,
  vendorNow: NOON,
});

/** What the pages of one list come to. */
function judged(
  pages: Page[],
  given: { mayHaveMoved?: number; pageSize?: number; order?: ListQuery['order'] } = {},
) {
  const { evidence, seen } = read(pages, given.order);
  const verdict = judgeEnd(evidence, {
    seen: seen.count,
    pageSize: given.pageSize ?? 100,
    mayHaveMoved: given.mayHaveMoved ?? 0,
  });
  return verdict.is === 'doubted' ? verdict.doubt : verdict.is;
}

function read(pages: Page[], order: ListQuery['order'] = 'oldest_first') {
  const seen = SeenCalls.none();
  const evidence = pages.reduce<WindowEvidence>(
    (before, one) => addPage(before, seen, WINDOW, one).evidence,
    noEvidence(order),
  );
  return { evidence, seen };
}

// Holds invariant 3.
describe('a window of a vendor that counts', () => {
  it.each<[string, Page[], string]>([
    ['all that it counts, on one page', [page(range(0, 60), 60)], 'proved'],
    ['all that it counts, on a full page', [page(range(0, 100), 100)], 'proved'],
    [
      'all that it counts, on two pages',
      [page(range(0, 100), 130, 'c'), page(range(100, 130), 130)],
      'proved',
    ],
    ['a row twice, and so one less than it counts', [page([call(0), ...range(0, 59)], 60)], 'go_on'],
    ['fewer than it counts', [page(range(0, 60), 1_500)], 'go_on'],
    ['none of those that it counts', [page([], 5)], 'fewer_than_counted'],
    ['none, and counts none', [page([], 0)], 'told_once'],
    ['more than it counts: it counts something else', [page(range(0, 60), 3)], 'told_once'],
    ['an empty end behind a full list', [page(range(0, 100), 100, 'c'), page([], 100)], 'proved'],
    ['an empty end that counts nothing', [page(range(0, 100), 843, 'c'), page([], 0)], 'go_on'],
  ])('that shows %s', (_, pages, verdict) => {
    expect(judged(pages)).toBe(verdict);
  });

  test('is allowed to lose calls that move on while it is read, as many as have not ended', () => {
    const pages = [page(range(0, 100), 132, 'c'), page(range(100, 130), 130)];
    expect(judged(pages, { mayHaveMoved: 2 })).toBe('proved');
    expect(judged(pages, { mayHaveMoved: 1 })).toBe('go_on');
  });

  test('is not proved where calls came into it behind what was read', () => {
    expect(judged([page(range(0, 100), 130, 'c'), page(range(100, 130), 131)], { mayHaveMoved: 5 })).toBe(
      'go_on',
    );
  });
});

// Holds invariant 3.
describe('a window of a vendor that does not count', () => {
  it.each<[string, Page[], string]>([
    ['a short page', [page(range(0, 60), null)], 'told_once'],
    ['nothing', [page([], null)], 'told_once'],
    ['a full page as the last', [page(range(0, 100), null)], 'go_on'],
    [
      'a last page as long as the one before',
      [page(range(0, 60), null, 'c'), page(range(60, 120), null)],
      'go_on',
    ],
    ['a shorter last page', [page(range(0, 100), null, 'c'), page(range(100, 130), null)], 'told_once'],
    ['an empty last page', [page(range(0, 100), null, 'c'), page([], null)], 'told_once'],
  ])('that shows %s', (_, pages, verdict) => {
    expect(judged(pages)).toBe(verdict);
  });
});

// Holds invariant 4.
describe('the filter by time is refuted', () => {
  const far = (n: number): ListedCall => ({
    ...call(n),
    callId: `far-${n}`,
    listedAt: NOON - 1_000 * MINUTE + n,
  });
  it.each<[string, Page[], string]>([
    ['by calls of another time', [page([far(1), far(2)], 2)], 'outside_window'],
    ['though they are counted', [page([far(1), ...range(0, 5)], 6)], 'outside_window'],
    ['not by one odd call among many', [page([far(1), ...range(0, 30)], 31)], 'proved'],
    ['not by calls that have no time', [page([unplaced(1), ...range(0, 3)], 4)], 'proved'],
    ['by calls in no order', [page([5, 90, 3, 80, 1, 70, 2, 60, 9, 50].map(call), 10)], 'out_of_order'],
    ['not by the other order', [page(range(60, 0), 60)], 'proved'],
  ])('%s', (_, pages, verdict) => {
    expect(judged(pages)).toBe(verdict);
  });
});

describe('a list that goes on', () => {
  test('begins a moment before it stopped, for calls that share an instant', () => {
    const { evidence, seen } = read([page(range(100, 0), 500)], 'newest_first');
    const verdict = judgeEnd(evidence, { seen: seen.count, pageSize: 100, mayHaveMoved: 0 });
    if (verdict.is !== 'go_on') throw new Error(verdict.is);
    const next = askedWindow(WINDOW, { ...evidence, list: verdict.list });
    expect(next).toEqual({ from: WINDOW.from, to: NOON + 1 });
  });

  test('that brings nothing new ends', () => {
    const first = read([page(range(0, 60), 1_500)]);
    const verdict = judgeEnd(first.evidence, { seen: 60, pageSize: 100, mayHaveMoved: 0 });
    if (verdict.is !== 'go_on') throw new Error(verdict.is);
    const again = addPage({ ...first.evidence, list: verdict.list }, first.seen, WINDOW, page([call(59)], 1));
    expect(judgeEnd(again.evidence, { seen: first.seen.count, pageSize: 100, mayHaveMoved: 0 })).toEqual({
      is: 'doubted',
      doubt: 'fewer_than_counted',
    });
  });
});

test('whatever a vendor that counts rightly hides, a window is proved only when all was seen', () => {
  const world = fc.record({
    calls: fc.integer({ min: 1, max: 40 }),
    hidden: fc.uniqueArray(fc.nat(39)),
    pageSize: fc.integer({ min: 1, max: 12 }),
  });
  fc.assert(
    fc.property(world, ({ calls, hidden, pageSize }) => {
      const shown = range(0, calls).filter((_, n) => !hidden.includes(n));
      const pages = Array.from({ length: Math.ceil(shown.length / pageSize) || 1 }, (_, i) =>
        page(shown.slice(i * pageSize, (i + 1) * pageSize), calls, 'c'),
      );
      expect(judged(pages, { pageSize }) === 'proved').toBe(shown.length === calls);
    }),
  );
});

describe('calls that were seen', () => {
  test('are counted once, and can be saved and read again', () => {
    const seen = SeenCalls.none();
    const bytes = Buffer.concat([
      seen.add([call(1), call(2)]),
      seen.add(seen.unseen([call(2), call(3), call(3)])),
    ]);
    expect(seen.count).toBe(3);
    const again = SeenCalls.from(bytes);
    expect(again.count).toBe(3);
    expect(again.unseen([call(1), call(4)])).toEqual([call(4)]);
  });

  test('without an id are told apart by what they say', () => {
    const nameless = (status: string): ListedCall => ({
      ...call(1),
      callId: null,
      payloads: { list: { status } },
    });
    const seen = SeenCalls.none();
    seen.add([nameless('ended')]);
    expect(seen.unseen([nameless('ended'), nameless('queued')])).toEqual([nameless('queued')]);
  });
});

test('calls may stand a moment beside the bound of their window: vendors round', () => {
  const beside = { ...call(0), listedAt: NOON - SECOND };
  expect(judged([page([beside], 1)])).toBe('proved');
});
