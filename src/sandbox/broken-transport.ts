import { Readable } from 'node:stream';
import { setTimeout as delay } from 'node:timers/promises';
import type { FastifyReply, FastifyRequest } from 'fastify';
import type { RequestFault } from './fault-kinds.ts';
import { retryAfterValue } from './rate-limit.ts';

/** A vendor's own words for what goes wrong. */
export interface Refusals {
  rateLimited(): { status: number; body: object };
  unauthorized(): { status: number; body: object };
  serverError(status: number): { status: number; body: object };
  cursorRefused(): { status: number; body: object };
}

const HTML =
  '<!doctype html><html lang="ko"><head><title>점검 중</title></head><body>서비스 점검 중입니다.</body></html>';

/**
 * Answers a request in the place of the vendor's code, when the fault asks for it. False: the request goes on to the
 * vendor's code, perhaps late.
 */
export async function answeredByFault(
  fault: RequestFault,
  request: FastifyRequest,
  reply: FastifyReply,
  refusals: Refusals,
  nowMs: number,
): Promise<boolean> {
  switch (fault.kind) {
    case 'rate_limited': {
      const value = retryAfterValue(fault.retryAfter, fault.retryAfterMs, nowMs);
      if (value !== null) reply.header('retry-after', value);
      return await send(reply, refusals.rateLimited());
    }
    case 'server_error':
      return await send(reply, refusals.serverError(fault.status));
    case 'unauthorized':
      return await send(reply, refusals.unauthorized());
    case 'cursor_refused':
      return await send(reply, refusals.cursorRefused());
    case 'redirect':
      await reply.code(302).header('location', fault.location).send('');
      return true;
    case 'html':
      await reply.type('text/html; charset=utf-8').send(HTML);
      return true;
    case 'empty_body':
      await reply.type('application/json; charset=utf-8').send('');
      return true;
    case 'hang':
      reply.hijack();
      return true;
    case 'reset':
      reply.hijack();
      request.raw.socket.resetAndDestroy();
      return true;
    case 'slow':
      await delay(fault.delayMs, undefined, { ref: false });
      return false;
    default:
      return false;
  }
}

/** What is sent in the place of a finished answer. */
export function brokenBody(fault: RequestFault, body: string): string | Readable {
  switch (fault.kind) {
    case 'truncated':
      return cutInHalf(body);
    case 'hang_body':
      return begunForEver(cutInHalf(body));
    case 'huge_body':
      return Readable.from(swollen(body, fault.bytes));
    default:
      return body;
  }
}

async function send(reply: FastifyReply, { status, body }: { status: number; body: object }): Promise<true> {
  await reply.code(status).send(body);
  return true;
}

function cutInHalf(body: string): string {
  return body.slice(0, Math.floor(body.length / 2));
}

function begunForEver(beginning: string): Readable {
  const stream = new Readable({ read: () => undefined });
  stream.push(beginning);
  return stream;
}

const CHUNK = 'x'.repeat(64 * 1024);

/** The same JSON object with one more field of at least that many bytes. */
function* swollen(body: string, bytes: number): Generator<string> {
  yield `${body.slice(0, -1)},"padding":"`;
  for (let sent = 0; sent < bytes; sent += CHUNK.length) yield CHUNK;
  yield '"}';
}
