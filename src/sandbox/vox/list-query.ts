import type { Place } from '../call-index.ts';
import { CALL_STATUSES, CALL_TYPES, DISCONNECTION_REASONS } from './call.ts';
import { readCursor } from './cursor.ts';
import { statusAt } from './life.ts';
import type { CallPlan } from './plan.ts';
import {
  choice,
  choices,
  instant,
  limitOf,
  patterned,
  type QueryValues,
  readQuery,
  single,
} from './query.ts';

const LIST_PARAMETERS = [
  'agent_id',
  'status',
  'call_type',
  'disconnection_reason',
  'call_from',
  'call_to',
  'start_at_after',
  'start_at_before',
  'sort_order',
  'cursor',
  'limit',
] as const;

/** `GET /calls`, understood. Bounds are unix ms, both included. */
export interface ListQuery {
  fromMs: number;
  toMs: number;
  order: 'asc' | 'desc';
  behind: Place | null;
  limit: number;
  /** The filters in one spelling; a cursor is bound to them. */
  filters: string;
  /** Whether a call fulfils the filters beside the window, that by status only when it is kept; null when there are none. */
  accepts: ((plan: CallPlan, nowMs: number, keepsStatus: boolean) => boolean) | null;
}

/** Reads the query text of `GET /calls`. Throws a VoxRefusal when it is not understood. */
export function readListQuery(text: string): ListQuery {
  const values = readQuery(text, LIST_PARAMETERS);
  const order = choice(values, 'sort_order', ['asc', 'desc']) ?? 'desc';
  const fromMs = instant(values, 'start_at_after') ?? Number.NEGATIVE_INFINITY;
  const toMs = instant(values, 'start_at_before') ?? Number.POSITIVE_INFINITY;
  const accepts = readFilters(values);
  const filters = spellingOf(values, order);
  const cursor = single(values, 'cursor');
  const behind = cursor === null ? null : readCursor(cursor, filters);
  return { fromMs, toMs, order, behind, limit: limitOf(values), filters, accepts };
}

function readFilters(values: QueryValues): ListQuery['accepts'] {
  const agents = patterned(values, 'agent_id', UUID, 'must be a uuid');
  const statuses = choices(values, 'status', CALL_STATUSES);
  const types = choices(values, 'call_type', CALL_TYPES);
  const reasons = choices(values, 'disconnection_reason', DISCONNECTION_REASONS);
  const callers = patterned(values, 'call_from', DIGITS, 'must be a national number without hyphens');
  const callees = patterned(values, 'call_to', DIGITS, 'must be a national number without hyphens');
  if ([agents, statuses, types, reasons, callers, callees].every((filter) => filter === null)) return null;
  return (plan, nowMs, keepsStatus) => {
    if (agents !== null && !agents.has(plan.agent.id)) return false;
    if (types !== null && !types.has(plan.callType)) return false;
    if (callers !== null && !(plan.fromNumber !== null && callers.has(plan.fromNumber))) return false;
    if (callees !== null && !(plan.toNumber !== null && callees.has(plan.toNumber))) return false;
    if (keepsStatus && statuses !== null && !statuses.has(statusAt(plan, nowMs))) return false;
    if (reasons === null) return true;
    const over = plan.finishMs !== null && nowMs >= plan.finishMs;
    return over && plan.outcome.reason !== null && reasons.has(plan.outcome.reason);
  };
}

const UUID = /^[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}$/;
const DIGITS = /^\d{3,15}$/;

/** Equal filters have equal spellings, in whatever order they were sent; the page size is not a filter. */
function spellingOf(values: QueryValues, order: string): string {
  const parts = [...values].filter(([name]) => !['cursor', 'limit', 'sort_order'].includes(name));
  const spelt = parts.map(([name, given]) => `${name}=${[...new Set(given)].sort(byCodeUnits).join(',')}`);
  return ['calls', order, ...spelt.sort(byCodeUnits)].join('&');
}

function byCodeUnits(left: string, right: string): number {
  return left < right ? -1 : left > right ? 1 : 0;
}
