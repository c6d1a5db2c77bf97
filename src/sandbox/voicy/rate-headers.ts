import type { FastifyInstance } from 'fastify';
import { MINUTE, SECOND } from '../../clock.ts';
import type { RequestLog } from '../request-log.ts';
import { rateLimited } from './errors.ts';

interface RateHeadersOptions {
  now: () => number;
  requests: RequestLog;
  /** 0 = no limit, of which no header tells. */
  requestsPerMinute: number;
}

/**
 * Tells of the limit as this vendor does: with three headers on every answer, and no `Retry-After` but the same number
 * in the words of a refusal. Register it behind the gate.
 */
export function tellRate(
  app: FastifyInstance,
  { now, requests, requestsPerMinute }: RateHeadersOptions,
): void {
  app.addHook('preSerialization', async (_request, reply, payload) => {
    const wait = reply.getHeader('retry-after');
    reply.removeHeader('retry-after');
    if (reply.statusCode !== 429) return payload;
    return rateLimited(typeof wait === 'string' ? secondsOf(wait, now()) : null).body;
  });

  app.addHook('onSend', async (_request, reply, payload) => {
    if (requestsPerMinute === 0) return payload;
    const { count, oldestMs } = admittedSince(requests, now() - MINUTE);
    const resetMs = (oldestMs ?? now()) + MINUTE;
    reply.headers({
      'x-ratelimit-limit': requestsPerMinute,
      'x-ratelimit-remaining': Math.max(0, requestsPerMinute - count),
      'x-ratelimit-reset': Math.ceil(resetMs / SECOND),
    });
    return payload;
  });
}

/** The seconds that a `Retry-After` means, be it a number of them or a date. */
function secondsOf(value: string, nowMs: number): number {
  return /^\d+$/.test(value) ? Number(value) : Math.ceil((Date.parse(value) - nowMs) / SECOND);
}

/** The requests that counted after an instant: those with a wrong key and those beyond the limit did not. */
function admittedSince({ entries }: RequestLog, sinceMs: number): { count: number; oldestMs: number | null } {
  let count = 0;
  let oldestMs: number | null = null;
  for (let at = entries.length - 1; at >= 0; at -= 1) {
    const entry = entries[at];
    if (entry === undefined || entry.atMs <= sinceMs) break;
    if (entry.status === 401 || entry.status === 429) continue;
    count += 1;
    oldestMs = entry.atMs;
  }
  return { count, oldestMs };
}
