import type { VoxCall } from '../../src/sandbox/vox/call.ts';

const STATUS: Record<string, string> = { error: 'failed' };
const CHANNEL: Record<string, [string, string]> = {
  web: ['web', 'inbound'],
  phone: ['phone', 'unknown'],
  inbound: ['phone', 'inbound'],
  outbound: ['phone', 'outbound'],
  api: ['phone', 'outbound'],
};
const ITEM: Record<string, [string, string]> = {
  agent: ['agent', 'speech'],
  user: ['user', 'speech'],
  tool_call_invocation: ['tool', 'tool_call'],
  tool_call_result: ['tool', 'tool_result'],
};

/** The row that the warehouse must hold for a call of vox.ai's truth, written without the code under test. */
export function expectVox(call: VoxCall): Record<string, unknown> {
  const [channel, direction] = CHANNEL[call.call_type] ?? ['unknown', 'unknown'];
  const connected = call.start_at !== null;
  return {
    agent_id: call.agent.agent_id,
    agent_version: call.agent.agent_version,
    call_type: call.call_type,
    channel,
    direction,
    status: STATUS[call.status] ?? call.status,
    vendor_status: call.status,
    end_reason: call.disconnection_reason,
    from_number: call.from_number,
    to_number: call.to_number,
    presentation_number: call.presentation_number,
    started_ms: call.start_at,
    ended_ms: call.end_at,
    duration_ms: call.start_at === null || call.end_at === null ? null : call.end_at - call.start_at,
    recording_url: call.recording_url,
    variant_label: call.variant_label,
    opt_out: call.opt_out_sensitive_data_storage,
    metadata: call.metadata,
    variables: call.dynamic_variables,
    costs: call.call_cost ? [{ component: 'total', amount: call.call_cost.total_cost, currency: 'KRW' }] : [],
    summary: call.call_analysis?.summary ?? null,
    sentiment: call.call_analysis?.user_sentiment ?? null,
    extractions:
      call.call_analysis?.custom_analysis_data.map(({ name, type, value }) => ({ name, type, value })) ?? [],
    items: connected && !call.opt_out_sensitive_data_storage ? expectedItems(call) : [],
  };
}

function expectedItems(call: VoxCall): unknown[] {
  const names = new Map<string, string>();
  for (const item of call.transcript ?? []) if ('name' in item) names.set(item.tool_call_id, item.name);
  return (call.transcript ?? []).map((item, position) => {
    const [role, kind] = ITEM[item.role] ?? ['other', 'event'];
    const start = 'start_at' in item ? (item.start_at ?? null) : null;
    const end = 'end_at' in item ? (item.end_at ?? null) : null;
    return {
      position,
      role,
      vendor_role: item.role,
      kind,
      content: 'content' in item ? item.content : null,
      started_ms: start,
      ended_ms: end,
      offset_ms: start === null ? null : start - (call.start_at ?? 0),
      tool_call_id: 'tool_call_id' in item ? item.tool_call_id : null,
      tool_name:
        'name' in item ? item.name : 'tool_call_id' in item ? (names.get(item.tool_call_id) ?? null) : null,
      arguments: 'arguments' in item ? item.arguments : null,
      result: item.role === 'tool_call_result' ? JSON.parse(item.content) : null,
      duration_ms: start === null || end === null ? null : end - start,
    };
  });
}
