import { DAY, HOUR, MINUTE, SECOND } from '../clock.ts';

/** How long which part of a call is waited for. Milliseconds. */
export interface SettlementPolicy {
  /** From the end of a call: when waiting for late fields ends. */
  deadlineMs: number;
  /** From the start of a call: when a call that never ends is presumed stuck. */
  stuckAfterMs: number;
  /** From the end: a transcript or a bare terminal status read earlier than this may still grow. */
  calmMs: number;
  /** From the end: a transcript without a word, of a call that has a length, is believed from then on. */
  emptyPatienceMs: number;
  /** The same where no list tells when the rest has come: the first look is a guess. */
  unseenPatienceMs: number;
  /** From the end: a recording that is not there by now never comes. */
  recordingPatienceMs: number;
  /** From the end: a call that failed and has no analysis or cost by now never gets them. */
  failedPatienceMs: number;
  /** From the end: a transcript that was told to be none by then, of a call that broke off, never comes. */
  noTranscriptPatienceMs: number;
  /** Shortest and longest time between two reads of a call that has ended. */
  recheckMinMs: number;
  recheckMaxMs: number;
  /** Time between two reads of a call that goes on, where the open list does not show it. */
  openRecheckMs: number;
}

export const DEFAULT_SETTLEMENT: SettlementPolicy = {
  deadlineMs: 48 * HOUR,
  stuckAfterMs: DAY,
  calmMs: 30 * SECOND,
  emptyPatienceMs: 5 * MINUTE,
  unseenPatienceMs: MINUTE,
  recordingPatienceMs: 15 * MINUTE,
  failedPatienceMs: 10 * MINUTE,
  noTranscriptPatienceMs: HOUR,
  recheckMinMs: 15 * SECOND,
  recheckMaxMs: 6 * HOUR,
  openRecheckMs: MINUTE,
};
