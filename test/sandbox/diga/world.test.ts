import { describe, expect, it } from 'vitest';
import { DAY, MINUTE, SECOND } from '../../../src/clock.ts';
import { CALL_STATUSES } from '../../../src/sandbox/diga/call.ts';
import { msOf, ORIGIN_MS, SETTLED_MS, startBench } from './bench.ts';

const OPEN = ['dialing', 'in_queue', 'in_progress'];

describe('the world', () => {
  it('follows from its seed', async () => {
    const told = async (seed: number) => JSON.stringify(await startBench({ seed }).truth());
    expect(await told(7)).toBe(await told(7));
    expect(await told(8)).not.toBe(await told(7));
  });

  it('is what list, call and messages tell together', async () => {
    const { vendor, truth, get } = startBench();
    const numbers = new Map(vendor.world.phones.map((phone) => [phone.id, phone.number]));
    for (const { messages, phone_number, ...row } of await truth()) {
      expect((await get(`/v1/call/${row.id}`)).json).toEqual(row);
      const answer = await get(`/v1/call/${row.id}/message?order=asc`);
      expect(answer.json.data ?? []).toEqual(messages);
      const phone = 'phone_id' in row ? row.phone_id : row.phone_register_id;
      expect(phone_number).toBe(phone === null ? null : numbers.get(phone));
    }
  });

  it('prints two generations of calls, in each spelling of dates', async () => {
    const calls = await startBench({ pastCalls: 600 }).truth();
    const old = calls.filter((call) => 'phone_id' in call);
    const current = calls.filter((call) => 'phone_register_id' in call);
    expect([old.length, current.length].every((count) => count > 200)).toBe(true);
    expect(current.every((call) => CALL_STATUSES.some((status) => status === call.status))).toBe(true);
    expect(new Set(old.map((call) => call.status))).toEqual(
      new Set(['completed', 'failed', 'transferred', 'no_answer']),
    );
    expect(old.some((call) => 'agent_version_id' in call || 'dynamic_variables' in call)).toBe(false);
    expect(old.flatMap((call) => call.messages).every((message) => 'message_id' in message)).toBe(true);
    expect(current.flatMap((call) => call.messages).every((message) => 'id' in message)).toBe(true);
    const spellings = new Set(calls.map((call) => call.created_date.slice(19).replace(/\d/g, '9')));
    expect(spellings).toEqual(new Set(['.999Z', '.999999Z', '.999999+99:99', '.999999']));
  });

  it('has every shape of a tool call, and roles in capitals', async () => {
    const messages = (await startBench({ pastCalls: 600 }).truth()).flatMap((call) => call.messages);
    const tools = messages.flatMap(({ tool_call }) => tool_call ?? []);
    const shapes = new Set(tools.map((tool) => ('type' in tool ? tool.type : 'name only')));
    expect(shapes).toEqual(new Set(['function', 'call_tool', 'name only']));
    const statuses = new Set(tools.flatMap((tool) => ('status' in tool ? tool.status : [])));
    expect(statuses).toEqual(new Set(['started', 'success', 'error', 'cancelled']));
    const callTools = new Set(tools.flatMap((tool) => ('tool_name' in tool ? tool.tool_name : [])));
    expect(callTools).toEqual(new Set(['transfer', 'hangup', 'detect_answering_machine', 'add_participant']));
    const roles = new Set(messages.map(({ role }) => role));
    expect(roles).toEqual(new Set(['user', 'assistant', 'tool', 'USER', 'ASSISTANT', 'TOOL']));
    expect(messages.some(({ role, tool_call }) => role === 'assistant' && tool_call !== null)).toBe(true);
    expect(messages.some(({ role, content }) => role === 'tool' && content !== null)).toBe(true);
  });

  it('has contacts that call again, browsers, strangers and calls without a phone', async () => {
    const calls = await startBench({ pastCalls: 600 }).truth();
    const contacts = calls.flatMap(({ contact }) => contact ?? []);
    expect(new Set(contacts.map(({ id }) => id)).size).toBeLessThan(contacts.length);
    expect(contacts.length).toBeLessThan(calls.length);
    for (const { contact, phone_number, type } of calls) {
      if (contact?.contact_type === 'web') expect([type, phone_number]).toEqual(['inbound', null]);
      if (type === 'outbound') expect(contact?.identifier ?? '+34').toMatch(/^\+34/);
    }
    expect(contacts.every((contact) => msOf(contact.created_date) < ORIGIN_MS - 3 * DAY)).toBe(true);
  });
});

