import type { Json, JsonObject } from './json.ts';

/** Unix milliseconds. Vendors differ in how they write an instant; inside callhouse there is one way. */
export type Instant = number;

export type CallStatus =
  | 'queued'
  | 'ringing'
  | 'ongoing'
  | 'ended'
  | 'not_connected'
  | 'canceled'
  | 'failed'
  | 'unknown';

/** How final a stored call is. `open` and `settling` are provisional, the others are not expected to move. */
export type Settlement = 'open' | 'settling' | 'settled' | 'expired' | 'stuck' | 'missing';

/** The parts of a call that become final at different times. */
export type Facet = 'status' | 'transcript' | 'analysis' | 'cost' | 'recording';

export type PayloadKind = 'list' | 'detail' | 'messages';

/** What the vendor sent about one call, by the request that brought it. */
export type CallPayloads = Partial<Record<PayloadKind, Json>>;

/** The columns of `callhouse.calls` that come from the vendor. Null means that the vendor says nothing. */
export interface CallFacts {
  agentId: string | null;
  agentVersion: string | null;
  agentName: string | null;
  callType: string | null;
  channel: 'phone' | 'web' | 'unknown';
  direction: 'inbound' | 'outbound' | 'unknown';
  status: CallStatus;
  vendorStatus: string | null;
  endReason: string | null;
  fromNumber: string | null;
  toNumber: string | null;
  presentationNumber: string | null;
  fromE164: string | null;
  toE164: string | null;
  createdAt: Instant | null;
  startedAt: Instant | null;
  endedAt: Instant | null;
  durationMs: number | null;
  recordingUrl: string | null;
  variantLabel: string | null;
  optOut: boolean;
  testCall: boolean;
  contactId: string | null;
  /** The vendor's record of our own number, where calls name it by an id alone. */
  phoneId: string | null;
  metadata: JsonObject | null;
  variables: JsonObject | null;
}

/**
 * Facts as one reading tells them: `undefined` where this kind of payload cannot tell (a light list row), which leaves
 * what is known as it is; null where the vendor says that there is nothing.
 */
export type ToldFacts = { [Field in keyof CallFacts]: CallFacts[Field] | undefined };

/** Exact amount: a decimal text such as `"200.00"`, never a float. */
export interface Cost {
  component: string;
  amount: string;
  currency: string;
}

export interface Analysis {
  summary: string | null;
  sentiment: string | null;
  details: JsonObject | null;
}

export interface Extraction {
  origin: string;
  position: number;
  name: string | null;
  type: string | null;
  value: Json;
  valueText: string | null;
}

export interface TranscriptItem {
  position: number;
  role: 'agent' | 'user' | 'tool' | 'system' | 'other';
  vendorRole: string | null;
  kind: 'speech' | 'tool_call' | 'tool_result' | 'event';
  content: string | null;
  startedAt: Instant | null;
  endedAt: Instant | null;
  offsetMs: number | null;
  toolCallId: string | null;
  toolName: string | null;
  arguments: Json;
  result: Json;
  toolStatus: string | null;
  durationMs: number | null;
}

/** Something that the vendor sent and this version does not know. Stored all the same, and counted. */
export interface DriftNote {
  kind:
    | 'unknown_value'
    | 'unknown_field'
    | 'unread_field'
    | 'cleaned_text'
    | 'status_regressed'
    | 'page_fault';
  path: string;
  value: string;
}

/** A field of a call that could not be read. Its value is not guessed: it is null, and kept raw beside the call. */
export interface UnreadField {
  kind: PayloadKind;
  /** Where in the payload, such as `call_cost.total_cost`. */
  path: string;
  reason: string;
  /** As the vendor sent it. */
  value: Json;
  /** The part of the call that is awaited because of it; null where nothing waits for the field. */
  facet: Facet | null;
}

/**
 * What one reading says of a call. `undefined` means that this kind of payload cannot tell (a vox.ai list row
 * has no transcript); `null` means that the vendor says there is none, or not yet.
 */
export interface CallReading {
  callId: string;
  facts: ToldFacts;
  analysis: Analysis | null | undefined;
  costs: Cost[] | null | undefined;
  extractions: Extraction[] | null | undefined;
  transcript: TranscriptItem[] | null | undefined;
  unread: UnreadField[];
  drift: DriftNote[];
}

export interface Agent {
  agentId: string;
  name: string | null;
  type: string | null;
}

/** A number of our own. */
export interface Phone {
  phoneId: string;
  number: string | null;
  name: string | null;
}

/** What calls point to by id: who took them, and on which of our numbers. */
export interface Directory {
  agents: Agent[];
  phones: Phone[];
}

/** Nobody gives ids or words of more characters: what is longer is none, and would not fit into an index. */
export const WORD_LENGTH_MAX = 200;
/** The longest that a call can last, and so anything in it. */
export const CALL_LENGTH_MAX_MS = 7 * 24 * 60 * 60 * 1_000;

const TERMINAL: ReadonlySet<CallStatus> = new Set(['ended', 'not_connected', 'canceled', 'failed']);

/** An unknown status is not terminal: it is read again until it is one, or until a deadline. */
export function isTerminal(status: CallStatus): boolean {
  return TERMINAL.has(status);
}
