import type { z } from 'zod';
import { WORD_LENGTH_MAX } from '../../call.ts';
import { digitsOf, isJsonObject } from '../../json.ts';
import {
  looseRecord,
  maybe,
  maybeBoolean,
  maybeJson,
  maybeJsonObject,
  maybeRecord,
  maybeText,
  maybeWord,
  neededId,
} from '../decode.ts';
import { maybeInstant } from '../instants.ts';
import { maybeDecimal, maybeLength } from '../numbers.ts';

/** A version is a number that is never reckoned with. */
const maybeVersion = maybe((value) => {
  const version = typeof value === 'string' ? value : digitsOf(value);
  return version !== null && version.length <= WORD_LENGTH_MAX ? version : null;
}, 'is not a version');

/** Variables are what an operator made them: an object by their names, or a list. */
const maybeVariables = maybe(
  (value) => (Array.isArray(value) || isJsonObject(value) ? value : null),
  'is neither an object nor a list',
);

const agentOfCall = { id: maybeWord, name: maybeText, version: maybeVersion };

/** What a row of `POST /call-list` tells, and `GET /call-get/{id}` as well. */
export const voicyCall = looseRecord({
  call_type: maybeWord,
  call_status: maybeWord,
  agent: maybeRecord(agentOfCall),
  from_number: maybeText,
  to_number: maybeText,
  direction: maybeWord,
  start_timestamp: maybeInstant,
  duration_ms: maybeLength(1),
});
export type VoicyCall = z.infer<typeof voicyCall>;

/** What only `GET /call-get/{id}` tells. */
export const voicyDetail = looseRecord({
  transcript: maybeJson,
  transcript_object: maybeJson,
  detected_gender: maybeText,
  recording_url: maybeText,
  summary: maybeText,
  vars_provided: maybeJsonObject,
  vars_extracted: maybeVariables,
  vars_collected: maybeVariables,
  extraction_failed: maybeBoolean,
  call_cost: maybeRecord({ combined_cost: maybeDecimal, currency: maybeWord }),
});
export type VoicyDetail = z.infer<typeof voicyDetail>;

/** An item of `transcript`, or of `transcript_object` in an older generation. Roles are open. */
export const voicyTranscriptItem = looseRecord({
  role: maybeWord,
  content: maybeJson,
  timestamp_ms: maybeJson,
  function_invocation: maybeJsonObject,
  function_result: maybeJsonObject,
});
export type VoicyTranscriptItem = z.infer<typeof voicyTranscriptItem>;

/** A row of `GET /agent-list`. */
export const voicyAgent = looseRecord({
  agent_id: neededId,
  name: maybeText,
  agent_type: maybeText,
});

/** Ours: a member that is added to the list row of a test call, which nothing of the vendor's tells apart. */
export const TEST_CALL_MARK = '_test_call';

export const LIST_FIELDS: readonly string[] = ['call_id', ...Object.keys(voicyCall.shape)];
export const CALL_FIELDS: ReadonlySet<string> = new Set([
  ...LIST_FIELDS,
  ...Object.keys(voicyDetail.shape),
  'account',
  'disconnection_reason',
  TEST_CALL_MARK,
]);
export const AGENT_FIELDS: ReadonlySet<string> = new Set(Object.keys(agentOfCall));
export const ACCOUNT_FIELDS: ReadonlySet<string> = new Set(['id', 'name']);
export const COST_FIELDS: ReadonlySet<string> = new Set(['combined_cost', 'currency']);
export const ITEM_FIELDS: ReadonlySet<string> = new Set([
  ...Object.keys(voicyTranscriptItem.shape),
  'gender',
  'latency_breakdown',
]);
