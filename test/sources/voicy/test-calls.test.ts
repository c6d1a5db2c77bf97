import { describe, expect, test } from 'vitest';
import type { JsonObject } from '../../../src/json.ts';
import type { Page } from '../../../src/source.ts';
import { normalizeVoicyCall } from '../../../src/sources/voicy/normalize.ts';
import { bench, NOON, pageOf } from './bench.ts';
import { detail, row } from './fixtures.ts';

interface VendorCall {
  call_id: string;
  start_timestamp: number | null;
  call_status: string;
  isTest?: boolean;
}

/** A vendor that hides test calls as it is told to, with both bounds included; a call without a time is in all of it. */
function vendorOf(calls: readonly VendorCall[]) {
  return (body: JsonObject): string => {
    const filter = body.filter_criteria as {
      include_test_calls: boolean;
      call_status?: string[];
      start_timestamp?: { lower_threshold: number; upper_threshold: number };
    };
    const { start_timestamp: span, call_status: statuses } = filter;
    const matching = calls
      .filter(({ isTest }) => !isTest || filter.include_test_calls)
      .filter(({ call_status }) => statuses?.includes(call_status) ?? true)
      .filter(({ start_timestamp: at }) => {
        return !span || at === null || (at >= span.lower_threshold && at <= span.upper_threshold);
      });
    const behind = matching.findIndex(({ call_id }) => call_id === body.pagination_key) + 1;
    const rows = matching.slice(behind, behind + 1_000).map(({ isTest: _, ...told }) => told);
    return JSON.stringify({ calls: rows, total_count: matching.length });
  };
}

const call = (id: string, seconds: number, more: Partial<VendorCall> = {}): VendorCall => ({
  call_id: id,
  start_timestamp: NOON + seconds * 1_000,
  call_status: 'user_hangup',
  ...more,
});

const WINDOW = { from: NOON, to: NOON + 60_000 };

/** Which calls of a page are told to be test calls. */
function told({ calls }: Page): [string | null, boolean | undefined][] {
  return calls.map(({ callId, payloads }) => [callId, normalizeVoicyCall(payloads).facts.testCall]);
}

