import { isJsonObject, type Json } from '../../json.ts';
import { redactText } from '../../secrets.ts';

/** A refusal is shown in logs and in health: what is longer helps nobody. */
const TOLD_MAX = 500;

/**
 * What vox.ai says when it refuses: the code, the field, and the parameters that it would allow. Its message is
 * Korean prose and is not repeated: it may hold what was sent.
 */
export function refusal(json: Json): string {
  const error = isJsonObject(json) && isJsonObject(json.error) ? json.error : {};
  const details = isJsonObject(error.details) ? error.details : {};
  const parts = [typeof error.code === 'string' ? error.code : 'no error code'];
  if (typeof details.field === 'string') parts.push(`field ${details.field}`);
  if (typeof details.reason === 'string') parts.push(details.reason.slice(0, 200));
  if (Array.isArray(details.allowed_query_parameters)) {
    const allowed = details.allowed_query_parameters.filter((name) => typeof name === 'string');
    parts.push(`allowed query parameters: ${allowed.join(', ')}`);
  }
  return redactText(parts.join('; ')).slice(0, TOLD_MAX);
}
