import { describe, expect, it } from 'vitest';
import { DAY, HOUR, MINUTE, SECOND } from '../../../src/clock.ts';
import { COMPLETED, FAILED, type VoicyCall } from '../../../src/sandbox/voicy/call.ts';
import { first, ORIGIN_MS, openBench, SETTLED_MS } from './bench.ts';

const TERMINAL: readonly string[] = [...COMPLETED, ...FAILED];

const calls = [...openBench({ pastCalls: 4_000, historyDays: 30 }).vendor.world.details(SETTLED_MS)];

function shareOf<Item>(items: readonly Item[], holds: (item: Item) => boolean): number {
  return items.filter(holds).length / items.length;
}

describe('the world of a seed', () => {
  it('answers byte by byte alike in two sandboxes, whatever was asked before', async () => {
    const [one, other] = [openBench(), openBench()];
    one.clock.nowMs += 3 * HOUR;
    await one.list({ limit: 3 });
    one.clock.nowMs = ORIGIN_MS;
    expect(await one.list()).toEqual(await other.list());
    expect(JSON.stringify(await one.truth())).toBe(JSON.stringify(await other.truth()));
  });

  it('differs from the world of another seed', async () => {
    const [one, other] = [openBench({ seed: 1 }), openBench({ seed: 2 })];
    expect((await one.list()).calls).not.toEqual((await other.list()).calls);
  });

  it('has every last status and the usual shares of outcomes', () => {
    expect(new Set(calls.map((call) => call.call_status))).toEqual(new Set(TERMINAL));
    const completed = shareOf(calls, (call) => COMPLETED.some((status) => status === call.call_status));
    expect(completed).toBeGreaterThan(0.65);
    expect(completed).toBeLessThan(0.8);
    expect(shareOf(calls, (call) => call.call_status === 'ended')).toBeLessThan(0.06);
  });

  it('is busier on mornings in Tel Aviv than at night', () => {
    const { vendor } = openBench({ pastCalls: 2_000, historyDays: 28 });
    const hours = [...vendor.world.details(ORIGIN_MS)].map(({ call_id }) => {
      const bornMs = vendor.world.planOf(call_id, ORIGIN_MS)?.birthMs ?? 0;
      return new Date(bornMs + 2 * HOUR).getUTCHours();
    });
    const during = (from: number, to: number) => hours.filter((hour) => hour >= from && hour < to).length;
    expect(during(9, 12)).toBeGreaterThan(10 * during(0, 3));
  });
});

