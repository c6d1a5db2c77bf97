import type { DriftNote, Instant, TranscriptItem, UnreadField } from '../../call.ts';
import { isJsonObject, type Json } from '../../json.ts';
import { boundedName } from '../bounds.ts';
import { unknownFields, unknownWord } from '../decode.ts';
import { offsetDrift } from '../instants.ts';
import { plainText } from '../plain-text.ts';
import { readItems } from '../transcript-items.ts';
import { textOf } from './page.ts';
import { type DigaMessage, digaMessage, MESSAGE_FIELDS, TOOL_CALL_FIELDS } from './payload.ts';
import { OTHER, ROLES, TOOL_CALL, TOOL_STATUSES, TOOL_TYPES } from './words.ts';

/** The messages of a call as rows, in the order of their times and then as they came. */
export function readTranscript(
  messages: Json,
  callStartedAt: Instant | null,
): { items: TranscriptItem[] | null; unread: UnreadField[]; drift: DriftNote[] } {
  if (!Array.isArray(messages)) return { items: null, unread: [unreadMessages(messages)], drift: [] };
  const { read, unread, drift } = readItems(digaMessage, messages, 'messages', 'messages');
  const rows = read.map((message) => toRow(message, callStartedAt));
  return {
    items: inOrder(rows).map((row, position) => ({ position, ...row })),
    unread,
    drift: [...drift, ...transcriptDrift(read, messages)],
  };
}

function unreadMessages(value: Json): UnreadField {
  return { kind: 'messages', path: 'messages', reason: 'is not a list', value, facet: 'transcript' };
}

type Row = Omit<TranscriptItem, 'position'>;

/** One without a time stands where it came, behind the one before it. */
function inOrder(rows: readonly Row[]): Row[] {
  let before = Number.NEGATIVE_INFINITY;
  const placed = rows.map((row) => {
    before = row.startedAt ?? before;
    return { row, at: before };
  });
  return placed.toSorted((a, b) => (a.at < b.at ? -1 : a.at > b.at ? 1 : 0)).map(({ row }) => row);
}

function toRow(message: DigaMessage, callStartedAt: Instant | null): Row {
  const { role, content, tool_call: toolCall, created_date: startedAt } = message;
  const known = toolCall === null ? ROLES.get(role?.toLowerCase() ?? '') : TOOL_CALL;
  return {
    ...(known ?? OTHER),
    vendorRole: role,
    content: plainText(content),
    startedAt,
    endedAt: null,
    offsetMs: startedAt === null || callStartedAt === null ? null : startedAt - callStartedAt,
    toolCallId: null,
    ...readToolCall(toolCall),
    result: null,
    durationMs: null,
  };
}

type ToolCall = Pick<TranscriptItem, 'toolName' | 'arguments' | 'toolStatus'>;

/** Functions, tools of the call itself, and the plain tools of an older generation. What is none is kept whole. */
function readToolCall(toolCall: Json): ToolCall {
  if (!isJsonObject(toolCall)) return { toolName: null, arguments: toolCall, toolStatus: null };
  const { payload = toolCall.arguments } = toolCall;
  return {
    toolName: boundedName(nameOf(toolCall)),
    arguments: payload === undefined ? toolCall : payload,
    toolStatus: textOf(toolCall.status),
  };
}

function nameOf(toolCall: Json): string | null {
  if (!isJsonObject(toolCall)) return null;
  return textOf(toolCall.function_name) ?? textOf(toolCall.tool_name) ?? textOf(toolCall.name);
}

const anyCase = { has: (role: string) => ROLES.has(role.toLowerCase()) };

function transcriptDrift(read: readonly DigaMessage[], messages: readonly Json[]): DriftNote[] {
  return [
    ...offsetDrift(messages, ['created_date'], 'messages.'),
    ...read.flatMap(({ role, tool_call }, i) => [
      ...unknownWord(role, anyCase, 'messages.role'),
      ...unknownFields(messages[i], MESSAGE_FIELDS, 'messages'),
      ...(tool_call === null ? [] : toolCallDrift(tool_call)),
    ]),
  ];
}

function toolCallDrift(toolCall: Json): DriftNote[] {
  if (!isJsonObject(toolCall) || nameOf(toolCall) === null) {
    return [{ kind: 'unknown_value', path: 'messages.tool_call', value: 'no name' }];
  }
  return [
    ...unknownWord(textOf(toolCall.type), TOOL_TYPES, 'messages.tool_call.type'),
    ...unknownWord(textOf(toolCall.status), TOOL_STATUSES, 'messages.tool_call.status'),
    ...unknownFields(toolCall, TOOL_CALL_FIELDS, 'messages.tool_call'),
  ];
}
