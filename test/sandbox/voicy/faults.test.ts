import { describe, expect, it } from 'vitest';
import type { FaultInput } from '../../../src/sandbox/fault-kinds.ts';
import { type Bench, first, ORIGIN_MS, openBench, SETTLED_MS } from './bench.ts';

const ALL = { include_test_calls: true };

function struck(...faults: FaultInput[]): Bench {
  const bench = openBench({ pastCalls: 30 });
  bench.clock.nowMs = SETTLED_MS;
  bench.vendor.faults.add(...faults);
  return bench;
}

/** The ids of pages that follow each other, as a client that trusts the vendor asks for them. */
async function idsOf({ list }: Bench, pages: number): Promise<(string | undefined)[][]> {
  const ids: (string | undefined)[][] = [];
  for (let body = {}; ids.length < pages; body = { pagination_key: ids.at(-1)?.at(-1) }) {
    ids.push((await list({ limit: 5, ...body })).calls.map((row) => row.call_id));
  }
  return ids;
}

describe('faults in the place of the vendor', () => {
  it.each([
    [{ kind: 'server_error', status: 503 }, 503],
    [{ kind: 'unauthorized' }, 401],
    [{ kind: 'html' }, 200],
    [{ kind: 'empty_body' }, 200],
  ] satisfies [FaultInput, number][])('%j answers %i once', async (fault, status) => {
    const { ask } = struck(fault);
    expect((await ask('POST', '/call-list', {})).status).toBe(status);
    expect(JSON.parse((await ask('POST', '/call-list', {})).text)).toHaveProperty('calls');
  });

  it('cursor_refused waits for a request with a key', async () => {
    const { ask, list } = struck({ kind: 'cursor_refused' });
    const pagination_key = (await list({ limit: 5 })).calls.at(-1)?.call_id;
    const refused = await ask('POST', '/call-list', { pagination_key });
    expect([refused.status, JSON.parse(refused.text)]).toEqual([400, { error: expect.any(String) }]);
    expect((await ask('POST', '/call-list', { pagination_key })).status).toBe(200);
  });
});

describe('faults of a page', () => {
  it('repeated_cursor answers the page before once more', async () => {
    const clean = await idsOf(struck(), 4);
    const again = await idsOf(struck({ kind: 'repeated_cursor', after: 1 }), 4);
    expect(again).toEqual([clean[0], clean[1], clean[1], clean[2]]);
    const forever = await idsOf(struck({ kind: 'repeated_cursor', times: null }), 4);
    expect(forever).toEqual([clean[0], clean[0], clean[0], clean[0]]);
  });

  it('repeated_cursor can lead back to the first key, in a long cycle', async () => {
    const clean = await idsOf(struck(), 4);
    const cycle = await idsOf(struck({ kind: 'repeated_cursor', cursor: 'first', after: 2 }), 5);
    expect(cycle).toEqual([clean[0], clean[1], clean[2], clean[1], clean[2]]);
  });

  it('empty_page has no rows, whatever it counts', async () => {
    const { list } = struck({ kind: 'empty_page' });
    expect(await list({ filter_criteria: ALL })).toEqual({ calls: [], total_count: 30 });
  });

  it('duplicate_rows shows a row twice', async () => {
    const { list } = struck({ kind: 'duplicate_rows' });
    const { calls } = await list({ limit: 5 });
    expect(calls).toHaveLength(6);
    expect(calls[0]).toEqual(calls[1]);
  });

  it('total_count_wrong lies about the matches', async () => {
    const { list } = struck({ kind: 'total_count_wrong', totalCount: -3 });
    expect((await list()).total_count).toBe(-3);
  });

  it('unknown_field adds fields on every level', async () => {
    const { list } = struck({ kind: 'unknown_field' });
    const page = await list({ limit: 2 });
    expect(page).toHaveProperty('schema_revision');
    expect(page.calls.every((row) => 'insights' in row)).toBe(true);
  });
});

