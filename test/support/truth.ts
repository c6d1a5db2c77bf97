import type { Pool } from 'pg';
import type { VoxCall } from '../../src/sandbox/vox/call.ts';

/**
 * The warehouse beside the vendor's truth, call by call and column by column. The expectation is written here a
 * second time, by hand and without the code under test. Gives what differs, to be compared with nothing.
 */
export async function differencesFromTruth(
  pool: Pool,
  truth: Iterable<VoxCall>,
  sourceName = 'vox',
): Promise<string[]> {
  const stored = await readStored(pool, sourceName);
  const differences: string[] = [];
  for (const call of truth) {
    const row = stored.get(call.id);
    stored.delete(call.id);
    if (row === undefined) {
      differences.push(`${call.id} is not in the warehouse`);
      continue;
    }
    const expected = expectation(call);
    for (const column of Object.keys(expected)) {
      const want = canonical(expected[column]);
      const have = canonical(row[column]);
      if (want !== have) differences.push(`${call.id} ${column}: is ${have}, the vendor says ${want}`);
    }
  }
  for (const id of stored.keys()) differences.push(`${id} is in the warehouse and not at the vendor`);
  return differences;
}

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

function expectation(call: VoxCall): Record<string, unknown> {
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

async function readStored(pool: Pool, sourceName: string): Promise<Map<string, Record<string, unknown>>> {
  const { rows } = await pool.query<Record<string, unknown> & { call_id: string }>(
    `select c.call_id, c.agent_id, c.agent_version, c.call_type, c.channel, c.direction, c.status, c.vendor_status,
  c.end_reason, c.from_number, c.to_number, c.presentation_number,
  (extract(epoch from c.started_at) * 1000)::float8 as started_ms,
  (extract(epoch from c.ended_at) * 1000)::float8 as ended_ms, c.duration_ms::float8 as duration_ms,
  c.recording_url, c.variant_label, c.opt_out, c.metadata, c.variables, a.summary, a.sentiment,
  coalesce((select jsonb_agg(jsonb_build_object('component', k.component, 'amount', k.amount::text, 'currency', k.currency))
    from callhouse.call_costs k where (k.source_id, k.call_id) = (c.source_id, c.call_id)), '[]') as costs,
  coalesce((select jsonb_agg(jsonb_build_object('name', e.name, 'type', e.type, 'value', e.value) order by e.position)
    from callhouse.call_extractions e where (e.source_id, e.call_id) = (c.source_id, c.call_id)), '[]') as extractions,
  coalesce((select jsonb_agg(jsonb_build_object('position', t.position, 'role', t.role, 'vendor_role', t.vendor_role,
      'kind', t.kind, 'content', t.content, 'started_ms', (extract(epoch from t.started_at) * 1000)::bigint,
      'ended_ms', (extract(epoch from t.ended_at) * 1000)::bigint, 'offset_ms', t.offset_ms,
      'tool_call_id', t.tool_call_id, 'tool_name', t.tool_name, 'arguments', t.arguments, 'result', t.result,
      'duration_ms', t.duration_ms) order by t.position)
    from callhouse.transcript_items t where (t.source_id, t.call_id) = (c.source_id, c.call_id)), '[]') as items
from callhouse.calls c
join callhouse.sources s using (source_id)
left join callhouse.call_analyses a using (source_id, call_id)
where s.name = $1 and c.settlement <> 'missing'`,
    [sourceName],
  );
  return new Map(rows.map((row) => [row.call_id, row]));
}

function canonical(value: unknown): string {
  return JSON.stringify(value ?? null, (_key, member: unknown) =>
    typeof member === 'object' && member !== null && !Array.isArray(member)
      ? Object.fromEntries(Object.entries(member).sort(([a], [b]) => (a < b ? -1 : 1)))
      : member,
  );
}
