import {
  type CallReading,
  type DriftNote,
  type Instant,
  type PayloadKind,
  type UnreadField,
  WORD_LENGTH_MAX,
} from '../call.ts';
import { MINUTE } from '../clock.ts';
import type { RecordError } from '../errors.ts';
import { FAULT_LENGTH_MAX, shortened } from '../told.ts';
import type { DeadLetter } from '../warehouse/dead-letters.ts';
import type { PreparedCall } from './prepare-page.ts';

/** What becomes of records, and of fields, that cannot be read. Pure. */

const FIRST_RETRY_MS = 5 * MINUTE;
/** Fields of one record that are told each by itself: what is broken in all of a thousand turns need not be told a thousand times. */
const FIELDS_MAX = 50;

/** The letter of a record of which nothing is stored. */
export function recordLetter(
  call: PreparedCall,
  { path, message }: Pick<RecordError, 'path' | 'message'>,
  now: Instant,
): DeadLetter {
  const { messages, detail } = call.payloads;
  const kind: PayloadKind = messages !== undefined ? 'messages' : detail !== undefined ? 'detail' : 'list';
  return {
    callId: call.callId,
    kind,
    path: bounded(path),
    scope: 'record',
    facet: null,
    reason: shortened(message, FAULT_LENGTH_MAX),
    payload: call.payloads[kind] ?? null,
    hash: call.hashes[kind] ?? '',
    seenAt: now,
    nextCheckAt: call.hasId ? now + FIRST_RETRY_MS : null,
  };
}

/** The letters of the fields that a call is stored without. `hashOf` tells of which payloads they are told now. */
export function fieldLetters(
  callId: string,
  unread: readonly UnreadField[],
  hashOf: (kind: PayloadKind) => string | undefined,
  now: Instant,
): DeadLetter[] {
  return unread.slice(0, FIELDS_MAX).flatMap(({ kind, path, reason, value, facet }) => {
    const hash = hashOf(kind);
    if (hash === undefined) return [];
    return [
      {
        callId,
        kind,
        path: bounded(path),
        scope: 'field' as const,
        facet,
        reason: shortened(`${path}: ${reason}`, FAULT_LENGTH_MAX),
        payload: value,
        hash,
        seenAt: now,
        nextCheckAt: now + FIRST_RETRY_MS,
      },
    ];
  });
}

/** Fields that could not be read, as drift: each field once, whichever item of a list it stands in. */
export function unreadDrift({ unread }: CallReading): DriftNote[] {
  const paths = new Set(unread.map(({ path }) => bounded(path.replace(/\.\d+(?=\.|$)/g, ''))));
  return [...paths].map((path) => ({ kind: 'unread_field', path, value: '' }));
}

/** A path has the vendor's own names in it, and stands in an index. */
function bounded(path: string): string {
  return path.slice(0, WORD_LENGTH_MAX);
}
