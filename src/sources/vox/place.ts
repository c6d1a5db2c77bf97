import { PlacementUnknownError, SourceError, TransientError } from '../../errors.ts';
import { type Exchange, exchange } from '../../http/exchange.ts';
import { DEFAULT_LIMITS, type JsonClientDeps } from '../../http/json-client.ts';
import { networkCode } from '../../http/network-fault.ts';
import { refusalWithoutMessage } from '../../http/refusal.ts';
import { waitAsked } from '../../http/retry-after.ts';
import type { HttpRequest, Transport } from '../../http/transport.ts';
import { type Json, parseJson } from '../../json.ts';
import type { CallOrder, CallPlacing, ListedCall, OrderProblem, PlacedCall } from '../../source.ts';
import { toNational } from '../phone-number.ts';

/**
 * `POST /calls`, which starts a real call: the only request of this project that changes anything anywhere. It goes
 * around the client that tries again, because a second try could be a second call.
 */
export function createVoxPlacing(
  options: { apiKey: string; baseUrl: string },
  deps: JsonClientDeps,
  toCall: (record: Json) => ListedCall,
): CallPlacing {
  return {
    checkOrder,
    async send(order, signal) {
      await deps.budget.take('live', signal);
      signal.throwIfAborted();
      deps.counts.sent.other += 1;
      const answer = await sendOnce(toRequest(order, options), deps, signal);
      if (isRefusal(answer.status)) {
        if (answer.status === 429) await heed(answer, deps);
        throw refused(answer.status, answer.text);
      }
      return readPlaced(answer, toCall);
    },
  };
}

/** Numbers go out in national form without hyphens, which is the only one that the vendor takes. */
function checkOrder(order: CallOrder): { order: CallOrder } | { problems: OrderProblem[] } {
  const problems: OrderProblem[] = [];
  const national = (part: 'fromNumber' | 'toNumber' | 'presentationNumber', number: string): string => {
    const digits = toNational(number, 'KR');
    if (digits === null) {
      problems.push({
        part,
        reason: 'is no valid Korean number; it wants one such as 01012345678 or 15880101',
      });
    }
    return digits ?? number;
  };
  const checked: CallOrder = {
    ...order,
    fromNumber: national('fromNumber', order.fromNumber),
    toNumber: national('toNumber', order.toNumber),
    presentationNumber:
      order.presentationNumber === null ? null : national('presentationNumber', order.presentationNumber),
  };
  if (order.agentId !== null && !UUID.test(order.agentId)) {
    problems.push({ part: 'agentId', reason: 'is no id of an agent, which is a UUID' });
  }
  return problems.length > 0 ? { problems } : { order: checked };
}

const UUID = /^[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}$/i;

/** What is not given is left out: without a version the vendor takes the agent's current one, and refuses null. */
function toRequest(order: CallOrder, { apiKey, baseUrl }: { apiKey: string; baseUrl: string }): HttpRequest {
  const { fromNumber, toNumber, agentId, presentationNumber, variables, metadata } = order;
  return {
    method: 'POST',
    url: `${baseUrl.replace(/\/+$/, '')}/calls`,
    headers: {
      authorization: `Bearer ${apiKey}`,
      accept: 'application/json',
      'content-type': 'application/json',
    },
    body: JSON.stringify({
      from_number: fromNumber,
      to_number: toNumber,
      ...(agentId === null ? {} : { agent: { agent_id: agentId } }),
      ...(presentationNumber === null ? {} : { presentation_number: presentationNumber }),
      dynamic_variables: variables,
      metadata,
    }),
  };
}

/** Faults of a connection that was never there: not a byte of the order has left. */
const NEVER_CONNECTED =
  /^(ECONNREFUSED|ENOTFOUND|EAI_AGAIN|UND_ERR_CONNECT_TIMEOUT|CERT_\w+|DEPTH_ZERO_\w+|SELF_SIGNED_\w+|UNABLE_TO_\w+)$/;

async function sendOnce(request: HttpRequest, deps: JsonClientDeps, signal: AbortSignal): Promise<Exchange> {
  let status = 0;
  const transport: Transport = async (asked, stop) => {
    const response = await deps.transport(asked, stop);
    status = response.status;
    return response;
  };
  try {
    return await exchange(request, { ...deps, transport }, { ...DEFAULT_LIMITS, ...deps.limits }, signal);
  } catch (error) {
    // The status alone refuses, though the reason that follows never came.
    if (isRefusal(status)) throw refused(status, '');
    const code = networkCode(error) ?? '';
    if (NEVER_CONNECTED.test(code)) {
      throw new TransientError(`the vendor was not reached (${code})`, { cause: error });
    }
    const reason = error instanceof Error ? error.message : String(error);
    throw new PlacementUnknownError(reason, { cause: error });
  }
}

/** 408 is a gateway's word as well, for a request that it has passed on. */
function isRefusal(status: number): boolean {
  return status >= 400 && status < 500 && status !== 408;
}

function refused(status: number, text: string): SourceError {
  const reason = refusalWithoutMessage(attempted(() => parseJson(text)));
  return new SourceError(`POST /calls answered ${status}: ${reason}`, { status });
}

/** The others of the key keep silent as long as the vendor asks. Where that cannot be noted, they are told so themselves. */
async function heed({ headers, text, vendorNow, receivedAt }: Exchange, { budget }: JsonClientDeps) {
  const waitMs = waitAsked(headers, text, vendorNow ?? receivedAt);
  await Promise.allSettled([budget.refused(), waitMs === null ? null : budget.block(waitMs)]);
}

function readPlaced(answer: Exchange, toCall: (record: Json) => ListedCall): PlacedCall {
  const { status, text, requestedAt, receivedAt, vendorNow } = answer;
  if (status < 200 || status >= 300) throw new PlacementUnknownError(`POST /calls answered ${status}`);
  const call = attempted(() => toCall(parseJson(text)));
  if (call === null || call.callId === null) {
    throw new PlacementUnknownError(`POST /calls answered ${status} with what is no record of a call`);
  }
  return { callId: call.callId, call, requestedAt, receivedAt, vendorNow };
}

/** Null when it cannot be read: after the order has left, no answer may break what is told of it. */
function attempted<T>(read: () => T): T | null {
  try {
    return read();
  } catch {
    return null;
  }
}
