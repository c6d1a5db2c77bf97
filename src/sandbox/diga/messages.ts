import type { Faults } from '../faults.ts';
import type { DigaMessage } from './call.ts';
import { callNotFound, noMessages } from './errors.ts';
import { type Envelope, pageOf, pagingOf, soundPaging } from './paging.ts';
import { QueryReader } from './query.ts';
import type { DigaWorld } from './world.ts';

/** Answers `GET /call/{id}/message`. A call without messages is an error of its own. */
export function messagePage(
  world: DigaWorld,
  faults: Faults,
  nowMs: number,
  callId: string,
  text: string,
): Envelope<DigaMessage> {
  const reader = new QueryReader(text);
  const paging = pagingOf(reader, 100, 1_000);
  soundPaging(reader, paging);
  const messages = faults.isDeleted(callId) ? null : world.messages(callId, nowMs);
  if (messages === null) throw callNotFound(callId);
  if (messages.length === 0 || faults.isExpired(callId)) throw noMessages(callId);
  return pageOf(messages, idOf, paging);
}

function idOf(message: DigaMessage): string {
  return 'id' in message ? message.id : message.message_id;
}