describe('the life of a call', () => {
  it('goes on in one direction, and shows what has happened only', () => {
    const { vendor } = startBench({ pastCalls: 0, liveCallsPerSecond: 0.5, liveForMs: 4 * MINUTE });
    const order = ['dialing', 'in_queue', 'in_progress', 'over'];
    const seen = new Set<string>();
    for (const { id } of vendor.world.details(SETTLED_MS)) {
      const plan = vendor.world.planOf(id, SETTLED_MS);
      let reached = 0;
      for (let nowMs = plan?.birthMs ?? 0; nowMs < (plan?.finishMs ?? 0) + 5 * SECOND; nowMs += 4 * SECOND) {
        const row = vendor.world.detail(id, nowMs);
        if (row === null) throw new Error('not born');
        seen.add(row.status);
        const stage = OPEN.includes(row.status) ? order.indexOf(row.status) : 3;
        expect(stage).toBeGreaterThanOrEqual(reached);
        reached = stage;
        expect(row.start_time === null).toBe(stage < 2 || plan?.connectMs === null);
        expect([row.end_time === null, row.end_reason === null || stage === 3]).toEqual([stage < 3, true]);
        if (stage < 3) expect([row.duration, row.recording_url]).toEqual([null, null]);
      }
    }
    expect(seen).toEqual(new Set([...OPEN, 'completed', 'failed', 'transferred', 'no_answer']));
  });

  it('lasts whole seconds between start and end', async () => {
    for (const call of await startBench({ pastCalls: 300 }).truth()) {
      if (call.end_time === null || call.start_time === null) continue;
      const lengthMs = msOf(call.end_time) - msOf(call.start_time);
      expect(call.duration).toBe(Math.floor(lengthMs / SECOND));
    }
  });

  it('is told message by message, the last ones late', () => {
    const { vendor } = startBench({ pastCalls: 0, liveCallsPerSecond: 0.2, liveForMs: MINUTE });
    let late = 0;
    for (const { id, messages, start_time } of vendor.world.details(SETTLED_MS)) {
      const { finishMs = null } = vendor.world.planOf(id, SETTLED_MS) ?? {};
      if (messages.length === 0 || finishMs === null) continue;
      const times = messages.map((message) => msOf(message.created_date));
      expect(times).toEqual([...times].sort((left, right) => left - right));
      expect(times.every((atMs) => atMs >= msOf(start_time) && atMs <= finishMs)).toBe(true);
      const middleMs = Math.floor((msOf(start_time) + finishMs) / 2);
      const early = vendor.world.messages(id, middleMs) ?? [];
      expect(early.every((message) => msOf(message.created_date) <= middleMs)).toBe(true);
      expect(messages.slice(0, early.length)).toEqual(early);
      if ((vendor.world.messages(id, finishMs)?.length ?? 0) < messages.length) late += 1;
    }
    expect(late).toBeGreaterThan(3);
  });

  it('gets its recording late; the current generation signs the link at every read', () => {
    const { vendor } = startBench({ pastCalls: 200 });
    const counts = { signed: 0, plain: 0, never: 0 };
    for (const call of vendor.world.details(SETTLED_MS)) {
      const plan = vendor.world.planOf(call.id, SETTLED_MS);
      if (plan?.connectMs === null) expect(call.recording_url).toBeNull();
      if (call.recording_url === null || !plan) {
        counts.never += 1;
        continue;
      }
      const again = vendor.world.detail(call.id, SETTLED_MS + 1)?.recording_url;
      expect(again?.split('?')[0]).toBe(call.recording_url.split('?')[0]);
      expect(again === call.recording_url).toBe('phone_id' in call);
      counts['phone_id' in call ? 'plain' : 'signed'] += 1;
    }
    expect(Object.values(counts).every((count) => count > 10)).toBe(true);
  });

  it('never ends for the share that is stuck', async () => {
    const { clock, truth } = startBench({ stuckShare: 1 });
    clock.nowMs = SETTLED_MS + 90 * DAY;
    for (const call of await truth()) {
      expect(call.status === 'in_progress').toBe(call.start_time !== null);
    }
  });

  it('is brought over to the current statuses long after its end, for the share that is asked for', async () => {
    const { clock, truth } = startBench({
      pastCalls: 300,
      historyDays: 1,
      reanalysis: { share: 1, afterMs: 2 * DAY },
    });
    const before = await truth();
    clock.nowMs += 4 * DAY;
    const after = new Map((await truth()).map((call) => [call.id, call]));
    const changed = before.filter(
      ({ id, status }) => !OPEN.includes(status) && after.get(id)?.status !== status,
    );
    expect(changed.length).toBeGreaterThan(10);
    expect(changed.every((call) => 'phone_id' in call && call.status !== 'completed')).toBe(true);
    for (const { id } of changed) {
      expect(after.get(id)).toMatchObject({ status: 'completed', end_reason: expect.any(String) });
    }
  });
});
