import { describe, expect, it } from 'vitest';
import { HOUR, MINUTE, SECOND } from '../../../src/clock.ts';
import { first, ORIGIN_MS, openBench } from './bench.ts';

describe('the key', () => {
  it.each([
    ['no key', {}],
    ['a wrong key', { authorization: 'Bearer wrong' }],
    ['a key without its scheme', { authorization: 'sandbox-key' }],
  ])('is asked for: %s is refused', async (_, headers) => {
    const { ask } = openBench();
    for (const path of ['/agent-list', '/call-get/x', '/nothing']) {
      const answer = await ask('GET', path, undefined, headers as Record<string, string>);
      expect(answer.status).toBe(401);
      expect(JSON.parse(answer.text)).toEqual({ status: 'error', message: expect.any(String) });
    }
  });
});

describe('one call', () => {
  it('is its row of the list and the rest', async () => {
    const { list, detail } = openBench();
    for (const row of (await list({ limit: 20 })).calls) {
      const call = await detail(row.call_id);
      expect(call).toMatchObject(row);
      expect(call).toHaveProperty('vars_provided');
      expect(call).toHaveProperty('transcript');
    }
  });

  it('is not found before its birth, nor under an id that never was, nor once it is deleted', async () => {
    const { vendor, ask, clock } = openBench({ pastCalls: 0, liveCallsPerSecond: 1 });
    const { call_id } = first(vendor.world.details(ORIGIN_MS + 10 * SECOND));
    const status = async (id: string) => (await ask('GET', `/call-get/${id}`)).status;
    expect([await status(call_id), await status('00000000-0000-4000-8000-000000000000')]).toEqual([404, 404]);
    clock.nowMs += 10 * SECOND;
    expect(await status(call_id)).toBe(200);
    vendor.faults.add({ kind: 'deleted', callId: call_id });
    const answer = await ask('GET', `/call-get/${call_id}`);
    expect([answer.status, JSON.parse(answer.text)]).toEqual([404, { error: expect.any(String) }]);
  });

  it('has its recording signed anew at every read, for an hour', async () => {
    const { detail, truth } = openBench();
    const { call_id, recording_url } = first((await truth()).filter((call) => call.recording_url));
    const urls = [await detail(call_id), await detail(call_id)].map((call) => String(call.recording_url));
    expect(new Set(urls).size).toBe(2);
    for (const url of urls) {
      const [bare, query] = url.split('?');
      expect(bare).toBe(recording_url);
      const expires = new URLSearchParams(query).get('expires');
      expect(Number(expires) * SECOND).toBe(ORIGIN_MS + HOUR);
    }
  });
});

describe('the agents', () => {
  it('are one list without pages, and two of them share a name', async () => {
    const { ask } = openBench();
    const agents: { agent_id: string; name: string }[] = JSON.parse((await ask('GET', '/agent-list')).text);
    expect(agents).toHaveLength(6);
    expect(new Set(agents.map(({ name }) => name)).size).toBe(5);
    expect(new Set(agents.map(({ agent_id }) => agent_id)).size).toBe(6);
    const one = first(agents);
    expect(JSON.parse((await ask('GET', `/agent-get/${one.agent_id}`)).text)).toEqual(one);
    expect((await ask('GET', '/agent-get/x')).status).toBe(404);
  });
});

describe('what nobody should send', () => {
  it('is refused and counted: dialling, and paths that are gone', async () => {
    const { ask, vendor } = openBench();
    expect((await ask('POST', '/call-dial', { to_number: '+972555010000' })).status).toBe(422);
    expect((await ask('POST', '/call-extract/x', {})).status).toBe(404);
    expect((await ask('PATCH', '/agent-modify/x', {})).status).toBe(404);
    expect(vendor.requests.counts).toMatchObject({ create: 1, other: 2 });
  });

  it('is a body that is no JSON, for which no fault is spent', async () => {
    const { ask, vendor } = openBench();
    vendor.faults.add({ kind: 'server_error' });
    const answer = await ask('POST', '/call-list', undefined, {
      authorization: 'Bearer sandbox-key',
      'content-type': 'application/json',
    });
    expect(answer.status).toBe(400);
    expect((await ask('POST', '/call-list', {})).status).toBe(500);
  });
});

describe('the rate limit', () => {
  it('is 60 a minute, told by headers, and the wait only in words', async () => {
    const { ask, clock, vendor } = openBench({ requestsPerMinute: 60 });
    for (let n = 0; n < 60; n += 1) {
      const { status, headers } = await ask('GET', '/agent-list');
      expect([status, headers['x-ratelimit-remaining']]).toEqual([200, String(59 - n)]);
    }
    clock.nowMs += 20 * SECOND;
    const refused = await ask('POST', '/call-list', {});
    expect(refused.status).toBe(429);
    expect(refused.headers).toMatchObject({
      'x-ratelimit-limit': '60',
      'x-ratelimit-remaining': '0',
      'x-ratelimit-reset': String((ORIGIN_MS + MINUTE) / SECOND),
    });
    expect(refused.headers).not.toHaveProperty('retry-after');
    expect(JSON.parse(refused.text)).toEqual({ error: expect.stringMatching(/ 40 seconds/) });
    expect(vendor.requests.counts.rateLimited).toBe(1);
    clock.nowMs = ORIGIN_MS + MINUTE;
    expect((await ask('POST', '/call-list', {})).headers['x-ratelimit-remaining']).toBe('59');
  });

  it.each([
    ['seconds', / 7 seconds/],
    ['http-date', / 7 seconds/],
    ['zero', / 0 seconds/],
    ['none', /later/],
  ] as const)('can be told by a fault that would say %s', async (retryAfter, words) => {
    const { ask, vendor } = openBench();
    vendor.faults.add({ kind: 'rate_limited', retryAfter, retryAfterMs: 7_000 });
    const answer = await ask('POST', '/call-list', {});
    expect([answer.status, JSON.parse(answer.text).error]).toEqual([429, expect.stringMatching(words)]);
    expect(answer.headers).not.toHaveProperty('retry-after');
  });

  it('does not count requests with a wrong key', async () => {
    const { ask } = openBench({ requestsPerMinute: 2 });
    await ask('GET', '/agent-list', undefined, {});
    expect((await ask('GET', '/agent-list')).headers['x-ratelimit-remaining']).toBe('1');
  });
});
