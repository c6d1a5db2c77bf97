import type { FastifyInstance, FastifyReply, FastifyRequest } from 'fastify';
import type { Faults } from '../faults.ts';
import { addressOf, installGate, type VendorDoor } from '../gate.ts';
import type { VendorOptions } from '../vendor.ts';
import { agentPage } from './agent-list.ts';
import type { DigaCall } from './call.ts';
import { callPage } from './call-list.ts';
import { distort } from './distort.ts';
import {
  callNotFound,
  DigaRefusal,
  forbidden,
  invalidApiKey,
  noSuchPath,
  phoneNotFound,
  rateLimited,
  serverError,
  unprocessable,
} from './errors.ts';
import { messagePage } from './messages.ts';
import { kindOfPath, redirection } from './paths.ts';
import { phonePage } from './phones.ts';
import { pathId } from './query.ts';
import { expired } from './retention.ts';
import type { DigaWorld, Rights } from './world.ts';

const PREFIX = '/v1';

type DigaApiOptions = VendorOptions<DigaWorld>;

/** The API in version 1, with every path relative to its prefix. */
export function digaApi(app: FastifyInstance, options: DigaApiOptions): void {
  const { now, dateSkewMs, faults, requests, rateLimit, settings } = options;
  const gate = { now, dateSkewMs, faults, requests, rateLimit, retryAfterForm: 'none' } as const;
  installGate(app, gate, digaDoor(settings.apiKey));
  app.setErrorHandler((error, _request, reply) => {
    const refusal = error instanceof DigaRefusal ? error : invalidRequest(error);
    return reply.code(refusal.status).send(refusal.body);
  });
  app.setNotFoundHandler(redirected);
  callRoutes(app, options);
  lookupRoutes(app, options);
}

function callRoutes(app: FastifyInstance, options: DigaApiOptions): void {
  const { faults, now } = options;
  app.get('/call/', (request) => {
    allowed(options, 'calls');
    return callPage(options.world, faults, now(), addressOf(request).query);
  });
  app.get<{ Params: { id: string } }>('/call/:id', (request) => {
    allowed(options, 'calls');
    const id = pathId('id', request.params.id);
    const call = faults.isDeleted(id) ? null : options.world.detail(id, now());
    if (call === null) throw callNotFound(id);
    return expired(call, faults);
  });
  app.get<{ Params: { id: string } }>('/call/:id/message', (request) => {
    allowed(options, 'messages');
    const id = pathId('id', request.params.id);
    return messagePage(options.world, faults, now(), id, addressOf(request).query);
  });
  app.post('/call/', () => {
    throw forbidden('create calls');
  });
  app.post('/call/bulk-delete', () => {
    throw forbidden('delete calls');
  });
}

function lookupRoutes(app: FastifyInstance, options: DigaApiOptions): void {
  app.get('/phone/', (request) => {
    allowed(options, 'phones');
    return phonePage(options.world.phones, addressOf(request).query);
  });
  app.get<{ Params: { id: string } }>('/phone/:id', (request) => {
    allowed(options, 'phones');
    const id = pathId('phone_id', request.params.id);
    const phone = options.world.phones.find((one) => one.id === id);
    if (phone === undefined) throw phoneNotFound(id);
    return phone;
  });
  app.get('/agent/', (request) => {
    allowed(options, 'agents');
    return agentPage(options.world.agents, options.settings.originMs, addressOf(request).query);
  });
}

/** Every call that exists, with its messages and our number, when nothing goes wrong on the way. */
export function* digaTruth(world: DigaWorld, faults: Faults, nowMs: number): Generator<DigaCall> {
  for (const call of world.details(nowMs)) {
    if (!faults.isDeleted(call.id)) yield expired(call, faults);
  }
}

function allowed({ world }: DigaApiOptions, right: keyof Rights): void {
  if (!world.rights[right]) throw forbidden(`view ${right}`);
}

function digaDoor(apiKey: string): VendorDoor {
  const cursorOf = (request: FastifyRequest) => {
    const values = new URLSearchParams(addressOf(request).query);
    return values.get('after') ?? values.get('before');
  };
  return {
    kindOf: (request) => kindOfPath(request.method, pathOf(request)),
    cursorOf,
    isAuthorized: (request) => request.headers.authorization === `Bearer ${apiKey}`,
    refusals: {
      rateLimited,
      unauthorized: invalidApiKey,
      serverError,
      cursorRefused: () => callNotFound('of the cursor'),
    },
    distort: (payload, strike, request) => distort(payload, strike, cursorOf(request)),
  };
}

function pathOf(request: FastifyRequest): string {
  return addressOf(request).path.slice(PREFIX.length);
}

/** A known path with the last slash wrong is sent on to the right one, with its query and its method. */
function redirected(request: FastifyRequest, reply: FastifyReply): FastifyReply {
  const { path, query } = addressOf(request);
  const right = redirection(request.method, path.slice(PREFIX.length));
  if (right === null) throw noSuchPath();
  const location = `${request.protocol}://${request.host}${PREFIX}${right}${query === '' ? '' : `?${query}`}`;
  return reply.code(307).header('location', location).send('');
}

/** Fastify's own complaints (a body that is no JSON, say) in the vendor's form. */
function invalidRequest(error: unknown): DigaRefusal {
  const refused = typeof error === 'object' && error !== null && 'statusCode' in error;
  const status = refused && typeof error.statusCode === 'number' ? error.statusCode : 500;
  return status < 500
    ? unprocessable([{ loc: ['body'], msg: 'JSON decode error', type: 'json_invalid' }])
    : serverError(status);
}
