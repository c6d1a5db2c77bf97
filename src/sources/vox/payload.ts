import type { z } from 'zod';
import {
  looseRecord,
  maybeBoolean,
  maybeJson,
  maybeJsonObject,
  maybeList,
  maybeRecord,
  maybeText,
  maybeWord,
  neededId,
} from '../decode.ts';
import { maybeInstant } from '../instants.ts';
import { maybeDecimal } from '../numbers.ts';

/** A call as `GET /calls` and `GET /calls/{id}` send it. Fields that are not named here are allowed and counted. */
export const voxCall = looseRecord({
  agent: maybeRecord({ agent_id: maybeWord, agent_version: maybeWord }),
  call_type: maybeWord,
  status: maybeWord,
  from_number: maybeText,
  to_number: maybeText,
  presentation_number: maybeText,
  disconnection_reason: maybeWord,
  start_at: maybeInstant,
  end_at: maybeInstant,
  recording_url: maybeText,
  metadata: maybeJsonObject,
  dynamic_variables: maybeJsonObject,
  call_analysis: maybeRecord({
    summary: maybeText,
    user_sentiment: maybeWord,
    custom_analysis_data: maybeList,
  }),
  call_cost: maybeRecord({ total_cost: maybeDecimal }),
  variant_label: maybeWord,
  opt_out_sensitive_data_storage: maybeBoolean,
});
export type VoxCall = z.infer<typeof voxCall>;

/** An item of `transcript`. Roles are open, so every other field may be absent. */
export const voxTranscriptItem = looseRecord({
  role: maybeWord,
  content: maybeJson,
  start_at: maybeJson,
  end_at: maybeJson,
  tool_call_id: maybeText,
  name: maybeText,
  arguments: maybeJson,
});
export type VoxTranscriptItem = z.infer<typeof voxTranscriptItem>;

/** A row of `GET /agents`. */
export const voxAgent = looseRecord({ agent_id: neededId, name: maybeText, type: maybeText });

export const CALL_FIELDS: ReadonlySet<string> = new Set([...Object.keys(voxCall.shape), 'id', 'transcript']);
export const AGENT_FIELDS: ReadonlySet<string> = new Set(['agent_id', 'agent_version']);
export const ANALYSIS_FIELDS: ReadonlySet<string> = new Set([
  'summary',
  'user_sentiment',
  'custom_analysis_data',
]);
export const COST_FIELDS: ReadonlySet<string> = new Set(['total_cost']);
export const EXTRACTION_FIELDS: ReadonlySet<string> = new Set(['type', 'name', 'value']);
export const ITEM_FIELDS: ReadonlySet<string> = new Set(Object.keys(voxTranscriptItem.shape));
