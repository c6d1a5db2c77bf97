import { isTerminal } from '../../call.ts';
import { CursorRefusedError, SourceError, TransientError } from '../../errors.ts';
import type { JsonAnswer } from '../../http/read-answer.ts';
import { refusal, refusalWords } from '../../http/refusal.ts';
import { isJsonObject, type Json } from '../../json.ts';
import { scrubPayload } from '../../scrub.ts';
import type { CallAnswer, ListedCall, ListQuery, Page } from '../../source.ts';
import { decode, sameId, usableId } from '../decode.ts';
import { instantOf } from '../instants.ts';
import { CALLS, readPage } from './page.ts';
import { digaCall } from './payload.ts';
import { partRefused } from './refusal.ts';
import { statusOf, wasConnected } from './status.ts';

const CALL_PATH = `${CALLS.path}{id}`;

/** @throws TransientError for a page that cannot be true, so that it is asked for again */
export function readCalls({ json, status, ...times }: JsonAnswer, { cursor }: ListQuery): Page {
  if (cursor !== null && [400, 404, 422].includes(status)) throw new CursorRefusedError(refusal(json));
  if (status === 404) throw partRefused('list', CALLS.path, { status, words: refusalWords(json) });
  if (status !== 200) throw unexpected(CALLS.path, status, json);
  const { rows, after } = readPage(json, CALLS);
  return { calls: rows.map(toListedCall), nextCursor: after, totalCount: null, ...times };
}

/** Null when the vendor does not know the call. What it tells is what the list tells. */
export function readCall({ json, status, ...times }: JsonAnswer, callId: string): CallAnswer | null {
  if (status === 404) return null;
  if (status !== 200) throw unexpected(CALL_PATH, status, json);
  if (!isJsonObject(json)) throw new TransientError(`GET ${CALL_PATH} answered JSON that is not an object`);
  const call = toListedCall(json);
  if (call.callId !== null && call.callId !== sameId(callId)) {
    throw new TransientError(`GET ${CALL_PATH} answered another call than the one asked for`);
  }
  return { call, ...times };
}

/** Whether a call has ended, and somebody may have said something. */
export function hasTalk({ payloads: { list } }: ListedCall): boolean {
  if (!isJsonObject(list)) return false;
  const call = decode(digaCall, list);
  return isTerminal(statusOf(call)) && wasConnected(call);
}

function toListedCall(record: Json): ListedCall {
  const { payload, cleanedTexts } = scrubPayload(record);
  const fields = isJsonObject(payload) ? payload : {};
  return {
    callId: usableId(fields.id),
    payloads: { list: payload },
    cleanedTexts,
    listedAt: instantOf(fields.created_date),
  };
}

function unexpected(path: string, status: number, json: Json): SourceError {
  return new SourceError(`GET ${path} answered ${status}: ${refusal(json)}`, { status });
}
