import { describe, expect, it } from 'vitest';
import { SECOND } from '../../../src/clock.ts';
import { first, ORIGIN_MS, startBench } from './bench.ts';

const NOBODY = '00000000-0000-4000-8000-000000000000';

function business(code: string): object {
  return { status: 'error', error_code: code, message: expect.any(String) };
}

describe('the key', () => {
  it.each([
    ['no key', {}],
    ['a wrong key', { authorization: 'Bearer wrong' }],
    ['a key without its scheme', { authorization: 'sandbox-key' }],
  ])('is asked for: %s is refused', async (_, headers) => {
    const { ask } = startBench();
    for (const path of ['/v1/call/', `/v1/call/${NOBODY}/message`, '/v1/phone/', '/v1/nothing']) {
      const answer = await ask('GET', path, headers as Record<string, string>);
      expect(answer.status).toBe(401);
      expect(answer.json).toEqual(business('INVALID_API_KEY'));
    }
  });

  it('may be restricted, one right at a time', async () => {
    const { vendor, get, list } = startBench();
    const { id } = first((await list()).data);
    const paths = {
      calls: ['/v1/call/', `/v1/call/${id}`],
      messages: [`/v1/call/${id}/message`],
      phones: ['/v1/phone/', `/v1/phone/${first(vendor.world.phones).id}`],
      agents: ['/v1/agent/'],
    };
    for (const right of ['calls', 'messages', 'phones', 'agents'] as const) {
      vendor.world.rights[right] = false;
      for (const path of paths[right]) {
        const answer = await get(path);
        expect([answer.status, answer.json]).toEqual([403, business('INTERNAL_SERVER_ERROR')]);
      }
      vendor.world.rights[right] = true;
      for (const path of paths[right]) expect((await get(path)).status).not.toBe(403);
    }
  });
});

describe('the slash at the end', () => {
  it('is asked for on lists: without it the request is sent on, with its query', async () => {
    const { get } = startBench();
    for (const path of ['call', 'phone', 'agent']) {
      const answer = await get(`/v1/${path}?limit=2&order=asc`);
      expect(answer.status).toBe(307);
      expect(answer.headers.location).toBe(`http://localhost:80/v1/${path}/?limit=2&order=asc`);
    }
  });

  it('is too much behind an id', async () => {
    const { get, list } = startBench();
    const { id } = first((await list()).data);
    expect((await get(`/v1/call/${id}/`)).headers.location).toBe(`http://localhost:80/v1/call/${id}`);
    expect((await get(`/v1/call/${id}/message/`)).status).toBe(307);
    expect((await get('/v1/nothing')).json).toEqual({ detail: 'Not Found' });
  });
});

describe('one call', () => {
  it('is the very row of the list', async () => {
    const { list, get } = startBench();
    for (const row of (await list()).data) expect((await get(`/v1/call/${row.id}`)).json).toEqual(row);
  });

  it('is not found before its birth, nor under an id that never was', async () => {
    const { vendor, clock, get } = startBench({ pastCalls: 0, liveCallsPerSecond: 1 });
    const { id } = first(vendor.world.details(ORIGIN_MS + 10 * SECOND));
    for (const unknown of [id, NOBODY]) {
      for (const path of [`/v1/call/${unknown}`, `/v1/call/${unknown}/message`]) {
        const answer = await get(path);
        expect([answer.status, answer.json]).toEqual([404, business('CALL_NOT_FOUND')]);
      }
    }
    clock.nowMs += 10 * SECOND;
    expect((await get(`/v1/call/${id}`)).status).toBe(200);
  });

  it('has a UUID for an id', async () => {
    const { get } = startBench();
    const answer = await get('/v1/call/42');
    expect(answer.status).toBe(422);
    expect(answer.json).toEqual({
      detail: [{ loc: ['path', 'id'], msg: 'Input should be a valid UUID', type: 'uuid_parsing' }],
    });
  });
});

