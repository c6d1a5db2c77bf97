import type { CallPayloads } from '../../call.ts';
import { isJsonObject, type Json, type JsonObject } from '../../json.ts';
import { scrubPayload } from '../../scrub.ts';
import type { ListedCall } from '../../source.ts';
import { usableId } from '../decode.ts';
import { instantOf } from '../instants.ts';
import { LIST_FIELDS, TEST_CALL_MARK } from './payload.ts';

/** A row of the list. */
export function listedCall(record: Json): ListedCall {
  return toListedCall(record, (payload) => ({ list: payload }));
}

/** A whole call, with the list row that it holds: the next list shows no change by it. */
export function detailedCall(record: Json): ListedCall {
  return toListedCall(record, (payload) =>
    isJsonObject(payload) ? { list: listPart(payload), detail: payload } : { detail: payload },
  );
}

/** The row of a call that only a list with test calls shows. */
export function asTestCall(call: ListedCall): ListedCall {
  const { list } = call.payloads;
  if (!isJsonObject(list)) return call;
  return { ...call, payloads: { ...call.payloads, list: { ...list, [TEST_CALL_MARK]: true } } };
}

function toListedCall(record: Json, split: (payload: Json) => CallPayloads): ListedCall {
  const { payload: scrubbed, cleanedTexts } = scrubPayload(record);
  const payload = withoutSignature(scrubbed);
  const fields = isJsonObject(payload) ? payload : {};
  return {
    callId: usableId(fields.call_id),
    payloads: split(payload),
    cleanedTexts,
    listedAt: instantOf(fields.start_timestamp),
  };
}

function listPart(detail: JsonObject): JsonObject {
  return Object.fromEntries(
    LIST_FIELDS.flatMap((field): [string, Json][] =>
      detail[field] === undefined ? [] : [[field, detail[field]]],
    ),
  );
}

/** The signature of a link to a recording lets anyone listen who has it, for an hour: it is not kept. */
function withoutSignature(payload: Json): Json {
  if (!isJsonObject(payload) || typeof payload.recording_url !== 'string') return payload;
  return { ...payload, recording_url: payload.recording_url.replace(/[?#].*$/s, '') };
}
