import type { Branch, Line } from './conversation.ts';
import { Dice } from './dice.ts';

/** Time to say a text: a breath and about seven and a half characters in a second, as brisk Korean speech is. */
const BREATH_MS = 300;
const CHARACTER_MS = 135;
const PAUSE_MS = 650;

const naturalLengths = new WeakMap<Branch, number>();

/** Milliseconds that the lines take when spoken at a natural pace, pauses included. */
function naturalLengthMs(lines: readonly Line[]): number {
  return lines.reduce((sum, line) => sum + speechMs(line) + PAUSE_MS, 0);
}

/**
 * The typical length of a branch, measured on one telling of it. A plan needs a length for every call of a large
 * world, and telling them all only to measure them would take too long.
 */
export function typicalLengthMs(branch: Branch): number {
  const known = naturalLengths.get(branch);
  if (known !== undefined) return known;
  const { lines } = branch.tell({
    dice: new Dice('typical'),
    callAtMs: 0,
    customer: '김가람',
    phone: '01012340000',
  });
  const lengthMs = naturalLengthMs(lines);
  naturalLengths.set(branch, lengthMs);
  return lengthMs;
}

/** A line with the instants (unix ms) at which it begins and is over. */
export interface TimedLine {
  line: Line;
  fromMs: number;
  toMs: number;
}

/** Lays the lines out between two instants. Pauses give way first; only then is the speech itself sped up. */
export function spread(lines: readonly Line[], fromMs: number, toMs: number, dice: Dice): TimedLine[] {
  const roomMs = Math.max(0, toMs - fromMs);
  const spokenMs = lines.reduce((sum, line) => sum + speechMs(line), 0);
  const pace = Math.min(1, (roomMs * 0.9) / Math.max(1, spokenMs));
  const pauses = lines.map(() => 0.4 + dice.next());
  const pauseSum = pauses.reduce((sum, pause) => sum + pause, 0);
  const pauseUnitMs = (roomMs - spokenMs * pace) / Math.max(1, pauseSum);
  let atMs = fromMs;
  return lines.map((line, position) => {
    const startMs = atMs + (pauses[position] ?? 0) * pauseUnitMs;
    atMs = startMs + speechMs(line) * pace;
    return { line, fromMs: Math.round(startMs), toMs: Math.min(toMs, Math.round(atMs)) };
  });
}

/** A tool takes about a second to answer. */
function speechMs(line: Line): number {
  return line.kind === 'tool' ? 900 : BREATH_MS + line.text.length * CHARACTER_MS;
}
