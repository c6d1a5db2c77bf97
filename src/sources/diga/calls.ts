import { isTerminal } from '../../call.ts';
import { CursorRefusedError, SourceError, TransientError } from '../../errors.ts';
import type { JsonAnswer } from '../../http/json-client.ts';
import { isJsonObject, type Json, type JsonObject } from '../../json.ts';
import { scrubPayload } from '../../scrub.ts';
import type { CallAnswer, ListedCall, ListQuery, Page } from '../../source.ts';
import { withoutSignature } from '../recording-link.ts';
import { parseDateTime } from './date-time.ts';
import { CALLS, readPage, textOf } from './page.ts';
import { digaCall } from './payload.ts';
import { partRefused, refusal } from './refusal.ts';
import { statusOf, wasConnected } from './status.ts';

const CALL_PATH = `${CALLS.path}{id}`;

/** @throws TransientError for a page that cannot be true, so that it is asked for again */
export function readCalls({ json, status, ...times }: JsonAnswer, { cursor }: ListQuery): Page {
  if (cursor !== null && [400, 404, 422].includes(status)) throw new CursorRefusedError(refusal(json));
  if (status === 404) throw partRefused('list', CALLS.path, status);
  if (status !== 200) throw unexpected(CALLS.path, status, json);
  const { rows, after } = readPage(json, CALLS);
  return { calls: rows.map(toListedCall), nextCursor: after, totalCount: null, ...times };
}

/** Null when the vendor does not know the call. What it tells is what the list tells. */
export function readCall({ json, status, ...times }: JsonAnswer, callId: string): CallAnswer | null {
  if (status === 404) return null;
  if (status !== 200) throw unexpected(CALL_PATH, status, json);
  if (!isJsonObject(json)) throw new TransientError(`GET ${CALL_PATH} answered JSON that is not an object`);
  if (typeof json.id === 'string' && json.id !== callId) {
    throw new TransientError(`GET ${CALL_PATH} answered another call than the one asked for`);
  }
  return { call: toListedCall(json), ...times };
}

/** Whether a call has ended, and somebody may have said something. One that cannot be read is set aside elsewhere. */
export function hasTalk({ payloads }: ListedCall): boolean {
  const result = digaCall.safeParse(payloads.list);
  return result.success && isTerminal(statusOf(result.data)) && wasConnected(result.data);
}

function toListedCall(record: Json): ListedCall {
  const { payload, cleanedTexts } = scrubPayload(record);
  const fields = isJsonObject(payload) ? payload : {};
  return {
    callId: textOf(fields.id),
    payloads: { list: isJsonObject(payload) ? withStorableLink(payload) : payload },
    cleanedTexts,
    listedAt: parseDateTime(fields.created_date),
  };
}

function withStorableLink(call: JsonObject): JsonObject {
  const link = call.recording_url;
  return typeof link === 'string' ? { ...call, recording_url: withoutSignature(link) } : call;
}

function unexpected(path: string, status: number, json: Json): SourceError {
  return new SourceError(`GET ${path} answered ${status}: ${refusal(json)}`, { status });
}
