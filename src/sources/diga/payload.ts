import type { z } from 'zod';
import { SECOND } from '../../clock.ts';
import {
  looseRecord,
  maybeBoolean,
  maybeJson,
  maybeJsonObject,
  maybeRecord,
  maybeText,
  maybeWord,
  neededId,
} from '../decode.ts';
import { maybeInstant } from '../instants.ts';
import { maybeLength } from '../numbers.ts';

/**
 * A call as `GET /v1/call/` and `GET /v1/call/{id}` send it, of either generation: `phone_id` became
 * `phone_register_id`, and some fields are new. Fields that are not named here are allowed and counted.
 */
export const digaCall = looseRecord({
  agent_id: maybeWord,
  agent_version_id: maybeWord,
  status: maybeWord,
  type: maybeWord,
  contact: maybeRecord({ id: maybeWord, identifier: maybeText, contact_type: maybeWord }),
  phone_register_id: maybeWord,
  phone_id: maybeWord,
  created_date: maybeInstant,
  start_time: maybeInstant,
  end_time: maybeInstant,
  duration: maybeLength(SECOND),
  end_reason: maybeWord,
  recording_url: maybeText,
  dynamic_variables: maybeJsonObject,
  is_test_call: maybeBoolean,
});
export type DigaCall = z.infer<typeof digaCall>;

/** A message of a call. What a tool was told has had three shapes, so it is read apart. */
export const digaMessage = looseRecord({
  created_date: maybeInstant,
  role: maybeWord,
  content: maybeJson,
  tool_call: maybeJson,
});
export type DigaMessage = z.infer<typeof digaMessage>;

/** A row of `GET /v1/agent/`. Agents have no type; their mode comes nearest. */
export const digaAgent = looseRecord({ agent_id: neededId, name: maybeText, mode: maybeText });

/** A row of `GET /v1/phone/`. */
export const digaPhone = looseRecord({ id: neededId, number: maybeText, nickname: maybeText });

export const CALL_FIELDS: ReadonlySet<string> = new Set(['id', ...Object.keys(digaCall.shape)]);
/** `created_date` is when this contact was first seen, and no time of the call. */
export const CONTACT_FIELDS: ReadonlySet<string> = new Set([
  'id',
  'identifier',
  'contact_type',
  'created_date',
]);
export const MESSAGE_FIELDS: ReadonlySet<string> = new Set([
  'id',
  'message_id',
  ...Object.keys(digaMessage.shape),
]);
export const TOOL_CALL_FIELDS: ReadonlySet<string> = new Set([
  'type',
  'function_name',
  'tool_name',
  'name',
  'payload',
  'arguments',
  'status',
]);
