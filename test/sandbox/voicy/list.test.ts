import { describe, expect, it } from 'vitest';
import { HOUR, MINUTE } from '../../../src/clock.ts';
import { first, ORIGIN_MS, openBench, SETTLED_MS } from './bench.ts';

const ALL = { include_test_calls: true };

describe('paging through the calls', () => {
  it('reaches every call once, in order, whatever the direction', async () => {
    const { everyPage, truth } = openBench({ pastCalls: 137 });
    const ids = async (sort_order: string) =>
      (await everyPage({ limit: 10, sort_order, filter_criteria: ALL })).flatMap((page) =>
        page.calls.map((call) => call.call_id),
      );
    const ascending = await ids('ascending');
    expect(ascending).toHaveLength(137);
    expect(new Set(ascending)).toEqual(new Set((await truth()).map((call) => call.call_id)));
    expect(await ids('descending')).toEqual([...ascending].reverse());
  });

  it('ends with an empty page when the last one was full', async () => {
    const { everyPage } = openBench({ pastCalls: 40 });
    const pages = await everyPage({ limit: 20, filter_criteria: ALL });
    expect(pages.map((page) => [page.calls.length, page.total_count])).toEqual([
      [20, 40],
      [20, 40],
      [0, 40],
    ]);
  });

  it('answers 50 light rows, newest first, unless told otherwise', async () => {
    const { list, ask } = openBench();
    const page = await list();
    expect(page.calls).toHaveLength(50);
    expect(page).toEqual(JSON.parse((await ask('POST', '/call-list')).text));
    expect(Object.keys(page)).toEqual(['calls', 'total_count']);
    expect(Object.keys(first(page.calls))).toEqual([
      'call_id',
      'call_type',
      'call_status',
      'agent',
      'from_number',
      'to_number',
      'direction',
      'start_timestamp',
      'duration_ms',
    ]);
  });

  it('keeps waiting and settled calls in one order at every instant', async () => {
    const { vendor, clock, everyPage } = openBench({ liveCallsPerSecond: 3, liveForMs: MINUTE });
    for (const afterMs of [2_500, 11_300, 30_000, 200_000]) {
      clock.nowMs = ORIGIN_MS + afterMs;
      const pages = await everyPage({ limit: 17, sort_order: 'ascending', filter_criteria: ALL });
      const rows = pages.flatMap((page) => page.calls);
      const keys = rows.map(
        (row) => row.start_timestamp ?? vendor.world.planOf(row.call_id, clock.nowMs)?.birthMs ?? 0,
      );
      expect(keys).toEqual([...keys].sort((left, right) => left - right));
      expect(new Set(rows.map((row) => row.call_id)).size).toBe(
        [...vendor.world.details(clock.nowMs)].length,
      );
    }
  });

  it('refuses a key that is unknown, deleted or outside of the filter', async () => {
    const { list, ask, vendor } = openBench();
    const status = async (body: object) => (await ask('POST', '/call-list', body)).status;
    const rows = (await list({ limit: 9 })).calls;
    const key = rows.at(-1);
    const pagination_key = key?.call_id;
    expect(await status({ pagination_key })).toBe(200);
    expect(await status({ pagination_key: '00000000-0000-4000-8000-000000000000' })).toBe(400);
    const other = key?.direction === 'incoming' ? 'outgoing' : 'incoming';
    expect(await status({ pagination_key, filter_criteria: { direction: [other] } })).toBe(400);
    const window = { start_timestamp: { lower_threshold: ORIGIN_MS } };
    expect(await status({ pagination_key, filter_criteria: window })).toBe(400);
    vendor.faults.add({ kind: 'deleted', callId: String(pagination_key) });
    expect(await status({ pagination_key })).toBe(400);
  });
});

