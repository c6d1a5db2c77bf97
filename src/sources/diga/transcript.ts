import type { DriftNote, Instant, TranscriptItem } from '../../call.ts';
import { isJsonObject, type Json } from '../../json.ts';
import { decode, unknownFields, unknownWord } from '../decode.ts';
import { indexable } from '../indexable.ts';
import { plainText } from '../plain-text.ts';
import { offsetDrift } from './date-time.ts';
import { textOf } from './page.ts';
import { type DigaMessage, digaTranscript, MESSAGE_FIELDS, TOOL_CALL_FIELDS } from './payload.ts';
import { OTHER, ROLES, TOOL_CALL, TOOL_STATUSES, TOOL_TYPES } from './words.ts';

/** The messages of a call as rows, in the order of their times and then as they came. @throws RecordError */
export function readTranscript(
  messages: Json,
  callStartedAt: Instant | null,
): { items: TranscriptItem[]; drift: DriftNote[] } {
  const read = decode(digaTranscript, { messages }).messages;
  const inOrder = read.toSorted((a, b) => a.created_date - b.created_date);
  return {
    items: inOrder.map((message, position) => toRow(message, position, callStartedAt)),
    drift: transcriptDrift(read, messages as Json[]),
  };
}

function toRow(message: DigaMessage, position: number, callStartedAt: Instant | null): TranscriptItem {
  const { role, content = null, tool_call: toolCall = null, created_date: startedAt } = message;
  const known = toolCall === null ? ROLES.get(role?.toLowerCase() ?? '') : TOOL_CALL;
  return {
    position,
    ...(known ?? OTHER),
    vendorRole: role,
    content: plainText(content),
    startedAt,
    endedAt: null,
    offsetMs: callStartedAt === null ? null : startedAt - callStartedAt,
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
    toolName: indexable(nameOf(toolCall)),
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
    ...read.flatMap(({ role, tool_call = null }, i) => [
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
