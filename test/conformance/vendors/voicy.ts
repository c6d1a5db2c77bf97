import { LosslessNumber } from 'lossless-json';
import { isJsonObject } from '../../../src/json.ts';
import { VOICY } from '../../support/vendors.ts';
import { type ConformanceCase, firstPage } from '../case.ts';

export const VOICY_CASE: ConformanceCase = {
  vendor: VOICY,
  callsIn(path, answer) {
    if (!isJsonObject(answer) || !/\/call-(list|get)/.test(path)) return [];
    return Array.isArray(answer.calls) ? answer.calls.filter(isJsonObject) : [answer];
  },
  itemsIn(_path, answer) {
    if (!isJsonObject(answer)) return [];
    const items = answer.transcript_object ?? answer.transcript;
    return Array.isArray(items) ? items.filter(isJsonObject) : [];
  },
  fields: {
    id: 'call_id',
    status: 'call_status',
    type: { name: 'call_type', column: 'channel' },
    variables: 'vars_provided',
    role: 'role',
    content: 'content',
  },
  recording: 'recording_url',
  farEnd: 1_763_700_000_000,
  needed: ['call_id'],
  poison: { field: 'duration_ms', value: 'a while', path: 'duration_ms' },
  documented: {
    call_type: { columns: 'call_type', follow: 'channel' },
    call_status: {
      columns: 'vendor_status',
      follow: 'status end_reason started_ms ended_ms duration_ms items',
    },
    agent: { columns: '', follow: 'agent_id agent_name agent_version' },
    'agent.version': { columns: 'agent_version' },
    from_number: { columns: 'from_number' },
    to_number: { columns: 'to_number' },
    direction: { columns: '', follow: 'direction' },
    start_timestamp: { columns: '', follow: 'created_ms started_ms ended_ms duration_ms items' },
    duration_ms: { columns: '', follow: 'duration_ms ended_ms items' },
    transcript: { columns: 'items', follow: 'started_ms ended_ms duration_ms' },
    recording_url: { columns: 'recording_url' },
    summary: { columns: 'summary' },
    vars_provided: { columns: 'variables' },
    vars_extracted: { columns: '', follow: 'extractions summary' },
    vars_collected: { columns: '', follow: 'extractions' },
    call_cost: { columns: 'costs' },
    'call_cost.combined_cost': { columns: 'costs' },
    'call_cost.currency': { columns: 'costs' },
  },
  cost: (amount) => ({ call_cost: { combined_cost: new LosslessNumber(amount), currency: 'usd' } }),
  spared: [{ kind: 'agents', tells: null }],
  notOf: {
    emptyPage: {
      reason: 'its pages promise nothing: one that is not full is the last',
      holds: async (bench) => {
        bench.vendor.faults.add({ kind: 'empty_page' });
        return (await firstPage(bench)).nextCursor === null;
      },
    },
  },
};