describe('the messages of a call', () => {
  it('come newest first, a hundred at a time, unless told otherwise', async () => {
    const { truth, messages } = startBench();
    for (const call of (await truth()).filter((one) => one.messages.length > 0)) {
      expect((await messages(call.id)).data).toEqual([...call.messages].reverse());
      expect((await messages(call.id, 'order=asc')).data).toEqual(call.messages);
    }
  });

  it('come in pages', async () => {
    const { truth, messages } = startBench();
    const call = first((await truth()).filter((one) => one.messages.length > 6));
    const gathered: unknown[] = [];
    let page = await messages(call.id, 'order=asc&limit=3');
    for (;;) {
      gathered.push(...page.data);
      if (!page.has_more) break;
      page = await messages(call.id, `order=asc&limit=3&after=${page.last_id}`);
    }
    expect(gathered).toEqual(call.messages);
    const second = await messages(call.id, 'order=asc&limit=3&page=2');
    expect(second.data).toEqual(call.messages.slice(3, 6));
    const before = await messages(call.id, `order=asc&limit=2&before=${second.first_id}`);
    expect([before.data, before.has_more]).toEqual([call.messages.slice(1, 3), true]);
  });

  it('are an error when there are none', async () => {
    const { truth, get } = startBench();
    const silent = first((await truth()).filter((call) => call.messages.length === 0));
    const answer = await get(`/v1/call/${silent.id}/message`);
    expect([answer.status, answer.json]).toEqual([404, business('NO_MESSAGES_FOR_CALL')]);
  });
});

describe('numbers and agents', () => {
  it('are listed and looked up', async () => {
    const { vendor, get } = startBench();
    const phones = (await get('/v1/phone/?order=asc')).json;
    expect(phones.data).toEqual(vendor.world.phones);
    const phone = first(vendor.world.phones);
    expect((await get(`/v1/phone/${phone.id}`)).json).toEqual(phone);
    expect((await get(`/v1/phone/?inbound_agent_id=${phone.inbound_agent_id}`)).json.data).toEqual([phone]);
    expect((await get(`/v1/phone/${NOBODY}`)).status).toBe(404);
    const page = (await get('/v1/agent/?limit=2')).json;
    expect(page).toMatchObject({ has_more: true, current_page: 1, total_pages: 3 });
    expect((await get('/v1/agent/?limit=101')).status).toBe(422);
  });

  it('shows drafts of agents unless the published versions are asked for', async () => {
    const { get } = startBench();
    const rows = async (query: string) => (await get(`/v1/agent/?${query}`)).json.data as object[];
    expect(await rows('')).toHaveLength(5);
    expect((await rows('')).every((row) => 'is_draft' in row && row.is_draft)).toBe(true);
    expect((await rows('is_published=true')).every((row) => 'is_draft' in row && !row.is_draft)).toBe(true);
    expect((await rows('mode=path')).length).toBe(2);
  });
});

describe('what is asked', () => {
  it('is counted by kind, and what would change something is refused', async () => {
    const { vendor, ask, get, list } = startBench();
    const { id } = first((await list()).data);
    for (const path of ['', '/message', '/']) await get(`/v1/call/${id}${path}`);
    for (const path of ['phone/', 'agent/', `phone/${NOBODY}`]) await get(`/v1/${path}`);
    expect((await ask('POST', '/v1/call/')).status).toBe(403);
    expect((await ask('POST', '/v1/call/bulk-delete')).status).toBe(403);
    expect((await ask('POST', '/v1/call')).status).toBe(307);
    expect(vendor.requests.counts).toEqual({
      list: 1,
      detail: 1,
      messages: 1,
      agents: 3,
      create: 3,
      other: 1,
      rateLimited: 0,
    });
  });

  it('is limited to four requests a second, without a hint how long to wait', async () => {
    const clock = { nowMs: ORIGIN_MS };
    const { get } = startBench({ now: () => clock.nowMs, requestsPerSecond: 4 });
    for (let n = 0; n < 4; n += 1) expect((await get('/v1/phone/')).status).toBe(200);
    const refused = await get('/v1/phone/');
    expect([refused.status, refused.json]).toEqual([429, business('TOO_MANY_REQUESTS')]);
    expect(refused.headers).not.toHaveProperty('retry-after');
    clock.nowMs += SECOND;
    expect((await get('/v1/phone/')).status).toBe(200);
  });
});
