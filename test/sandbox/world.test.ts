import { describe, expect, it } from 'vitest';
import { DAY, HOUR, MINUTE, SECOND } from '../../src/clock.ts';
import { DISCONNECTION_REASONS, type VoxCall } from '../../src/sandbox/vox/call.ts';
import { first, ORIGIN_MS, SETTLED_MS, startBench } from './harness.ts';

const TERMINAL = ['ended', 'error', 'canceled', 'not_connected'];

async function settledCalls(pastCalls: number, seed = 1): Promise<VoxCall[]> {
  const { sandbox } = await startBench({ pastCalls, seed, historyDays: 30 });
  return [...sandbox.vox.world.details(SETTLED_MS)];
}

describe('the world of a seed', () => {
  it('answers byte by byte alike in two sandboxes, whatever was asked before', async () => {
    const [one, other] = [await startBench(), await startBench()];
    one.clock.nowMs += 3 * HOUR;
    await one.list('limit=3&sort_order=asc');
    one.clock.nowMs = ORIGIN_MS;
    for (const path of ['/v3/calls?limit=100', '/sandbox/vox/truth', '/v3/agents']) {
      expect((await one.get(path)).text).toBe((await other.get(path)).text);
    }
  });

  it('differs from the world of another seed', async () => {
    const [one, other] = [await startBench({ seed: 1 }), await startBench({ seed: 2 })];
    expect((await one.list()).items).not.toEqual((await other.list()).items);
  });

  it('brings live calls to life with the clock and takes them back with it', async () => {
    const { list, clock } = await startBench({ pastCalls: 0, liveCallsPerSecond: 2, liveForMs: 10 * SECOND });
    expect((await list()).total_count).toBe(0);
    clock.nowMs = ORIGIN_MS + 5 * SECOND;
    const early = (await list()).total_count;
    expect(early).toBeGreaterThan(5);
    clock.nowMs = SETTLED_MS;
    expect((await list()).total_count).toBe(20);
    clock.nowMs = ORIGIN_MS + 5 * SECOND;
    expect((await list()).total_count).toBe(early);
  });

  it('has every disconnection reason and the usual shares of outcomes', async () => {
    const calls = await settledCalls(5_000);
    const share = (status: string) => calls.filter((call) => call.status === status).length / calls.length;
    expect(new Set(calls.map((call) => call.disconnection_reason))).toEqual(
      new Set([...DISCONNECTION_REASONS, null]),
    );
    expect(share('ended')).toBeGreaterThan(0.58);
    expect(share('ended')).toBeLessThan(0.7);
    expect(share('not_connected')).toBeGreaterThan(0.17);
    expect(share('error')).toBeGreaterThan(0.05);
    expect(share('canceled')).toBeGreaterThan(0.03);
  });

  it('is busier on weekday mornings in Seoul than at night', async () => {
    const { sandbox } = await startBench({ pastCalls: 3_000, historyDays: 28 });
    const hours = [...sandbox.vox.world.details(ORIGIN_MS)].map((call) => {
      const bornMs = sandbox.vox.world.planOf(call.id, ORIGIN_MS)?.birthMs ?? 0;
      return new Date(bornMs + 9 * HOUR).getUTCHours();
    });
    const during = (from: number, to: number) => hours.filter((hour) => hour >= from && hour < to).length;
    expect(during(9, 12)).toBeGreaterThan(10 * during(0, 3));
  });
});

