import type { CallStatus } from '../../call.ts';
import type { DigaCall } from './payload.ts';
import { STATUSES } from './words.ts';

/**
 * The newer generation says `completed` of every call that is over, also of one that nobody answered: what tells them
 * apart is whether it ever began.
 */
export function statusOf(call: DigaCall): CallStatus {
  if (call.status === 'completed' && !wasConnected(call)) return 'not_connected';
  return STATUSES.get(call.status ?? '') ?? 'unknown';
}

export function wasConnected({ start_time, duration }: DigaCall): boolean {
  return start_time !== null || (duration ?? 0) > 0;
}
