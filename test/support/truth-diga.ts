import type { DigaCall, DigaMessage } from '../../src/sandbox/diga/call.ts';

/**
 * What the warehouse has to hold for a call of Diga, column by column as in `truth.ts`. Written by hand, without the
 * code under test.
 */
export function expectDiga(call: DigaCall): Record<string, unknown> {
  const started = call.start_time === null ? null : utcMs(call.start_time);
  const open = call.status in OPEN_STATUS;
  return {
    agent_id: call.agent_id,
    agent_version: 'agent_version_id' in call ? call.agent_version_id : null,
    call_type: call.type,
    channel: call.contact === null ? 'unknown' : { call: 'phone', web: 'web' }[call.contact.contact_type],
    direction: call.type,
    status: statusOf(call),
    vendor_status: call.status,
    end_reason: call.end_reason,
    ...numbersOf(call),
    presentation_number: null,
    started_ms: started,
    ended_ms: call.end_time === null ? null : utcMs(call.end_time),
    duration_ms: call.duration === null ? null : call.duration * 1_000,
    recording_url: call.recording_url?.split('?')[0] ?? null,
    variant_label: null,
    opt_out: false,
    metadata: null,
    variables: 'dynamic_variables' in call ? call.dynamic_variables : null,
    costs: [],
    summary: null,
    sentiment: null,
    extractions: [],
    items: open ? [] : call.messages.map((message, position) => expectedItem(message, position, started)),
  };
}

const OPEN_STATUS: Record<string, string> = {
  dialing: 'ringing',
  in_queue: 'queued',
  in_progress: 'ongoing',
};
const TERMINAL_STATUS: Record<string, string> = {
  completed: 'ended',
  transferred: 'ended',
  failed: 'failed',
  no_answer: 'not_connected',
};

function statusOf({ status, start_time }: DigaCall): string | undefined {
  if (status === 'completed' && start_time === null) return 'not_connected';
  return OPEN_STATUS[status] ?? TERMINAL_STATUS[status];
}

/** A browser has no number. */
function numbersOf({ contact, phone_number, type }: DigaCall): Record<string, string | null> {
  const other = contact?.contact_type === 'call' ? contact.identifier : null;
  return type === 'inbound'
    ? { from_number: other, to_number: phone_number }
    : { from_number: phone_number, to_number: other };
}

const SPEAKERS: Record<string, string> = { user: 'user', assistant: 'agent' };

function expectedItem(
  message: DigaMessage,
  position: number,
  started: number | null,
): Record<string, unknown> {
  const { role, content, created_date, tool_call: toolCall } = message;
  const atMs = utcMs(created_date);
  const speaker = SPEAKERS[role.toLowerCase()];
  const isTool = toolCall !== null || role.toLowerCase() === 'tool';
  return {
    position,
    role: isTool ? 'tool' : (speaker ?? 'other'),
    vendor_role: role,
    kind: isTool ? 'tool_call' : speaker === undefined ? 'event' : 'speech',
    content,
    started_ms: atMs,
    ended_ms: null,
    offset_ms: started === null ? null : atMs - started,
    tool_call_id: null,
    tool_name: toolCall === null ? null : toolName(toolCall),
    arguments: toolCall === null ? null : 'arguments' in toolCall ? toolCall.arguments : toolCall.payload,
    result: null,
    duration_ms: null,
  };
}

function toolName(toolCall: NonNullable<DigaMessage['tool_call']>): string {
  if ('function_name' in toolCall) return toolCall.function_name;
  return 'tool_name' in toolCall ? toolCall.tool_name : toolCall.name;
}

/** Without an offset a time is UTC. What lies behind the millisecond is cut off. */
function utcMs(text: string): number {
  return Date.parse(/(Z|[+-]\d\d:\d\d)$/.test(text) ? text : `${text}Z`);
}
