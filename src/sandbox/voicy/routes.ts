import type { FastifyInstance, FastifyRequest } from 'fastify';
import type { Faults, Strike } from '../faults.ts';
import { addressOf, installGate, type VendorDoor } from '../gate.ts';
import type { RequestKind } from '../request-log.ts';
import type { VendorOptions } from '../vendor.ts';
import { agentRow } from './agent-list.ts';
import type { VoicyCall } from './call.ts';
import { callPage, pageBefore } from './call-list.ts';
import { distort } from './distort.ts';
import {
  invalid,
  keyRefused,
  notFound,
  rateLimited,
  serverError,
  unassignedNumber,
  unauthorized,
  VoicyRefusal,
} from './errors.ts';
import { LIMITS } from './limits.ts';
import { keyIn, readListBody } from './list-body.ts';
import { tellRate } from './rate-headers.ts';
import { recordingSigner } from './recording.ts';
import type { VoicyWorld } from './world.ts';

type VoicyApiOptions = VendorOptions<VoicyWorld>;

/** The API, with every path relative to its base. */
export function voicyApi(app: FastifyInstance, options: VoicyApiOptions): void {
  const { faults, now, requests, settings } = options;
  installGate(app, options, voicyDoor(options));
  const requestsPerMinute = settings.requestsPerMinute ?? LIMITS.requestsPerMinute;
  tellRate(app, { now, requests, requestsPerMinute });
  const sign = recordingSigner(now);

  app.setErrorHandler((error, _request, reply) => {
    const refusal = error instanceof VoicyRefusal ? error : invalidRequest(error);
    return reply.code(refusal.status).send(refusal.body);
  });
  app.setNotFoundHandler(() => {
    throw notFound('Endpoint');
  });

  app.post('/call-list', ({ body }) => callPage(sourceOf(options), readListBody(body)));
  app.get<{ Params: { id: string } }>('/call-get/:id', ({ params: { id } }) => {
    const call = faults.isDeleted(id) ? null : options.world.detail(id, now());
    if (call === null) throw notFound('Call');
    const shown = expired(call, faults);
    return { ...shown, recording_url: shown.recording_url && sign(shown.recording_url) };
  });
  app.get('/agent-list', () => options.world.agents.map((agent) => agentRow(agent, settings.originMs)));
  app.get<{ Params: { id: string } }>('/agent-get/:id', ({ params: { id } }) => {
    const agent = options.world.agents.find((one) => one.id === id);
    if (agent === undefined) throw notFound('Agent');
    return agentRow(agent, settings.originMs);
  });
  app.post('/call-dial', () => {
    throw unassignedNumber();
  });
}

/** Every call that exists, as its detail answers it when nothing goes wrong on the way, with no recording signed. */
export function* voicyTruth(world: VoicyWorld, faults: Faults, nowMs: number): Generator<VoicyCall> {
  for (const call of world.details(nowMs)) {
    if (!faults.isDeleted(call.call_id)) yield expired(call, faults);
  }
}

function sourceOf({ world, faults, now }: VoicyApiOptions): Parameters<typeof callPage>[0] {
  return { world, faults, nowMs: now() };
}

/** The call without what its retention has taken away. */
function expired(call: VoicyCall, faults: Faults): VoicyCall {
  if (!faults.isExpired(call.call_id)) return call;
  const { transcript_object: _, ...rest } = call;
  return { ...rest, transcript: null, recording_url: null, summary: null };
}

function voicyDoor(options: VoicyApiOptions): VendorDoor {
  return {
    kindOf,
    cursorOf: ({ body }) => keyIn(body),
    isAuthorized: (request) => request.headers.authorization === `Bearer ${options.settings.apiKey}`,
    refusals: { rateLimited, unauthorized, serverError, cursorRefused: keyRefused },
    distort: (payload, strike, { body }) =>
      strike.fault.kind === 'repeated_cursor'
        ? pageAgain(options, strike, body)
        : distort(payload, strike.fault),
  };
}

/** A page that was asked for already: the last one, or the first that was asked for with a key. */
function pageAgain(options: VoicyApiOptions, { fault, firstCursor }: Strike, sent: unknown): unknown {
  const body = readListBody(sent);
  const first = fault.kind === 'repeated_cursor' && fault.cursor === 'first';
  return first
    ? callPage(sourceOf(options), { ...body, pagination_key: firstCursor })
    : pageBefore(sourceOf(options), body);
}

const KINDS: Readonly<Record<string, RequestKind>> = {
  'POST call-list': 'list',
  'GET call-get': 'detail',
  'GET agent-list': 'agents',
  'GET agent-get': 'agents',
  'POST call-dial': 'create',
};

function kindOf(request: FastifyRequest): RequestKind {
  const [name = ''] = addressOf(request).path.replace('/functions/v1/', '').split('/');
  return KINDS[`${request.method} ${name}`] ?? 'other';
}

/** Fastify's own complaints (a body that is no JSON, say) in the vendor's form. */
function invalidRequest(error: unknown): VoicyRefusal {
  const refused = typeof error === 'object' && error !== null && 'statusCode' in error;
  const status = refused && typeof error.statusCode === 'number' ? error.statusCode : 500;
  return status < 500 ? invalid('body', 'must be a JSON object') : serverError(status);
}