describe('what belongs to a call', () => {
  const between = (share: number, [low, high]: [number, number]) => {
    expect(share).toBeGreaterThan(low);
    expect(share).toBeLessThan(high);
  };

  it('is an agent, rarely with its id, and rarely none', () => {
    between(
      shareOf(calls, ({ agent }) => agent === null),
      [0.005, 0.03],
    );
    between(
      shareOf(calls, ({ agent }) => agent?.id !== undefined),
      [0.02, 0.06],
    );
  });

  it('is no phone number on web calls, and made-up ones elsewhere', () => {
    for (const { call_type, from_number, to_number, direction } of calls) {
      const numbers = [from_number, to_number];
      if (call_type === 'web_call') expect([...numbers, direction]).toEqual([null, null, 'incoming']);
      else expect(numbers.every((number) => /^\+972(55501\d{4}|\d5550\d{3})$/.test(number ?? ''))).toBe(true);
    }
    expect(new Set(calls.map((call) => call.direction))).toEqual(new Set(['incoming', 'outgoing']));
  });

  it('is no summary and no recording for ever where the call failed', () => {
    const failed = calls.filter((call) => FAILED.some((status) => status === call.call_status));
    expect(failed.every((call) => call.summary === null && !call.extraction_failed)).toBe(true);
    expect(failed.some((call) => call.transcript !== null)).toBe(true);
    const unanswered = failed.filter((call) => call.transcript === null);
    expect(unanswered.every((call) => call.recording_url === null)).toBe(true);
  });

  it('is a summary for the completed ones, but for the analyses that failed', () => {
    const completed = calls.filter((call) => COMPLETED.some((status) => status === call.call_status));
    for (const call of completed) expect(call.summary === null).toBe(call.extraction_failed === true);
    between(
      shareOf(completed, (call) => call.extraction_failed === true),
      [0.02, 0.06],
    );
    const values = completed.flatMap((call) => Object.values(call.vars_extracted ?? {}));
    expect(new Set(values.map((value) => (value === null ? 'null' : typeof value)))).toEqual(
      new Set(['string', 'null']),
    );
  });

  it('is a cost in a few calls, a number of dollars, now and then one with noise', () => {
    const costs = calls.flatMap((call) => (call.call_cost ? [call.call_cost.combined_cost] : []));
    between(costs.length / calls.length, [0.02, 0.09]);
    expect(costs).toContain(0.1 + 0.2);
    expect(costs.every((cost) => !String(cost).includes('e'))).toBe(true);
  });

  it('is a transcript of five shapes', () => {
    const answered = calls.filter((call) => call.transcript !== null);
    const items = ({ transcript }: VoicyCall) => (Array.isArray(transcript) ? transcript : []);
    const has = (call: VoicyCall, field: string) => items(call).some((item) => field in item);
    between(
      shareOf(answered, (call) => has(call, 'function_invocation')),
      [0.35, 0.6],
    );
    const labelled = (call: VoicyCall) =>
      items(call).some(({ role }) => role === 'system') && !has(call, 'function_invocation');
    between(shareOf(answered, labelled), [0.12, 0.3]);
    between(
      shareOf(answered, (call) => items(call).some(({ role }) => role === 'user')),
      [0.06, 0.12],
    );
    const texts = answered.filter((call) => typeof call.transcript === 'string');
    between(texts.length / answered.length, [0.02, 0.08]);
    between(
      shareOf(texts, (call) => call.transcript_object !== undefined),
      [0.5, 0.9],
    );
  });

  it('is a pair of turns for every function, its secrets redacted, a few without an answer', () => {
    const items = calls.flatMap(({ transcript }) => (Array.isArray(transcript) ? transcript : []));
    const sent = items.flatMap((item) => item.function_invocation ?? []);
    const back = items.flatMap((item) => item.function_result ?? []);
    expect(new Set(sent.map((one) => one.invocation_id)).size).toBe(sent.length);
    expect(shareOf(back, ({ status_code }) => status_code === 0)).toBeLessThan(0.1);
    for (const { status_code, error_class } of back)
      expect(error_class !== undefined).toBe(status_code === 0);
    expect(back.some(({ status_code }) => status_code === 0)).toBe(true);
    for (const one of sent) expect(JSON.stringify(one)).toContain('[REDACTED]');
  });

  it('is variables of every kind', () => {
    const provided = calls.map((call) => call.vars_provided);
    expect(provided).toContain(null);
    const kinds = provided.flatMap((one) => Object.values(one ?? {})).map((value) => typeof value);
    expect(new Set(kinds)).toEqual(new Set(['string', 'number', 'boolean', 'object']));
    const lists = calls.filter((call) => Array.isArray(call.vars_collected));
    between(lists.length / calls.length, [0.02, 0.08]);
    expect(JSON.stringify(lists.map((call) => call.vars_collected))).toMatch(/"score":\d.*"name":/);
  });
});

