import { request } from 'undici';
import { afterEach } from 'vitest';
import { MINUTE } from '../../src/clock.ts';
import type { SandboxOptions } from '../../src/sandbox/options.ts';
import { type Sandbox, startSandbox } from '../../src/sandbox/server.ts';
import type { VoxCall, VoxCallRow } from '../../src/sandbox/vox/call.ts';

/** Noon in Seoul on a Friday. */
export const ORIGIN_MS = Date.parse('2026-11-20T03:00:00Z');

/** A clock that stands still until it is moved. */
interface ManualClock {
  nowMs: number;
}

/** A page of `GET /v3/calls`. */
export interface Page {
  items: VoxCallRow[];
  total_count: number;
  next_cursor: string | null;
}

interface Answer {
  status: number;
  headers: Record<string, unknown>;
  text: string;
}

/** A running sandbox with its clock and a client. */
export interface Bench {
  sandbox: Sandbox;
  clock: ManualClock;
  /** A request over a real socket, with the right key unless other headers are given. */
  get(path: string, headers?: Record<string, string>): Promise<Answer>;
  send(method: 'POST' | 'DELETE', path: string, body?: unknown): Promise<Answer>;
  list(query?: string): Promise<Page>;
  detail(id: string): Promise<VoxCall>;
  /** Every page of a list, to its end. */
  everyPage(query: string): Promise<Page[]>;
  truth(): Promise<{ now: number; calls: VoxCall[] }>;
}

const running: Sandbox[] = [];

afterEach(async () => {
  await Promise.all(running.splice(0).map((sandbox) => sandbox.close()));
});

const KEY = { authorization: 'Bearer sandbox-key' };

/** A sandbox of its own for one test: small, on a manual clock, without rate limits unless they are given. */
export async function startBench(options: SandboxOptions = {}): Promise<Bench> {
  const clock: ManualClock = { nowMs: ORIGIN_MS };
  const sandbox = await startSandbox({
    now: () => clock.nowMs,
    originMs: ORIGIN_MS,
    pastCalls: 60,
    historyDays: 3,
    requestsPerSecond: 0,
    requestsPerMinute: 0,
    ...options,
  });
  running.push(sandbox);
  return { sandbox, clock, ...clientOf(sandbox) };
}

function clientOf(sandbox: Sandbox): Omit<Bench, 'sandbox' | 'clock'> {
  const ask = async (
    method: 'GET' | 'POST' | 'DELETE',
    path: string,
    headers: Record<string, string>,
    body?: unknown,
  ) => {
    const answer = await request(`${sandbox.url}${path}`, {
      method,
      headers: body === undefined ? headers : { ...headers, 'content-type': 'application/json' },
      body: body === undefined ? null : JSON.stringify(body),
    });
    return { status: answer.statusCode, headers: answer.headers, text: await answer.body.text() };
  };
  const list = async (query = ''): Promise<Page> =>
    JSON.parse((await ask('GET', `/v3/calls?${query}`, KEY)).text);
  return {
    get: (path, headers = KEY) => ask('GET', path, headers),
    send: (method, path, body) => ask(method, path, KEY, body),
    list,
    detail: async (id) => JSON.parse((await ask('GET', `/v3/calls/${id}`, KEY)).text),
    everyPage: async (query) => {
      const pages = [await list(query)];
      for (let cursor = pages[0]?.next_cursor; cursor; cursor = pages.at(-1)?.next_cursor) {
        pages.push(await list(`${query}&cursor=${encodeURIComponent(cursor)}`));
      }
      return pages;
    },
    truth: async () => JSON.parse((await ask('GET', '/sandbox/vox/truth', {})).text),
  };
}

/** The first of something, for tests that know that there is one. */
export function first<Item>(items: Iterable<Item>): Item {
  for (const item of items) return item;
  throw new Error('there is none');
}

/** Long after the last delay of any call that was born at the origin. */
export const SETTLED_MS = ORIGIN_MS + 60 * MINUTE;
