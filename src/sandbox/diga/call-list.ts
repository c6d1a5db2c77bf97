import type { Faults } from '../faults.ts';
import type { DigaCallRow } from './call.ts';
import { callNotFound } from './errors.ts';
import { readListQuery } from './list-query.ts';
import { type Envelope, envelope, type Paging } from './paging.ts';
import type { CallPlan } from './plan.ts';
import { expired } from './retention.ts';
import type { DigaWorld } from './world.ts';

/** Answers `GET /call/`: ordered by creation, then by id. */
export function callPage(
  world: DigaWorld,
  faults: Faults,
  nowMs: number,
  text: string,
): Envelope<DigaCallRow> {
  const { fromMs, toMs, paging, accepts } = readListQuery(text);
  const { order, limit, page } = paging;
  const unlisted = (plan: CallPlan) =>
    faults.isDeleted(plan.id) || nowMs < plan.birthMs + faults.listedAfterMs(plan.id);
  const wanted = (plan: CallPlan) => accepts === null || accepts(plan, () => world.statusOf(plan, nowMs));
  const plain = accepts === null && !faults.touchLists;
  const found = world.page(
    {
      fromMs,
      toMs,
      order,
      limit,
      beside: besideOf(paging, world, faults, nowMs),
      skip: ((page ?? 1) - 1) * limit,
      accepts: plain ? null : (plan) => wanted(plan) && !(faults.touchLists && unlisted(plan)),
    },
    nowMs,
  );
  const rows = found.rows.map((row) => expired(row, faults));
  return envelope(rows, ({ id }) => id, found.hasMore, found.total, paging);
}

/** A call that does not exist, or no longer, has no place in the list: the cursor is refused. */
function besideOf({ after, before }: Paging, world: DigaWorld, faults: Faults, nowMs: number) {
  const id = after ?? before;
  if (id === null) return null;
  const plan = faults.isDeleted(id) ? null : world.planOf(id, nowMs);
  if (plan === null) throw callNotFound(id);
  return { plan, side: after === null ? ('before' as const) : ('after' as const) };
}
