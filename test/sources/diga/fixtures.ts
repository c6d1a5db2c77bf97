import type { CallReading, Facet } from '../../../src/call.ts';
import { RecordError } from '../../../src/errors.ts';
import { type Json, type JsonObject, parseJson } from '../../../src/json.ts';
import type { ListQuery } from '../../../src/source.ts';
import { normalizeDigaCall } from '../../../src/sources/diga/normalize.ts';
import { createDigaSource } from '../../../src/sources/diga/source.ts';
import { ManualClock } from '../../http/manual-clock.ts';

export const NOW = Date.parse('2026-09-14T09:00:00Z');
const DATE = 'Mon, 14 Sep 2026 09:00:02 GMT';

export const CALL_ID = '6d1f0c3a-52be-4c09-8a41-9f1e7ab3c001';
export const PHONE_ID = 'b07c55d2-0b7e-4a3f-bb6e-2f4f0a9be7f1';
export const CREATED = Date.parse('2026-09-14T08:30:00.250Z');
export const STARTED = Date.parse('2026-09-14T08:30:07Z');
export const NUMBERS: ReadonlyMap<string, string> = new Map([[PHONE_ID, '+34910123456']]);

/** A call as the vendor sends it today. */
export const CALL = `{
  "id": "${CALL_ID}",
  "agent_id": "0e6a3f3c-7f55-4d0a-a7a1-3b2a1c7f9d10",
  "agent_version_id": "f4b1c9de-91d7-4f0c-8b6c-5a0d6e7a2b33",
  "status": "completed",
  "type": "inbound",
  "contact": {
    "id": "91c2d7b8-3a64-4f5e-9d0b-6c1e8f7a4d55",
    "created_date": "2025-02-01T10:00:00Z",
    "identifier": "+34612345678",
    "contact_type": "call"
  },
  "phone_register_id": "${PHONE_ID}",
  "created_date": "2026-09-14T08:30:00.250Z",
  "recording_url": "https://recordings.invalid/6d1f0c3a.mp3",
  "start_time": "2026-09-14T08:30:07Z",
  "end_time": "2026-09-14T08:31:49Z",
  "duration": 102,
  "end_reason": "user_hang_up",
  "dynamic_variables": {"nombre": "Lucía", "importe": 12.50}
}`;

/** The same kind of call as an account of the older generation sends it. */
export const OLD_CALL = `{
  "id": "${CALL_ID}",
  "agent_id": "0e6a3f3c-7f55-4d0a-a7a1-3b2a1c7f9d10",
  "status": "transferred",
  "type": "outbound",
  "contact": {
    "id": "91c2d7b8-3a64-4f5e-9d0b-6c1e8f7a4d55",
    "created_date": "2025-02-01T10:00:00Z",
    "identifier": "612 34 56 78",
    "contact_type": "call"
  },
  "phone_id": "${PHONE_ID}",
  "created_date": "2025-11-14T08:30:00.250Z",
  "recording_url": null,
  "start_time": "2025-11-14T08:30:07Z",
  "end_time": "2025-11-14T08:31:49Z",
  "duration": 102,
  "end_reason": null
}`;

/** What was said in it. */
export const MESSAGES = `[
  {"id": "m1", "created_date": "2026-09-14T08:30:08.500Z", "role": "assistant", "content": "Buenos días, ¿en qué puedo ayudarle?", "tool_call": null},
  {"id": "m2", "created_date": "2026-09-14T08:30:12Z", "role": "USER", "content": "Quiero cambiar mi cita."},
  {"id": "m3", "created_date": "2026-09-14T08:30:20Z", "role": "tool", "content": null,
   "tool_call": {"type": "function", "function_name": "buscar_cita", "payload": {"dni": "X"}, "status": "success"}}
]`;

/** An object of JSON text with some members replaced by JSON text; `undefined` takes one out. */
export function objectWith(text: string, members: Record<string, string | undefined> = {}): JsonObject {
  const object = parseJson(text) as JsonObject;
  for (const [name, json] of Object.entries(members)) {
    if (json === undefined) delete object[name];
    else object[name] = parseJson(json);
  }
  return object;
}

/** Reads a full call with some members replaced by JSON text; `undefined` takes one out. */
export function readWith(members: Record<string, string | undefined> = {}, numbers = NUMBERS): CallReading {
  return normalizeDigaCall({ list: objectWith(CALL, members) }, numbers);
}

/** Which part of a call is awaited when its start cannot be read: without it no turn has its place. */
export const OF_START: Facet = 'transcript';

export const CONTACT = JSON.parse(CALL).contact;

export function listOf(text: string): Json[] {
  return parseJson(text) as Json[];
}

/** The paths at which fields of a record cannot be read, or the one at which the record is refused; else what it was read as. */
export function refusedAt(read: () => unknown): unknown {
  try {
    const told = read();
    const { unread = [] } = (told ?? {}) as Partial<CallReading>;
    return unread.length > 0 ? unread.map(({ path }) => path).join(' ') : told;
  } catch (error) {
    if (error instanceof RecordError) return error.path;
    throw error;
  }
}

export const QUERY: ListQuery = {
  window: null,
  openOnly: false,
  order: 'oldest_first',
  cursor: null,
  urgency: 'live',
};

export type Answer = string | [status: number, text: string];

/** A source whose vendor gives these answers, one after the other, and what it was asked for. */
export function bench(...answers: Answer[]) {
  const paths: string[] = [];
  const urgencies: string[] = [];
  const keys: (string | undefined)[] = [];
  const left = [...answers];
  const clock = new ManualClock(NOW);
  const source = createDigaSource(
    { name: 'diga', apiKey: 'secret-key', baseUrl: 'https://vendor.invalid/v1/', switches: {} },
    {
      transport: async ({ url, headers }) => {
        paths.push(url.replace('https://vendor.invalid', ''));
        keys.push(headers.authorization);
        const next = left.shift() ?? [500, '{}'];
        const [status, text] = typeof next === 'string' ? [200, next] : next;
        clock.advance(10);
        async function* body(): AsyncGenerator<Uint8Array> {
          yield Buffer.from(text);
        }
        return { status, headers: { date: DATE }, body: body() };
      },
      clock,
      random: () => 0,
      budget: {
        take: async (urgency) => void urgencies.push(urgency),
        block: async () => undefined,
        refused: async () => undefined,
      },
      counts: { sent: { list: 0, detail: 0, other: 0 }, retries: 0 },
    },
  );
  const { signal } = new AbortController();
  return {
    source,
    paths,
    urgencies,
    keys,
    list: (query: Partial<ListQuery> = {}) =>
      source.listCalls({ ...QUERY, ...query }, () => undefined, signal),
    whole: (id = CALL_ID) => source.readCall(id, 'whole', signal),
    transcript: (id = CALL_ID) => source.readCall(id, 'transcript', signal),
    directory: () => source.readDirectory(signal),
  };
}

/** A business error, as the vendor words it. */
export function refused(status: number, code: string): Answer {
  return [status, JSON.stringify({ status: 'error', error_code: code, message: 'Call not found' })];
}
