import type { FaultOf, RequestFault } from '../fault-kinds.ts';

type Json = Record<string, unknown>;

/** Bad values as a buggy vendor could print them, by their names. */
const POISONS: Readonly<Record<FaultOf<'poison_row'>['poison'], (row: Json) => unknown>> = {
  id_missing: ({ call_id: _, ...rest }) => rest,
  id_number: (row) => ({ ...row, call_id: 42 }),
  status_number: (row) => ({ ...row, call_status: 7 }),
  status_missing: ({ call_status: _, ...rest }) => rest,
  agent_missing: ({ agent: _, ...rest }) => rest,
  cost_word: (row) => ({ ...row, call_cost: { combined_cost: 'abc', currency: 'usd' } }),
  // Numbers are this vendor's rule, so here the text is the oddity.
  cost_number: (row) => ({ ...row, call_cost: { combined_cost: '200.5', currency: 'usd' } }),
  cost_exponent: (row) => ({ ...row, call_cost: { combined_cost: 2e-7, currency: 'usd' } }),
  start_word: (row) => ({ ...row, start_timestamp: 'yesterday' }),
  start_absurd: (row) => ({ ...row, start_timestamp: 9e15 }),
  end_fraction: (row) => ({ ...row, duration_ms: 1.5 }),
  metadata_text: (row) => ({ ...row, vars_provided: 'not an object' }),
  row_null: () => null,
};

/** A text that PostgreSQL refuses: U+0000 and half of a surrogate pair. */
const UNSTORABLE = 'תקין\u0000משפט \ud83d סוף';

/** An answer of the vendor, changed as the fault wants it; other faults leave it as it is. */
export function distort(payload: unknown, fault: RequestFault): unknown {
  if (!isObject(payload)) return payload;
  if (!Array.isArray(payload.calls)) return isOther(payload, fault) ? payload : distortCall(payload, fault);
  const calls: unknown[] = payload.calls;
  switch (fault.kind) {
    case 'empty_page':
      return { ...payload, calls: [] };
    case 'duplicate_rows':
      return { ...payload, calls: calls.flatMap((row, position) => (position === 0 ? [row, row] : [row])) };
    case 'total_count_wrong':
      return { ...payload, total_count: fault.totalCount };
    case 'unknown_field':
      return { ...withUnknownFields(payload), calls: calls.map((row) => distortCall(row, fault)) };
    case 'poison_row':
    case 'unknown_status':
    case 'nul_text':
      return {
        ...payload,
        calls: calls.map((row, at) => (isVictim(row, at, fault) ? distortCall(row, fault) : row)),
      };
    default:
      return payload;
  }
}

/** A call asked for by id, while the fault is after another one. */
function isOther(call: Json, fault: RequestFault): boolean {
  return 'callId' in fault && fault.callId !== undefined && call.call_id !== fault.callId;
}

function isVictim(
  row: unknown,
  position: number,
  fault: { callId?: string | undefined; row: number },
): boolean {
  if (fault.callId === undefined) return position === fault.row;
  return isObject(row) && row.call_id === fault.callId;
}

function distortCall(row: unknown, fault: RequestFault): unknown {
  if (!isObject(row)) return row;
  switch (fault.kind) {
    case 'poison_row':
      return POISONS[fault.poison](row);
    case 'unknown_status':
      return { ...row, call_status: fault.status };
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

/** A row of the list has no text but the name of its agent. */
function withUnstorableText(row: Json): Json {
  if (!('transcript' in row)) {
    return isObject(row.agent) ? { ...row, agent: { ...row.agent, name: UNSTORABLE } } : row;
  }
  const summed = { ...row, summary: UNSTORABLE };
  if (!Array.isArray(row.transcript)) return summed;
  const said = { role: 'caller', content: UNSTORABLE, timestamp_ms: 0 };
  return { ...summed, transcript: [...row.transcript, said] };
}

function isObject(value: unknown): value is Json {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}
