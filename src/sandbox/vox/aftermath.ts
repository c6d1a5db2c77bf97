import { MINUTE, SECOND } from '../../clock.ts';
import { Dice } from '../dice.ts';
import type { SandboxTimings } from '../timings.ts';
import type { CallPlan } from './plan.ts';

/** What the vendor adds after the end of a call, each with the instant (unix ms) from which it is there. */
export interface Aftermath {
  /** When the last items of the transcript appear; null while the call never ends. */
  tailAtMs: number | null;
  /** How many items come that late: one or two. */
  tailItems: number;
  recordingAtMs: number | null;
  analysisAtMs: number | null;
  costAtMs: number | null;
  /** Won as a decimal string. */
  totalCost: string;
  /** Whether the row shows its `end_at`. A few calls that were canceled in the queue never get one. */
  endShown: boolean;
}

const ANALYSED_ALTHOUGH_UNCONNECTED_SHARE = 0.04;
const BROKEN_WITHOUT_COST_SHARE = 0.5;
const BROKEN_WITHOUT_ANALYSIS_SHARE = 0.4;
const NEVER_RECORDED_SHARE = 0.015;
const CANCELED_WITHOUT_END_SHARE = 0.3;

/** What follows the end of a call, as far as it ever comes. */
export function aftermathOf(plan: CallPlan, timings: SandboxTimings): Aftermath {
  const { finishMs } = plan;
  const dice = new Dice(plan.stream, 'aftermath');
  const later = (delayMs: number, scale: number) =>
    finishMs === null ? null : finishMs + Math.round(delayMs * scale);
  const recordingMs = dice.int(0, 12 * SECOND);
  const tailMs = dice.int(1_500, 8 * SECOND);
  const costMs = dice.chance(0.03) ? dice.int(MINUTE, 5 * MINUTE) : dice.int(5 * SECOND, 45 * SECOND);
  const analysisMs = dice.chance(0.04) ? dice.int(3 * MINUTE, 12 * MINUTE) : dice.int(15_000, 90_000);
  return {
    tailAtMs: later(tailMs, timings.tailScale),
    tailItems: dice.int(1, 2),
    recordingAtMs: getsRecording(plan, dice) ? later(recordingMs, timings.recordingScale) : null,
    costAtMs: getsCost(plan, dice) ? later(costMs, timings.costScale) : null,
    analysisAtMs: getsAnalysis(plan, dice) ? later(analysisMs, timings.analysisScale) : null,
    totalCost: drawCost(plan, dice),
    endShown: plan.outcome.status !== 'canceled' || !dice.chance(CANCELED_WITHOUT_END_SHARE),
  };
}

function getsRecording(plan: CallPlan, dice: Dice): boolean {
  const recorded = !dice.chance(NEVER_RECORDED_SHARE);
  return recorded && plan.connectMs !== null && !plan.optedOut;
}

function getsCost(plan: CallPlan, dice: Dice): boolean {
  const forgotten = dice.chance(BROKEN_WITHOUT_COST_SHARE);
  return plan.connectMs !== null && !(plan.outcome.status === 'error' && forgotten);
}

function getsAnalysis(plan: CallPlan, dice: Dice): boolean {
  const forgotten = dice.chance(BROKEN_WITHOUT_ANALYSIS_SHARE);
  const anyway = dice.chance(ANALYSED_ALTHOUGH_UNCONNECTED_SHARE);
  if (!plan.agent.analysed || plan.optedOut) return false;
  if (plan.connectMs === null) return anyway;
  return !(plan.outcome.status === 'error' && forgotten);
}

/** Mostly begun minutes; some by the second; a few that no float and no narrow column would survive. */
function drawCost(plan: CallPlan, dice: Dice): string {
  if (dice.chance(0.004)) return dice.pick(['1234567.80', '0.10', '98765.43', '100000000.01']);
  const bySecond = dice.chance(0.15);
  const units = bySecond ? plan.talkMs / MINUTE : Math.max(1, Math.ceil(plan.talkMs / MINUTE));
  return decimal(Math.round(units * plan.agent.jeonPerMinute));
}

/** Hundredths as a decimal string with two digits. */
function decimal(hundredths: number): string {
  return `${Math.floor(hundredths / 100)}.${String(hundredths % 100).padStart(2, '0')}`;
}
