import type { FaultOf, RequestFault } from '../fault-kinds.ts';
import type { Strike } from '../faults.ts';

type Json = Record<string, unknown>;

/** Bad values as a buggy vendor could print them, by their names. */
const POISONS: Readonly<Record<FaultOf<'poison_row'>['poison'], (row: Json) => unknown>> = {
  id_missing: ({ id: _, ...rest }) => rest,
  id_number: (row) => ({ ...row, id: 42 }),
  status_number: (row) => ({ ...row, status: 7 }),
  status_missing: ({ status: _, ...rest }) => rest,
  agent_missing: ({ agent: _, ...rest }) => rest,
  cost_word: (row) => ({ ...row, call_cost: { total_cost: 'abc' } }),
  cost_number: (row) => ({ ...row, call_cost: { total_cost: 200.5 } }),
  cost_exponent: (row) => ({ ...row, call_cost: { total_cost: '2E+2' } }),
  start_word: (row) => ({ ...row, start_at: 'yesterday' }),
  start_absurd: (row) => ({ ...row, start_at: 9e15 }),
  end_fraction: (row) => ({ ...row, end_at: 1.5 }),
  metadata_text: (row) => ({ ...row, metadata: 'not an object' }),
  row_null: () => null,
};

/** A text that PostgreSQL refuses: U+0000 and half of a surrogate pair. */
const UNSTORABLE = '정상\u0000문장 \ud83d 끝';

/** An answer of the vendor, changed as the fault wants it; other faults leave it as it is. */
export function distort(
  payload: unknown,
  { fault, firstCursor }: Strike,
  sentCursor: string | null,
): unknown {
  if (!isObject(payload)) return payload;
  if (!Array.isArray(payload.items)) return isOther(payload, fault) ? payload : distortCall(payload, fault);
  const items: unknown[] = payload.items;
  switch (fault.kind) {
    case 'repeated_cursor':
      return { ...payload, next_cursor: fault.cursor === 'first' ? firstCursor : sentCursor };
    case 'empty_page':
      return { ...payload, items: [], next_cursor: payload.next_cursor ?? 'bm90aGluZw' };
    case 'duplicate_rows':
      return { ...payload, items: items.flatMap((row, position) => (position === 0 ? [row, row] : [row])) };
    case 'total_count_wrong':
      return { ...payload, total_count: fault.totalCount };
    case 'unknown_field':
      return { ...withUnknownFields(payload), items: items.map((row) => distortCall(row, fault)) };
    case 'poison_row':
    case 'unknown_status':
    case 'nul_text':
      return {
        ...payload,
        items: items.map((row, at) => (isVictim(row, at, fault) ? distortCall(row, fault) : row)),
      };
    default:
      return payload;
  }
}

/** A call asked for by id, while the fault is after another one. */
function isOther(call: Json, fault: RequestFault): boolean {
  return 'callId' in fault && fault.callId !== undefined && call.id !== fault.callId;
}

function isVictim(
  row: unknown,
  position: number,
  fault: { callId?: string | undefined; row: number },
): boolean {
  if (fault.callId === undefined) return position === fault.row;
  return isObject(row) && row.id === fault.callId;
}

function distortCall(row: unknown, fault: RequestFault): unknown {
  if (!isObject(row)) return row;
  switch (fault.kind) {
    case 'poison_row':
      return POISONS[fault.poison](row);
    case 'unknown_status':
      return { ...row, status: fault.status };
    case 'unknown_field':
      return withUnknownFields(row);
    case 'nul_text':
      return withUnstorableText(row);
    default:
      return row;
  }
}

function withUnknownFields(value: Json): Json {
  const agent = isObject(value.agent) ? { agent: { ...value.agent, tier: 'gold' } } : {};
  return { ...value, ...agent, schema_revision: 4, insights: { risk: { score: 0.25, flags: ['new'] } } };
}

function withUnstorableText(row: Json): Json {
  const analysis = isObject(row.call_analysis)
    ? row.call_analysis
    : { user_sentiment: 'neutral', custom_analysis_data: [] };
  const texts = { call_analysis: { ...analysis, summary: UNSTORABLE } };
  if (!Array.isArray(row.transcript)) return { ...row, ...texts };
  return { ...row, ...texts, transcript: [...row.transcript, { role: 'user', content: UNSTORABLE }] };
}

function isObject(value: unknown): value is Json {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}