describe('with test calls', () => {
  test('a page tells them apart by asking for its time once more, without them', async () => {
    const calls = [call('a', 1), call('b', 2, { isTest: true }), call('c', 3)];
    const { list, sent } = bench(vendorOf(calls), true);
    const page = await list({ window: WINDOW });
    expect(told(page)).toEqual([
      ['a', false],
      ['b', true],
      ['c', false],
    ]);
    expect(sent.map(({ body }) => body?.filter_criteria)).toEqual([
      {
        start_timestamp: { lower_threshold: NOON - 1, upper_threshold: NOON + 60_000 },
        include_test_calls: true,
      },
      {
        start_timestamp: { lower_threshold: NOON + 999, upper_threshold: NOON + 3_001 },
        include_test_calls: false,
      },
    ]);
    expect(page.calls.map(({ payloads }) => Object.keys(payloads.list as JsonObject).at(-1))).toEqual([
      'call_status',
      '_test_call',
      'call_status',
    ]);
  });

  test('a full page whose time is shared with the calls around it is told apart to the last', async () => {
    const before = Array.from({ length: 3 }, (_, i) => call(`before-${i}`, 1));
    const calls = Array.from({ length: 1_000 }, (_, i) => call(`call-${i}`, 1));
    const { list, source } = bench(vendorOf([...before, ...calls]), true);
    const page = await list({ window: WINDOW, cursor: 'before-2' });
    expect(page.nextCursor).toBe('call-999');
    expect(told(page).every(([, testCall]) => testCall === false)).toBe(true);
    expect(source.requests.sent.list).toBe(3);
  });

  test('open calls are asked for once more only where some are left over', async () => {
    const open = [call('a', 1, { call_status: 'ongoing' }), call('b', 2, { call_status: 'ringing' })];
    const { list, sent } = bench(vendorOf(open), true);
    expect(told(await list({ openOnly: true })).map(([, testCall]) => testCall)).toEqual([false, false]);
    expect(sent.map(({ body }) => body?.filter_criteria)).toEqual([
      { call_status: ['initiated', 'ringing', 'ongoing'], include_test_calls: true },
      { call_status: ['initiated', 'ringing', 'ongoing'], include_test_calls: false },
    ]);
  });

  test('an open call that ends between two requests is no test call by that', async () => {
    const test = call('t', 3, { call_status: 'ongoing', isTest: true });
    const vendor = vendorOf([call('a', 1, { call_status: 'ongoing' }), test]);
    const later = vendorOf([call('a', 1), test]);
    let requests = 0;
    const { list } = bench((body) => (requests++ === 0 ? vendor(body) : later(body)), true);
    expect(told(await list({ openOnly: true }))).toEqual([
      ['a', false],
      ['t', true],
    ]);
    expect(requests).toBe(3);
  });

  test('a call without a time that is over is told apart by the calls around it', async () => {
    const never = { start_timestamp: null, call_status: 'no_answer' };
    const calls = [call('a', 1), call('b', 2, never), call('c', 3, { ...never, isTest: true }), call('d', 4)];
    const { list, sent } = bench(vendorOf(calls), true);
    expect(told(await list({ window: WINDOW })).map(([, testCall]) => testCall)).toEqual([
      false,
      false,
      true,
      false,
    ]);
    expect(sent[1]?.body?.filter_criteria).toMatchObject({
      start_timestamp: { lower_threshold: NOON + 999, upper_threshold: NOON + 4_001 },
    });
  });

  test.each(['oldest_first', 'newest_first'] as const)(
    'and by the whole window where it stands at an end, %s',
    async (order) => {
      const calls = [
        call('a', 1),
        call('b', 2, { start_timestamp: null, call_status: 'busy', isTest: true }),
      ];
      const { list, sent } = bench(vendorOf(calls), true);
      expect(told(await list({ window: WINDOW, order }))).toEqual([
        ['a', false],
        ['b', true],
      ]);
      expect(sent[1]?.body?.filter_criteria).toMatchObject({
        start_timestamp: { lower_threshold: NOON - 1, upper_threshold: NOON + 60_000 },
      });
    },
  );

  test('a call that has neither a time nor an end cannot be told apart yet', async () => {
    const calls = [call('a', 1, { start_timestamp: null, call_status: 'initiated', isTest: true })];
    const { list, source } = bench(vendorOf(calls), true);
    expect(told(await list({ openOnly: true }))).toEqual([['a', false]]);
    expect(source.requests.sent.list).toBe(1);
  });

  test('a page fails as a whole when they cannot be told apart', async () => {
    const vendor = vendorOf([call('a', 1)]);
    const refused = bench(
      (body) => (sentWith(body) ? vendor(body) : [400, '{"error":"Unknown filter"}']),
      true,
    );
    await expect(refused.list()).rejects.toThrow('POST /call-list answered 400: Unknown filter');
    const broken = bench((body) => (sentWith(body) ? vendor(body) : '{}'), true);
    await expect(broken.list()).rejects.toMatchObject({ name: 'TransientError' });
    const endless = pageOf(Array.from({ length: 1_000 }, (_, i) => `same-${i}`));
    const repeating = bench((body) => (sentWith(body) ? vendor(body) : endless), true);
    await expect(repeating.list()).rejects.toThrow('it would never end');
  });

  test('an empty page is not asked for twice', async () => {
    const { list, source } = bench(vendorOf([]), true);
    expect((await list()).calls).toEqual([]);
    expect(source.requests.sent.list).toBe(1);
  });
});

function sentWith(body: JsonObject): boolean {
  return (body.filter_criteria as JsonObject).include_test_calls === true;
}

test('without test calls one request is enough, and no call is one', async () => {
  const { list, sent } = bench(vendorOf([call('a', 1), call('b', 2, { isTest: true })]));
  expect(told(await list())).toEqual([['a', false]]);
  expect(sent).toHaveLength(1);
});

test('a whole call does not tell, so that what the list told stays', () => {
  expect(normalizeVoicyCall({ detail: detail() }).facts.testCall).toBe(undefined);
  expect(normalizeVoicyCall({ list: row(), detail: detail() }).facts.testCall).toBe(undefined);
  const marked = { ...row(), _test_call: true };
  expect(normalizeVoicyCall({ list: marked, detail: detail() })).toMatchObject({
    facts: { testCall: true },
    drift: [],
  });
});
