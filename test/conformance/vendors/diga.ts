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
  recording: 'recording_url',
  farEnd: '2081-01-01T00:00:00Z',
  needed: ['id', 'created_date'],
  poison: { field: 'duration', value: 'a while', path: 'duration' },
  documented: {
    agent_id: { columns: 'agent_id' },
    agent_version_id: { columns: 'agent_version' },
    status: { columns: 'vendor_status', follow: 'status items' },
    type: { columns: 'call_type', follow: 'direction from_number to_number' },
    contact: { columns: '', follow: 'channel from_number to_number contact_id' },
    'contact.identifier': { columns: '', follow: 'from_number to_number' },
    'contact.contact_type': { columns: '', follow: 'channel from_number to_number' },
    phone_register_id: { columns: '', follow: 'from_number to_number phone_id' },
    created_date: { columns: '', follow: 'created_ms' },
    start_time: { columns: 'started_ms', follow: 'duration_ms items status' },
    end_time: { columns: 'ended_ms', follow: 'duration_ms' },
    duration: { columns: '', follow: 'duration_ms' },
    end_reason: { columns: 'end_reason' },
    recording_url: { columns: 'recording_url' },
    dynamic_variables: { columns: 'variables' },
    is_test_call: { columns: '', follow: 'test_call' },
  },
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
