/**
 * Scales of the delays in a call's life: 1 is realistic, 0.1 ten times quicker, 0 no delay at all. The ranges that
 * they scale stand in `vox/plan.ts` (before the end) and `vox/aftermath.ts` (after it).
 */
export interface SandboxTimings {
  /** Waiting in the queue: 0.3 to 3.5 s; 6 % of the outbound calls, those of campaigns, 2 to 8 min. */
  queueScale: number;
  /** Ringing: up to 3 s inbound, 3 to 22 s outbound, 30 to 45 s when nobody answers. */
  ringScale: number;
  /** Talking: as long as the dialogue takes, about 20 s to 3 min; the longest call 15 min. */
  talkScale: number;
  /** From the end to the last items of the transcript: 1.5 to 8 s. */
  tailScale: number;
  /** From the end to the recording: up to 12 s. */
  recordingScale: number;
  /** From the end to the cost: 5 to 45 s, 3 % up to 5 min. */
  costScale: number;
  /** From the end to the analysis: 15 to 90 s, 4 % 3 to 12 min. */
  analysisScale: number;
}

/** Lives as long as real ones. */
export const REALISTIC_TIMINGS: SandboxTimings = {
  queueScale: 1,
  ringScale: 1,
  talkScale: 1,
  tailScale: 1,
  recordingScale: 1,
  costScale: 1,
  analysisScale: 1,
};
