import { PartRefusedError } from '../../errors.ts';
import { isJsonObject, type Json } from '../../json.ts';

/** The code of an error; null when there is none. Only two of them mean what they say: see docs/vendors/diga.md. */
export function errorCode(json: Json): string | null {
  return isJsonObject(json) && typeof json.error_code === 'string' ? json.error_code : null;
}

/** Whether the vendor says that it has no such address at all: it answers of what it knows in another form. */
export function isUnknownAddress(json: Json): boolean {
  return isJsonObject(json) && json.detail === 'Not Found';
}

const REFUSED = {
  list: {
    right: 'calls.view',
    meanwhile: 'Known calls are still followed by id; `callhouse resync <id>` adds one',
  },
  transcript: { right: 'messages.view', meanwhile: 'Calls are stored without transcripts' },
} as const;

/** What the key or the account cannot do, and how to mend it. */
export function partRefused(
  part: PartRefusedError['part'],
  path: string,
  { status, words }: { status: number; words: string | null },
): PartRefusedError {
  const { right, meanwhile } = REFUSED[part];
  const why =
    status === 403 ? `give the key the right ${right}` : 'the account is of an older generation, without it';
  const said = words === null ? '' : ` (${words})`;
  return new PartRefusedError(part, `GET ${path} answered ${status}: ${why}${said}. ${meanwhile}`, {
    status,
    words,
  });
}
