import type { TranscriptItem, VoicyCall } from '../../src/sandbox/voicy/call.ts';

type Row = Record<string, unknown>;

const STATUS: Record<string, string> = {
  initiated: 'queued',
  ringing: 'ringing',
  ongoing: 'ongoing',
  in_progress: 'ongoing',
  user_hangup: 'ended',
  agent_hangup: 'ended',
  inactivity: 'ended',
  error_inactivity: 'ended',
  ended: 'ended',
  busy: 'not_connected',
  no_answer: 'not_connected',
  error: 'failed',
  canceled: 'canceled',
};
const CONNECTED = [
  'ongoing',
  'in_progress',
  'user_hangup',
  'agent_hangup',
  'inactivity',
  'error_inactivity',
  'ended',
];
const UNDER_WAY = ['initiated', 'ringing', 'ongoing', 'in_progress'];

/** The row that the warehouse must hold for a call of Voicy's truth, written without the code under test. */
export function expectVoicy(call: VoicyCall): Row {
  const over = call.call_status in STATUS && !UNDER_WAY.includes(call.call_status);
  const connected = CONNECTED.includes(call.call_status) || (brokeOff(call) && itemsOf(call).length > 0);
  const startMs = connected ? call.start_timestamp : null;
  const durationMs = connected ? call.duration_ms : null;
  return {
    agent_id: call.agent?.id ?? null,
    agent_version: call.agent === null ? null : String(call.agent.version),
    call_type: call.call_type,
    channel: call.call_type === 'web_call' ? 'web' : 'phone',
    direction: call.direction === 'outgoing' ? 'outbound' : 'inbound',
    status: STATUS[call.call_status] ?? 'unknown',
    vendor_status: call.call_status,
    end_reason: over ? call.call_status : null,
    from_number: call.from_number,
    to_number: call.to_number,
    presentation_number: null,
    started_ms: startMs,
    ended_ms: over && startMs !== null && durationMs !== null ? startMs + durationMs : null,
    duration_ms: durationMs,
    recording_url: withoutQuery(call.recording_url),
    variant_label: null,
    opt_out: false,
    metadata: null,
    variables: call.vars_provided,
    costs: call.call_cost
      ? [{ component: 'total', amount: String(call.call_cost.combined_cost), currency: 'USD' }]
      : [],
    summary: call.summary,
    sentiment: null,
    extractions: [...collected(call.vars_collected), ...named(call.vars_extracted)],
    items: itemsOf(call).map((item, position) => ({ position, ...expectedItem(item, startMs) })),
  };
}

function brokeOff({ call_status }: VoicyCall): boolean {
  return call_status === 'error' || call_status === 'canceled';
}

/** A recording is signed anew at every reading: what follows the question mark says nothing about the call. */
export function withoutQuery(url: string | null): string | null {
  return url?.split('?', 1)[0] ?? null;
}

function collected(variables: VoicyCall['vars_collected']): Row[] {
  if (!Array.isArray(variables)) return named(variables);
  return variables.map((entry) =>
    'name' in entry
      ? { name: entry.name, type: entry.type ?? null, value: entry.value ?? null }
      : { name: null, type: null, value: entry },
  );
}

function named(variables: Record<string, unknown> | null): Row[] {
  return Object.entries(variables ?? {})
    .sort(([left], [right]) => (left < right ? -1 : 1))
    .map(([name, value]) => ({ name, type: null, value }));
}

function itemsOf({ transcript, transcript_object }: VoicyCall): (TranscriptItem | string)[] {
  if (transcript_object !== undefined) return transcript_object;
  if (typeof transcript === 'string') return [transcript];
  return transcript ?? [];
}

function expectedItem(item: TranscriptItem | string, startMs: number | null): Row {
  const empty = {
    vendor_role: null,
    started_ms: null,
    ended_ms: null,
    offset_ms: null,
    tool_call_id: null,
    tool_name: null,
    arguments: null,
    result: null,
    duration_ms: null,
  };
  if (typeof item === 'string') return { ...empty, role: 'other', kind: 'speech', content: item };
  const offsetMs = item.timestamp_ms ?? null;
  return {
    ...empty,
    ...expectedUse(item),
    vendor_role: item.role,
    content: item.content,
    started_ms: offsetMs === null || startMs === null ? null : startMs + offsetMs,
    offset_ms: offsetMs,
  };
}

/** Who is at it and how, with the function that an item tells of. */
function expectedUse({ role, function_invocation, function_result }: TranscriptItem): Row {
  if (role !== 'system') return { role: role === 'agent' ? 'agent' : 'user', kind: 'speech' };
  if (function_invocation !== undefined) {
    const { invocation_id, node_name, ...rest } = function_invocation;
    return {
      role: 'tool',
      kind: 'tool_call',
      tool_call_id: invocation_id,
      tool_name: node_name,
      arguments: rest,
    };
  }
  if (function_result === undefined) return { role: 'system', kind: 'event' };
  const { invocation_id, node_name, duration_ms, ...rest } = function_result;
  return {
    role: 'tool',
    kind: 'tool_result',
    tool_call_id: invocation_id,
    tool_name: node_name,
    result: rest,
    duration_ms,
  };
}
