/** Every status that the current generation knows, in the order of a call's life. */
export const CALL_STATUSES = ['dialing', 'in_queue', 'in_progress', 'completed'] as const;

/** Who called whom. */
export const CALL_TYPES = ['inbound', 'outbound'] as const;

/** The statuses of both generations: the older one has an outcome of its own for each way a call can end. */
export type CallStatus = (typeof CALL_STATUSES)[number] | 'failed' | 'transferred' | 'no_answer';
/** As in `CALL_TYPES`. */
export type CallType = (typeof CALL_TYPES)[number];

/** The other party. Its date is when it was first seen, not when it called. */
interface ContactRow {
  id: string;
  created_date: string;
  /** A phone number, or what identifies a browser. */
  identifier: string;
  contact_type: 'call' | 'web';
}

/** What rows of both generations have. Dates are ISO texts. */
interface CommonRow {
  id: string;
  agent_id: string | null;
  status: CallStatus;
  type: CallType;
  contact: ContactRow | null;
  created_date: string;
  recording_url: string | null;
  start_time: string | null;
  end_time: string | null;
  /** Whole seconds. */
  duration: number | null;
  end_reason: string | null;
}

/** A call as the current generation prints it. */
interface CurrentCallRow extends CommonRow {
  agent_version_id: string | null;
  phone_register_id: string | null;
  dynamic_variables: Record<string, unknown> | null;
}

/** A call as the older generation prints it. */
interface OldCallRow extends CommonRow {
  phone_id: string | null;
}

/** A call, alike in lists and alone. */
export type DigaCallRow = CurrentCallRow | OldCallRow;

/** A use of a tool: by type in the current generation, by name alone in the older one. */
export type ToolCall =
  | { type: 'function'; function_name: string; payload: Record<string, unknown>; status: ToolStatus }
  | { type: 'call_tool'; tool_name: string; payload: Record<string, unknown>; status: ToolStatus }
  | { name: string; arguments: Record<string, unknown> };

/** How far the use of a tool has come. */
export type ToolStatus = 'started' | 'success' | 'error' | 'cancelled';

interface MessageBody {
  created_date: string;
  role: string;
  content: string | null;
  tool_call: ToolCall | null;
}

/** Something that was said or done in a call; the older generation names the id differently. */
export type DigaMessage = ({ id: string } & MessageBody) | ({ message_id: string } & MessageBody);

/** A call with everything that other paths tell of it. */
export type DigaCall = DigaCallRow & {
  messages: DigaMessage[];
  /** Of our own phone. */
  phone_number: string | null;
};
