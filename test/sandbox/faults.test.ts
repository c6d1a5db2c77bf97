import { request } from 'undici';
import { describe, expect, it } from 'vitest';
import { LONG } from '../../src/sandbox/distort-rows.ts';
import type { FaultInput } from '../../src/sandbox/fault-kinds.ts';
import { type Bench, first, ORIGIN_MS, type Page, SETTLED_MS, startBench } from './harness.ts';

const KEY = { authorization: 'Bearer sandbox-key' };

async function struck(...faults: FaultInput[]): Promise<Bench> {
  const bench = await startBench({ pastCalls: 30 });
  bench.clock.nowMs = SETTLED_MS;
  bench.sandbox.vox.faults.add(...faults);
  return bench;
}

describe('faults that answer in the place of the vendor', () => {
  it.each([
    [{ kind: 'rate_limited', retryAfter: 'seconds', retryAfterMs: 7_000 }, 429, { 'retry-after': '7' }],
    [{ kind: 'rate_limited', retryAfter: 'none' }, 429, {}],
    [{ kind: 'server_error', status: 503 }, 503, {}],
    [{ kind: 'unauthorized' }, 401, {}],
    [
      { kind: 'redirect', location: 'https://elsewhere.invalid/' },
      302,
      { location: 'https://elsewhere.invalid/' },
    ],
    [{ kind: 'html' }, 200, { 'content-type': 'text/html; charset=utf-8' }],
    [{ kind: 'empty_body' }, 200, { 'content-length': '0' }],
  ] satisfies [FaultInput, number, object][])('%j answers %i once', async (fault, status, headers) => {
    const { get } = await struck(fault);
    const answer = await get('/v3/calls');
    expect(answer.status).toBe(status);
    expect(answer.headers).toMatchObject(headers);
    expect((await get('/v3/calls')).headers['content-type']).toMatch(/json/);
  });

  it('cursor_refused waits for a request with a cursor', async () => {
    const { get, list } = await struck({ kind: 'cursor_refused' });
    const { next_cursor } = await list('limit=5');
    const refused = await get(`/v3/calls?limit=5&cursor=${next_cursor}`);
    expect(refused.status).toBe(400);
    expect(JSON.parse(refused.text).error.details.field).toBe('cursor');
    expect((await get(`/v3/calls?limit=5&cursor=${next_cursor}`)).status).toBe(200);
  });
});

