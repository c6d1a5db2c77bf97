import { SECOND } from '../../clock.ts';
import { Dice } from '../dice.ts';
import type { SandboxTimings } from '../timings.ts';
import type { CallPlan } from './plan.ts';

/** What the vendor adds after the end of a call, each with the instant (unix ms) from which it is there. */
interface Aftermath {
  /** When the last messages appear; null while the call never ends. */
  tailAtMs: number | null;
  /** How many messages come that late: one or two. */
  tailMessages: number;
  recordingAtMs: number | null;
}

const NEVER_RECORDED_SHARE = 0.05;

/** What follows the end of a call, as far as it ever comes. */
export function aftermathOf(plan: CallPlan, timings: SandboxTimings): Aftermath {
  const { finishMs, connectMs } = plan;
  const dice = new Dice(plan.stream, 'aftermath');
  const later = (delayMs: number, scale: number) =>
    finishMs === null ? null : finishMs + Math.round(delayMs * scale);
  const tailAtMs = later(dice.int(1_500, 8 * SECOND), timings.tailScale);
  const recordingAtMs = later(dice.int(0, 12 * SECOND), timings.recordingScale);
  const recorded = connectMs !== null && !dice.chance(NEVER_RECORDED_SHARE);
  return {
    tailAtMs,
    tailMessages: dice.int(1, 2),
    recordingAtMs: recorded ? recordingAtMs : null,
  };
}
