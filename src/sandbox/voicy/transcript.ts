import type { Line } from '../conversation.ts';
import { Dice } from '../dice.ts';
import { spread, type TimedLine } from '../speech.ts';
import type { TranscriptItem } from './call.ts';
import { Unreached } from './conversations/functions.ts';
import type { CallPlan } from './plan.ts';

/** An item of a transcript with the instant (unix ms) from which it can be read during the call. */
export interface TimedItem {
  item: TranscriptItem;
  atMs: number;
}

type FunctionLine = Extract<Line, { kind: 'tool' }>;

/** The lines of an answered call with the instants at which they are said. */
export function spokenLines(plan: CallPlan, lines: readonly Line[]): TimedLine[] {
  if (plan.connectMs === null) return [];
  return spread(lines, plan.connectMs, plan.connectMs + plan.talkMs, new Dice(plan.stream, 'speech'));
}

/** The whole transcript, in order and in the shape of the call's generation. */
export function transcriptOf(plan: CallPlan, lines: readonly TimedLine[]): TimedItem[] {
  const dice = new Dice(plan.stream, 'transcript');
  const startMs = plan.startMs ?? plan.birthMs;
  return lines.flatMap((timed) => {
    const { line, fromMs, toMs } = timed;
    if (line.kind === 'tool') return functionItems(plan, line, timed, dice);
    return [{ item: shaped(plan, dice, line, fromMs - startMs), atMs: toMs }];
  });
}

/** The transcript as one text, as the first generation has it. */
export function asText(items: readonly TranscriptItem[]): string {
  return items.map(({ role, content }) => `${role === 'agent' ? 'Agent' : 'User'}: ${content}\n`).join('');
}

function shaped(
  { generation }: CallPlan,
  dice: Dice,
  line: Exclude<Line, FunctionLine>,
  timestampMs: number,
): TranscriptItem {
  const { kind, text: content } = line;
  if (generation === 'payloads' || generation === 'labels') {
    return { role: kind === 'user' ? 'caller' : kind, content, timestamp_ms: timestampMs };
  }
  if (generation === 'untimed' || kind === 'user') return { role: kind, content };
  return { role: kind, content, latency_breakdown: { llm: dice.int(180, 900), tts: dice.int(60, 240) } };
}

/** Two turns of the system. Generations without times have no turns of the system either. */
function functionItems(
  plan: CallPlan,
  line: FunctionLine,
  { fromMs, toMs }: TimedLine,
  dice: Dice,
): TimedItem[] {
  const { generation } = plan;
  if (generation !== 'payloads' && generation !== 'labels') return [];
  const startMs = plan.startMs ?? plan.birthMs;
  const invocation: TranscriptItem = {
    role: 'system',
    content: `קריאה לפונקציה: ${line.name}`,
    timestamp_ms: fromMs - startMs,
  };
  const result: TranscriptItem = {
    role: 'system',
    content: `תגובה מפונקציה: ${line.name}`,
    timestamp_ms: toMs - startMs,
  };
  if (generation === 'payloads') {
    const pair = { invocation_id: dice.uuid(), node_name: line.name };
    invocation.function_invocation = { ...pair, ...requestOf(line, plan.agent.host) };
    result.function_result = { ...pair, ...responseOf(line.result), duration_ms: toMs - fromMs };
  }
  return [
    { item: invocation, atMs: fromMs },
    { item: result, atMs: toMs },
  ];
}

type Invocation = NonNullable<TranscriptItem['function_invocation']>;
type Result = NonNullable<TranscriptItem['function_result']>;

/** What is looked up goes into the address, what is changed into the body. */
function requestOf(
  { name, arguments: args }: FunctionLine,
  host: string,
): Omit<Invocation, 'invocation_id' | 'node_name'> {
  const url = `https://${host}/v2/${name.replaceAll('_', '-')}`;
  if (!name.startsWith('find_')) {
    const headers = { Authorization: '[REDACTED]', 'Content-Type': 'application/json' };
    return { method: 'POST', url, request_body: args, headers };
  }
  const query = new URLSearchParams(
    Object.entries(args).map(([key, value]): [string, string] => [key, String(value)]),
  );
  return {
    method: 'GET',
    url: `${url}?${query}&api_key=[REDACTED]`,
    request_body: null,
    headers: { Accept: 'application/json' },
  };
}

function responseOf(
  result: unknown,
): Pick<Result, 'status_code' | 'response_body' | 'extracted_vars' | 'error_class'> {
  if (result instanceof Unreached) {
    return { status_code: 0, response_body: null, extracted_vars: {}, error_class: result.errorClass };
  }
  const texts = Object.entries(result ?? {}).filter(([, value]) => typeof value === 'string');
  return { status_code: 200, response_body: result, extracted_vars: Object.fromEntries(texts) };
}
