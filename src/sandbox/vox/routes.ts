import type { FastifyInstance, FastifyRequest } from 'fastify';
import type { Faults } from '../faults.ts';
import { addressOf, installGate, type VendorDoor } from '../gate.ts';
import { type Ask, answerList } from '../list-lies.ts';
import type { RequestKind } from '../request-log.ts';
import type { VendorOptions } from '../vendor.ts';
import { agentPage } from './agent-list.ts';
import type { VoxCall, VoxCallRow } from './call.ts';
import { readNewCall } from './create-call.ts';
import { writeCursor } from './cursor.ts';
import { distort } from './distort.ts';
import { invalid, notFound, rateLimited, serverError, unauthorized, VoxRefusal } from './errors.ts';
import { type ListQuery, readListQuery } from './list-query.ts';
import type { CallPlan } from './plan.ts';
import { readQuery } from './query.ts';
import { withUnplaced } from './unplaced.ts';
import type { VoxWorld } from './world.ts';

type VoxApiOptions = VendorOptions<VoxWorld>;

/** The API in version 3, with every path relative to its base. Register it with the prefix `/v3`. */
export function voxApi(app: FastifyInstance, options: VoxApiOptions): void {
  const { faults, now, settings } = options;
  installGate(app, options, voxDoor(settings.apiKey));

  app.setErrorHandler((error, _request, reply) => {
    const refusal = error instanceof VoxRefusal ? error : invalidRequest(error);
    return reply.code(refusal.status).send(refusal.body);
  });
  app.setNotFoundHandler(() => {
    throw notFound('요청한 경로를');
  });

  app.get('/calls', (request) => callPage(options, addressOf(request).query));
  app.get<{ Params: { id: string } }>('/calls/:id', (request) => {
    readQuery(addressOf(request).query, []);
    const { id } = request.params;
    const call = faults.isDeleted(id) ? null : options.world.detail(id, now());
    if (call === null) throw notFound('통화를');
    return expired(call, faults);
  });
  app.get('/agents', (request) =>
    agentPage(options.world.agents, settings.originMs, addressOf(request).query),
  );
  app.post('/calls', (request) => {
    readQuery(addressOf(request).query, []);
    const { agent, placed } = readNewCall(request.body, options.world.agents);
    return options.world.place(agent, placed, now());
  });
}

/** Every call that exists, as its detail answers it when nothing goes wrong on the way. */
export function* voxTruth(world: VoxWorld, faults: Faults, nowMs: number): Generator<VoxCall> {
  for (const call of world.details(nowMs)) {
    if (!faults.isDeleted(call.id)) yield expired(call, faults);
  }
}

function callPage(options: VoxApiOptions, text: string): object {
  const query = readListQuery(text);
  const { faults } = options;
  const asked = { ...query, keepsStatus: true };
  const honest = honestList(options, query);
  const lying = faults.unplacedFirstIn === null ? honest : withUnplaced(honest, faults.unplacedFirstIn);
  const page = answerList(asked, faults.listLies, lying);
  if (page === null) throw invalid('cursor', 'cursor has expired');
  return {
    items: page.rows.map((row) => expired(row, faults)),
    total_count: page.totalCount,
    next_cursor: page.next === null ? null : writeCursor(page.next, query.filters),
  };
}

function honestList({ world, faults, now }: VoxApiOptions, { accepts }: ListQuery): Ask<VoxCallRow> {
  const nowMs = now();
  const unlisted = (plan: CallPlan) =>
    faults.isDeleted(plan.id) || nowMs < plan.birthMs + faults.listedAfterMs(plan.id);
  const plain = accepts === null && !faults.touchLists;
  return ({ keepsStatus, ...asked }) =>
    world.page(
      {
        ...asked,
        accepts: plain
          ? null
          : (plan) =>
              (accepts === null || accepts(plan, nowMs, keepsStatus)) &&
              !(faults.touchLists && unlisted(plan)),
      },
      nowMs,
    );
}

/** The call without what its retention has taken away. */
function expired<Call extends VoxCallRow>(call: Call, faults: Faults): Call {
  if (!faults.isExpired(call.id)) return call;
  const gone = { ...call, recording_url: null, call_analysis: null };
  return 'transcript' in call ? { ...gone, transcript: null } : gone;
}

function voxDoor(apiKey: string): VendorDoor {
  const cursorOf = (request: FastifyRequest) => new URLSearchParams(addressOf(request).query).get('cursor');
  return {
    kindOf,
    cursorOf,
    isAuthorized: (request) => request.headers.authorization === `Bearer ${apiKey}`,
    refusals: {
      rateLimited,
      unauthorized,
      serverError,
      cursorRefused: () => invalid('cursor', 'cursor has expired'),
    },
    distort: (payload, strike, request) => distort(payload, strike, cursorOf(request)),
  };
}

function kindOf(request: FastifyRequest): RequestKind {
  const path = addressOf(request).path.replace(/^\/v3/, '');
  if (path === '/agents' && request.method === 'GET') return 'agents';
  if (path === '/calls')
    return request.method === 'GET' ? 'list' : request.method === 'POST' ? 'create' : 'other';
  return /^\/calls\/[^/]+$/.test(path) && request.method === 'GET' ? 'detail' : 'other';
}

/** Fastify's own complaints (a body that is no JSON, say) in the vendor's form. */
function invalidRequest(error: unknown): VoxRefusal {
  const refused = typeof error === 'object' && error !== null && 'statusCode' in error;
  const status = refused && typeof error.statusCode === 'number' ? error.statusCode : 500;
  return status < 500 ? invalid('body', 'must be a JSON object') : serverError(status);
}
