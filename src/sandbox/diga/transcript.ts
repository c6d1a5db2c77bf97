import type { Line } from '../conversation.ts';
import { Dice } from '../dice.ts';
import { spread, type TimedLine } from '../speech.ts';
import type { DigaMessage, ToolCall, ToolStatus } from './call.ts';
import { uuidOf } from './ids.ts';
import type { CallPlan } from './plan.ts';
import { type DateStyle, stamp } from './stamp.ts';

/** A message with the instant (unix ms) at which it was made: it can be read from then on. */
export interface TimedMessage {
  message: DigaMessage;
  atMs: number;
}

type ToolLine = Extract<Line, { kind: 'tool' }>;

/** How one call's messages are spelt. */
interface Spelling {
  stream: number;
  generation: CallPlan['generation'];
  dates: DateStyle;
  upperCase: boolean;
  /** The role of a message that uses a tool. */
  toolRole: 'tool' | 'assistant';
}

/** Tools that do something to the call itself. */
const CALL_TOOLS: ReadonlySet<string> = new Set([
  'transfer',
  'hangup',
  'detect_answering_machine',
  'add_participant',
]);
const UPPER_CASE_SHARE = 0.4;
const TOOLS_OF_ASSISTANT_SHARE = 0.25;
const NARRATED_TOOL_SHARE = 0.3;

/** What a tool may be seen to do before it succeeds. */
const PRELUDES: readonly (readonly [ToolStatus | null, number])[] = [
  [null, 84],
  ['started', 8],
  ['error', 5],
  ['cancelled', 3],
];

/** The whole transcript of a connected call, in order. */
export function transcriptOf(plan: CallPlan, lines: readonly Line[], dates: DateStyle): TimedMessage[] {
  if (plan.connectMs === null) return [];
  const dice = new Dice(plan.stream, 'transcript');
  const old = plan.generation === 'old';
  const spelling: Spelling = {
    stream: plan.stream,
    generation: plan.generation,
    dates,
    upperCase: dice.chance(UPPER_CASE_SHARE) && old,
    toolRole: dice.chance(TOOLS_OF_ASSISTANT_SHARE) && old ? 'assistant' : 'tool',
  };
  const timed = spread(lines, plan.connectMs, plan.connectMs + plan.talkMs, dice);
  return timed.flatMap((line) => messagesOf(line, spelling, dice));
}

function messagesOf({ line, fromMs, toMs }: TimedLine, spelling: Spelling, dice: Dice): TimedMessage[] {
  if (line.kind !== 'tool') {
    const role = line.kind === 'agent' ? 'assistant' : 'user';
    return [messageOf(toMs, role, line.text, null, spelling, dice)];
  }
  const content = dice.chance(NARRATED_TOOL_SHARE) ? `Herramienta ${line.name}` : null;
  const use = (atMs: number, status: ToolStatus) =>
    messageOf(atMs, spelling.toolRole, content, toolCallOf(line, status, spelling), spelling, dice);
  const prelude = dice.weighted(PRELUDES);
  const shown = prelude !== null && spelling.generation === 'current';
  return [...(shown ? [use(fromMs, prelude)] : []), use(toMs, 'success')];
}

function messageOf(
  atMs: number,
  role: string,
  content: string | null,
  toolCall: ToolCall | null,
  { stream, generation, dates, upperCase }: Spelling,
  dice: Dice,
): TimedMessage {
  const body = {
    created_date: stamp(atMs, dates),
    role: upperCase ? role.toUpperCase() : role,
    content,
    tool_call: toolCall,
  };
  const id = uuidOf(stream, dice);
  return { message: generation === 'old' ? { message_id: id, ...body } : { id, ...body }, atMs };
}

function toolCallOf(line: ToolLine, status: ToolStatus, { generation }: Spelling): ToolCall {
  if (generation === 'old') return { name: line.name, arguments: line.arguments };
  if (!CALL_TOOLS.has(line.name))
    return { type: 'function', function_name: line.name, payload: line.arguments, status };
  const outcome = {
    started: {},
    success: { results: line.result },
    error: { errors: ['upstream timeout'] },
    cancelled: { errors: ['interrupted by user'] },
  }[status];
  return {
    type: 'call_tool',
    tool_name: line.name,
    payload: { parameters: line.arguments, ...outcome },
    status,
  };
}
