import type { Births } from '../births.ts';
import type { Place } from '../call-index.ts';
import { Population } from '../population.ts';
import type { VoicyAgent } from './agents.ts';
import type { VoicyCall, VoicyCallRow } from './call.ts';
import { detailAt, type LifeRules, rowAt } from './life.ts';
import { type CallPlan, type PlanRules, planCall } from './plan.ts';

/** A question for a page of calls. Bounds are unix ms, both included. */
export interface PageQuestion {
  fromMs: number;
  toMs: number;
  order: 'asc' | 'desc';
  /** The page begins behind this place. */
  behind: Place | null;
  limit: number;
  /** Null accepts every call. */
  accepts: ((plan: CallPlan) => boolean) | null;
}

/** One page of calls. Whether more follow, it does not say. */
interface Page {
  rows: VoicyCallRow[];
  /** Matches of the whole question at this instant. */
  totalCount: number;
}

/** Every call there is. The answer to any question follows from the rules and the instant alone. */
export class VoicyWorld {
  readonly agents: readonly VoicyAgent[];
  readonly #rules: PlanRules & LifeRules;
  readonly #calls: Population<CallPlan>;

  constructor(rules: PlanRules & LifeRules, births: Births) {
    this.agents = rules.agents;
    this.#rules = rules;
    this.#calls = new Population(births, (...call) => planCall(rules, ...call));
  }

  /** The course of a call that exists at this instant. */
  planOf(id: string, nowMs: number): CallPlan | null {
    return this.#calls.planOf(id, nowMs);
  }

  /** One call with all that is known of it; null when there is none of this id yet. */
  detail(id: string, nowMs: number): VoicyCall | null {
    const plan = this.planOf(id, nowMs);
    return plan === null ? null : detailAt(plan, nowMs, this.#rules);
  }

  /** Every call that exists, test calls too, oldest first, one after the other. */
  *details(nowMs: number): Generator<VoicyCall> {
    for (const plan of this.#calls.born(nowMs)) yield detailAt(plan, nowMs, this.#rules);
  }

  page({ fromMs, toMs, order, behind, limit, accepts }: PageQuestion, nowMs: number): Page {
    const span = { nowMs, fromMs, toMs };
    const rows: VoicyCallRow[] = [];
    for (const { call } of this.#calls.walk(span, order, behind)) {
      if (rows.length === limit) break;
      if (accepts === null || accepts(call)) rows.push(rowAt(call, nowMs));
    }
    return { rows, totalCount: this.#calls.count(span, accepts) };
  }
}

/** Where a call stands in a list at an instant: at its start once it has one, before that at its birth. */
export function placeOf({ id, birthMs, settledKeyMs }: CallPlan, nowMs: number): Place {
  return { keyMs: nowMs >= settledKeyMs ? settledKeyMs : birthMs, id };
}
