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
  needed: ['call_id'],
  poison: { field: 'duration_ms', value: 'a while', path: 'duration_ms' },
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
