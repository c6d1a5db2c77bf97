import Fastify, { type FastifyInstance } from 'fastify';
import { afterEach } from 'vitest';
import { MINUTE } from '../../../src/clock.ts';
import type { DigaCall, DigaCallRow, DigaMessage } from '../../../src/sandbox/diga/call.ts';
import type { Envelope } from '../../../src/sandbox/diga/paging.ts';
import { diga } from '../../../src/sandbox/diga/part.ts';
import type { DigaWorld } from '../../../src/sandbox/diga/world.ts';
import { type SandboxOptions, settingsOf } from '../../../src/sandbox/options.ts';
import { installVendor, type VendorSandbox } from '../../../src/sandbox/vendor.ts';

/** Noon in Madrid on a Friday. */
export const ORIGIN_MS = Date.parse('2026-11-20T11:00:00Z');

/** Long after the last delay of any call that was born at the origin. */
export const SETTLED_MS = ORIGIN_MS + 60 * MINUTE;

interface Answer {
  status: number;
  headers: Record<string, unknown>;
  text: string;
  json: Record<string, unknown>;
}

/** The vendor without a socket, on a clock that stands still until it is moved. */
interface Bench {
  vendor: VendorSandbox<DigaWorld, DigaCall>;
  clock: { nowMs: number };
  ask(method: 'GET' | 'POST', path: string, headers?: Record<string, string>): Promise<Answer>;
  get(path: string): Promise<Answer>;
  list(query?: string): Promise<Envelope<DigaCallRow>>;
  messages(id: string, query?: string): Promise<Envelope<DigaMessage>>;
  truth(): Promise<DigaCall[]>;
}

const running: FastifyInstance[] = [];

afterEach(async () => {
  await Promise.all(running.splice(0).map((app) => app.close()));
});

/** A world of its own for one test: small, without rate limits unless they are given. */
export function startBench(options: SandboxOptions = {}): Bench {
  const clock = { nowMs: ORIGIN_MS };
  const app = Fastify();
  running.push(app);
  const settings = settingsOf({
    now: () => clock.nowMs,
    originMs: ORIGIN_MS,
    pastCalls: 60,
    historyDays: 3,
    requestsPerSecond: 0,
    ...options,
  });
  const vendor = installVendor(app, diga, settings, () => '');
  const ask: Bench['ask'] = async (method, url, headers = { authorization: 'Bearer sandbox-key' }) => {
    const answer = await app.inject({ method, url, headers });
    const isObject = answer.body.startsWith('{');
    return {
      status: answer.statusCode,
      headers: answer.headers,
      text: answer.body,
      json: isObject ? JSON.parse(answer.body) : {},
    };
  };
  const get = (path: string) => ask('GET', path);
  return {
    vendor,
    clock,
    ask,
    get,
    list: async (query = '') => JSON.parse((await get(`/v1/call/?${query}`)).text),
    messages: async (id, query = '') => JSON.parse((await get(`/v1/call/${id}/message?${query}`)).text),
    truth: async () => JSON.parse((await ask('GET', '/sandbox/diga/truth', {})).text).calls,
  };
}

/** The first of something, for tests that know that there is one. */
export function first<Item>(items: Iterable<Item>): Item {
  for (const item of items) return item;
  throw new Error('there is none');
}

/** An ISO text as unix ms; without an offset it is UTC. */
export function msOf(text: string | null): number {
  if (text === null) throw new Error('no time');
  return Date.parse(/(Z|[+-]\d\d:\d\d)$/.test(text) ? text : `${text}Z`);
}
