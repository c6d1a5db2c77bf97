import { CALL_STATUSES, CALL_TYPES, type CallStatus } from './call.ts';
import { type Paging, pagingOf, soundPaging } from './paging.ts';
import type { CallPlan } from './plan.ts';
import { QueryReader } from './query.ts';

/** `GET /call/`, understood. Bounds are unix ms, both included. */
interface ListQuery {
  fromMs: number;
  toMs: number;
  paging: Paging;
  /** Whether a call of this status fulfils the filters beside the window; null when there are none. */
  accepts: ((plan: CallPlan, status: () => CallStatus) => boolean) | null;
}

/** Reads the query text of `GET /call/`. Throws a DigaRefusal when it is not understood. */
export function readListQuery(text: string): ListQuery {
  const reader = new QueryReader(text);
  const paging = pagingOf(reader, 50, 1_000);
  const fromMs = reader.instant('start_created_date') ?? Number.NEGATIVE_INFINITY;
  const toMs = reader.instant('end_created_date') ?? Number.POSITIVE_INFINITY;
  const accepts = readFilters(reader);
  soundPaging(reader, paging);
  return { fromMs, toMs, paging, accepts };
}

/** A status that only the older generation knows is refused like any other unknown word. */
function readFilters(reader: QueryReader): ListQuery['accepts'] {
  const agentId = reader.uuid('agent_id');
  const contactId = reader.uuid('contact_id');
  const phoneId = reader.uuid('phone_id');
  const type = reader.oneOf('type', CALL_TYPES);
  const status = reader.oneOf('status', CALL_STATUSES);
  if ([agentId, contactId, phoneId, type, status].every((filter) => filter === null)) return null;
  return (plan, statusOf) =>
    (agentId === null || plan.agent?.id === agentId) &&
    (contactId === null || plan.contact?.id === contactId) &&
    (phoneId === null || plan.phone?.id === phoneId) &&
    (type === null || plan.type === type) &&
    (status === null || statusOf() === status);
}
