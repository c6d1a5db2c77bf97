import type { Agent } from '../../call.ts';
import { CursorRefusedError, SourceError, TransientError } from '../../errors.ts';
import type { JsonAnswer } from '../../http/read-answer.ts';
import { refusal } from '../../http/refusal.ts';
import { isJsonObject, type Json } from '../../json.ts';
import { scrubPayload } from '../../scrub.ts';
import type { CallAnswer, ListedCall, Page } from '../../source.ts';
import { sameId } from '../decode.ts';
import { wholeNumber } from '../numbers.ts';
import { voicyAgent } from './payload.ts';
import { PAGE_SIZE } from './query.ts';
import { detailedCall, listedCall } from './record.ts';

/** @throws TransientError for a page that cannot be true, so that it is asked for again */
export function readPage(answer: JsonAnswer, cursor: string | null, measure: PageMeasure): Page {
  const { json, status, requestedAt, receivedAt, vendorNow } = answer;
  if (cursor !== null && status >= 400) throw new CursorRefusedError(refusal(json));
  if (status !== 200)
    throw new SourceError(`POST /call-list answered ${status}: ${refusal(json)}`, { status });
  const { rows, totalCount } = readList(json);
  const calls = rows.map(listedCall);
  const isLast = measure.isLast({ rows: calls.length, totalCount, isFirst: cursor === null });
  const nextCursor = isLast ? null : lastIdOf(calls);
  return { calls, nextCursor, totalCount, requestedAt, receivedAt, vendorNow };
}

/** An older generation answered the rows alone. */
function readList(json: Json): { rows: Json[]; totalCount: number | null } {
  if (Array.isArray(json)) return { rows: json, totalCount: null };
  const calls = isJsonObject(json) ? json.calls : undefined;
  const totalCount = isJsonObject(json) ? wholeNumber(json.total_count) : null;
  // Nothing to list may be told as no list.
  if (calls === null && (totalCount ?? 0) === 0) return { rows: [], totalCount };
  if (!Array.isArray(calls)) {
    throw new TransientError('POST /call-list answered JSON without a list of calls');
  }
  return { rows: calls, totalCount };
}

/** Tells the last page of a list by its size, for the life of a process. */
export interface PageMeasure {
  isLast(page: { rows: number; totalCount: number | null; isFirst: boolean }): boolean;
}

/**
 * The vendor says neither where to go on nor that there is more: a full page may have another behind its last call. Nor
 * does it say when it gives less than was asked for: that shows on a first page, beside its total.
 */
export function createPageMeasure(): PageMeasure {
  let full: number | null = null;
  return {
    isLast({ rows, totalCount, isFirst }) {
      const isCapped = isFirst && rows > 0 && (totalCount ?? 0) > rows;
      if (rows >= PAGE_SIZE || isCapped) full = Math.max(full ?? 0, Math.min(rows, PAGE_SIZE));
      if (rows === 0) return true;
      if (isFirst) return rows < PAGE_SIZE && !isCapped;
      // A list that is gone on with before any first page was seen: one more request tells.
      return full !== null && rows < full;
    },
  };
}

/** Where to go on: behind the last call that shows its id. */
function lastIdOf(calls: readonly ListedCall[]): string | null {
  const last = calls.findLast(({ callId }) => callId !== null);
  if (!last) throw new TransientError('POST /call-list answered a full page without the id of a call');
  return last.callId;
}

export function readDetail(answer: JsonAnswer, callId: string): CallAnswer | null {
  const { json, status, requestedAt, receivedAt, vendorNow } = answer;
  if (status === 404) return null;
  if (status !== 200) throw new SourceError(`GET /call-get answered ${status}: ${refusal(json)}`, { status });
  if (!isJsonObject(json)) throw new TransientError('GET /call-get answered JSON that is not an object');
  const call = detailedCall(json);
  if (call.callId !== null && call.callId !== sameId(callId)) {
    throw new TransientError('GET /call-get answered another call than the one asked for');
  }
  return { call, requestedAt, receivedAt, vendorNow };
}

/** Null when the endpoint is not there for this key: names are welcome, not needed. */
export function readAgents({ status, json }: JsonAnswer): Agent[] | null {
  return status === 200 && Array.isArray(json) ? json.flatMap(readAgent) : null;
}

/** An agent that cannot be read has no name, and that is all. */
function readAgent(item: Json): Agent[] {
  const result = voicyAgent.safeParse(scrubPayload(item).payload);
  if (!result.success) return [];
  const { agent_id: agentId, name, agent_type: type } = result.data;
  return [{ agentId, name, type }];
}
