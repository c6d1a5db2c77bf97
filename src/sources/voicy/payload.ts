import { z } from 'zod';
import { digitsOf, isJsonObject, type Json } from '../../json.ts';
import {
  looseRecord,
  maybeBoolean,
  maybeDecimal,
  maybeJsonObject,
  maybeText,
  maybeUnixMs,
  maybeWholeNumber,
  text,
} from '../decode.ts';

/** A version is a number that is never reckoned with. */
const maybeVersion = z
  .custom<Json>(
    (value) => value === null || typeof value === 'string' || digitsOf(value as Json) !== null,
    'is not a version',
  )
  .nullish()
  .transform((value) => (value === null || value === undefined ? null : String(value)));

/** Variables are what an operator made them: an object by their names, or a list. */
const maybeVariables = z
  .custom<Json>(
    (value) => value === null || Array.isArray(value) || isJsonObject(value as Json),
    'is neither an object nor a list',
  )
  .nullish()
  .transform((value) => value ?? null);

const voicyAgentOfCall = looseRecord({ id: maybeText, name: maybeText, version: maybeVersion });

/** What a row of `POST /call-list` tells, and `GET /call-get/{id}` as well. */
export const voicyCall = looseRecord({
  call_id: text.min(1),
  call_type: maybeText,
  call_status: maybeText,
  agent: voicyAgentOfCall.nullish(),
  from_number: maybeText,
  to_number: maybeText,
  direction: maybeText,
  start_timestamp: maybeUnixMs,
  duration_ms: maybeWholeNumber,
});
export type VoicyCall = z.infer<typeof voicyCall>;

/** What only `GET /call-get/{id}` tells. */
export const voicyDetail = looseRecord({
  transcript: z.custom<Json>().nullish(),
  transcript_object: z.custom<Json>().nullish(),
  detected_gender: maybeText,
  recording_url: maybeText,
  summary: maybeText,
  vars_provided: maybeJsonObject,
  vars_extracted: maybeVariables,
  vars_collected: maybeVariables,
  extraction_failed: maybeBoolean,
  call_cost: looseRecord({ combined_cost: maybeDecimal, currency: maybeText }).nullish(),
});
export type VoicyDetail = z.infer<typeof voicyDetail>;

/** An item of `transcript`, or of `transcript_object` in an older generation. Roles are open. */
export const voicyTranscriptItem = looseRecord({
  role: maybeText,
  content: z.custom<Json>().nullish(),
  timestamp_ms: z.custom<Json>().nullish(),
  function_invocation: maybeJsonObject,
  function_result: maybeJsonObject,
});
export type VoicyTranscriptItem = z.infer<typeof voicyTranscriptItem>;

/** A row of `GET /agent-list`. */
export const voicyAgent = looseRecord({ agent_id: text.min(1), name: maybeText, agent_type: maybeText });

/** Ours: a member that is added to the list row of a test call, which nothing of the vendor's tells apart. */
export const TEST_CALL_MARK = '_test_call';

export const LIST_FIELDS: readonly string[] = Object.keys(voicyCall.shape);
export const CALL_FIELDS: ReadonlySet<string> = new Set([
  ...LIST_FIELDS,
  ...Object.keys(voicyDetail.shape),
  'account',
  'disconnection_reason',
  TEST_CALL_MARK,
]);
export const AGENT_FIELDS: ReadonlySet<string> = new Set(Object.keys(voicyAgentOfCall.shape));
export const ACCOUNT_FIELDS: ReadonlySet<string> = new Set(['id', 'name']);
export const COST_FIELDS: ReadonlySet<string> = new Set(['combined_cost', 'currency']);
export const ITEM_FIELDS: ReadonlySet<string> = new Set([
  ...Object.keys(voicyTranscriptItem.shape),
  'gender',
  'latency_breakdown',
]);
