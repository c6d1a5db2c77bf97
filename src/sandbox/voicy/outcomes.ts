import type { Dice } from '../dice.ts';
import type { Line } from './agents.ts';
import type { TerminalStatus } from './call.ts';
import type { Ending } from './endings.ts';

/** How a call turns out. Without an ending nobody ever answered it. */
export interface Outcome {
  status: TerminalStatus;
  ending: Ending | null;
}

type Weighted = readonly [outcome: Outcome, weight: number];

function answered(status: TerminalStatus, ending: Ending, weight: number): Weighted {
  return [{ status, ending }, weight];
}

function missed(status: TerminalStatus, weight: number): Weighted {
  return [{ status, ending: null }, weight];
}

/** Weights out of roughly a hundred. */
const OUTCOMES: Readonly<Record<Line, readonly Weighted[]>> = {
  incoming: [
    answered('user_hangup', 'whole', 48),
    answered('user_hangup', 'cut', 8),
    answered('agent_hangup', 'whole', 18),
    answered('agent_hangup', 'person', 6),
    answered('inactivity', 'silence', 4),
    answered('error_inactivity', 'breakdown', 3),
    answered('error', 'breakdown', 3),
    missed('error', 4),
    missed('canceled', 6),
  ],
  outgoing: [
    answered('user_hangup', 'whole', 26),
    answered('user_hangup', 'cut', 7),
    answered('agent_hangup', 'whole', 12),
    answered('agent_hangup', 'person', 2),
    answered('agent_hangup', 'voicemail', 5),
    answered('inactivity', 'silence', 2),
    answered('error_inactivity', 'breakdown', 2),
    answered('error', 'breakdown', 2),
    missed('no_answer', 24),
    missed('busy', 9),
    missed('error', 4),
    missed('canceled', 5),
  ],
  web: [
    answered('user_hangup', 'whole', 62),
    answered('user_hangup', 'cut', 12),
    answered('agent_hangup', 'whole', 12),
    answered('inactivity', 'silence', 6),
    answered('error_inactivity', 'breakdown', 2),
    answered('error', 'breakdown', 3),
    missed('error', 3),
  ],
};

/** How a call of this kind turns out. */
export function drawOutcome(dice: Dice, line: Line): Outcome {
  return dice.weighted(OUTCOMES[line]);
}
