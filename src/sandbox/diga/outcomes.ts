import type { Dice } from '../dice.ts';
import type { CallStatus } from './call.ts';
import type { Ending } from './endings.ts';

/** How a call turns out. Without an ending it never connected. */
export interface Outcome {
  /** The terminal status as the older generation puts it; in the current one every call is `completed`. */
  status: Extract<CallStatus, 'completed' | 'failed' | 'transferred' | 'no_answer'>;
  /** Only words that the vendor has been seen to use. */
  reason: string | null;
  ending: Ending | null;
}

type Weighted = readonly [outcome: Outcome, weight: number];

function completed(reason: string, ending: Ending, weight: number): Weighted {
  return [{ status: 'completed', reason, ending }, weight];
}

function transferred(weight: number): Weighted {
  return [{ status: 'transferred', reason: null, ending: 'transfer' }, weight];
}

function unanswered(reason: string | null, weight: number): Weighted {
  return [{ status: 'no_answer', reason, ending: null }, weight];
}

function failed(ending: Ending | null, weight: number): Weighted {
  return [{ status: 'failed', reason: null, ending }, weight];
}

/** Weights out of roughly a hundred. */
const INBOUND: readonly Weighted[] = [
  completed('user_hang_up', 'whole', 48),
  completed('user_hang_up', 'cut', 9),
  completed('hangup', 'agent_closes', 16),
  completed('hangup', 'joined', 2),
  completed('hangup', 'silence', 4),
  transferred(6),
  unanswered(null, 7),
  failed('breakdown', 4),
  failed(null, 4),
];

const OUTBOUND: readonly Weighted[] = [
  completed('user_hang_up', 'whole', 24),
  completed('user_hang_up', 'cut', 7),
  completed('hangup', 'agent_closes', 10),
  completed('voicemail_left', 'voicemail', 7),
  completed('answering_machine_detected', 'machine', 6),
  completed('hangup', 'silence', 2),
  transferred(3),
  unanswered('mailbox_unavailable', 6),
  unanswered('ivr_no_answer', 11),
  unanswered('ivr_unreachable', 7),
  unanswered(null, 9),
  failed('breakdown', 4),
  failed(null, 4),
];

const WEB: readonly Weighted[] = [
  completed('user_hang_up', 'whole', 62),
  completed('user_hang_up', 'cut', 12),
  completed('hangup', 'agent_closes', 12),
  completed('hangup', 'silence', 5),
  unanswered(null, 4),
  failed('breakdown', 5),
];

/** How a call of this kind turns out. */
export function drawOutcome(dice: Dice, type: 'inbound' | 'outbound', channel: 'call' | 'web'): Outcome {
  return dice.weighted(channel === 'web' ? WEB : type === 'inbound' ? INBOUND : OUTBOUND);
}
