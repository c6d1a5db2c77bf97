import { PartRefusedError } from '../../errors.ts';
import { isJsonObject, type Json, type JsonObject } from '../../json.ts';
import { redactText } from '../../secrets.ts';

const TOLD_MAX = 120;

/** The code of an error; null when there is none. Only two of them mean what they say: see docs/vendors/diga.md. */
export function errorCode(json: Json): string | null {
  return isJsonObject(json) && typeof json.error_code === 'string' ? json.error_code : null;
}

/** Whether the vendor says that it has no such address at all: it answers of what it knows in another form. */
export function isUnknownAddress(json: Json): boolean {
  return isJsonObject(json) && json.detail === 'Not Found';
}

/**
 * What Diga says when it refuses: the code, or the parameters that it does not accept and why. Its prose is not
 * repeated: it may hold what was sent.
 */
export function refusal(json: Json): string {
  const faults = isJsonObject(json) && Array.isArray(json.detail) ? json.detail.filter(isJsonObject) : [];
  const told = errorCode(json) ?? (faults.map(faultOf).join('; ') || 'no error code');
  return redactText(told).slice(0, TOLD_MAX);
}

function faultOf({ loc, type }: JsonObject): string {
  const place = Array.isArray(loc) ? loc.map(String).join('.') : '?';
  return `${place}: ${typeof type === 'string' ? type : '?'}`;
}

const REFUSED = {
  list: {
    right: 'calls.view',
    meanwhile: 'Known calls are still followed by id; `callhouse resync <id>` adds one',
  },
  transcript: { right: 'messages.view', meanwhile: 'Calls are stored without transcripts' },
} as const;

/** What the key or the account cannot do, and how to mend it. */
export function partRefused(part: PartRefusedError['part'], path: string, status: number): PartRefusedError {
  const { right, meanwhile } = REFUSED[part];
  const why =
    status === 403 ? `give the key the right ${right}` : 'the account is of an older generation, without it';
  return new PartRefusedError(part, `GET ${path} answered ${status}: ${why}. ${meanwhile}`, { status });
}
