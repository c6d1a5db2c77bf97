import { describe, expect, it } from 'vitest';
import { MINUTE, SECOND } from '../../src/clock.ts';
import { first, ORIGIN_MS, SETTLED_MS, startBench } from './harness.ts';

describe('the key', () => {
  it.each([
    ['no key', {}],
    ['a wrong key', { authorization: 'Bearer wrong' }],
    ['a key without its scheme', { authorization: 'sandbox-key' }],
  ])('is asked for: %s is refused in the form of the vendor', async (_, headers) => {
    const { get } = await startBench();
    for (const path of ['/v3/calls', '/v3/agents', '/v3/nothing']) {
      const answer = await get(path, headers as Record<string, string>);
      expect(answer.status).toBe(401);
      expect(JSON.parse(answer.text).error).toEqual({
        code: 'UNAUTHORIZED',
        message: expect.any(String),
        details: {},
      });
    }
  });
});

describe('one call', () => {
  it('is its row of the list and a transcript', async () => {
    const { list, detail } = await startBench();
    for (const row of (await list('limit=10')).items) {
      const { transcript, ...rest } = await detail(row.id);
      expect(rest).toEqual(row);
      expect(transcript === null).toBe(row.opt_out_sensitive_data_storage);
    }
  });

  it('is not found before its birth, nor under an id that never was', async () => {
    const { sandbox, get, clock } = await startBench({ pastCalls: 0, liveCallsPerSecond: 1 });
    const { id } = first(sandbox.vox.world.details(ORIGIN_MS + 10 * SECOND));
    expect((await get(`/v3/calls/${id}`)).status).toBe(404);
    expect((await get('/v3/calls/00000000-0000-4000-8000-000000000000')).status).toBe(404);
    clock.nowMs += 10 * SECOND;
    expect((await get(`/v3/calls/${id}`)).status).toBe(200);
  });

  it('takes no query parameter', async () => {
    const { list, get } = await startBench();
    const { id } = first((await list()).items);
    expect((await get(`/v3/calls/${id}?expand=all`)).status).toBe(400);
  });
});

describe('the agents', () => {
  it('are listed in pages, filtered by name and type', async () => {
    const { get } = await startBench();
    const ask = async (query: string) => JSON.parse((await get(`/v3/agents?${query}`)).text);
    const all = await ask('');
    expect(all.total_count).toBe(7);
    expect(Object.keys(all.items[0])).toEqual([
      'agent_id',
      'name',
      'type',
      'created_at',
      'updated_at',
      'production_version',
    ]);
    const page = await ask('limit=3');
    const next = await ask(`limit=100&cursor=${page.next_cursor}`);
    expect([...page.items, ...next.items]).toEqual(all.items);
    expect((await ask('type=flow')).total_count).toBe(3);
    expect((await ask(`q=${encodeURIComponent('택배')}`)).items).toHaveLength(1);
    expect((await get('/v3/agents?name=x')).status).toBe(400);
  });
});

describe('placing a call', () => {
  const body = {
    from_number: '07011112222',
    to_number: '01012345678',
    metadata: { crm: { 번호: ['a', 1, null] } },
    dynamic_variables: { customer_name: '홍바다', 'x-y': '1' },
  };

  it('answers a queued call that then lives like any other', async () => {
    const { sandbox, send, clock, detail, list } = await startBench({ pastCalls: 0 });
    const agent = { agent_id: first(sandbox.vox.world.agents).id, agent_version: 'v3' };
    const answer = await send('POST', '/v3/calls', { ...body, agent, presentation_number: '15880100' });
    expect(answer.status).toBe(200);
    const call = JSON.parse(answer.text);
    expect(call).toMatchObject({
      ...body,
      agent,
      status: 'queued',
      presentation_number: '15880100',
      start_at: null,
    });
    expect((await list()).items.map((row) => row.id)).toEqual([call.id]);
    clock.nowMs = SETTLED_MS;
    expect(['queued', 'ongoing']).not.toContain((await detail(call.id)).status);
  });

  it('gives the n-th call the same life in every sandbox', async () => {
    const lives = async () => {
      const { sandbox, send, truth, clock } = await startBench({ pastCalls: 0 });
      const agent = { agent_id: first(sandbox.vox.world.agents).id };
      for (let n = 0; n < 4; n += 1) await send('POST', '/v3/calls', { ...body, agent });
      clock.nowMs = SETTLED_MS;
      return (await truth()).calls;
    };
    expect(await lives()).toEqual(await lives());
  });

  it('needs no agent when the number has a traffic split', async () => {
    const { send } = await startBench();
    const answer = await send('POST', '/v3/calls', { ...body, from_number: '07011220099' });
    expect(JSON.parse(answer.text).variant_label).toMatch(/안$/);
  });

  it.each([
    [{ from_number: undefined }, 'from_number'],
    [{ to_number: '010-1234-5678' }, 'to_number'],
    [{ to_number: '+821012345678' }, 'to_number'],
    [{ agent: undefined }, 'agent'],
    [{ agent: { agent_id: 'seven' } }, 'agent.agent_id'],
    [{ metadata: 'text' }, 'metadata'],
    [{ dynamic_variables: [] }, 'dynamic_variables'],
    [{ presentation_number: '01099999999' }, 'presentation_number'],
  ])('refuses %j and names the field', async (change, field) => {
    const { sandbox, send } = await startBench();
    const agent = { agent_id: first(sandbox.vox.world.agents).id };
    const answer = await send('POST', '/v3/calls', { ...body, agent, ...change });
    expect(answer.status).toBe(400);
    expect(JSON.parse(answer.text).error.details.field).toBe(field);
  });

  it('does not know foreign agents, nor bodies that are no object', async () => {
    const { send } = await startBench();
    const agent = { agent_id: '00000000-0000-4000-8000-000000000000' };
    expect((await send('POST', '/v3/calls', { ...body, agent })).status).toBe(404);
    expect((await send('POST', '/v3/calls', 'text')).status).toBe(400);
  });
});

