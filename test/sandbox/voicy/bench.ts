import Fastify from 'fastify';
import { afterEach } from 'vitest';
import { MINUTE } from '../../../src/clock.ts';
import { type SandboxOptions, settingsOf } from '../../../src/sandbox/options.ts';
import { installVendor, type VendorSandbox } from '../../../src/sandbox/vendor.ts';
import type { VoicyCall, VoicyCallRow } from '../../../src/sandbox/voicy/call.ts';
import { voicy } from '../../../src/sandbox/voicy/part.ts';
import type { VoicyWorld } from '../../../src/sandbox/voicy/world.ts';

/** Noon in Tel Aviv on a Sunday. */
export const ORIGIN_MS = Date.parse('2026-11-22T10:00:00Z');
/** Long after the last delay of any call that was born at the origin. */
export const SETTLED_MS = ORIGIN_MS + 90 * MINUTE;

/** A page of `POST /call-list`. */
interface Page {
  calls: VoicyCallRow[];
  total_count: number;
}

interface Answer {
  status: number;
  headers: Record<string, unknown>;
  text: string;
}

/** The vendor alone, with its clock and a client. */
export interface Bench {
  vendor: VendorSandbox<VoicyWorld, VoicyCall>;
  clock: { nowMs: number };
  /** A request with the right key unless other headers are given. The path is relative to the API. */
  ask(
    method: 'GET' | 'POST' | 'PATCH',
    path: string,
    body?: unknown,
    headers?: Record<string, string>,
  ): Promise<Answer>;
  list(body?: object): Promise<Page>;
  detail(id: string): Promise<VoicyCall>;
  /** Every page of a list, to the first that is not full. */
  everyPage(body: { limit: number } & Record<string, unknown>): Promise<Page[]>;
  truth(): Promise<VoicyCall[]>;
}

const opened: { close(): Promise<void> }[] = [];

afterEach(async () => {
  await Promise.all(opened.splice(0).map((app) => app.close()));
});

const KEY = { authorization: 'Bearer sandbox-key' };

/** A vendor of its own for one test: small, on a manual clock, without rate limits unless they are given. */
export function openBench(options: SandboxOptions = {}): Bench {
  const clock = { nowMs: ORIGIN_MS };
  const app = Fastify();
  opened.push(app);
  const settings = settingsOf({
    now: () => clock.nowMs,
    originMs: ORIGIN_MS,
    pastCalls: 60,
    historyDays: 3,
    requestsPerMinute: 0,
    ...options,
  });
  const vendor = installVendor(app, voicy, settings, () => '');
  const ask: Bench['ask'] = async (method, path, body, headers = KEY) => {
    const url = `${vendor.baseUrl}${path}`;
    const payload = body === undefined ? {} : { payload: JSON.stringify(body) };
    const typed = body === undefined ? headers : { 'content-type': 'application/json', ...headers };
    const answer = await app.inject({ method, url, headers: typed, ...payload });
    return { status: answer.statusCode, headers: answer.headers, text: answer.body };
  };
  const list = async (body: object = {}): Promise<Page> =>
    JSON.parse((await ask('POST', '/call-list', body)).text);
  return {
    vendor,
    clock,
    ask,
    list,
    detail: async (id) => JSON.parse((await ask('GET', `/call-get/${id}`)).text),
    everyPage: async (body) => {
      const pages = [await list(body)];
      for (let page = pages[0]; page?.calls.length === body.limit; page = pages.at(-1)) {
        pages.push(await list({ ...body, pagination_key: page.calls.at(-1)?.call_id }));
      }
      return pages;
    },
    truth: async () => JSON.parse((await app.inject('/sandbox/voicy/truth')).body).calls,
  };
}

/** The first of something, for tests that know that there is one. */
export function first<Item>(items: Iterable<Item>): Item {
  for (const item of items) return item;
  throw new Error('there is none');
}
