import type { Faults } from '../faults.ts';
import { answerList } from '../list-lies.ts';
import type { VoicyCallRow } from './call.ts';
import { keyRefused } from './errors.ts';
import { hasAgent, rowAt, statusAt } from './life.ts';
import type { ListBody } from './list-body.ts';
import type { CallPlan } from './plan.ts';
import { type PageQuestion, placeOf, type VoicyWorld } from './world.ts';

/** What an answer is drawn from. */
interface Source {
  world: VoicyWorld;
  faults: Faults;
  nowMs: number;
}

/** A page of `POST /call-list`. A page that is not full is the last one; nothing else says so. */
interface CallPage {
  calls: VoicyCallRow[];
  total_count: number;
}

type Question = Omit<PageQuestion, 'behind' | 'limit'> & { accepts: (plan: CallPlan) => boolean };

/** The page behind the call that the body names. Throws a VoicyRefusal when that call is not in the list. */
export function callPage(source: Source, body: ListBody): CallPage {
  const { world, nowMs, faults } = source;
  const { accepts, ...question } = questionOf(source, body, true);
  const key = keyOf(source, { accepts, ...question }, body);
  const behind = key === null ? null : placeOf(key, nowMs);
  const asked = { ...question, behind, limit: body.limit, keepsStatus: true };
  const page = answerList(asked, faults.listLies, ({ keepsStatus, ...one }) => {
    const { accepts: wanted } = questionOf(source, body, keepsStatus);
    return { ...world.page({ ...one, accepts: wanted }, nowMs), next: null };
  });
  if (page === null) throw keyRefused();
  return { calls: page.rows, total_count: page.totalCount };
}

/** The page whose last row is the call that the body names: the one that was asked for before. */
export function pageBefore(source: Source, body: ListBody): CallPage {
  const { world, nowMs } = source;
  const question = questionOf(source, body, true);
  const key = keyOf(source, question, body);
  if (key === null) return callPage(source, body);
  const order = question.order === 'asc' ? 'desc' : 'asc';
  const before = world.page(
    { ...question, order, behind: placeOf(key, nowMs), limit: body.limit - 1 },
    nowMs,
  );
  return { calls: [...before.rows.reverse(), rowAt(key, nowMs)], total_count: before.totalCount };
}

function questionOf(
  { faults, nowMs }: Source,
  { filter_criteria: filter, sort_order }: ListBody,
  keepsStatus: boolean,
): Question {
  const agents = filter.agent_id && new Set(filter.agent_id);
  const statuses = keepsStatus && filter.call_status ? new Set<string>(filter.call_status) : null;
  const directions = filter.direction && new Set<string>(filter.direction);
  return {
    fromMs: filter.start_timestamp?.lower_threshold ?? Number.NEGATIVE_INFINITY,
    toMs: filter.start_timestamp?.upper_threshold ?? Number.POSITIVE_INFINITY,
    order: sort_order === 'ascending' ? 'asc' : 'desc',
    accepts: (plan) => {
      if (plan.isTest && !filter.include_test_calls) return false;
      if (agents && !(agents.has(plan.agent.id) && hasAgent(plan))) return false;
      if (statuses && !statuses.has(statusAt(plan, nowMs))) return false;
      if (directions && !directions.has(plan.line === 'outgoing' ? 'outgoing' : 'incoming')) return false;
      return !(faults.touchLists && isUnlisted(plan, faults, nowMs));
    },
  };
}

function isUnlisted({ id, birthMs }: CallPlan, faults: Faults, nowMs: number): boolean {
  return faults.isDeleted(id) || nowMs < birthMs + faults.listedAfterMs(id);
}

function keyOf({ world, nowMs }: Source, question: Question, { pagination_key }: ListBody): CallPlan | null {
  if (pagination_key === null) return null;
  const plan = world.planOf(pagination_key, nowMs);
  if (plan === null || !question.accepts(plan)) throw keyRefused();
  const { keyMs } = placeOf(plan, nowMs);
  if (keyMs < question.fromMs || keyMs > question.toMs) throw keyRefused();
  return plan;
}
