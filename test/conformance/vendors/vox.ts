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
  recording: 'recording_url',
  farEnd: Date.UTC(2081, 0, 1),
  needed: ['id'],
  poison: { field: 'metadata', value: 'a while', path: 'metadata' },
  documented: {
    agent: { columns: 'agent_id agent_version' },
    'agent.agent_id': { columns: 'agent_id' },
    'agent.agent_version': { columns: 'agent_version' },
    call_type: { columns: 'call_type', follow: 'channel direction' },
    status: { columns: 'vendor_status', follow: 'status items' },
    from_number: { columns: 'from_number' },
    to_number: { columns: 'to_number' },
    presentation_number: { columns: 'presentation_number' },
    disconnection_reason: { columns: 'end_reason' },
    start_at: { columns: 'started_ms', follow: 'duration_ms items' },
    end_at: { columns: 'ended_ms', follow: 'duration_ms' },
    recording_url: { columns: 'recording_url' },
    metadata: { columns: 'metadata' },
    dynamic_variables: { columns: 'variables' },
    call_analysis: { columns: 'summary sentiment extractions' },
    'call_analysis.summary': { columns: 'summary' },
    'call_analysis.user_sentiment': { columns: 'sentiment' },
    'call_analysis.custom_analysis_data': { columns: 'extractions' },
    call_cost: { columns: 'costs' },
    'call_cost.total_cost': { columns: 'costs' },
    variant_label: { columns: 'variant_label' },
    opt_out_sensitive_data_storage: { columns: '', follow: 'opt_out items' },
    transcript: { columns: 'items' },
  },
  cost: (amount) => ({ call_cost: { total_cost: amount } }),
  spared: [{ kind: 'agents', tells: null }],
  notOf: {},
};
