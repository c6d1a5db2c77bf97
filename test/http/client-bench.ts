import { createJsonClient, type HttpLimits } from '../../src/http/json-client.ts';
import type { JsonAnswer } from '../../src/http/read-answer.ts';
import type { HttpRequest, HttpResponse, Transport } from '../../src/http/transport.ts';
import type { RequestCounts, Urgency } from '../../src/requests.ts';
import { ManualClock } from './manual-clock.ts';

export const KEY = 'vk_live_0123456789abcdef';
const REQUEST: HttpRequest = {
  method: 'GET',
  url: 'https://vendor.invalid/v3/calls?call_from=01012345678&cursor=c2VjcmV0',
  headers: { authorization: `Bearer ${KEY}` },
  body: null,
};
export const NOON = Date.parse('2026-11-20T03:00:00Z');

/** What the transport does at one attempt: answers, throws, or does as a function says. */
export type Turn =
  | HttpResponse
  | Error
  | ((signal: AbortSignal, clock: ManualClock) => Promise<HttpResponse>);

export function answer(status: number, text: string, headers: Record<string, string> = {}): HttpResponse {
  return { status, headers, body: chunks(text) };
}

export const ok = (text = '{"ok":true}', headers: Record<string, string> = {}) => answer(200, text, headers);

/** A body in chunks of a few bytes, so that Korean letters are cut in the middle. */
async function* chunks(text: string): AsyncGenerator<Uint8Array> {
  const bytes = Buffer.from(text, 'utf8');
  for (let at = 0; at < bytes.length; at += 7) yield bytes.subarray(at, at + 7);
}

export interface ClientBench {
  clock: ManualClock;
  counts: RequestCounts;
  /** Everything that happened, in order: `take`, `send`, `block 5000`. */
  events: string[];
  retries: { url: string; reason: string; waitMs: number }[];
  controller: AbortController;
  get<T = JsonAnswer>(read?: (answer: JsonAnswer) => T): Promise<T>;
  /** The error of a request that must fail. */
  failure(): Promise<unknown>;
}

/** A client whose transport plays the turns one after the other and then answers `{"ok":true}`. */
export function clientBench(
  turns: readonly Turn[],
  limits: Partial<HttpLimits> = {},
  urgency: Urgency = 'live',
): ClientBench {
  const clock = new ManualClock(NOON);
  const controller = new AbortController();
  const events: string[] = [];
  const retries: ClientBench['retries'] = [];
  const counts: RequestCounts = { sent: { list: 0, detail: 0, other: 0 }, retries: 0 };
  const left = [...turns];
  const transport: Transport = async (_, signal) => {
    events.push('send');
    const turn = left.shift() ?? ok();
    if (turn instanceof Error) throw turn;
    return typeof turn === 'function' ? turn(signal, clock) : turn;
  };
  const client = createJsonClient({
    transport,
    clock,
    random: () => 0.5,
    counts,
    budget: {
      take: async (urgency, signal) => {
        signal.throwIfAborted();
        events.push(urgency === 'live' ? 'take' : `take in the ${urgency}`);
      },
      block: async (forMs) => void events.push(`block ${forMs}`),
      refused: async () => undefined,
    },
    onRetry: (fault) => void retries.push(fault),
    limits,
  });
  const get = <T>(read: (answer: JsonAnswer) => T) =>
    client(REQUEST, { kind: 'list', urgency }, read, controller.signal);
  return {
    clock,
    counts,
    events,
    retries,
    controller,
    get: (read) => get(read ?? ((given) => given as never)),
    failure: () =>
      get((given) => given).then(
        () => 'nothing was thrown',
        (reason: unknown) => reason,
      ),
  };
}

export const withCode = (code: string, cause?: Error): Error =>
  Object.assign(new Error(`it broke with key ${KEY}`, cause ? { cause } : {}), { code });
