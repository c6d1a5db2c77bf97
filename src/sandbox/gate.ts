import type { FastifyInstance, FastifyReply, FastifyRequest } from 'fastify';
import { answeredByFault, brokenBody, type Refusals } from './broken-transport.ts';
import type { Faults, Strike } from './faults.ts';
import { type RateLimit, type RetryAfterForm, retryAfterValue } from './rate-limit.ts';
import type { LoggedRequest, RequestKind, RequestLog } from './request-log.ts';

/** What every vendor's routes have in common. */
export interface GateOptions {
  now: () => number;
  /** Added to the clock in the `Date` header, milliseconds. */
  dateSkewMs: number;
  faults: Faults;
  requests: RequestLog;
  rateLimit: RateLimit;
  retryAfterForm: RetryAfterForm;
}

/** How one vendor sees a request. */
export interface VendorDoor {
  kindOf(request: FastifyRequest): RequestKind;
  isAuthorized(request: FastifyRequest): boolean;
  /** Its body has been read by then: some vendors take the cursor there. */
  cursorOf(request: FastifyRequest): string | null;
  refusals: Refusals;
  /** Changes an answer as the fault wants it. */
  distort(payload: unknown, strike: Strike, request: FastifyRequest): unknown;
}

interface Visit {
  entry: LoggedRequest;
  strike: Strike | null;
}

/**
 * Puts a vendor's routes behind log, clock, key, rate limit and faults, in this order. A fault is spent only on a
 * request that came past the key and the limit, with a body that can be read.
 */
export function installGate(app: FastifyInstance, options: GateOptions, door: VendorDoor): void {
  const visits = new WeakMap<FastifyRequest, Visit>();
  let answers = 0;

  app.addHook('onRequest', async (request, reply) => {
    const nowMs = options.now();
    const visit: Visit = { entry: logged(request, nowMs, options, door), strike: null };
    visits.set(request, visit);
    answers += 1;
    const skewMs = options.dateSkewMs + options.faults.dateWrongByMs(answers);
    reply.header('date', new Date(nowMs + skewMs).toUTCString());
    if (await turnedAway(request, reply, nowMs, options, door)) return reply;
  });

  app.addHook('preHandler', async (request, reply) => {
    const visit = visits.get(request);
    if (visit === undefined) return;
    const { kind, atMs } = visit.entry;
    visit.strike = options.faults.strike({ kind, cursor: door.cursorOf(request) });
    if (visit.strike === null) return;
    if (await answeredByFault(visit.strike.fault, request, reply, door.refusals, atMs)) return reply;
  });

  app.addHook('preSerialization', async (request, reply, payload) => {
    const strike = visits.get(request)?.strike;
    return strike && reply.statusCode === 200 ? door.distort(payload, strike, request) : payload;
  });

  app.addHook('onSend', async (request, reply, payload) => {
    const visit = visits.get(request);
    if (visit === undefined) return payload;
    options.requests.answered(visit.entry, reply.statusCode);
    return visit.strike && typeof payload === 'string' ? brokenBody(visit.strike.fault, payload) : payload;
  });
}

/** Path and query of a request. */
export function addressOf(request: FastifyRequest): { path: string; query: string } {
  const [path = '', ...query] = request.url.split('?');
  return { path, query: query.join('?') };
}

function logged(
  request: FastifyRequest,
  atMs: number,
  options: GateOptions,
  door: VendorDoor,
): LoggedRequest {
  const kind = door.kindOf(request);
  return options.requests.received({ atMs, kind, method: request.method, ...addressOf(request) });
}

async function turnedAway(
  request: FastifyRequest,
  reply: FastifyReply,
  nowMs: number,
  options: GateOptions,
  door: VendorDoor,
): Promise<boolean> {
  if (!door.isAuthorized(request)) {
    const { status, body } = door.refusals.unauthorized();
    await reply.code(status).send(body);
    return true;
  }
  const waitMs = options.rateLimit.admit(nowMs);
  if (waitMs === 0) return false;
  const retryAfter = retryAfterValue(options.retryAfterForm, waitMs, nowMs);
  if (retryAfter !== null) reply.header('retry-after', retryAfter);
  const { status, body } = door.refusals.rateLimited();
  await reply.code(status).send(body);
  return true;
}
