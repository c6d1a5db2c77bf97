import { describe, expect, it } from 'vitest';
import { MINUTE, SECOND } from '../../src/clock.ts';
import { first, ORIGIN_MS, SETTLED_MS, startBench } from './harness.ts';

const CALL = { from_number: '07011220001', to_number: '01012340001' };

describe('paging through the calls', () => {
  it('reaches every call once, in order, whatever the direction', async () => {
    const { everyPage, truth } = await startBench({ pastCalls: 137 });
    const ids = async (query: string) =>
      (await everyPage(query)).flatMap((page) => page.items.map((call) => call.id));
    const ascending = await ids('limit=10&sort_order=asc');
    expect(ascending).toHaveLength(137);
    expect(new Set(ascending)).toEqual(new Set((await truth()).calls.map((call) => call.id)));
    expect(await ids('limit=10')).toEqual([...ascending].reverse());
  });

  it('passes calls of the very same instant one by one', async () => {
    const { sandbox, send, everyPage } = await startBench({ pastCalls: 0 });
    const agent_id = first(sandbox.vox.world.agents).id;
    for (let n = 0; n < 5; n += 1) await send('POST', '/v3/calls', { ...CALL, agent: { agent_id } });
    const pages = await everyPage('limit=1&sort_order=asc');
    const ids = pages.map((page) => first(page.items).id);
    expect(ids).toEqual([...new Set(ids)].sort((left, right) => (left < right ? -1 : 1)));
    expect(pages.map((page) => page.total_count)).toEqual([5, 5, 5, 5, 5]);
    expect(pages.at(-1)?.next_cursor).toBeNull();
  });

  it('answers 50 rows without transcripts unless told otherwise', async () => {
    const { list } = await startBench();
    const { items, total_count } = await list();
    expect(items).toHaveLength(50);
    expect(total_count).toBe(60);
    expect(items.some((row) => 'transcript' in row)).toBe(false);
  });

  it('takes a cursor along when the page size changes', async () => {
    const { list } = await startBench();
    const page = await list('limit=5');
    const next = await list(`limit=7&cursor=${page.next_cursor}`);
    expect(next.items).toEqual((await list('limit=12')).items.slice(5));
  });
});

describe('the window of a list', () => {
  it('compares the connection of connected calls and the birth of the others', async () => {
    const { sandbox, clock, list } = await startBench({ pastCalls: 300 });
    clock.nowMs = SETTLED_MS;
    for (const call of (await list('limit=100')).items) {
      const plan = sandbox.vox.world.planOf(call.id, SETTLED_MS);
      const keyMs = call.start_at ?? plan?.birthMs ?? 0;
      const found = async (query: string) => (await list(query)).items.some((row) => row.id === call.id);
      expect(await found(`start_at_after=${keyMs}&start_at_before=${keyMs}`)).toBe(true);
      expect(await found(`start_at_after=${keyMs + 1}&start_at_before=${keyMs + 1}`)).toBe(false);
    }
  });

  it('moves a call from its birth to its connection once it is connected', async () => {
    const { sandbox, clock, list } = await startBench({
      pastCalls: 0,
      liveCallsPerSecond: 1,
      liveForMs: MINUTE,
    });
    const plans = [...sandbox.vox.world.details(SETTLED_MS)].map((call) =>
      sandbox.vox.world.planOf(call.id, SETTLED_MS),
    );
    const plan = first(plans.filter((one) => one?.connectMs && one.connectMs > one.birthMs + SECOND));
    const [birthMs, connectMs] = [plan?.birthMs ?? 0, plan?.connectMs ?? 0];
    const found = async (atMs: number) =>
      (await list(`start_at_after=${atMs}&start_at_before=${atMs}`)).items.some((row) => row.id === plan?.id);
    clock.nowMs = birthMs - 1;
    expect(await found(birthMs)).toBe(false);
    clock.nowMs = connectMs - 1;
    expect([await found(birthMs), await found(connectMs)]).toEqual([true, false]);
    clock.nowMs = connectMs;
    expect([await found(birthMs), await found(connectMs)]).toEqual([false, true]);
  });

  it('keeps waiting and settled calls in one order at every instant', async () => {
    const { sandbox, clock, everyPage } = await startBench({
      pastCalls: 50,
      liveCallsPerSecond: 3,
      liveForMs: MINUTE,
    });
    for (const afterMs of [2_500, 11_300, 30_000, 61_700, 200_000]) {
      clock.nowMs = ORIGIN_MS + afterMs;
      const rows = (await everyPage('limit=7&sort_order=asc')).flatMap((page) => page.items);
      const keys = rows.map(
        (row) => row.start_at ?? sandbox.vox.world.planOf(row.id, clock.nowMs)?.birthMs ?? 0,
      );
      expect(keys).toEqual([...keys].sort((left, right) => left - right));
      expect(new Set(rows.map((row) => row.id)).size).toBe(
        [...sandbox.vox.world.details(clock.nowMs)].length,
      );
    }
  });

  it('reads ten digits as seconds', async () => {
    const { list } = await startBench();
    const seconds = Math.floor(ORIGIN_MS / SECOND) - 86_400;
    expect(await list(`start_at_after=${seconds}`)).toEqual(await list(`start_at_after=${seconds * SECOND}`));
  });
});