describe('faults of the connection', () => {
  it('truncated cuts the JSON', async () => {
    const { get } = await struck({ kind: 'truncated' });
    const answer = await get('/v3/calls');
    expect(answer.status).toBe(200);
    expect(() => JSON.parse(answer.text)).toThrow();
  });

  it('hang sends nothing, and close does not wait for it', async () => {
    const { sandbox } = await struck({ kind: 'hang' });
    const hanging = request(`${sandbox.url}/v3/calls`, { headers: KEY });
    const outcome = expect(hanging).rejects.toThrow();
    await expect.poll(() => sandbox.vox.requests.counts.list).toBe(1);
    await sandbox.close();
    await outcome;
    expect(first(sandbox.vox.requests.entries).status).toBeNull();
  });

  it('hang_body sends the headers and half of the body, and close does not wait for it', async () => {
    const { sandbox } = await struck({ kind: 'hang_body' });
    const answer = await request(`${sandbox.url}/v3/calls`, { headers: KEY });
    expect(answer.statusCode).toBe(200);
    const body = answer.body[Symbol.asyncIterator]();
    expect(String((await body.next()).value)).toMatch(/^\{"items":\[/);
    const rest = expect(
      (async () => {
        while (!(await body.next()).done);
      })(),
    ).rejects.toThrow();
    await sandbox.close();
    await rest;
  });

  it('reset destroys the socket', async () => {
    const { sandbox, get } = await struck({ kind: 'reset', times: 1 });
    await expect(request(`${sandbox.url}/v3/calls`, { headers: KEY })).rejects.toThrow();
    expect((await get('/v3/calls')).status).toBe(200);
  });

  it('slow answers late but right', async () => {
    const { get } = await struck({ kind: 'slow', delayMs: 30 });
    const startedMs = performance.now();
    expect((await get('/v3/calls')).status).toBe(200);
    expect(performance.now() - startedMs).toBeGreaterThan(25);
  });

  it('huge_body sends as many bytes as it is told', async () => {
    const { get } = await struck({ kind: 'huge_body', bytes: 2_000_000 });
    const answer = await get('/v3/calls');
    expect(answer.text.length).toBeGreaterThan(2_000_000);
    expect(JSON.parse(answer.text).items).toHaveLength(30);
  });
});

describe('faults of a page', () => {
  it('repeated_cursor gives back the cursor that was sent', async () => {
    const { list } = await struck({ kind: 'repeated_cursor', times: null });
    const { next_cursor } = await list('limit=5');
    expect((await list(`limit=5&cursor=${next_cursor}`)).next_cursor).toBe(next_cursor);
  });

  it('repeated_cursor can lead back to the first cursor, in a long cycle', async () => {
    const { list } = await struck({ kind: 'repeated_cursor', cursor: 'first', after: 2 });
    const cursors: string[] = [];
    for (let page = await list('limit=5'); cursors.length < 4; ) {
      cursors.push(String(page.next_cursor));
      page = await list(`limit=5&cursor=${page.next_cursor}`);
    }
    expect(new Set(cursors).size).toBe(3);
    expect(cursors[3]).toBe(cursors[0]);
  });

  it('empty_page has no rows and still a cursor', async () => {
    const { list } = await struck({ kind: 'empty_page' });
    expect(await list()).toMatchObject({ items: [], next_cursor: expect.any(String) });
  });

  it('duplicate_rows shows a row twice', async () => {
    const { list } = await struck({ kind: 'duplicate_rows' });
    const { items } = await list('limit=5');
    expect(items).toHaveLength(6);
    expect(items[0]).toEqual(items[1]);
  });

  it('total_count_wrong lies about the matches', async () => {
    const { list } = await struck({ kind: 'total_count_wrong', totalCount: -3 });
    expect((await list()).total_count).toBe(-3);
  });

  it('unknown_field adds fields on every level', async () => {
    const { list } = await struck({ kind: 'unknown_field' });
    const page = await list('limit=2');
    expect(page).toHaveProperty('schema_revision');
    expect(page.items.every((row) => 'insights' in row && 'tier' in row.agent)).toBe(true);
  });
});

describe('faults of a row', () => {
  const read = (row: unknown, path: string): unknown =>
    path.split('.').reduce<unknown>((value, key) => (value as Record<string, unknown> | null)?.[key], row);

  it.each([
    ['id_missing', 'id', undefined],
    ['id_number', 'id', 42],
    ['status_number', 'status', 7],
    ['status_missing', 'status', undefined],
    ['agent_missing', 'agent', undefined],
    ['cost_word', 'call_cost.total_cost', 'abc'],
    ['cost_number', 'call_cost.total_cost', 200.5],
    ['cost_exponent', 'call_cost.total_cost', '2E+2'],
    ['start_word', 'start_at', 'yesterday'],
    ['start_absurd', 'start_at', 9e15],
    ['end_fraction', 'end_at', 1.5],
    ['end_far', 'end_at', Date.UTC(2081, 0, 1)],
    ['agent_long', 'agent.agent_id', LONG],
    ['summary_number', 'call_analysis.summary', 5],
    ['metadata_text', 'metadata', 'not an object'],
    ['row_null', 'id', undefined],
  ] as const)('poison_row %s strikes the row it is told and no other', async (poison, path, value) => {
    const { list, sandbox } = await struck();
    const clean = await list('limit=3');
    sandbox.vox.faults.add({ kind: 'poison_row', poison, row: 1 });
    const { items } = await list('limit=3');
    expect(read(items[1], path)).toBe(value);
    expect([items[0], items[2]]).toEqual([clean.items[0], clean.items[2]]);
  });

  it('poison_row can follow one call through lists and details', async () => {
    const { list, detail, sandbox } = await struck();
    const callId = (await list('limit=3')).items[2]?.id ?? '';
    sandbox.vox.faults.add({ kind: 'poison_row', poison: 'start_word', callId, times: null });
    expect((await list('limit=3')).items.map((row) => row.start_at === ('yesterday' as unknown))).toEqual([
      false,
      false,
      true,
    ]);
    expect((await detail(callId)).start_at).toBe('yesterday');
  });

  it('unknown_status names a status that nobody knows', async () => {
    const { list } = await struck({ kind: 'unknown_status', status: 'ringing' });
    expect((await list()).items.map((row) => String(row.status)).indexOf('ringing')).toBe(0);
  });

  it('nul_text puts U+0000 and half a surrogate pair into summary and transcript', async () => {
    const { list, detail } = await struck({ kind: 'nul_text', times: 2 });
    const { id, call_analysis } = first((await list('limit=1')).items);
    expect(call_analysis?.summary).toContain('\u0000');
    expect(call_analysis?.summary).toContain('\ud83d ');
    expect(JSON.stringify((await detail(id)).call_analysis)).toContain('\\u0000');
  });
});

describe('faults of the world', () => {
  it('deleted lets a call vanish until the faults are cleared', async () => {
    const { list, get, truth, sandbox } = await struck();
    const { id } = first((await list('limit=1')).items);
    sandbox.vox.faults.add({ kind: 'deleted', callId: id });
    const page: Page = await list('limit=100');
    expect([page.total_count, page.items.length, (await truth()).calls.length]).toEqual([29, 29, 29]);
    expect((await get(`/v3/calls/${id}`)).status).toBe(404);
    sandbox.vox.faults.clear();
    expect((await list()).total_count).toBe(30);
  });

  it('retention takes transcript, recording and analysis of a call', async () => {
    const { list, detail, truth, sandbox } = await struck();
    const { id } = first(
      (await list('limit=100')).items.filter((row) => row.call_analysis && row.recording_url),
    );
    sandbox.vox.faults.add({ kind: 'retention', callId: id });
    const gone = { id, transcript: null, recording_url: null, call_analysis: null };
    expect(await detail(id)).toMatchObject(gone);
    expect((await truth()).calls.find((call) => call.id === id)).toMatchObject(gone);
    expect((await list('limit=100')).items.find((row) => row.id === id)?.recording_url).toBeNull();
  });

  it('vendor_sees_late keeps new calls out of lists, not out of details', async () => {
    const { list, get, sandbox, clock } = await startBench({
      pastCalls: 0,
      liveCallsPerSecond: 1,
      liveForMs: 10_000,
    });
    sandbox.vox.faults.add({ kind: 'vendor_sees_late', share: 1, delayMs: 60_000 });
    clock.nowMs = ORIGIN_MS + 30_000;
    expect((await list()).total_count).toBe(0);
    expect((await get(`/v3/calls/${first(sandbox.vox.world.details(clock.nowMs)).id}`)).status).toBe(200);
    clock.nowMs = ORIGIN_MS + 70_000;
    expect((await list()).total_count).toBe(10);
  });

  it('vendor_sees_late can hold for a share of the calls', async () => {
    const { list, sandbox } = await startBench({ pastCalls: 200 });
    sandbox.vox.faults.add({ kind: 'vendor_sees_late', share: 0.5, delayMs: 30 * 86_400_000 });
    const { total_count } = await list();
    expect(total_count).toBeGreaterThan(60);
    expect(total_count).toBeLessThan(140);
  });
});

describe('a list of faults', () => {
  it('plays in its order, one fault for each request', async () => {
    const { get, sandbox } = await struck(
      { kind: 'server_error', status: 502, times: 2, after: 1 },
      { kind: 'rate_limited' },
      { kind: 'unauthorized', route: 'detail' },
    );
    const statuses = [];
    for (let n = 0; n < 5; n += 1) statuses.push((await get('/v3/calls')).status);
    expect(statuses).toEqual([429, 502, 502, 200, 200]);
    expect(sandbox.vox.faults.active.map(({ kind }) => kind)).toEqual(['unauthorized']);
  });

  it('strikes only the routes it names', async () => {
    const { get } = await struck({ kind: 'server_error', route: 'agents', times: null });
    expect((await get('/v3/calls')).status).toBe(200);
    expect((await get('/v3/agents')).status).toBe(500);
  });

  it('is not spent on requests with a wrong key', async () => {
    const { get } = await struck({ kind: 'server_error' });
    expect((await get('/v3/calls', {})).status).toBe(401);
    expect((await get('/v3/calls')).status).toBe(500);
  });

  it('can be switched on, read and switched off over HTTP', async () => {
    const { get, send } = await struck();
    const added = await send('POST', '/sandbox/vox/faults', [
      { kind: 'html' },
      { kind: 'deleted', callId: 'x' },
    ]);
    expect(JSON.parse(added.text).active.map(({ kind }: { kind: string }) => kind)).toEqual([
      'html',
      'deleted',
    ]);
    await send('POST', '/sandbox/vox/faults', { kind: 'hang' });
    expect(JSON.parse((await get('/sandbox/vox/faults')).text).active).toHaveLength(3);
    expect((await send('DELETE', '/sandbox/vox/faults')).status).toBe(204);
    expect((await get('/v3/calls')).headers['content-type']).toMatch(/json/);
  });

  it.each([[{ kind: 'gremlins' }], [{ kind: 'html', times: 0 }], [{ kind: 'slow' }], [null]])(
    'refuses %j',
    async (body) => {
      const { send } = await struck();
      expect((await send('POST', '/sandbox/vox/faults', body)).status).toBe(400);
    },
  );
});
