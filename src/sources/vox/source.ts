import type { Agent, CallPayloads } from '../../call.ts';
import { CursorRefusedError, SourceError, TransientError } from '../../errors.ts';
import { createJsonClient, type JsonClientDeps } from '../../http/json-client.ts';
import type { JsonAnswer } from '../../http/read-answer.ts';
import { refusal } from '../../http/refusal.ts';
import type { HttpRequest } from '../../http/transport.ts';
import { isJsonObject, type Json } from '../../json.ts';
import { scrubPayload } from '../../scrub.ts';
import type { CallAnswer, ListedCall, ListQuery, Page, Source } from '../../source.ts';
import { cursorOf, sameId, usableId } from '../decode.ts';
import { instantOf } from '../instants.ts';
import { wholeNumber } from '../numbers.ts';
import { NORMALIZER_VERSION, normalizeVoxCall } from './normalize.ts';
import { voxAgent } from './payload.ts';
import { createVoxPlacing } from './place.ts';
import { listQueryString, PAGE_SIZE } from './query.ts';

export const VOX_BASE_URL = 'https://client-api.tryvox.co/v3';
/** Per key, as the vendor's documentation is quoted by a client of it. */
export const VOX_LIMITS = { requestsPerSecond: 5, requestsPerMinute: 120 };

const AGENT_PAGES_MAX = 100;

/** vox.ai v3. Reads `GET /calls`, `GET /calls/{id}` and `GET /agents`; what places a call stands in `place.ts`. */
export function createVoxSource(
  options: { name: string; apiKey: string; baseUrl: string },
  deps: JsonClientDeps,
): Source {
  const send = createJsonClient(deps);
  const get = (path: string): HttpRequest => ({
    method: 'GET',
    url: `${options.baseUrl.replace(/\/+$/, '')}${path}`,
    headers: { authorization: `Bearer ${options.apiKey}`, accept: 'application/json' },
    body: null,
  });

  return {
    name: options.name,
    vendor: 'vox',
    baseUrl: options.baseUrl,
    normalizerVersion: NORMALIZER_VERSION,
    pageSize: PAGE_SIZE,
    facets: { status: 'list', analysis: 'list', cost: 'list', recording: 'list', transcript: 'detail' },
    endField: 'end_at',
    placedBy: 'started',
    listsOpen: true,
    perishable: new Set(),
    changesUnseen: false,
    requests: deps.counts,
    placeCall: createVoxPlacing(options, deps, (record) => toListedCall(record, splitDetail)),
    listCalls: (query, accept, signal) => {
      const read = (answer: JsonAnswer) => {
        const page = readPage(answer, query);
        accept(page);
        return page;
      };
      return send(
        get(`/calls?${listQueryString(query)}`),
        { kind: 'list', urgency: query.urgency },
        read,
        signal,
      );
    },
    readCall: (callId, _part, signal) =>
      send(
        get(`/calls/${encodeURIComponent(callId)}`),
        { kind: 'detail', urgency: 'background' },
        (answer) => readDetail(answer, callId),
        signal,
      ),
    async readDirectory(signal) {
      const agents = await listAgents((path) =>
        send(get(path), { kind: 'other', urgency: 'live' }, readAgentPage, signal).catch(notAllowed),
      );
      return agents && { agents, phones: [] };
    },
    normalize: normalizeVoxCall,
  };
}

/** @throws TransientError for a page that cannot be true, so that it is asked for again */
function readPage(answer: JsonAnswer, query: ListQuery): Page {
  const { json, status } = answer;
  if (status === 400 && query.cursor !== null) throw new CursorRefusedError(refusal(json));
  if (status !== 200) throw new SourceError(`GET /calls answered ${status}: ${refusal(json)}`, { status });
  if (!isJsonObject(json)) throw new TransientError('GET /calls answered JSON that is not an object');
  const nextCursor = cursorOf(json.next_cursor);
  if (nextCursor === undefined) {
    throw new TransientError('GET /calls answered a next_cursor that is not text');
  }
  // Nothing to list may be told as no list.
  const isEmpty = nextCursor === null && (wholeNumber(json.total_count) ?? 0) === 0;
  const items = json.items === null && isEmpty ? [] : json.items;
  if (!Array.isArray(items)) throw new TransientError('GET /calls answered JSON without a list of items');
  return {
    calls: items.map((item) => toListedCall(item, (payload) => ({ list: payload }))),
    nextCursor,
    totalCount: wholeNumber(json.total_count),
    requestedAt: answer.requestedAt,
    receivedAt: answer.receivedAt,
    vendorNow: answer.vendorNow,
  };
}

function readDetail(answer: JsonAnswer, callId: string): CallAnswer | null {
  const { json, status, requestedAt, receivedAt, vendorNow } = answer;
  if (status === 404) return null;
  if (status !== 200)
    throw new SourceError(`GET /calls/{id} answered ${status}: ${refusal(json)}`, { status });
  if (!isJsonObject(json)) throw new TransientError('GET /calls/{id} answered JSON that is not an object');
  const call = toListedCall(json, splitDetail);
  if (call.callId !== null && call.callId !== sameId(callId)) {
    throw new TransientError('GET /calls/{id} answered another call than the one asked for');
  }
  return { call, requestedAt, receivedAt, vendorNow };
}

/** A detail is a list row with a transcript: both are kept, so that the next list shows no change. */
function splitDetail(payload: Json): CallPayloads {
  if (!isJsonObject(payload)) return { detail: payload };
  const { transcript: _, ...list } = payload;
  return { list, detail: payload };
}

function toListedCall(record: Json, split: (payload: Json) => CallPayloads): ListedCall {
  const { payload, cleanedTexts } = scrubPayload(record);
  const fields = isJsonObject(payload) ? payload : {};
  return {
    callId: usableId(fields.id),
    payloads: split(payload),
    cleanedTexts,
    listedAt: instantOf(fields.start_at),
  };
}

/** A key may be allowed to read calls and not agents. */
function notAllowed(error: unknown): null {
  if (error instanceof SourceError && error.status === 403) return null;
  throw error;
}

interface AgentPage {
  agents: Agent[];
  nextCursor: string | null;
}

/** Null when the endpoint is not there for this key: names are welcome, not needed. */
function readAgentPage({ status, json }: JsonAnswer): AgentPage | null {
  if (status !== 200 || !isJsonObject(json) || !Array.isArray(json.items)) return null;
  return {
    agents: json.items.flatMap(readAgent),
    nextCursor: typeof json.next_cursor === 'string' ? json.next_cursor : null,
  };
}

/** An agent that cannot be read has no name, and that is all. */
function readAgent(item: Json): Agent[] {
  const result = voxAgent.safeParse(scrubPayload(item).payload);
  if (!result.success) return [];
  const { agent_id: agentId, name, type } = result.data;
  return [{ agentId, name, type }];
}

async function listAgents(readNext: (path: string) => Promise<AgentPage | null>): Promise<Agent[] | null> {
  const agents: Agent[] = [];
  let cursor: string | null = null;
  for (let pages = 0; pages < AGENT_PAGES_MAX; pages += 1) {
    const query: URLSearchParams = new URLSearchParams({ limit: String(PAGE_SIZE) });
    if (cursor !== null) query.set('cursor', cursor);
    const page = await readNext(`/agents?${query}`);
    if (page === null) return null;
    agents.push(...page.agents);
    if (page.nextCursor === null || page.nextCursor === cursor) return agents;
    cursor = page.nextCursor;
  }
  return agents;
}
