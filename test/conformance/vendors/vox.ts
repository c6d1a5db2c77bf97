import { isJsonObject } from '../../../src/json.ts';
import { VOX } from '../../support/vendors.ts';
import type { ConformanceCase } from '../case.ts';

export const VOX_CASE: ConformanceCase = {
  vendor: VOX,
  callsIn(path, answer) {
    if (!path.startsWith('/v3/calls') || !isJsonObject(answer)) return [];
    return Array.isArray(answer.items) ? answer.items.filter(isJsonObject) : [answer];
  },
  itemsIn(_path, answer) {
    return isJsonObject(answer) && Array.isArray(answer.transcript)
      ? answer.transcript.filter(isJsonObject)
      : [];
  },
  fields: {
    id: 'id',
    status: 'status',
    type: { name: 'call_type', column: 'channel' },
    variables: 'dynamic_variables',
    role: 'role',
    content: 'content',
  },
  needed: ['id'],
  poison: { field: 'metadata', value: 'a while', path: 'metadata' },
  cost: (amount) => ({ call_cost: { total_cost: amount } }),
  spared: [{ kind: 'agents', tells: null }],
  notOf: {},
};
