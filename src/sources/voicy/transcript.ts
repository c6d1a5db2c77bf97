import type { DriftNote, Instant, TranscriptItem, UnreadField } from '../../call.ts';
import type { Json, JsonObject } from '../../json.ts';
import { boundedName } from '../bounds.ts';
import { unknownFields, unknownWord } from '../decode.ts';
import { itemTimes } from '../item-times.ts';
import { lengthMs } from '../numbers.ts';
import { plainText } from '../plain-text.ts';
import { readItems } from '../transcript-items.ts';
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
  /** Null when the vendor has none, or none that can be read. */
  items: TranscriptItem[] | null;
  unread: UnreadField[];
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
  const { transcript, transcript_object: beside } = detail;
  const items = Array.isArray(transcript) ? transcript : beside;
  if (Array.isArray(items)) return readList(items, call);
  if (typeof transcript === 'string' && transcript !== '') {
    return { items: [wholeText(transcript)], unread: [], drift: [] };
  }
  return {
    items: null,
    unread: [...unreadTranscript('transcript', transcript), ...unreadTranscript('transcript_object', beside)],
    drift: [],
  };
}

function unreadTranscript(path: string, value: Json): UnreadField[] {
  const reason = 'is neither a list nor text';
  return value === null || value === '' ? [] : [{ kind: 'detail', path, reason, value, facet: 'transcript' }];
}

function readList(items: readonly Json[], call: CallTimes): Transcript {
  const { read, unread, drift } = readItems(voicyTranscriptItem, items, 'detail', 'transcript');
  const times = itemTimes(
    read.map((item) => item.timestamp_ms),
    call,
  );
  const nodes = new Map<string, string>();
  for (const { function_invocation: invocation } of read) {
    const [id, node] = [textOf(invocation?.invocation_id), textOf(invocation?.node_name)];
    if (id !== null && node !== null) nodes.set(id, node);
  }
  const unknown = read.flatMap((item, position) => [
    ...unknownWord(item.role, ROLES, 'transcript.role'),
    ...unknownFields(items[position], ITEM_FIELDS, 'transcript'),
  ]);
  const rows = read.map((item, position) => {
    const { at, offsetMs } = times.read(item.timestamp_ms, `${position}.timestamp_ms`);
    return {
      ...NOTHING_MORE,
      position,
      ...kindOf(item),
      vendorRole: item.role,
      content: plainText(item.content),
      startedAt: at,
      offsetMs,
      ...toolOf(item, nodes),
    };
  });
  return {
    items: rows,
    unread: [...unread, ...read.flatMap(unreadTool), ...times.unread('detail', 'transcript')],
    drift: [...drift, ...unknown],
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
    return { toolCallId: textOf(id), toolName: boundedName(textOf(node)), arguments: rest };
  }
  if (kind === 'tool_result' && item.function_result !== null) {
    const { invocation_id: id, node_name: node, duration_ms: duration, ...rest } = item.function_result;
    const toolCallId = textOf(id);
    return {
      toolCallId,
      toolName: boundedName(textOf(node) ?? nodes.get(toolCallId ?? '') ?? null),
      result: rest,
      toolStatus: statusOf(rest),
      durationMs: lengthMs(duration, 1),
    };
  }
  return {};
}

/** What of a function could not be read: its id, its name, how long it took. */
function unreadTool(item: VoicyTranscriptItem, position: number): UnreadField[] {
  return (['function_invocation', 'function_result'] as const).flatMap((part) => {
    const { invocation_id: id, node_name: node, duration_ms: duration } = item[part] ?? {};
    const told: [string, Json | undefined, unknown, string][] = [
      ['invocation_id', id, textOf(id), 'is not text'],
      ['node_name', node, textOf(node), 'is not text'],
    ];
    if (part === 'function_result') {
      told.push([
        'duration_ms',
        duration,
        lengthMs(duration, 1),
        'is not the length of a call, of a week at most',
      ]);
    }
    return told
      .filter(([, value, read]) => value !== undefined && value !== null && value !== '' && read === null)
      .map(
        ([name, value, , reason]): UnreadField => ({
          kind: 'detail',
          path: `transcript.${position}.${part}.${name}`,
          reason,
          value: value ?? null,
          facet: null,
        }),
      );
  });
}

function statusOf(result: JsonObject): string | null {
  const error = ERROR_FIELDS.map((field) => textOf(result[field])).find((word) => word !== null);
  return error ?? plainText(result.status_code ?? null);
}

function textOf(value: Json | undefined): string | null {
  return typeof value === 'string' ? value : null;
}
