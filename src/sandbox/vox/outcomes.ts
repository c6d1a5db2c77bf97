import type { Dice } from '../dice.ts';
import type { Direction } from './agents.ts';
import type { CallStatus, DisconnectionReason } from './call.ts';
import type { Ending } from './endings.ts';

type TerminalStatus = Exclude<CallStatus, 'queued' | 'ongoing'>;

/** How a call turns out. Without an ending it never connected. */
export interface Outcome {
  status: TerminalStatus;
  reason: DisconnectionReason | null;
  ending: Ending | null;
}

type Weighted = readonly [outcome: Outcome, weight: number];

function ended(reason: DisconnectionReason, ending: Ending, weight: number): Weighted {
  return [{ status: 'ended', reason, ending }, weight];
}

function missed(reason: DisconnectionReason, weight: number): Weighted {
  return [{ status: 'not_connected', reason, ending: null }, weight];
}

function failed(reason: DisconnectionReason, ending: Ending | null, weight: number): Weighted {
  return [{ status: 'error', reason, ending }, weight];
}

function canceled(reason: DisconnectionReason | null, weight: number): Weighted {
  return [{ status: 'canceled', reason, ending: null }, weight];
}

/** Weights out of roughly a hundred for each direction. Flow errors happen to flow agents only. */
const OUTCOMES: Readonly<Record<Direction, readonly Weighted[]>> = {
  inbound: [
    ended('user_hangup', 'whole', 46),
    ended('user_hangup', 'cut', 7),
    ended('agent_hangup', 'agent_closes', 12),
    ended('call_transfer', 'transfer', 5),
    ended('operator_hangup', 'operator', 1),
    ended('inactivity', 'silence', 2),
    ended('max_duration_reached', 'time_up', 0.6),
    missed('orphaned_no_agent_pickup', 5),
    missed('concurrency_limit_reached', 4),
    missed('blocked_number', 3),
    failed('error_voxai', 'breakdown', 2.5),
    failed('error_voxai', null, 2),
    failed('flow_error', 'breakdown', 2.5),
    failed('insufficient_balance', null, 0.8),
    canceled(null, 3.5),
  ],
  outbound: [
    ended('user_hangup', 'whole', 22),
    ended('user_hangup', 'cut', 6),
    ended('agent_hangup', 'agent_closes', 8),
    ended('voicemail_reached', 'voicemail', 4),
    ended('call_transfer', 'transfer', 2),
    ended('operator_hangup', 'operator', 0.5),
    ended('inactivity', 'silence', 1),
    ended('max_duration_reached', 'time_up', 0.3),
    missed('dial_no_answer', 20),
    missed('dial_declined', 8),
    missed('dial_busy', 6),
    missed('dial_failed', 4),
    missed('blocked_number', 1),
    failed('error_voxai', 'breakdown', 2),
    failed('error_voxai', null, 2),
    failed('flow_error', 'breakdown', 2),
    failed('dial_failed', null, 1),
    canceled('daily_call_limit_reached', 2),
    canceled('hourly_call_limit_reached', 2),
    canceled('concurrency_limit_reached', 1),
    canceled('insufficient_balance', 0.7),
    canceled(null, 2.5),
  ],
  web: [
    ended('user_hangup', 'whole', 62),
    ended('user_hangup', 'cut', 10),
    ended('agent_hangup', 'agent_closes', 10),
    ended('inactivity', 'silence', 4),
    missed('orphaned_no_agent_pickup', 4),
    failed('error_voxai', 'breakdown', 4),
    failed('error_voxai', null, 2),
    canceled(null, 3),
  ],
};

/** How a call in this direction turns out. */
export function drawOutcome(dice: Dice, direction: Direction, agentType: 'single_prompt' | 'flow'): Outcome {
  const outcome = dice.weighted(OUTCOMES[direction]);
  if (outcome.reason === 'flow_error' && agentType !== 'flow') return { ...outcome, reason: 'error_voxai' };
  return outcome;
}