describe('the filters of a list', () => {
  it('take repeated names as alternatives and different names together', async () => {
    const { list } = await startBench({ pastCalls: 300 });
    const both = await list('status=ended&status=error&call_type=inbound&limit=100');
    expect(new Set(both.items.map((row) => row.status))).toEqual(new Set(['ended', 'error']));
    expect(new Set(both.items.map((row) => row.call_type))).toEqual(new Set(['inbound']));
    const call = first(both.items);
    const own = await list(
      `call_from=${call.from_number}&call_to=${call.to_number}&agent_id=${call.agent.agent_id}`,
    );
    expect(own.items.map((row) => row.id)).toContain(call.id);
    const reason = await list('disconnection_reason=dial_busy');
    expect(reason.total_count).toBe(reason.items.length);
    expect(reason.items.every((row) => row.disconnection_reason === 'dial_busy')).toBe(true);
  });

  it.each([
    ['campaign_id=7', 'campaign_id'],
    ['status[]=ended', 'status[]'],
    ['metadata=a:b', 'metadata'],
  ])('refuse the unknown name in %s and tell the known ones', async (query, field) => {
    const { get } = await startBench();
    const answer = await get(`/v3/calls?${query}`);
    expect(answer.status).toBe(400);
    const { code, details } = JSON.parse(answer.text).error;
    expect(code).toBe('VALIDATION_ERROR');
    expect(details.field).toBe(field);
    expect(details.allowed_query_parameters).toHaveLength(11);
  });

  it.each([
    ['limit=0', 'limit'],
    ['limit=101', 'limit'],
    ['limit=ten', 'limit'],
    ['limit=5&limit=6', 'limit'],
    ['status=done', 'status'],
    ['call_type=fax', 'call_type'],
    ['disconnection_reason=boredom', 'disconnection_reason'],
    ['agent_id=7', 'agent_id'],
    ['call_from=010-1234', 'call_from'],
    ['start_at_after=yesterday', 'start_at_after'],
    ['start_at_before=1.5', 'start_at_before'],
    ['sort_order=up', 'sort_order'],
    ['cursor=garbage', 'cursor'],
    ['cursor=W10', 'cursor'],
  ])('refuse %s with the field and a reason', async (query, field) => {
    const { get } = await startBench();
    const answer = await get(`/v3/calls?${query}`);
    expect(answer.status).toBe(400);
    expect(JSON.parse(answer.text).error).toMatchObject({
      code: 'VALIDATION_ERROR',
      details: { field, reason: expect.any(String) },
    });
  });

  it('refuse a cursor that was given out for others', async () => {
    const { list, get } = await startBench();
    const { next_cursor } = await list('limit=5');
    expect((await get(`/v3/calls?limit=5&cursor=${next_cursor}`)).status).toBe(200);
    for (const query of ['status=ended', 'sort_order=asc', 'start_at_after=5']) {
      const answer = await get(`/v3/calls?limit=5&${query}&cursor=${next_cursor}`);
      expect(JSON.parse(answer.text).error.details.field).toBe('cursor');
    }
  });
});