describe('the life of a call', () => {
  it('goes from initiated over ringing and ongoing to its end, and never back', () => {
    const { vendor } = openBench({ pastCalls: 0, liveCallsPerSecond: 5, liveForMs: 10 * SECOND });
    const ranks = ['initiated', 'ringing', 'ongoing', 'in_progress'];
    const lived = new Map<string, number[]>();
    const seen = new Set<string>();
    for (let nowMs = ORIGIN_MS; nowMs < ORIGIN_MS + 5 * MINUTE; nowMs += 700) {
      for (const call of vendor.world.details(nowMs)) {
        const rank = TERMINAL.includes(call.call_status) ? 9 : ranks.indexOf(call.call_status);
        lived.set(call.call_id, [...(lived.get(call.call_id) ?? []), rank]);
        seen.add(call.call_status);
        expect(call.start_timestamp ?? nowMs).toBeLessThanOrEqual(nowMs);
        expect(call.duration_ms === null).toBe(rank < 9);
      }
    }
    expect(lived.size).toBe(50);
    for (const steps of lived.values()) expect(steps).toEqual([...steps].sort((a, b) => a - b));
    expect([...seen]).toEqual(expect.arrayContaining(['initiated', 'ringing', 'ongoing']));
  });

  it('begins at the dialling or at the answer, and the start never moves', () => {
    const { vendor } = openBench({ pastCalls: 400 });
    let ofDialling = 0;
    for (const { call_id } of vendor.world.details(SETTLED_MS)) {
      const plan = vendor.world.planOf(call_id, SETTLED_MS);
      if (plan === null) throw new Error('a call without a plan');
      const startAt = (nowMs: number) => vendor.world.detail(call_id, nowMs)?.start_timestamp;
      const settled = startAt(SETTLED_MS);
      expect([plan.birthMs, plan.connectMs]).toContain(settled);
      if (settled === plan.birthMs) ofDialling += 1;
      expect(startAt(plan.birthMs)).toBe(settled === plan.birthMs ? settled : null);
      expect(plan.settledKeyMs).toBe(settled ?? plan.birthMs);
    }
    expect(ofDialling).toBeGreaterThan(220);
    expect(ofDialling).toBeLessThan(300);
  });

  it('fills recording, summary and variables in after the end, and the row shows nothing of it', () => {
    const { vendor } = openBench({ pastCalls: 200 });
    const call = first(
      [...vendor.world.details(SETTLED_MS)].filter(
        (one) => one.summary && one.recording_url && (one.transcript ?? []).length > 8,
      ),
    );
    const finishMs = vendor.world.planOf(call.call_id, SETTLED_MS)?.finishMs ?? 0;
    const at = (nowMs: number) => vendor.world.detail(call.call_id, nowMs);
    expect(at(finishMs - 1)?.duration_ms).toBeNull();
    const atEnd = at(finishMs);
    expect([atEnd?.call_status, atEnd?.summary]).toEqual([call.call_status, null]);
    expect(atEnd?.vars_extracted ?? {}).toEqual({});
    expect(atEnd?.transcript?.length).toBeLessThan(call.transcript?.length ?? 0);
    expect(atEnd?.duration_ms).toBe(call.duration_ms);
    expect(at(finishMs + 13 * MINUTE)).toEqual(call);
  });

  it('can be analysed anew much later, the failed ones before the others', () => {
    const options = { pastCalls: 1_500, reanalysis: { share: 0.1, afterMs: 21 * DAY } };
    const { vendor } = openBench(options);
    const late = SETTLED_MS + 22 * DAY;
    const counts = { failed: 0, mended: 0, fine: 0, changed: 0 };
    for (const before of vendor.world.details(SETTLED_MS)) {
      const after = vendor.world.detail(before.call_id, late);
      const again = after?.summary?.startsWith('[ניתוח חוזר] ') === true;
      if (before.extraction_failed) {
        counts.failed += 1;
        if (again && after.extraction_failed === undefined) counts.mended += 1;
      } else if (before.summary !== null) {
        counts.fine += 1;
        if (again && after.vars_extracted?.topic !== undefined) counts.changed += 1;
      }
    }
    expect(counts.mended / counts.failed).toBeGreaterThan(0.2);
    expect(counts.mended).toBeLessThan(counts.failed);
    expect(counts.changed / counts.fine).toBeGreaterThan(0.05);
    expect(counts.changed / counts.fine).toBeLessThan(0.16);
  });

  it('can hang for ever, for a share of the answered calls', () => {
    const { vendor } = openBench({ pastCalls: 400, stuckShare: 0.1 });
    const stuck = [...vendor.world.details(SETTLED_MS + 30 * DAY)].filter((call) =>
      ['ongoing', 'in_progress'].includes(call.call_status),
    );
    expect(stuck.length).toBeGreaterThan(10);
    for (const call of stuck) expect([call.duration_ms, call.summary]).toEqual([null, null]);
  });

  it('can be shortened', () => {
    const timings = { queueScale: 0, ringScale: 0, talkScale: 0.01, tailScale: 0, recordingScale: 0 };
    const { vendor } = openBench({
      timings: { ...timings, costScale: 0, analysisScale: 0 },
      pastCalls: 0,
      liveCallsPerSecond: 5,
      liveForMs: SECOND,
    });
    const soon = [...vendor.world.details(ORIGIN_MS + 12 * SECOND)];
    expect(soon).toEqual([...vendor.world.details(SETTLED_MS)]);
    expect(soon).toHaveLength(5);
  });
});
