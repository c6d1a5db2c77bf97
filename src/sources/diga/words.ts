import type { CallFacts, CallStatus, TranscriptItem } from '../../call.ts';

/**
 * Diga's words, of both generations of its API. All of them are open: a word that is not here loads as it is and is
 * counted as drift. See docs/vendors/diga.md.
 */
export const STATUSES: ReadonlyMap<string, CallStatus> = new Map([
  ['dialing', 'ringing'],
  ['in_queue', 'queued'],
  ['in_progress', 'ongoing'],
  ['completed', 'ended'],
  ['transferred', 'ended'],
  ['failed', 'failed'],
  ['no_answer', 'not_connected'],
]);

export const DIRECTIONS: ReadonlyMap<string, CallFacts['direction']> = new Map([
  ['inbound', 'inbound'],
  ['outbound', 'outbound'],
]);

/** Of a contact: how it is reached. */
export const CHANNELS: ReadonlyMap<string, CallFacts['channel']> = new Map([
  ['call', 'phone'],
  ['web', 'web'],
]);

/** Those that were seen. The vendor publishes no list, so new ones are to be expected. */
export const END_REASONS: ReadonlySet<string> = new Set([
  'answering_machine_detected',
  'hangup',
  'ivr_no_answer',
  'ivr_unreachable',
  'mailbox_unavailable',
  'user_hang_up',
  'voicemail_left',
]);

type Kind = Pick<TranscriptItem, 'role' | 'kind'>;

export const TOOL_CALL: Kind = { role: 'tool', kind: 'tool_call' };
export const OTHER: Kind = { role: 'other', kind: 'event' };

/** In lower case: some of the vendor's samples shout. */
export const ROLES: ReadonlyMap<string, Kind> = new Map<string, Kind>([
  ['assistant', { role: 'agent', kind: 'speech' }],
  ['user', { role: 'user', kind: 'speech' }],
  ['tool', TOOL_CALL],
]);

export const TOOL_TYPES: ReadonlySet<string> = new Set(['call_tool', 'function']);
export const TOOL_STATUSES: ReadonlySet<string> = new Set(['cancelled', 'error', 'started', 'success']);
