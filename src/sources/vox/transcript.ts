import type { DriftNote, Instant, TranscriptItem } from '../../call.ts';
import { canonicalJson, type Json, parseJson, plainDecimal } from '../../json.ts';
import { asNumber, decode, unknownFields, unknownWord } from '../decode.ts';
import { indexable } from '../indexable.ts';
import { itemClock } from '../item-clock.ts';
import { ITEM_FIELDS, type VoxTranscriptItem, voxTranscriptItem } from './payload.ts';

type Kind = Pick<TranscriptItem, 'role' | 'kind'>;

const ROLES: ReadonlyMap<string, Kind> = new Map<string, Kind>([
  ['agent', { role: 'agent', kind: 'speech' }],
  ['user', { role: 'user', kind: 'speech' }],
  ['tool_call_invocation', { role: 'tool', kind: 'tool_call' }],
  ['tool_call_result', { role: 'tool', kind: 'tool_result' }],
  ['system', { role: 'system', kind: 'event' }],
]);
const OTHER: Kind = { role: 'other', kind: 'event' };

/** The transcript as rows, in the order sent. A result takes its tool's name from the call that it answers. */
export function readTranscript(
  items: Json[],
  call: { startedAt: Instant | null; durationMs: number | null },
): { items: TranscriptItem[]; drift: DriftNote[] } {
  const read = items.map((item) => decode(voxTranscriptItem, item));
  const clock = itemClock(
    read.flatMap((item) => [asNumber(item.start_at), asNumber(item.end_at)]),
    call,
  );
  const toolNames = new Map<string, string>();
  for (const item of read) {
    if (item.tool_call_id !== null && item.name !== null) toolNames.set(item.tool_call_id, item.name);
  }
  const drift = read.flatMap((item, position) => [
    ...unknownWord(item.role, ROLES, 'transcript.role'),
    ...unknownFields(items[position], ITEM_FIELDS, 'transcript'),
  ]);
  return { items: read.map((item, position) => toRow(item, position, clock, toolNames)), drift };
}

function toRow(
  item: VoxTranscriptItem,
  position: number,
  clock: ReturnType<typeof itemClock>,
  toolNames: ReadonlyMap<string, string>,
): TranscriptItem {
  const { role, kind } = ROLES.get(item.role ?? '') ?? OTHER;
  const start = clock(asNumber(item.start_at));
  const end = clock(asNumber(item.end_at));
  const paired = item.tool_call_id === null ? null : (toolNames.get(item.tool_call_id) ?? null);
  return {
    position,
    role,
    vendorRole: item.role,
    kind,
    content: asText(item.content),
    startedAt: start.at,
    endedAt: end.at,
    offsetMs: start.offsetMs,
    toolCallId: item.tool_call_id,
    toolName: indexable(item.name ?? paired),
    arguments: kind === 'tool_call' ? (item.arguments ?? null) : null,
    result: kind === 'tool_result' ? asResult(item.content) : null,
    toolStatus: null,
    durationMs: lengthOf(start.offsetMs, end.offsetMs) ?? lengthOf(start.at, end.at),
  };
}

function lengthOf(start: number | null, end: number | null): number | null {
  return start === null || end === null || end < start ? null : end - start;
}

function asText(content: Json | undefined): string | null {
  if (content === undefined || content === null) return null;
  return typeof content === 'string' ? content : canonicalJson(content, plainDecimal);
}

/** A tool's result is often JSON in a string: as JSON it can be queried, as plain text it is a JSON string. */
function asResult(content: Json | undefined): Json {
  if (typeof content !== 'string') return content ?? null;
  try {
    return parseJson(content);
  } catch {
    return content;
  }
}
