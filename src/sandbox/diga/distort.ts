import type { FaultOf, RequestFault } from '../fault-kinds.ts';
import type { Strike } from '../faults.ts';

type Json = Record<string, unknown>;
type Poison = FaultOf<'poison_row'>['poison'];

/** Bad values as a buggy vendor could print them, by their names. This vendor knows no cost: those poisons do nothing. */
const POISONS: Readonly<Partial<Record<Poison, (row: Json) => unknown>>> = {
  id_missing: ({ id: _, ...rest }) => rest,
  id_number: (row) => ({ ...row, id: 42 }),
  status_number: (row) => ({ ...row, status: 7 }),
  status_missing: ({ status: _, ...rest }) => rest,
  agent_missing: ({ agent_id: _, ...rest }) => rest,
  start_word: (row) => ({ ...row, start_time: 'ayer' }),
  start_absurd: (row) => ({ ...row, start_time: '292277-12-04T15:30:07Z' }),
  end_fraction: (row) => ({ ...row, end_time: 1.5 }),
  metadata_text: (row) => ({ ...row, dynamic_variables: 'not an object' }),
  row_null: () => null,
};

/** A text that PostgreSQL refuses: U+0000 and half of a surrogate pair. */
const UNSTORABLE = 'texto\u0000sano \ud83d fin';

/** An answer of the vendor, changed as the fault wants it; other faults leave it as it is. */
export function distort(
  payload: unknown,
  { fault, firstCursor }: Strike,
  sentCursor: string | null,
): unknown {
  if (!isObject(payload)) return payload;
  if (!Array.isArray(payload.data)) return isOther(payload, fault) ? payload : distortCall(payload, fault);
  const rows: unknown[] = payload.data;
  switch (fault.kind) {
    case 'repeated_cursor':
      return { ...payload, has_more: true, last_id: fault.cursor === 'first' ? firstCursor : sentCursor };
    case 'empty_page':
      return { ...payload, data: [], has_more: true };
    case 'duplicate_rows':
      return { ...payload, data: rows.flatMap((row, position) => (position === 0 ? [row, row] : [row])) };
    case 'unknown_field':
      return { ...withUnknownFields(payload), data: rows.map((row) => distortCall(row, fault)) };
    case 'poison_row':
    case 'unknown_status':
    case 'nul_text':
      return {
        ...payload,
        data: rows.map((row, at) => (isVictim(row, at, fault) ? distortCall(row, fault) : row)),
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
    case 'poison_row': {
      const poison = POISONS[fault.poison];
      return poison === undefined ? row : poison(row);
    }
    case 'unknown_status':
      return { ...row, status: fault.status };
    case 'unknown_field':
      return withUnknownFields(row);
    case 'nul_text':
      return { ...row, end_reason: UNSTORABLE, dynamic_variables: { nota: UNSTORABLE } };
    default:
      return row;
  }
}

function withUnknownFields(value: Json): Json {
  const contact = isObject(value.contact) ? { contact: { ...value.contact, tier: 'gold' } } : {};
  return { ...value, ...contact, schema_revision: 4, insights: { risk: { score: 0.25, flags: ['new'] } } };
}

function isObject(value: unknown): value is Json {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}