describe('the filters of a list', () => {
  it('hide test calls unless they are asked for', async () => {
    const { list, vendor } = openBench({ pastCalls: 900 });
    const tests = [...vendor.world.details(ORIGIN_MS)].filter(
      ({ call_id }) => vendor.world.planOf(call_id, ORIGIN_MS)?.isTest,
    );
    expect(tests.length).toBeGreaterThan(9);
    expect(tests.length).toBeLessThan(54);
    expect((await list()).total_count).toBe(900 - tests.length);
    expect((await list({ filter_criteria: ALL })).total_count).toBe(900);
  });

  it('compare the start, or the dialling where there is none yet, bounds included', async () => {
    const { list, vendor } = openBench();
    for (const call of (await list({ limit: 60 })).calls) {
      const keyMs = call.start_timestamp ?? vendor.world.planOf(call.call_id, ORIGIN_MS)?.birthMs ?? 0;
      const found = async (lower_threshold: number, upper_threshold: number) => {
        const filter_criteria = { start_timestamp: { lower_threshold, upper_threshold } };
        return (await list({ filter_criteria })).calls.some((row) => row.call_id === call.call_id);
      };
      expect(await found(keyMs, keyMs)).toBe(true);
      expect(await found(keyMs + 1, keyMs + HOUR)).toBe(false);
      expect(await found(keyMs - HOUR, keyMs - 1)).toBe(false);
    }
  });

  it('take one bound alone, several words, and agents by their ids', async () => {
    const { list, vendor, clock } = openBench({ pastCalls: 400, historyDays: 30 });
    clock.nowMs = SETTLED_MS;
    const total = async (filter_criteria: object) => (await list({ filter_criteria })).total_count;
    const whole = await total({});
    const lower = await total({ start_timestamp: { lower_threshold: ORIGIN_MS - 240 * HOUR } });
    const upper = await total({ start_timestamp: { upper_threshold: ORIGIN_MS - 240 * HOUR - 1 } });
    expect([lower > 0, upper > 0, lower + upper]).toEqual([true, true, whole]);
    expect(await total({ direction: ['incoming', 'outgoing'] })).toBe(whole);
    const missed = await list({ filter_criteria: { call_status: ['busy', 'no_answer'] }, limit: 1_000 });
    expect(new Set(missed.calls.map((call) => call.call_status))).toEqual(new Set(['busy', 'no_answer']));
    const byAgent = await Promise.all(vendor.world.agents.map(({ id }) => total({ agent_id: [id] })));
    const rows = (await list({ limit: 1_000 })).calls;
    const nameless = rows.filter((call) => call.agent === null).length;
    expect(byAgent.reduce((sum, count) => sum + count, 0)).toBe(whole - nameless);
  });

  it.each([
    [{ cursor: 'x' }, /cursor/],
    [{ filter_criteria: { status: [] } }, /status/],
    [{ filter_criteria: { agent_id: 'x' } }, /agent_id/],
    [{ filter_criteria: { agent_id: ['7'] } }, /agent_id/],
    [{ filter_criteria: { direction: ['inbound'] } }, /direction/],
    [{ filter_criteria: { start_timestamp: { lower_threshold: '1' } } }, /lower_threshold/],
    [{ filter_criteria: { start_timestamp: { after: 1 } } }, /start_timestamp/],
    [{ filter_criteria: { include_test_calls: 'yes' } }, /include_test_calls/],
    [{ sort_order: 'asc' }, /sort_order/],
    [{ limit: 0 }, /limit/],
    [{ limit: 1_001 }, /limit/],
    [{ limit: '5' }, /limit/],
    [{ pagination_key: 7 }, /pagination_key/],
    [{ pagination_key: null }, /pagination_key/],
    [[], /body/],
  ])('refuse %j', async (body, message) => {
    const { ask } = openBench();
    const answer = await ask('POST', '/call-list', body);
    expect(answer.status).toBe(400);
    expect(JSON.parse(answer.text)).toEqual({ status: 'error', message: expect.stringMatching(message) });
  });
});
