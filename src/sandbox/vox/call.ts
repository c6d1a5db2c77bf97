/** Every status of a call, in the order of its life. */
export const CALL_STATUSES = ['queued', 'ongoing', 'ended', 'error', 'canceled', 'not_connected'] as const;

/** Every way a call can be made. */
export const CALL_TYPES = ['web', 'phone', 'inbound', 'outbound', 'api'] as const;

/** Every reason for the end of a call. */
export const DISCONNECTION_REASONS = [
  'user_hangup',
  'agent_hangup',
  'dial_no_answer',
  'dial_failed',
  'dial_busy',
  'voicemail_reached',
  'concurrency_limit_reached',
  'insufficient_balance',
  'error_voxai',
  'max_duration_reached',
  'inactivity',
  'flow_error',
  'call_transfer',
  'orphaned_no_agent_pickup',
  'dial_declined',
  'daily_call_limit_reached',
  'hourly_call_limit_reached',
  'blocked_number',
  'operator_hangup',
] as const;

/** `queued`, `ongoing` or one of the four terminal ones. */
export type CallStatus = (typeof CALL_STATUSES)[number];
/** As in `CALL_TYPES`. */
export type CallType = (typeof CALL_TYPES)[number];
/** As in `DISCONNECTION_REASONS`. */
export type DisconnectionReason = (typeof DISCONNECTION_REASONS)[number];

/** An item of a transcript as the API prints it. Times are unix ms. */
export type TranscriptItem =
  | { role: 'agent' | 'user'; content: string; start_at?: number; end_at?: number }
  | { role: 'tool_call_invocation'; tool_call_id: string; name: string; arguments: Record<string, unknown> }
  | { role: 'tool_call_result'; tool_call_id: string; content: string };

/** A row of the list, as the API prints it. Times are unix ms. */
export interface VoxCallRow {
  id: string;
  agent: { agent_id: string; agent_version: string };
  call_type: CallType;
  status: CallStatus;
  from_number: string | null;
  to_number: string | null;
  presentation_number: string | null;
  disconnection_reason: DisconnectionReason | null;
  start_at: number | null;
  end_at: number | null;
  recording_url: string | null;
  metadata: Record<string, unknown>;
  dynamic_variables: Record<string, unknown>;
  call_analysis: {
    summary: string;
    user_sentiment: string;
    custom_analysis_data: { type: string; name: string; value: unknown }[];
  } | null;
  /** Korean won as a decimal string with two digits. */
  call_cost: { total_cost: string } | null;
  variant_label: string | null;
  opt_out_sensitive_data_storage: boolean;
}

/** One call as the detail answers it. */
export interface VoxCall extends VoxCallRow {
  transcript: TranscriptItem[] | null;
}