describe('what belongs to a call', () => {
  it('is absent for ever where nothing was recorded, analysed or billed', async () => {
    const calls = await settledCalls(3_000);
    const unconnected = calls.filter((call) => call.start_at === null);
    const optedOut = calls.filter((call) => call.opt_out_sensitive_data_storage);
    expect(unconnected.every((call) => call.call_cost === null && call.recording_url === null)).toBe(true);
    const analysed = unconnected.filter((call) => call.call_analysis !== null).length / unconnected.length;
    expect(analysed).toBeGreaterThan(0);
    expect(analysed).toBeLessThan(0.08);
    expect(optedOut.length).toBeGreaterThan(100);
    for (const call of optedOut) {
      expect([call.transcript, call.recording_url, call.call_analysis]).toEqual([null, null, null]);
    }
    expect(
      calls.some((call) => call.status === 'error' && call.start_at !== null && call.call_cost === null),
    ).toBe(true);
    expect(calls.some((call) => call.status === 'canceled' && call.end_at === null)).toBe(true);
    expect(calls.filter((call) => call.status === 'ended').every((call) => call.call_cost !== null)).toBe(
      true,
    );
  });

  it('is an analysis for every agent but one, and extraction values of every type', async () => {
    const calls = (await settledCalls(3_000)).filter((call) => call.status === 'ended');
    const agents = [...new Set(calls.map((call) => call.agent.agent_id))];
    const never = agents.filter((id) =>
      calls.every((call) => call.agent.agent_id !== id || call.call_analysis === null),
    );
    expect([agents.length, never.length]).toEqual([7, 1]);
    const fields = calls.flatMap((call) => call.call_analysis?.custom_analysis_data ?? []);
    expect(new Set(fields.map(({ type }) => type))).toEqual(new Set(['string', 'enum', 'boolean', 'number']));
    expect(new Set(fields.map(({ value }) => (value === null ? 'null' : typeof value)))).toEqual(
      new Set(['string', 'boolean', 'number', 'null']),
    );
  });

  it('is a cost in decimal won with two digits, now and then an awkward one', async () => {
    const costs = (await settledCalls(8_000)).flatMap((call) => call.call_cost?.total_cost ?? []);
    expect(costs.every((cost) => /^\d+\.\d\d$/.test(cost))).toBe(true);
    expect(costs).toContain('1234567.80');
    expect(costs).toContain('0.10');
    expect(costs).toContain('200.00');
  });

  it('is ten to twelve dynamic variables, all texts, one with JSON inside', async () => {
    for (const { dynamic_variables } of await settledCalls(200)) {
      const values = Object.values(dynamic_variables);
      expect(values.length).toBeGreaterThanOrEqual(10);
      expect(values.length).toBeLessThanOrEqual(12);
      expect(values.every((value) => typeof value === 'string')).toBe(true);
      expect(JSON.parse(String(dynamic_variables.order_payload))).toHaveProperty('order_no');
    }
  });

  it('is no phone number on web calls, and made-up ones elsewhere', async () => {
    for (const { call_type, from_number, to_number } of await settledCalls(400)) {
      const numbers = [from_number, to_number];
      if (call_type === 'web') expect(numbers).toEqual([null, null]);
      else
        expect(numbers.every((number) => /^(0101234\d{4}|07011\d{6}|1588\d{4})$/.test(number ?? ''))).toBe(
          true,
        );
    }
  });
});

