import { PartRefusedError, SourceError } from '../../errors.ts';
import { createJsonClient, type JsonClientDeps } from '../../http/json-client.ts';
import type { JsonAnswer } from '../../http/read-answer.ts';
import type { RequestKind, Urgency } from '../../requests.ts';
import { scrubPayload } from '../../scrub.ts';
import type { CallAnswer, ListedCall, Source } from '../../source.ts';
import { hasTalk, readCall, readCalls } from './calls.ts';
import { readDirectory } from './directory.ts';
import { type CallMessages, readMessages } from './messages.ts';
import { NORMALIZER_VERSION, normalizeDigaCall } from './normalize.ts';
import { CALLS, MESSAGES } from './page.ts';
import { listQueryString } from './query.ts';
import { partRefused } from './refusal.ts';

export const DIGA_BASE_URL = 'https://api.diga.io';
/** What the rate is learned from: the vendor documents none. */
export const DIGA_LIMITS = { requestsPerSecond: 2, requestsPerMinute: 120 };

/** Calls in a row whose messages are refused before the key is taken to have no right to any. */
const CALLS_REFUSED_MAX = 3;

const BACKGROUND = { kind: 'detail', urgency: 'background' } as const;

/** Diga v1. Reads calls, their messages, agents and numbers, and never sends anything but GET. */
export function createDigaSource(
  options: {
    name: string;
    apiKey: string;
    baseUrl: string;
    switches: Readonly<Record<string, boolean>>;
  },
  deps: JsonClientDeps,
): Source {
  const send = createJsonClient(deps);
  // Some of the vendor's own files name a base that ends in `/v1`, which every path begins with.
  const baseUrl = options.baseUrl.replace(/\/*(\/v1)?\/*$/, '');
  const headers = { authorization: `Bearer ${options.apiKey}`, accept: 'application/json' };
  const callsRefused = new Set<string>();

  function ask<T>(
    path: string,
    as: { kind: RequestKind; urgency: Urgency },
    read: (answer: JsonAnswer) => T,
    signal: AbortSignal,
  ): Promise<T> {
    return send({ method: 'GET', url: `${baseUrl}${path}`, headers, body: null }, as, read, signal);
  }

  function askForCall(callId: string, signal: AbortSignal): Promise<CallAnswer | null> {
    const path = `/v1/call/${encodeURIComponent(callId)}`;
    return ask(path, BACKGROUND, (answer) => readCall(answer, callId), signal);
  }

  function askForMessages(
    callId: string,
    isKnown: () => Promise<boolean>,
    signal: AbortSignal,
  ): Promise<CallMessages | null> {
    const path = `/v1/call/${encodeURIComponent(callId)}/message`;
    return readMessages(
      (query, read) => ask(`${path}?${query}`, BACKGROUND, read, signal).catch(refusedMessages(callId)),
      isKnown,
    ).then((messages) => {
      callsRefused.clear();
      return messages;
    });
  }

  /** One call may be kept from the key; when so many are one after the other, it has no right to messages. */
  function refusedMessages(callId: string): (error: unknown) => never {
    return (error) => {
      if (isRefusal(error)) callsRefused.add(callId);
      if (callsRefused.size < CALLS_REFUSED_MAX) throw error;
      return refusedIn('transcript', MESSAGES.path)(error);
    };
  }

  /** A transcript alone, which is less to ask for. */
  async function readTranscript(callId: string, signal: AbortSignal): Promise<CallAnswer | null> {
    const isKnown = async () => (await askForCall(callId, signal)) !== null;
    const told = await askForMessages(callId, isKnown, signal);
    if (told === null) return null;
    const { requestedAt, receivedAt, vendorNow } = told.first;
    const call = { callId, payloads: {}, cleanedTexts: 0, listedAt: null };
    return { call: withMessages(call, told), requestedAt, receivedAt, vendorNow };
  }

  /** A call, and what was said in it as soon as that is all. */
  async function readWhole(callId: string, signal: AbortSignal): Promise<CallAnswer | null> {
    const answer = await askForCall(callId, signal);
    if (answer === null || !hasTalk(answer.call)) return answer;
    const told = await askForMessages(callId, async () => true, signal).catch(leftOut);
    if (told === undefined) return answer;
    return told && { ...answer, call: withMessages(answer.call, told) };
  }

  return {
    name: options.name,
    vendor: 'diga',
    baseUrl,
    normalizerVersion: NORMALIZER_VERSION,
    pageSize: CALLS.pageSize,
    facets: { status: 'list', recording: 'list', transcript: 'messages' },
    endField: 'end_time',
    placedBy: 'created',
    listsOpen: false,
    perishable: new Set(['recording_url']),
    changesUnseen: false,
    placeCall: null,
    requests: deps.counts,
    async listCalls(query, accept, signal) {
      const read = (answer: JsonAnswer) => {
        const page = readCalls(answer, query);
        accept(page);
        return page;
      };
      const path = `${CALLS.path}?${listQueryString(query)}`;
      const as = { kind: 'list', urgency: query.urgency } as const;
      return ask(path, as, read, signal).catch(refusedIn('list', CALLS.path));
    },
    readCall: (callId, part, signal) =>
      part === 'transcript' ? readTranscript(callId, signal) : readWhole(callId, signal),
    readDirectory: (signal) =>
      readDirectory((path, read) => ask(path, { kind: 'other', urgency: 'live' }, read, signal)),
    normalize: normalizeDigaCall,
  };
}

function withMessages(call: ListedCall, { messages }: CallMessages): ListedCall {
  const { payload, cleanedTexts } = scrubPayload(messages);
  return {
    ...call,
    payloads: { ...call.payloads, messages: payload },
    cleanedTexts: call.cleanedTexts + cleanedTexts,
  };
}

/** What no retry can mend may be true of one part alone. */
function refusedIn(part: PartRefusedError['part'], path: string): (error: unknown) => never {
  return (error) => {
    throw isRefusal(error) ? partRefused(part, path, error) : error;
  };
}

function isRefusal(error: unknown): error is SourceError & { status: number } {
  return error instanceof SourceError && (error.status === 403 || error.status === 405);
}

/**
 * What says of the messages of one call that they are not to be had: they are kept from the key, locked, or gone. Any other
 * refusal, such as of the form of the request (422), of the account (402) or of the address (3xx), is one of all calls.
 */
const MESSAGES_REFUSED: ReadonlySet<number | null> = new Set([400, 403, 404, 405, 409, 410, 423, 451]);

/** A call is worth storing without its messages: they stay awaited, and are asked for by themselves. */
function leftOut(error: unknown): undefined {
  if (error instanceof PartRefusedError) return;
  if (error instanceof SourceError && MESSAGES_REFUSED.has(error.status)) return;
  throw error;
}
