import type { DriftNote, Instant, TranscriptItem } from '../../call.ts';
import { RecordError } from '../../errors.ts';
import type { Json, JsonObject } from '../../json.ts';
import { asNumber, decode, unknownFields, unknownWord, wholeNumber } from '../decode.ts';
import { indexable } from '../indexable.ts';
import { itemClock } from '../item-clock.ts';
import { plainText } from '../plain-text.ts';
import { ITEM_FIELDS, type VoicyDetail, type VoicyTranscriptItem, voicyTranscriptItem } from './payload.ts';

type Kind = Pick<TranscriptItem, 'role' | 'kind'>;

const ROLES: ReadonlyMap<string, Kind> = new Map<string, Kind>([
  ['agent', { role: 'agent', kind: 'speech' }],
  ['caller', { role: 'user', kind: 'speech' }],
  ['user', { role: 'user', kind: 'speech' }],
  ['system', { role: 'system', kind: 'event' }],
]);
const OTHER: Kind = { role: 'other', kind: 'event' };
const TOOL_CALL: Kind = { role: 'tool', kind: 'tool_call' };
const TOOL_RESULT: Kind = { role: 'tool', kind: 'tool_result' };

/** Where the class of a failed function call may stand: the documentation shows its words and not its name. */
const ERROR_FIELDS = ['error', 'error_class', 'error_type'];

export interface Transcript {
  /** Null when the vendor has none. */
  items: TranscriptItem[] | null;
  drift: DriftNote[];
}

type CallTimes = { startedAt: Instant | null; durationMs: number | null };

/** Whether anything was said in the call. */
export function hasTranscript({ transcript, transcript_object: beside }: VoicyDetail): boolean {
  return [transcript, beside].some(
    (told) => (Array.isArray(told) || typeof told === 'string') && told.length > 0,
  );
}

/** The transcript of a call in any generation: a list, or one text with or without a list beside it. */
export function readTranscript(detail: VoicyDetail, call: CallTimes): Transcript {
  const { transcript = null, transcript_object: beside } = detail;
  const items = Array.isArray(transcript) ? transcript : beside;
  if (Array.isArray(items)) return readItems(items, call);
  if (transcript === null || transcript === '') return { items: null, drift: [] };
  if (typeof transcript !== 'string') throw new RecordError('transcript', 'is neither a list nor text');
  return { items: [wholeText(transcript)], drift: [] };
}

function readItems(items: Json[], call: CallTimes): Transcript {
  const read = items.map((item) => decode(voicyTranscriptItem, item));
  const clock = itemClock(
    read.map((item) => asNumber(item.timestamp_ms)),
    call,
  );
  const nodes = new Map<string, string>();
  for (const { function_invocation: invocation } of read) {
    const [id, node] = [textOf(invocation?.invocation_id), textOf(invocation?.node_name)];
    if (id !== null && node !== null) nodes.set(id, node);
  }
  const drift = read.flatMap((item, position) => [
    ...unknownWord(item.role, ROLES, 'transcript.role'),
    ...unknownFields(items[position], ITEM_FIELDS, 'transcript'),
  ]);
  return {
    items: read.map((item, position) => {
      const { at, offsetMs } = clock(asNumber(item.timestamp_ms));
      return {
        ...NOTHING_MORE,
        position,
        ...kindOf(item),
        vendorRole: item.role,
        content: plainText(item.content ?? null),
        startedAt: at,
        offsetMs,
        ...toolOf(item, nodes),
      };
    }),
    drift,
  };
}

const NOTHING_MORE = {
  endedAt: null,
  toolCallId: null,
  toolName: null,
  arguments: null,
  result: null,
  toolStatus: null,
  durationMs: null,
} satisfies Partial<TranscriptItem>;

/** The first generation has the talk as one text: who says what is not told apart. */
function wholeText(content: string): TranscriptItem {
  return {
    ...NOTHING_MORE,
    position: 0,
    role: 'other',
    kind: 'speech',
    vendorRole: null,
    content,
    startedAt: null,
    offsetMs: null,
  };
}

function kindOf({
  role,
  function_invocation: invocation,
  function_result: result,
}: VoicyTranscriptItem): Kind {
  if (role === 'system' && invocation !== null) return TOOL_CALL;
  if (role === 'system' && result !== null) return TOOL_RESULT;
  return ROLES.get(role ?? '') ?? OTHER;
}

/** What a function was called with, or gave back. A result without a name takes that of the call that it answers. */
function toolOf(item: VoicyTranscriptItem, nodes: ReadonlyMap<string, string>): Partial<TranscriptItem> {
  const { kind } = kindOf(item);
  if (kind === 'tool_call' && item.function_invocation !== null) {
    const { invocation_id: id, node_name: node, ...rest } = item.function_invocation;
    return { toolCallId: textOf(id), toolName: indexable(textOf(node)), arguments: rest };
  }
  if (kind === 'tool_result' && item.function_result !== null) {
    const { invocation_id: id, node_name: node, duration_ms: duration, ...rest } = item.function_result;
    const toolCallId = textOf(id);
    return {
      toolCallId,
      toolName: indexable(textOf(node) ?? nodes.get(toolCallId ?? '') ?? null),
      result: rest,
      toolStatus: statusOf(rest),
      durationMs: wholeNumber(duration),
    };
  }
  return {};
}

function statusOf(result: JsonObject): string | null {
  const error = ERROR_FIELDS.map((field) => textOf(result[field])).find((word) => word !== null);
  return error ?? plainText(result.status_code ?? null);
}

function textOf(value: Json | undefined): string | null {
  return typeof value === 'string' ? value : null;
}
