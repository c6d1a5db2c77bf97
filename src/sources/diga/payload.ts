import { z } from 'zod';
import type { Json } from '../../json.ts';
import { looseRecord, maybeBoolean, maybeDecimal, maybeJsonObject, maybeText, text } from '../decode.ts';
import { dateTime, maybeDateTime } from './date-time.ts';

const SECONDS_MAX = 1e9;

/** Seconds in, milliseconds out. */
const maybeSeconds = maybeDecimal
  .refine((seconds) => seconds === null || isDuration(Number(seconds)), 'is not a duration in seconds')
  .transform((seconds) => (seconds === null ? null : Math.round(Number(seconds) * 1_000)));

function isDuration(seconds: number): boolean {
  return seconds >= 0 && seconds < SECONDS_MAX;
}

/**
 * A call as `GET /v1/call/` and `GET /v1/call/{id}` send it, of either generation: `phone_id` became
 * `phone_register_id`, and some fields are new. Fields that are not named here are allowed and counted.
 */
export const digaCall = looseRecord({
  id: text.min(1),
  agent_id: maybeText,
  agent_version_id: maybeText,
  status: maybeText,
  type: maybeText,
  contact: looseRecord({ id: maybeText, identifier: maybeText, contact_type: maybeText }).nullish(),
  phone_register_id: maybeText,
  phone_id: maybeText,
  created_date: dateTime,
  start_time: maybeDateTime,
  end_time: maybeDateTime,
  duration: maybeSeconds,
  end_reason: maybeText,
  recording_url: maybeText,
  dynamic_variables: maybeJsonObject,
  is_test_call: maybeBoolean,
});
export type DigaCall = z.infer<typeof digaCall>;

/** A message of a call. What a tool was told has had three shapes, so it is read apart. */
const digaMessage = looseRecord({
  created_date: dateTime,
  role: maybeText,
  content: z.custom<Json>().nullish(),
  tool_call: z.custom<Json>().nullish(),
});
export type DigaMessage = z.infer<typeof digaMessage>;

/** Read as one, so that what cannot be read is told with its place. */
export const digaTranscript = z.object({ messages: z.array(digaMessage) });

/** A row of `GET /v1/agent/`. Agents have no type; their mode comes nearest. */
export const digaAgent = looseRecord({ agent_id: text.min(1), name: maybeText, mode: maybeText });

/** A row of `GET /v1/phone/`. */
export const digaPhone = looseRecord({ id: text.min(1), number: maybeText, nickname: maybeText });

export const CALL_FIELDS: ReadonlySet<string> = new Set(Object.keys(digaCall.shape));
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
