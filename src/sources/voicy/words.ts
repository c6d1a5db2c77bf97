import type { CallFacts, CallStatus } from '../../call.ts';

/**
 * Voicy's words, of its model and of older pages that may still speak. All of them are open: a word that is not here
 * loads as it is and is counted as drift. A status of a call that has ended is the reason of its end as well.
 */
export const STATUSES: ReadonlyMap<string, CallStatus> = new Map([
  ['initiated', 'queued'],
  ['ringing', 'ringing'],
  ['ongoing', 'ongoing'],
  ['in_progress', 'ongoing'],
  ['user_hangup', 'ended'],
  ['agent_hangup', 'ended'],
  ['inactivity', 'ended'],
  ['error_inactivity', 'ended'],
  ['ended', 'ended'],
  ['busy', 'not_connected'],
  ['no_answer', 'not_connected'],
  ['error', 'failed'],
  ['canceled', 'canceled'],
]);

export function statusOf(word: string | null): CallStatus {
  return STATUSES.get(word ?? '') ?? 'unknown';
}

/** What the list may be asked for. Words of older generations might be refused. */
export const OPEN_STATUSES = ['initiated', 'ringing', 'ongoing'] as const;

export const CHANNELS: ReadonlyMap<string, CallFacts['channel']> = new Map([
  ['phone_call', 'phone'],
  ['web_call', 'web'],
]);

export const DIRECTIONS: ReadonlyMap<string, CallFacts['direction']> = new Map([
  ['incoming', 'inbound'],
  ['inbound', 'inbound'],
  ['outgoing', 'outbound'],
  ['outbound', 'outbound'],
]);
