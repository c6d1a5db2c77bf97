/** Ends of a call that somebody answered. */
export const COMPLETED = ['user_hangup', 'agent_hangup', 'inactivity', 'error_inactivity', 'ended'] as const;
/** Ends of a call that failed, nearly always before anybody answered. */
export const FAILED = ['busy', 'no_answer', 'error', 'canceled'] as const;

/** A last status. `ended` is the older word for every completed call. */
export type TerminalStatus = (typeof COMPLETED)[number] | (typeof FAILED)[number];
/** `in_progress` is the older word for `ongoing`. */
export type CallStatus = 'initiated' | 'ringing' | 'ongoing' | 'in_progress' | TerminalStatus;
/** `incoming` is to the agent, calls through a browser included. */
type Direction = 'incoming' | 'outgoing';

/** An item of a transcript as the API prints it, whichever generation it is of. */
export interface TranscriptItem {
  role: 'agent' | 'caller' | 'user' | 'system';
  content: string;
  /** Counted from the start of the call. */
  timestamp_ms?: number;
  function_invocation?: FunctionInvocation;
  function_result?: FunctionResult;
  /** Milliseconds by stage, in the first generation. */
  latency_breakdown?: Record<string, number>;
}

/** An HTTP request that an agent's flow sends out. */
interface FunctionInvocation {
  invocation_id: string;
  node_name: string;
  method: 'GET' | 'POST';
  url: string;
  request_body: Record<string, unknown> | null;
  headers: Record<string, string>;
}

/** What came back for it. */
interface FunctionResult {
  invocation_id: string;
  node_name: string;
  /** 0 when the server was never reached. */
  status_code: number;
  response_body: unknown;
  extracted_vars: Record<string, unknown>;
  duration_ms: number;
  /** Left out on success. */
  error_class?: string;
}

/** A row of the list, as the API prints it. Times are unix ms. */
export interface VoicyCallRow {
  call_id: string;
  call_type: 'phone_call' | 'web_call';
  call_status: CallStatus;
  agent: { id?: string; name: string; version: number } | null;
  from_number: string | null;
  to_number: string | null;
  direction: Direction;
  start_timestamp: number | null;
  duration_ms: number | null;
}

/** One call as the detail answers it. */
export interface VoicyCall extends VoicyCallRow {
  transcript: TranscriptItem[] | string | null;
  /** Beside a transcript that is a text, in most calls of the first generation. */
  transcript_object?: TranscriptItem[];
  detected_gender: 'male' | 'female' | null;
  /** Without its signature in the world; every answer signs it anew. */
  recording_url: string | null;
  summary: string | null;
  vars_provided: Record<string, unknown> | null;
  vars_extracted: Record<string, string | null> | null;
  vars_collected: Record<string, unknown> | Record<string, unknown>[];
  /** Left out when all went well. */
  extraction_failed?: true;
  /** Left out in calls of today. */
  call_cost?: { combined_cost: number; currency: 'usd' } | null;
}
