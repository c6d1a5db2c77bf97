import type { CallStatus } from '../../call.ts';
import type { Decoded } from '../decode.ts';
import type { DigaCall } from './payload.ts';
import { STATUSES } from './words.ts';

/**
 * The newer generation says `completed` of every call that is over, also of one that nobody answered: what tells them
 * apart is whether it ever began.
 */
export function statusOf(told: Decoded<DigaCall>): CallStatus {
  const { status } = told.value;
  if (status === 'completed' && !wasConnected(told)) return 'not_connected';
  return STATUSES.get(status ?? '') ?? 'unknown';
}

/** A start that cannot be read is one all the same. */
export function wasConnected({ value: { start_time, duration }, unread }: Decoded<DigaCall>): boolean {
  return start_time !== null || (duration ?? 0) > 0 || unread.some(({ path }) => path === 'start_time');
}
