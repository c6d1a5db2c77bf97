import { describe, expect, it } from 'vitest';
import { HOUR } from '../../../src/clock.ts';
import type { FaultInput } from '../../../src/sandbox/fault-kinds.ts';
import { first, startBench } from './bench.ts';

describe('faults of a page', () => {
  it('empty it and promise more', async () => {
    const { vendor, list } = startBench();
    vendor.faults.add({ kind: 'empty_page' });
    expect(await list()).toMatchObject({ data: [], has_more: true });
    expect((await list()).data).toHaveLength(50);
  });

  it('repeat a cursor', async () => {
    const { vendor, list } = startBench();
    const one = await list('limit=5');
    const two = await list(`limit=5&after=${one.last_id}`);
    vendor.faults.add({ kind: 'repeated_cursor', times: 2, cursor: 'first' });
    expect((await list('limit=5')).last_id).toBe(one.last_id);
    for (const cursor of [one.last_id, two.last_id]) {
      const page = await list(`limit=5&after=${cursor}`);
      expect([page.last_id, page.has_more]).toEqual([one.last_id, true]);
    }
    vendor.faults.add({ kind: 'repeated_cursor' });
    expect((await list(`limit=5&after=${two.last_id}`)).last_id).toBe(two.last_id);
  });

  it('refuse a cursor', async () => {
    const { vendor, list, get } = startBench();
    const { last_id } = await list('limit=5');
    vendor.faults.add({ kind: 'cursor_refused' });
    const answer = await get(`/v1/call/?after=${last_id}`);
    expect([answer.status, answer.json.error_code]).toEqual([404, 'CALL_NOT_FOUND']);
  });

  it('print a row twice', async () => {
    const { vendor, list } = startBench();
    const { data } = await list('limit=5');
    vendor.faults.add({ kind: 'duplicate_rows' });
    expect((await list('limit=5')).data).toEqual([data[0], ...data]);
  });

  it('cannot make a count wrong where there is none', async () => {
    const { vendor, list } = startBench();
    const page = await list('limit=5');
    vendor.faults.add({ kind: 'total_count_wrong' });
    expect(await list('limit=5')).toEqual(page);
  });
});

describe('faults of a row', () => {
  it.each([
    ['id_missing', { id: undefined }],
    ['id_number', { id: 42 }],
    ['status_number', { status: 7 }],
    ['status_missing', { status: undefined }],
    ['agent_missing', { agent_id: undefined }],
    ['start_word', { start_time: 'ayer' }],
    ['start_absurd', { start_time: expect.stringMatching(/^292277-/) }],
    ['end_fraction', { end_time: 1.5 }],
    ['metadata_text', { dynamic_variables: 'not an object' }],
    ['cost_word', {}],
  ] as const)('poison it: %s', async (poison, change) => {
    const { vendor, list } = startBench();
    const { data } = await list('limit=3');
    vendor.faults.add({ kind: 'poison_row', poison, row: 1 });
    expect((await list('limit=3')).data).toEqual([data[0], { ...data[1], ...change }, data[2]]);
  });

  it('leave null in its place', async () => {
    const { vendor, list } = startBench();
    vendor.faults.add({ kind: 'poison_row', poison: 'row_null' });
    expect((await list('limit=3')).data[0]).toBeNull();
  });

  it('follow one call into lists and its own path', async () => {
    const { vendor, list, get } = startBench();
    const { data } = await list('limit=3');
    const [other, struck] = [data[0]?.id, data[2]?.id];
    vendor.faults.add({ kind: 'unknown_status', times: null, callId: struck ?? '' });
    const statuses = (await list('limit=3')).data.map((row) => row.status);
    expect(statuses).toEqual([data[0]?.status, data[1]?.status, 'registered']);
    expect((await get(`/v1/call/${struck}`)).json.status).toBe('registered');
    expect((await get(`/v1/call/${other}`)).json.status).toBe(data[0]?.status);
  });

  it('add fields that nobody knows, and text that cannot be stored', async () => {
    const { vendor, list } = startBench();
    vendor.faults.add({ kind: 'unknown_field' }, { kind: 'nul_text' });
    expect(await list('limit=2')).toMatchObject({ schema_revision: 4, data: [{ schema_revision: 4 }, {}] });
    expect(first((await list()).data).end_reason).toContain('\u0000');
  });
});

describe('faults on the way', () => {
  it.each<[FaultInput, number]>([
    [{ kind: 'rate_limited' }, 429],
    [{ kind: 'server_error', status: 503 }, 503],
    [{ kind: 'unauthorized' }, 401],
  ])('speak in the words of the vendor: %j', async (fault, status) => {
    const { vendor, get } = startBench();
    vendor.faults.add({ ...fault, route: 'messages' } as FaultInput);
    expect((await get('/v1/call/')).status).toBe(200);
    const answer = await get('/v1/call/00000000-0000-4000-8000-000000000000/message');
    expect([answer.status, answer.json.status]).toEqual([status, 'error']);
  });
});

describe('changes of the world', () => {
  it('delete a call with its messages', async () => {
    const { vendor, get, list, truth } = startBench();
    const { id } = first((await truth()).filter((call) => call.messages.length > 0));
    vendor.faults.add({ kind: 'deleted', callId: id });
    for (const path of ['', '/message']) {
      const answer = await get(`/v1/call/${id}${path}`);
      expect([answer.status, answer.json.error_code]).toEqual([404, 'CALL_NOT_FOUND']);
    }
    expect((await list('limit=1000')).data.some((row) => row.id === id)).toBe(false);
    expect((await truth()).some((call) => call.id === id)).toBe(false);
  });

  it('let recording and messages expire', async () => {
    const { vendor, get, truth } = startBench();
    const { id } = first((await truth()).filter((call) => call.recording_url !== null));
    vendor.faults.add({ kind: 'retention', callId: id });
    expect((await get(`/v1/call/${id}`)).json.recording_url).toBeNull();
    const answer = await get(`/v1/call/${id}/message`);
    expect([answer.status, answer.json.error_code]).toEqual([404, 'NO_MESSAGES_FOR_CALL']);
    const told = first((await truth()).filter((call) => call.id === id));
    expect([told.recording_url, told.messages]).toEqual([null, []]);
  });

  it('list calls late that can be read already', async () => {
    const { vendor, clock, list, get } = startBench();
    const { id } = first((await list('limit=1')).data);
    vendor.faults.add({ kind: 'vendor_sees_late', share: 1, delayMs: 96 * HOUR });
    expect((await list()).data).toEqual([]);
    expect((await get(`/v1/call/${id}`)).status).toBe(200);
    clock.nowMs += 96 * HOUR;
    expect((await list('limit=1000')).data).toHaveLength(60);
  });
});
