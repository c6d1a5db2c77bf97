import type { CallFacts, CallStatus } from '../../call.ts';

/**
 * vox.ai's words, as documented for v3 and seen in older generations and in the field. All of them are open: a
 * word that is not here loads as it is and is counted as drift. See docs/vendors/vox.md.
 */
export const STATUSES: ReadonlyMap<string, CallStatus> = new Map([
  ['queued', 'queued'],
  ['registered', 'queued'],
  ['ringing', 'ringing'],
  ['ongoing', 'ongoing'],
  ['ended', 'ended'],
  ['error', 'failed'],
  ['canceled', 'canceled'],
  ['not_connected', 'not_connected'],
]);

/** What the list may be asked for. Words of older generations would be refused. */
export const OPEN_STATUSES = ['queued', 'ongoing'] as const;

type Route = Pick<CallFacts, 'channel' | 'direction'>;

export const CALL_TYPES: ReadonlyMap<string, Route> = new Map<string, Route>([
  ['web', { channel: 'web', direction: 'inbound' }],
  ['phone', { channel: 'phone', direction: 'unknown' }],
  ['inbound', { channel: 'phone', direction: 'inbound' }],
  ['outbound', { channel: 'phone', direction: 'outbound' }],
  ['api', { channel: 'phone', direction: 'outbound' }],
]);

export const END_REASONS: ReadonlySet<string> = new Set([
  'user_hangup',
  'agent_hangup',
  'dial_no_answer',
  'dial_failed',
  'dial_busy',
  'dial_declined',
  'voicemail_reached',
  'concurrency_limit_reached',
  'insufficient_balance',
  'error_voxai',
  'max_duration_reached',
  'inactivity',
  'flow_error',
  'call_transfer',
  'orphaned_no_agent_pickup',
  'daily_call_limit_reached',
  'hourly_call_limit_reached',
  'blocked_number',
  'operator_hangup',
]);

export const SENTIMENTS: ReadonlySet<string> = new Set(['positive', 'neutral', 'negative']);
