import { describe, expect, it } from 'vitest';
import { MINUTE } from '../../../src/clock.ts';
import { first, msOf, ORIGIN_MS, SETTLED_MS, startBench } from './bench.ts';

const NOBODY = '00000000-0000-4000-8000-000000000000';

describe('paging through the calls', () => {
  it('reaches every call once, in order, whatever the direction', async () => {
    const { list, truth } = startBench({ pastCalls: 137 });
    const ids = async (order: string) => {
      const gathered: string[] = [];
      let page = await list(`limit=10&order=${order}`);
      for (;;) {
        gathered.push(...page.data.map((row) => row.id));
        expect([page.first_id, page.last_id]).toEqual([page.data[0]?.id, page.data.at(-1)?.id]);
        if (!page.has_more) return gathered;
        page = await list(`limit=10&order=${order}&after=${page.last_id}`);
      }
    };
    const ascending = await ids('asc');
    expect(ascending).toEqual((await truth()).map((call) => call.id));
    expect(await ids('desc')).toEqual([...ascending].reverse());
  });

  it('goes back to what lies before an id', async () => {
    const { list } = startBench();
    const all = (await list('limit=1000&order=asc')).data;
    const page = await list(`order=asc&limit=4&before=${all[10]?.id}`);
    expect([page.data, page.has_more]).toEqual([all.slice(6, 10), true]);
    const start = await list(`order=asc&limit=20&before=${all[10]?.id}`);
    expect([start.data, start.has_more, start.current_page]).toEqual([all.slice(0, 10), false, null]);
  });

  it('counts pages by number', async () => {
    const { list } = startBench();
    const all = (await list('limit=1000')).data;
    const page = await list('limit=25&page=2');
    expect(page.data).toEqual(all.slice(25, 50));
    expect([page.has_more, page.current_page, page.total_pages]).toEqual([true, 2, 3]);
    expect(await list('limit=25&page=4')).toMatchObject({ data: [], has_more: false, last_id: null });
  });

  it('answers 50 rows, newest first, unless told otherwise', async () => {
    const { list } = startBench();
    const { data } = await list();
    expect(data).toHaveLength(50);
    const births = data.map((row) => msOf(row.created_date));
    expect(births).toEqual([...births].sort((left, right) => right - left));
  });

  it('refuses a cursor that never was or is gone', async () => {
    const { vendor, list, get } = startBench();
    const { id } = first((await list()).data);
    vendor.faults.add({ kind: 'deleted', callId: id });
    for (const cursor of [id, NOBODY]) {
      const answer = await get(`/v1/call/?after=${cursor}`);
      expect([answer.status, answer.json.error_code]).toEqual([404, 'CALL_NOT_FOUND']);
    }
  });
});

describe('the window of a list', () => {
  it('includes both ends of creation, with or without an offset', async () => {
    const { vendor, list } = startBench();
    for (const call of (await list('limit=20')).data) {
      const birthMs = vendor.world.planOf(call.id, ORIGIN_MS)?.birthMs ?? 0;
      expect(msOf(call.created_date)).toBe(birthMs);
      const found = async (from: string, to: string) =>
        (await list(`start_created_date=${from}&end_created_date=${to}`)).data.some(
          ({ id }) => id === call.id,
        );
      const [at, next] = [new Date(birthMs).toISOString(), new Date(birthMs + 1).toISOString()];
      expect(await found(at, at)).toBe(true);
      expect(await found(next, next)).toBe(false);
      expect(await found(at.slice(0, -1), at.slice(0, -1))).toBe(true);
      const inMadrid = encodeURIComponent(
        `${new Date(birthMs + 60 * MINUTE).toISOString().slice(0, -1)}+01:00`,
      );
      expect(await found(inMadrid, inMadrid)).toBe(true);
    }
  });

  it('is not left by a call whose life goes on', async () => {
    const { clock, list } = startBench({ pastCalls: 0, liveCallsPerSecond: 0.2, liveForMs: MINUTE });
    clock.nowMs = ORIGIN_MS + MINUTE;
    const query = `start_created_date=${new Date(ORIGIN_MS).toISOString()}&end_created_date=${new Date(clock.nowMs).toISOString()}`;
    const ids = (await list(query)).data.map((row) => row.id);
    expect(ids.length).toBeGreaterThan(5);
    clock.nowMs = SETTLED_MS;
    expect((await list(query)).data.map((row) => row.id)).toEqual(ids);
  });
});

describe('the filters of a list', () => {
  it('let through what they name', async () => {
    const { list } = startBench({ pastCalls: 300 });
    const all = (await list('limit=1000')).data;
    const expectSame = async (query: string, wanted: (row: (typeof all)[number]) => boolean) => {
      const expected = all.filter(wanted);
      expect(expected.length).toBeGreaterThan(0);
      expect((await list(`limit=1000&${query}`)).data).toEqual(expected);
    };
    const sample = first(all.filter((row) => 'phone_id' in row && row.phone_id !== null && row.contact));
    const phone = 'phone_id' in sample ? sample.phone_id : null;
    await expectSame(`agent_id=${sample.agent_id}`, (row) => row.agent_id === sample.agent_id);
    await expectSame(`contact_id=${sample.contact?.id}`, (row) => row.contact?.id === sample.contact?.id);
    await expectSame(
      'type=outbound&status=completed',
      (row) => row.type === 'outbound' && row.status === 'completed',
    );
    await expectSame(
      `phone_id=${phone}`,
      (row) => ('phone_id' in row ? row.phone_id : row.phone_register_id) === phone,
    );
  });

  it.each([
    'status=no_answer',
    'status=COMPLETED',
    'type=web',
    'order=up',
    'limit=0',
    'limit=1001',
    'limit=ten',
    'page=0',
    'after=1',
    'agent_id=x',
    'start_created_date=yesterday',
    'end_created_date=2026-11-20T11:00:00 01:00',
  ])('are checked: %s', async (query) => {
    const { get } = startBench();
    const answer = await get(`/v1/call/?${encodeURI(query)}`);
    expect(answer.status).toBe(422);
    const detail = [
      { loc: ['query', query.split('=')[0]], msg: expect.any(String), type: expect.any(String) },
    ];
    expect(answer.json).toEqual({ detail });
  });

  it('do not take pages in two ways at once, nor mind names they do not know', async () => {
    const { get, list } = startBench();
    const { first_id, last_id } = await list();
    for (const query of [`after=${first_id}&before=${last_id}`, `after=${first_id}&page=2`]) {
      const answer = await get(`/v1/call/?${query}`);
      expect([answer.status, answer.json.error_code]).toEqual([422, 'INVALID_PAGINATION_PARAMETERS']);
    }
    expect((await get('/v1/call/?expand=all')).status).toBe(200);
  });
});
