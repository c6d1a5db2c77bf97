import type { JsonObject } from '../../../src/json.ts';
import type { ListQuery } from '../../../src/source.ts';
import { createVoicySource } from '../../../src/sources/voicy/source.ts';
import { ManualClock } from '../../http/manual-clock.ts';

export const NOON = Date.parse('2026-11-20T10:00:00Z');
const DATE = 'Fri, 20 Nov 2026 10:00:02 GMT';
const QUERY: ListQuery = {
  window: null,
  openOnly: false,
  order: 'oldest_first',
  cursor: null,
  urgency: 'live',
};

interface Sent {
  method: string;
  url: string;
  headers: Record<string, string>;
  body: JsonObject | null;
}
type Answer = string | [status: number, text: string];

/** A source whose vendor answers with these, one after the other, or by what it is asked; and what it was asked for. */
export function bench(answers: Answer[] | ((body: JsonObject) => Answer), withTestCalls = false) {
  const sent: Sent[] = [];
  const urgencies: string[] = [];
  const source = createVoicySource(
    {
      name: 'voicy-tel-aviv',
      apiKey: 'secret-key',
      baseUrl: 'https://vendor.invalid/functions/v1/',
      switches: { include_test_calls: withTestCalls },
    },
    {
      transport: async ({ method, url, headers, body }) => {
        const asked = body === null ? null : (JSON.parse(body) as JsonObject);
        sent.push({ method, url, headers, body: asked });
        const next = typeof answers === 'function' ? answers(asked ?? {}) : (answers.shift() ?? [500, '{}']);
        const [status, text] = typeof next === 'string' ? [200, next] : next;
        async function* stream(): AsyncGenerator<Uint8Array> {
          yield Buffer.from(text);
        }
        return { status, headers: { date: DATE }, body: stream() };
      },
      clock: new ManualClock(NOON),
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
    sent,
    urgencies,
    list: (query: Partial<ListQuery> = {}) =>
      source.listCalls({ ...QUERY, ...query }, () => undefined, signal),
    read: (id: string) => source.readCall(id, 'whole', signal),
    directory: () => source.readDirectory(signal),
  };
}

/** A page of calls with these ids, each a second after the one before. */
export function pageOf(ids: readonly (string | null)[], firstAt = NOON, total = ids.length): string {
  const calls = ids.map((call_id, i) => ({ call_id, start_timestamp: firstAt + i * 1_000 }));
  return JSON.stringify({ calls, total_count: total });
}