describe('the rate limit', () => {
  it('admits five requests in a second and tells when the next has room', async () => {
    const { get, clock, sandbox } = await startBench({ requestsPerSecond: 5 });
    const statuses = [];
    for (let n = 0; n < 7; n += 1) statuses.push((await get('/v3/agents')).status);
    expect(statuses).toEqual([200, 200, 200, 200, 200, 429, 429]);
    const refused = await get('/v3/agents');
    expect(refused.headers['retry-after']).toBe('1');
    expect(JSON.parse(refused.text).error.code).toBe('RATE_LIMIT_EXCEEDED');
    expect(sandbox.vox.requests.counts).toMatchObject({ agents: 8, rateLimited: 3 });
    clock.nowMs += SECOND;
    expect((await get('/v3/agents')).status).toBe(200);
  });

  it('admits 120 requests in a minute', async () => {
    const { get, clock } = await startBench({ requestsPerMinute: 120 });
    for (let n = 0; n < 120; n += 1) {
      expect((await get('/v3/agents')).status).toBe(200);
      clock.nowMs += 100;
    }
    const refused = await get('/v3/agents');
    expect([refused.status, refused.headers['retry-after']]).toEqual([429, '48']);
    clock.nowMs = ORIGIN_MS + MINUTE;
    expect((await get('/v3/agents')).status).toBe(200);
  });

  it.each([
    ['zero', '0'],
    ['none', undefined],
    ['http-date', 'Fri, 20 Nov 2026 03:00:01 GMT'],
  ] as const)('spells Retry-After as %s', async (retryAfterForm, value) => {
    const { get } = await startBench({ requestsPerSecond: 1, retryAfterForm });
    await get('/v3/agents');
    expect((await get('/v3/agents')).headers['retry-after']).toBe(value);
  });
});

describe('the Date header', () => {
  it('follows the clock of the sandbox, with its skew', async () => {
    const { get } = await startBench({ dateSkewMs: 90 * SECOND });
    expect((await get('/v3/agents')).headers.date).toBe('Fri, 20 Nov 2026 03:01:30 GMT');
  });
});

describe('the paths of the sandbox itself', () => {
  it('tell the truth: every call as its detail answers it', async () => {
    const { truth, detail, clock } = await startBench({ pastCalls: 40, liveCallsPerSecond: 1 });
    clock.nowMs += 15 * SECOND;
    const { now, calls } = await truth();
    expect(now).toBe(clock.nowMs);
    expect(calls.length).toBeGreaterThan(50);
    for (const call of calls) expect(await detail(call.id)).toEqual(call);
  });

  it('count and log what was asked of the vendor, until they are told to forget', async () => {
    const { get, list, send } = await startBench();
    const { id } = first((await list('limit=1')).items);
    await get(`/v3/calls/${id}`);
    await get('/v3/nothing');
    const { counts, log } = JSON.parse((await get('/sandbox/vox/requests')).text);
    expect(counts).toEqual({
      list: 1,
      detail: 1,
      messages: 0,
      agents: 0,
      create: 0,
      other: 1,
      rateLimited: 0,
    });
    expect(log[0]).toEqual({
      atMs: ORIGIN_MS,
      kind: 'list',
      method: 'GET',
      path: '/v3/calls',
      query: 'limit=1',
      status: 200,
    });
    expect(log[2].status).toBe(404);
    await send('DELETE', '/sandbox/vox/requests');
    expect(JSON.parse((await get('/sandbox/vox/requests')).text).log).toEqual([]);
  });
});
