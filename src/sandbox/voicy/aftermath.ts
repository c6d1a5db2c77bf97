import { MINUTE, SECOND } from '../../clock.ts';
import { Dice } from '../dice.ts';
import type { SandboxTimings } from '../timings.ts';
import { FAILED } from './call.ts';
import { isFirst } from './generations.ts';
import type { CallPlan } from './plan.ts';

/** What the vendor adds after the end of a call, each with the instant (unix ms) from which it is there. */
export interface Aftermath {
  /** When the last items of the transcript appear; null while the call never ends. */
  tailAtMs: number | null;
  /** How many items come that late: one or two. */
  tailItems: number;
  recordingAtMs: number | null;
  /** When summary and extracted variables appear, or their failure. */
  analysisAtMs: number | null;
  analysisFails: boolean;
  /** When an operator has the call analysed again. */
  rerunAtMs: number | null;
  /** Null where the call's generation knows no cost. */
  cost: { atMs: number; dollars: number } | null;
}

/** An operator may have calls analysed again that long after their end; null = never. */
export type Reanalysis = { share: number; afterMs: number } | null;

const NEVER_RECORDED_SHARE = 0.015;
const ANALYSIS_FAILS_SHARE = 0.04;
/** An operator who re-runs anything re-runs the failed ones first. */
const FAILED_RERUN_SHARE = 0.5;
const COST_SHARE = 0.04;
const FIRST_GENERATION_COST_SHARE = 0.6;

/** What follows the end of a call, as far as it ever comes. */
export function aftermathOf(plan: CallPlan, timings: SandboxTimings, reanalysis: Reanalysis): Aftermath {
  const { finishMs } = plan;
  const dice = new Dice(plan.stream, 'aftermath');
  const later = (delayMs: number, scale: number) =>
    finishMs === null ? null : finishMs + Math.round(delayMs * scale);
  const recordingMs = dice.int(0, 12 * SECOND);
  const tailMs = dice.int(1_500, 8 * SECOND);
  const costMs = dice.int(5 * SECOND, 45 * SECOND);
  const analysisMs = dice.chance(0.04) ? dice.int(3 * MINUTE, 12 * MINUTE) : dice.int(15_000, 90_000);
  const answered = plan.connectMs !== null;
  const analysed = answered && !FAILED.some((status) => status === plan.outcome.status);
  const analysisFails = dice.chance(ANALYSIS_FAILS_SHARE);
  const recorded = !dice.chance(NEVER_RECORDED_SHARE);
  return {
    tailAtMs: later(tailMs, timings.tailScale),
    tailItems: dice.int(1, 2),
    recordingAtMs: answered && recorded ? later(recordingMs, timings.recordingScale) : null,
    analysisAtMs: analysed ? later(analysisMs, timings.analysisScale) : null,
    analysisFails,
    rerunAtMs:
      analysed && isRerun(plan, analysisFails, reanalysis) ? later(reanalysis?.afterMs ?? 0, 1) : null,
    cost: costOf(plan, later(costMs, timings.costScale)),
  };
}

function isRerun(plan: CallPlan, failed: boolean, reanalysis: Reanalysis): boolean {
  if (reanalysis === null) return false;
  const share = failed ? Math.max(FAILED_RERUN_SHARE, reanalysis.share) : reanalysis.share;
  return new Dice(plan.stream, 'reanalysis').chance(share);
}

/** Dollars as a float: most are clean, some carry the noise of the sum they come from. */
function costOf(plan: CallPlan, atMs: number | null): Aftermath['cost'] {
  const dice = new Dice(plan.stream, 'cost');
  const share = isFirst(plan.generation) ? FIRST_GENERATION_COST_SHARE : COST_SHARE;
  if (atMs === null || plan.connectMs === null || !dice.chance(share)) return null;
  if (dice.chance(0.1)) return { atMs, dollars: dice.pick([0.1 + 0.2, 0.1 * 3, 1.1 + 2.2, 1_234_567.89]) };
  const cents = Math.max(1, Math.round((plan.talkMs / MINUTE) * dice.int(9, 14)));
  return { atMs, dollars: cents / 100 };
}