describe('faults of a row', () => {
  const read = (row: unknown, path: string): unknown =>
    path.split('.').reduce<unknown>((value, key) => (value as Record<string, unknown> | null)?.[key], row);

  it.each([
    ['id_missing', 'call_id', undefined],
    ['id_number', 'call_id', 42],
    ['status_number', 'call_status', 7],
    ['status_missing', 'call_status', undefined],
    ['agent_missing', 'agent', undefined],
    ['cost_word', 'call_cost.combined_cost', 'abc'],
    ['cost_number', 'call_cost.combined_cost', '200.5'],
    ['cost_exponent', 'call_cost.combined_cost', 2e-7],
    ['start_word', 'start_timestamp', 'yesterday'],
    ['start_absurd', 'start_timestamp', 9e15],
    ['end_fraction', 'duration_ms', 1.5],
    ['metadata_text', 'vars_provided', 'not an object'],
    ['row_null', 'call_id', undefined],
  ] as const)('poison_row %s strikes the row it is told and no other', async (poison, path, value) => {
    const { list, vendor } = struck();
    const clean = await list({ limit: 3 });
    vendor.faults.add({ kind: 'poison_row', poison, row: 1 });
    const { calls } = await list({ limit: 3 });
    expect(read(calls[1], path)).toBe(value);
    expect([calls[0], calls[2]]).toEqual([clean.calls[0], clean.calls[2]]);
  });

  it('poison_row can follow one call through lists and details', async () => {
    const { list, detail, vendor } = struck();
    const ids = (await list({ limit: 3 })).calls.map((row) => row.call_id);
    vendor.faults.add({ kind: 'poison_row', poison: 'start_word', callId: String(ids[2]), times: null });
    const starts = (await list({ limit: 3 })).calls.map((row): unknown => row.start_timestamp);
    expect(starts.indexOf('yesterday')).toBe(2);
    expect((await detail(String(ids[1]))).start_timestamp).not.toBe('yesterday');
    expect((await detail(String(ids[2]))).start_timestamp).toBe('yesterday');
  });

  it('unknown_status names a status that nobody knows', async () => {
    const { list } = struck({ kind: 'unknown_status', status: 'parked' });
    expect(String(first((await list()).calls).call_status)).toBe('parked');
  });

  it('nul_text puts U+0000 and half a surrogate pair into a name, a summary and a transcript', async () => {
    const { list, detail, truth, vendor } = struck({ kind: 'nul_text' });
    expect(JSON.stringify(first((await list()).calls).agent)).toMatch(/\\u0000.*\\ud83d/);
    const { call_id } = first((await truth()).filter((call) => Array.isArray(call.transcript)));
    vendor.faults.add({ kind: 'nul_text' });
    const { summary, transcript } = await detail(call_id);
    expect(summary).toContain('\u0000');
    expect(JSON.stringify(transcript?.at(-1))).toContain('\\u0000');
  });
});

describe('faults of the world', () => {
  it('deleted lets a call vanish until the faults are cleared', async () => {
    const { list, truth, vendor } = struck();
    const { call_id } = first((await list({ limit: 1 })).calls);
    const before = (await list()).total_count;
    vendor.faults.add({ kind: 'deleted', callId: call_id });
    expect([(await list()).total_count, (await truth()).length]).toEqual([before - 1, 29]);
    vendor.faults.clear();
    expect((await list()).total_count).toBe(before);
  });

  it('retention takes transcript, recording and summary of a call', async () => {
    const { detail, truth, vendor } = struck();
    const { call_id } = first((await truth()).filter((call) => call.summary && call.recording_url));
    vendor.faults.add({ kind: 'retention', callId: call_id });
    const gone = { call_id, transcript: null, recording_url: null, summary: null };
    expect(await detail(call_id)).toMatchObject(gone);
    expect((await truth()).find((call) => call.call_id === call_id)).toMatchObject(gone);
  });

  it('vendor_sees_late keeps new calls out of lists, not out of details', async () => {
    const { list, ask, vendor, clock } = openBench({
      pastCalls: 0,
      liveCallsPerSecond: 1,
      liveForMs: 10_000,
    });
    vendor.faults.add({ kind: 'vendor_sees_late', share: 1, delayMs: 60_000 });
    clock.nowMs = ORIGIN_MS + 30_000;
    expect((await list({ filter_criteria: ALL })).total_count).toBe(0);
    const { call_id } = first(vendor.world.details(clock.nowMs));
    expect((await ask('GET', `/call-get/${call_id}`)).status).toBe(200);
    clock.nowMs = ORIGIN_MS + 70_000;
    expect((await list({ filter_criteria: ALL })).total_count).toBe(10);
  });
});
