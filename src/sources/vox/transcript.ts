import {
  CALL_LENGTH_MAX_MS,
  type DriftNote,
  type Instant,
  type TranscriptItem,
  type UnreadField,
} from '../../call.ts';
import { type Json, parseJson } from '../../json.ts';
import { scrubPayload } from '../../scrub.ts';
import { boundedName } from '../bounds.ts';
import { unknownFields, unknownWord } from '../decode.ts';
import { itemTimes } from '../item-times.ts';
import { plainText } from '../plain-text.ts';
import { readItems } from '../transcript-items.ts';
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
  items: readonly Json[],
  call: { startedAt: Instant | null; durationMs: number | null },
): { items: TranscriptItem[]; unread: UnreadField[]; drift: DriftNote[] } {
  const { read, unread, drift } = readItems(voxTranscriptItem, items, 'detail', 'transcript');
  const times = itemTimes(
    read.flatMap((item) => [item.start_at, item.end_at]),
    call,
  );
  const toolNames = new Map<string, string>();
  for (const item of read) {
    if (item.tool_call_id !== null && item.name !== null) toolNames.set(item.tool_call_id, item.name);
  }
  const rows = read.map((item, position) => toRow(item, position, times, toolNames));
  const unknown = read.flatMap((item, position) => [
    ...unknownWord(item.role, ROLES, 'transcript.role'),
    ...unknownFields(items[position], ITEM_FIELDS, 'transcript'),
  ]);
  return {
    items: rows,
    unread: [...unread, ...times.unread('detail', 'transcript')],
    drift: [...drift, ...unknown],
  };
}

function toRow(
  item: VoxTranscriptItem,
  position: number,
  times: ReturnType<typeof itemTimes>,
  toolNames: ReadonlyMap<string, string>,
): TranscriptItem {
  const { role, kind } = ROLES.get(item.role ?? '') ?? OTHER;
  const start = times.read(item.start_at, `${position}.start_at`);
  const end = times.read(item.end_at, `${position}.end_at`);
  const paired = item.tool_call_id === null ? null : (toolNames.get(item.tool_call_id) ?? null);
  return {
    position,
    role,
    vendorRole: item.role,
    kind,
    content: plainText(item.content),
    startedAt: start.at,
    endedAt: end.at,
    offsetMs: start.offsetMs,
    toolCallId: item.tool_call_id,
    toolName: boundedName(item.name ?? paired),
    arguments: kind === 'tool_call' ? item.arguments : null,
    result: kind === 'tool_result' ? asResult(item.content) : null,
    toolStatus: null,
    durationMs: lengthOf(start.offsetMs, end.offsetMs) ?? lengthOf(start.at, end.at),
  };
}

function lengthOf(start: number | null, end: number | null): number | null {
  if (start === null || end === null || end < start) return null;
  return end - start <= CALL_LENGTH_MAX_MS ? end - start : null;
}

/**
 * A tool's result is often JSON in a string: as JSON it can be queried, as plain text it is a JSON string. Its escapes may
 * hold what the text itself did not show, so it is scrubbed once more.
 */
function asResult(content: Json): Json {
  if (typeof content !== 'string') return content;
  try {
    return scrubPayload(parseJson(content)).payload;
  } catch {
    return content;
  }
}
