import { isJsonObject, type Json } from '../../../src/json.ts';
import { DIGA } from '../../support/vendors.ts';
import { type ConformanceCase, firstPage } from '../case.ts';

const rowsOf = (answer: Json) =>
  isJsonObject(answer) && Array.isArray(answer.data) ? answer.data.filter(isJsonObject) : null;

export const DIGA_CASE: ConformanceCase = {
  vendor: DIGA,
  callsIn(path, answer) {
    if (!path.startsWith('/v1/call/') || path.endsWith('/message')) return [];
    return rowsOf(answer) ?? (isJsonObject(answer) ? [answer] : []);
  },
  itemsIn: (path, answer) => (path.endsWith('/message') ? (rowsOf(answer) ?? []) : []),
  fields: {
    id: 'id',
    status: 'status',
    type: { name: 'type', column: 'direction' },
    variables: 'dynamic_variables',
    role: 'role',
    content: 'content',
  },
  needed: ['id', 'created_date'],
  poison: { field: 'duration', value: 'a while', path: 'duration' },
  cost: null,
  spared: [
    { kind: 'agents', tells: null },
    { kind: 'messages', tells: /messages\.view/ },
  ],
  notOf: {
    money: {
      reason: 'it tells of no cost',
      holds: ({ synced }) => synced.source.facets.cost === undefined,
    },
    total: {
      reason: 'its lists have no total that is read',
      holds: async (bench) => (await firstPage(bench)).totalCount === null,
    },
  },
};
