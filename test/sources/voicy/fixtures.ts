import type { CallReading } from '../../../src/call.ts';
import { RecordError } from '../../../src/errors.ts';
import { type JsonObject, parseJson } from '../../../src/json.ts';
import { normalizeVoicyCall } from '../../../src/sources/voicy/normalize.ts';

export const START = 1_795_143_600_000;
export const ID = 'b81c2f0e-5d1a-4a3e-9f57-6f2f9d1c7a10';

/** A row of the list, as the vendor would send it. */
export const ROW = `{
  "call_id": "${ID}",
  "call_type": "phone_call",
  "call_status": "user_hangup",
  "agent": {"name": "נועה – קביעת תורים", "version": 7},
  "from_number": "+97239990000",
  "to_number": "+972522345678",
  "direction": "outgoing",
  "start_timestamp": ${START},
  "duration_ms": 61234
}`;

/** What the whole call has besides. */
const REST = `{
  "transcript": [
    {"role": "agent", "content": "שלום, מדברת נועה מהמרפאה.", "timestamp_ms": 0},
    {"role": "caller", "content": "רציתי לקבוע תור ליום חמישי.", "timestamp_ms": 4200},
    {"role": "system", "content": "קריאה לפונקציה: find_slots", "timestamp_ms": 8100, "function_invocation": {
      "invocation_id": "inv-1", "node_name": "find_slots", "method": "POST",
      "url": "https://clinic.invalid/slots", "request_body": {"day": "חמישי", "fee": 1.10},
      "headers": {"Authorization": "Bearer abcdefgh12345678", "Accept": "application/json"}}},
    {"role": "system", "content": "תגובה מפונקציה: find_slots", "timestamp_ms": 8900, "function_result": {
      "invocation_id": "inv-1", "status_code": 200, "response_body": {"slots": ["14:00"]}, "duration_ms": 742}},
    {"role": "agent", "content": "יש מקום בשעה 14:00 😀", "timestamp_ms": 60000}
  ],
  "detected_gender": "female",
  "recording_url": "https://storage.invalid/recordings/b81c2f0e.mp3",
  "summary": "נקבע תור ליום חמישי בשעה 14:00.",
  "vars_provided": {"customer_name": "דנה", "attempt": 2, "tags": ["vip"]},
  "vars_extracted": {"appointment": "2026-11-26T14:00", "reason": null},
  "vars_collected": {"score": 4.50, "consent": true, "city": {"ב": 1, "א": 2}}
}`;

export function row(): JsonObject {
  return parseJson(ROW) as JsonObject;
}

/** A whole call, parsed anew for each test, with some fields replaced by JSON text; `undefined` takes one out. */
export function detail(fields: Record<string, string | undefined> = {}): JsonObject {
  const record: JsonObject = { ...row(), ...(parseJson(REST) as JsonObject) };
  for (const [name, json] of Object.entries(fields)) {
    if (json === undefined) delete record[name];
    else record[name] = parseJson(json);
  }
  return record;
}

export function readWith(fields: Record<string, string | undefined>): CallReading {
  return normalizeVoicyCall({ detail: detail(fields) });
}

/** The paths at which fields of a record cannot be read, or the one at which the record is refused; else what it was read as. */
export function refusedAt(read: () => unknown): unknown {
  try {
    const told = read();
    const { unread = [] } = (told ?? {}) as Partial<CallReading>;
    return unread.length > 0 ? unread.map(({ path }) => path).join(' ') : told;
  } catch (error) {
    if (error instanceof RecordError) return error.path;
    throw error;
  }
}
