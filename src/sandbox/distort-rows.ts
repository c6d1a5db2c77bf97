import type { FaultOf, RequestFault } from './fault-kinds.ts';

/** An answer, or an object within one. */
export type JsonObject = Record<string, unknown>;

type Poison = FaultOf<'poison_row'>['poison'];
/** The poisons that follow from the names of the id and the status. */
type CommonPoison = 'id_missing' | 'id_number' | 'status_missing' | 'status_number' | 'row_null';

/** What tells the rows of one vendor from those of another, as far as a fault can strike them. */
export interface RowForm {
  /** Where a page has its rows. An answer without them is a call by itself. */
  rowsKey: string;
  idKey: string;
  statusKey: string;
  /** The object within a row that gets an unknown field too. */
  nestedKey: string;
  /** Bad values as a buggy vendor could print them: they overlay the row, and JSON leaves out the undefined ones. */
  poisons: Readonly<Record<Exclude<Poison, CommonPoison>, JsonObject>>;
  /** Puts a text that PostgreSQL refuses where this vendor has its texts. */
  withUnstorableText(row: JsonObject): JsonObject;
}

/** An object in an object, two thousand times. */
export const DEEP: JsonObject = Array.from({ length: 2_000 }).reduce<JsonObject>(
  (inner) => ({ a: inner }),
  {},
);
/** More than an index of PostgreSQL holds, in a form that cannot be pressed. */
export const LONG = Array.from({ length: 4_000 }, (_, i) =>
  String.fromCharCode(0x4e00 + ((i * 7_919) % 20_000)),
).join('');

/**
 * An answer with its rows changed as the fault wants it. How a vendor pages is its own: all other faults of a page
 * are left to `distortPage`. A call asked for by id is changed like a row, unless the fault is after another call.
 */
export function distortRows(
  answer: unknown,
  fault: RequestFault,
  form: RowForm,
  distortPage: (page: JsonObject) => JsonObject,
): unknown {
  if (!isObject(answer)) return answer;
  const { rowsKey } = form;
  const rows = answer[rowsKey];
  if (!Array.isArray(rows)) return isOther(answer, fault, form) ? answer : distortRow(answer, fault, form);
  switch (fault.kind) {
    case 'duplicate_rows':
      return { ...answer, [rowsKey]: [...rows.slice(0, 1), ...rows] };
    case 'unknown_field':
      return {
        ...withUnknownFields(answer, form),
        [rowsKey]: rows.map((row) => distortRow(row, fault, form)),
      };
    case 'poison_row':
    case 'unknown_status':
    case 'nul_text':
      return {
        ...answer,
        [rowsKey]: rows.map((row, at) =>
          isVictim(row, at, fault, form) ? distortRow(row, fault, form) : row,
        ),
      };
    default:
      return distortPage(answer);
  }
}

/** Whether a part of an answer has fields to change. */
export function isObject(value: unknown): value is JsonObject {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}

/** A call asked for by id, while the fault is after another one. */
function isOther(call: JsonObject, fault: RequestFault, { idKey }: RowForm): boolean {
  return 'callId' in fault && fault.callId !== undefined && call[idKey] !== fault.callId;
}

function isVictim(
  row: unknown,
  position: number,
  fault: { callId?: string | undefined; row: number },
  { idKey }: RowForm,
): boolean {
  if (fault.callId === undefined) return position === fault.row;
  return isObject(row) && row[idKey] === fault.callId;
}

function distortRow(row: unknown, fault: RequestFault, form: RowForm): unknown {
  if (!isObject(row)) return row;
  switch (fault.kind) {
    case 'poison_row':
      return poisoned(row, fault.poison, form);
    case 'unknown_status':
      return { ...row, [form.statusKey]: fault.status };
    case 'unknown_field':
      return withUnknownFields(row, form);
    case 'nul_text':
      return form.withUnstorableText(row);
    default:
      return row;
  }
}

function poisoned(row: JsonObject, poison: Poison, { idKey, statusKey, poisons }: RowForm): unknown {
  switch (poison) {
    case 'id_missing':
      return { ...row, [idKey]: undefined };
    case 'id_number':
      return { ...row, [idKey]: 42 };
    case 'status_missing':
      return { ...row, [statusKey]: undefined };
    case 'status_number':
      return { ...row, [statusKey]: 7 };
    case 'row_null':
      return null;
    default:
      return { ...row, ...poisons[poison] };
  }
}

function withUnknownFields(value: JsonObject, { nestedKey }: RowForm): JsonObject {
  const nested = value[nestedKey];
  return {
    ...value,
    ...(isObject(nested) && { [nestedKey]: { ...nested, tier: 'gold' } }),
    schema_revision: 4,
    insights: { risk: { score: 0.25, flags: ['new'] } },
  };
}
