import { z } from 'zod';
import type { Json } from '../../json.ts';
import {
  looseRecord,
  maybeBoolean,
  maybeDecimal,
  maybeJsonObject,
  maybeText,
  maybeUnixMs,
  text,
} from '../decode.ts';

/** A call as `GET /calls` and `GET /calls/{id}` send it. Fields that are not named here are allowed and counted. */
export const voxCall = looseRecord({
  id: text.min(1),
  agent: looseRecord({ agent_id: maybeText, agent_version: maybeText }).nullish(),
  call_type: maybeText,
  status: maybeText,
  from_number: maybeText,
  to_number: maybeText,
  presentation_number: maybeText,
  disconnection_reason: maybeText,
  start_at: maybeUnixMs,
  end_at: maybeUnixMs,
  recording_url: maybeText,
  metadata: maybeJsonObject,
  dynamic_variables: maybeJsonObject,
  call_analysis: looseRecord({
    summary: maybeText,
    user_sentiment: maybeText,
    custom_analysis_data: z.array(z.custom<Json>()).nullish(),
  }).nullish(),
  call_cost: looseRecord({ total_cost: maybeDecimal }).nullish(),
  variant_label: maybeText,
  opt_out_sensitive_data_storage: maybeBoolean,
});
export type VoxCall = z.infer<typeof voxCall>;

/** An item of `transcript`. Roles are open, so every other field may be absent. */
export const voxTranscriptItem = looseRecord({
  role: maybeText,
  content: z.custom<Json>().nullish(),
  start_at: z.custom<Json>().nullish(),
  end_at: z.custom<Json>().nullish(),
  tool_call_id: maybeText,
  name: maybeText,
  arguments: z.custom<Json>().nullish(),
});
export type VoxTranscriptItem = z.infer<typeof voxTranscriptItem>;

/** A row of `GET /agents`. */
export const voxAgent = looseRecord({ agent_id: text.min(1), name: maybeText, type: maybeText });

export const CALL_FIELDS: ReadonlySet<string> = new Set([...Object.keys(voxCall.shape), 'transcript']);
export const AGENT_FIELDS: ReadonlySet<string> = new Set(['agent_id', 'agent_version']);
export const ANALYSIS_FIELDS: ReadonlySet<string> = new Set([
  'summary',
  'user_sentiment',
  'custom_analysis_data',
]);
export const COST_FIELDS: ReadonlySet<string> = new Set(['total_cost']);
export const EXTRACTION_FIELDS: ReadonlySet<string> = new Set(['type', 'name', 'value']);
export const ITEM_FIELDS: ReadonlySet<string> = new Set(Object.keys(voxTranscriptItem.shape));