describe('the life of a call', () => {
  it('goes from queued over ongoing to its end, and never back', async () => {
    const { sandbox } = await startBench({ pastCalls: 0, liveCallsPerSecond: 5, liveForMs: 10 * SECOND });
    const rank = (status: string) => (TERMINAL.includes(status) ? 2 : status === 'ongoing' ? 1 : 0);
    const lived = new Map<string, number[]>();
    for (let nowMs = ORIGIN_MS; nowMs < SETTLED_MS; nowMs += 700) {
      for (const call of nowMs < ORIGIN_MS + 5 * MINUTE ? sandbox.vox.world.details(nowMs) : []) {
        lived.set(call.id, [...(lived.get(call.id) ?? []), rank(call.status)]);
        expect(call.start_at ?? nowMs).toBeLessThanOrEqual(nowMs);
        if (!TERMINAL.includes(call.status))
          expect([call.end_at, call.disconnection_reason]).toEqual([null, null]);
      }
    }
    expect(lived.size).toBe(50);
    for (const ranks of lived.values()) expect(ranks).toEqual([...ranks].sort((left, right) => left - right));
    const settled = [...sandbox.vox.world.details(SETTLED_MS)];
    expect(settled.every((call) => TERMINAL.includes(call.status))).toBe(true);
  });

  it('fills recording, cost and analysis in after the end, each in its time', async () => {
    const { sandbox, clock, list, detail } = await startBench({ pastCalls: 400 });
    clock.nowMs = SETTLED_MS;
    const { items } = await list('status=ended&limit=100');
    const call = first(items.filter((row) => row.call_analysis && row.call_cost && row.recording_url));
    clock.nowMs = (call.end_at ?? 0) - 1;
    expect((await detail(call.id)).status).toBe('ongoing');
    clock.nowMs = call.end_at ?? 0;
    const atEnd = await detail(call.id);
    expect([atEnd.status, atEnd.call_analysis, atEnd.call_cost]).toEqual(['ended', null, null]);
    clock.nowMs += 15 * MINUTE;
    const later = await detail(call.id);
    const settled = sandbox.vox.world.detail(call.id, SETTLED_MS + DAY);
    expect(later).toEqual(settled);
  });

  it('lets the transcript grow during the call and adds its last items after the end', async () => {
    const { sandbox } = await startBench({ pastCalls: 300 });
    const whole = first(
      [...sandbox.vox.world.details(SETTLED_MS)].filter((call) => (call.transcript ?? []).length > 12),
    );
    const lengthAt = (atMs: number) => sandbox.vox.world.detail(whole.id, atMs)?.transcript?.length ?? -1;
    const [startMs, endMs] = [whole.start_at ?? 0, whole.end_at ?? 0];
    const middle = lengthAt((startMs + endMs) / 2);
    expect(lengthAt(startMs)).toBe(0);
    expect(middle).toBeGreaterThan(1);
    expect(lengthAt(endMs)).toBeGreaterThan(middle);
    expect(lengthAt(endMs)).toBeLessThan(whole.transcript?.length ?? 0);
    expect(lengthAt(endMs + 10 * SECOND)).toBe(whole.transcript?.length);
  });

  it('can be shortened', async () => {
    const quick = {
      queueScale: 0,
      ringScale: 0,
      talkScale: 0.01,
      tailScale: 0,
      recordingScale: 0,
      costScale: 0,
      analysisScale: 0,
    };
    const { sandbox } = await startBench({
      timings: quick,
      pastCalls: 0,
      liveCallsPerSecond: 5,
      liveForMs: SECOND,
    });
    const soon = [...sandbox.vox.world.details(ORIGIN_MS + 12 * SECOND)];
    expect(soon).toEqual([...sandbox.vox.world.details(SETTLED_MS)]);
    expect(soon).toHaveLength(5);
  });

  it('can hang for ever, for a share of the connected calls', async () => {
    const { sandbox } = await startBench({ pastCalls: 400, stuckShare: 0.1 });
    const calls = [...sandbox.vox.world.details(SETTLED_MS + 30 * DAY)];
    const stuck = calls.filter((call) => call.status === 'ongoing');
    expect(stuck.length).toBeGreaterThan(10);
    expect(
      stuck.every((call) => call.start_at !== null && call.end_at === null && call.call_cost === null),
    ).toBe(true);
  });

  it('can be analysed anew weeks later', async () => {
    const { sandbox } = await startBench({ reanalysis: { share: 1, afterMs: 21 * DAY } });
    const call = first(
      [...sandbox.vox.world.details(SETTLED_MS)].filter((one) => one.call_analysis && one.end_at),
    );
    const later = sandbox.vox.world.detail(call.id, (call.end_at ?? 0) + 21 * DAY);
    expect(later?.call_analysis?.summary).toBe(`[재분석] ${call.call_analysis?.summary}`);
  });
});
