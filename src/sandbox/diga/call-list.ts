import type { Place } from '../call-index.ts';
import type { Faults } from '../faults.ts';
import { type Ask, answerList } from '../list-lies.ts';
import type { DigaCallRow } from './call.ts';
import { callNotFound } from './errors.ts';
import { readListQuery } from './list-query.ts';
import { type Envelope, envelope, type Paging } from './paging.ts';
import type { CallPlan } from './plan.ts';
import { expired } from './retention.ts';
import { type DigaWorld, placeOf } from './world.ts';

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
  const filter = plain ? null : (plan: CallPlan) => wanted(plan) && !(faults.touchLists && unlisted(plan));
  const beside = besideOf(paging, world, faults, nowMs);
  // The ways back and by number are none that a reader of all takes: they are answered honestly.
  const isStraight = beside?.side !== 'before' && (page ?? 1) === 1;
  const asked = { fromMs, toMs, order, limit, behind: beside && placeOf(beside.plan), keepsStatus: true };
  const honest: Ask<DigaCallRow> = ({ behind, keepsStatus: _, ...one }) => {
    const at = behind === null ? null : { plan: planAt(world, behind, nowMs), side: 'after' as const };
    const shown = world.page({ ...one, beside: at, skip: 0, accepts: filter }, nowMs);
    return { rows: shown.rows, totalCount: shown.total, next: shown.hasMore ? NEXT : null };
  };
  if (isStraight) {
    const shown = answerList(asked, faults.listLies, honest);
    if (shown === null) throw callNotFound('of the cursor');
    const rows = shown.rows.map((row) => expired(row, faults));
    return envelope(rows, ({ id }) => id, shown.next !== null, shown.totalCount, paging);
  }
  const skip = ((page ?? 1) - 1) * limit;
  const found = world.page({ fromMs, toMs, order, limit, beside, skip, accepts: filter }, nowMs);
  const rows = found.rows.map((row) => expired(row, faults));
  return envelope(rows, ({ id }) => id, found.hasMore, found.total, paging);
}

/** That there is a next page is all that an envelope says of it. */
const NEXT: Place = { keyMs: 0, id: '' };

function planAt(world: DigaWorld, { id }: Place, nowMs: number): CallPlan {
  const plan = world.planOf(id, nowMs);
  if (plan === null) throw callNotFound(id);
  return plan;
}

/** A call that does not exist, or no longer, has no place in the list: the cursor is refused. */
function besideOf({ after, before }: Paging, world: DigaWorld, faults: Faults, nowMs: number) {
  const id = after ?? before;
  if (id === null) return null;
  const plan = faults.isDeleted(id) ? null : world.planOf(id, nowMs);
  if (plan === null) throw callNotFound(id);
  return { plan, side: after === null ? ('before' as const) : ('after' as const) };
}
