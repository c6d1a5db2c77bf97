import type { Line } from '../conversation.ts';
import { Dice } from '../dice.ts';
import { spread, type TimedLine } from '../speech.ts';
import type { TranscriptItem } from './call.ts';
import type { CallPlan } from './plan.ts';

/** An item of a transcript with the instant (unix ms) from which it can be read during the call. */
export interface TimedItem {
  item: TranscriptItem;
  atMs: number;
}

/** Share of the calls whose items carry no times at all. */
const UNTIMED_SHARE = 0.12;
const ORPHAN_RESULT_SHARE = 0.02;

/** The whole transcript of a connected call, in order. */
export function transcriptOf(plan: CallPlan, lines: readonly Line[]): TimedItem[] {
  if (plan.connectMs === null) return [];
  const dice = new Dice(plan.stream, 'transcript');
  const timed = !dice.chance(UNTIMED_SHARE);
  const spokenLines = spread(lines, plan.connectMs, plan.connectMs + plan.talkMs, dice);
  return spokenLines.flatMap((spoken) => itemsOf(spoken, timed, dice));
}

function itemsOf({ line, fromMs, toMs }: TimedLine, timed: boolean, dice: Dice): TimedItem[] {
  if (line.kind !== 'tool') {
    const item: TranscriptItem = { role: line.kind, content: line.text };
    return [{ item: timed ? { ...item, start_at: fromMs, end_at: toMs } : item, atMs: toMs }];
  }
  const id = `call_${dice.code(20)}`;
  const invocation: TranscriptItem = {
    role: 'tool_call_invocation',
    tool_call_id: id,
    name: line.name,
    arguments: line.arguments,
  };
  const content = JSON.stringify(line.result);
  const result: TranscriptItem = { role: 'tool_call_result', tool_call_id: id, content };
  const orphaned = dice.chance(ORPHAN_RESULT_SHARE);
  return [...(orphaned ? [] : [{ item: invocation, atMs: fromMs }]), { item: result, atMs: toMs }];
}
