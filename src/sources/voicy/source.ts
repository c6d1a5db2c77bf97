import { SourceError } from '../../errors.ts';
import { createJsonClient, type JsonClientDeps } from '../../http/json-client.ts';
import type { HttpRequest } from '../../http/transport.ts';
import type { ListQuery, Page, Source } from '../../source.ts';
import { createPageMeasure, readAgents, readDetail, readPage } from './answers.ts';
import { NORMALIZER_VERSION, normalizeVoicyCall } from './normalize.ts';
import { type ListQuestion, listBody, PAGE_SIZE } from './query.ts';
import { markTestCalls } from './test-calls.ts';

export const VOICY_BASE_URL = 'https://api.voicy.co/functions/v1';
/** Per key, of the smaller plan. */
export const VOICY_LIMITS = { requestsPerSecond: 2, requestsPerMinute: 60 };

export interface VoicyOptions {
  name: string;
  apiKey: string;
  baseUrl: string;
  /** `include_test_calls`: calls that were made to try an agent are loaded as well, and told apart. */
  switches: Readonly<Record<string, boolean>>;
}

/** Voicy. Reads `POST /call-list`, `GET /call-get/{id}` and `GET /agent-list`, nothing else. */
export function createVoicySource(options: VoicyOptions, deps: JsonClientDeps): Source {
  const send = createJsonClient(deps);
  const { get, post } = requestsTo(options);
  const measure = createPageMeasure();
  const withTestCalls = options.switches.include_test_calls === true;

  const askForPage = (
    question: ListQuestion,
    scope: { withTestCalls: boolean; urgency: ListQuery['urgency'] },
    accept: (page: Page) => void,
    signal: AbortSignal,
  ): Promise<Page> =>
    send(
      post('/call-list', listBody(question, scope.withTestCalls)),
      { kind: 'list', urgency: scope.urgency },
      (answer) => {
        const page = readPage(answer, question.cursor, measure);
        accept(page);
        return page;
      },
      signal,
    );

  return {
    name: options.name,
    vendor: 'voicy',
    baseUrl: options.baseUrl,
    normalizerVersion: NORMALIZER_VERSION,
    pageSize: PAGE_SIZE,
    // What a call cost is stored where it is told. The current documentation promises it no more: none is awaited.
    facets: { status: 'detail', transcript: 'detail', analysis: 'detail', recording: 'detail' },
    endField: 'duration_ms',
    placedBy: 'started',
    listsOpen: true,
    perishable: new Set(['recording_url']),
    // An operator may have a call analysed again at any time.
    changesUnseen: true,
    placeCall: null,
    requests: deps.counts,
    async listCalls(query, accept, signal) {
      const { urgency } = query;
      const page = await askForPage(query, { withTestCalls, urgency }, accept, signal);
      if (!withTestCalls) return page;
      return markTestCalls(page, query, (question) =>
        askForPage(question, { withTestCalls: false, urgency }, () => undefined, signal),
      );
    },
    readCall: (callId, _part, signal) =>
      send(
        get(`/call-get/${encodeURIComponent(callId)}`),
        { kind: 'detail', urgency: 'background' },
        (answer) => readDetail(answer, callId),
        signal,
      ),
    async readDirectory(signal) {
      const as = { kind: 'other', urgency: 'live' } as const;
      const agents = await send(get('/agent-list'), as, readAgents, signal).catch(notAllowed);
      return agents && { agents, phones: [] };
    },
    normalize: normalizeVoicyCall,
  };
}

function requestsTo({ baseUrl, apiKey }: VoicyOptions): {
  get(path: string): HttpRequest;
  /** For reads: one of them takes its filter in a body. */
  post(path: string, json: string): HttpRequest;
} {
  const urlOf = (path: string) => `${baseUrl.replace(/\/+$/, '')}${path}`;
  const headers = { authorization: `Bearer ${apiKey}`, accept: 'application/json' };
  return {
    get: (path) => ({ method: 'GET', url: urlOf(path), headers, body: null }),
    post: (path, json) => ({
      method: 'POST',
      url: urlOf(path),
      headers: { ...headers, 'content-type': 'application/json' },
      body: json,
    }),
  };
}

/** A key may be allowed to read calls and not agents. */
function notAllowed(error: unknown): null {
  if (error instanceof SourceError && error.status === 403) return null;
  throw error;
}
