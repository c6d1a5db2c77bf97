import type { Births } from '../births.ts';
import type { Place } from '../call-index.ts';
import { Population } from '../population.ts';
import type { VoxAgent } from './agents.ts';
import type { VoxCall, VoxCallRow } from './call.ts';
import { detailAt, type LifeRules, rowAt } from './life.ts';
import { type CallPlan, type PlacedCall, type PlanRules, planCall, planPlacedCall } from './plan.ts';

/** A question for a page of calls. Bounds are unix ms, both included. */
interface PageQuestion {
  fromMs: number;
  toMs: number;
  order: 'asc' | 'desc';
  /** The page begins behind this place. */
  behind: Place | null;
  limit: number;
  /** Null accepts every call. */
  accepts: ((plan: CallPlan) => boolean) | null;
}

/** One page of calls. */
export interface Page {
  rows: VoxCallRow[];
  /** Matches of the whole question at this instant. */
  totalCount: number;
  /** The place of the last row when more rows follow. */
  next: Place | null;
}

/**
 * Every call there is. The answer to any question follows from the rules and the instant alone, and from the calls
 * that were placed; asking leaves no trace beside the laziness of the index.
 */
export class VoxWorld {
  readonly agents: readonly VoxAgent[];
  readonly #rules: PlanRules & LifeRules;
  readonly #calls: Population<CallPlan>;
  #placed = 0;

  constructor(rules: PlanRules & LifeRules, births: Births) {
    this.agents = rules.agents;
    this.#rules = rules;
    this.#calls = new Population(births, (...call) => planCall(rules, ...call));
  }

  /** The course of a call that exists at this instant. */
  planOf(id: string, nowMs: number): CallPlan | null {
    return this.#calls.planOf(id, nowMs);
  }

  /** One call with its transcript; null when there is none of this id yet. */
  detail(id: string, nowMs: number): VoxCall | null {
    const plan = this.planOf(id, nowMs);
    return plan === null ? null : detailAt(plan, nowMs, this.#rules);
  }

  /** Every call that exists, oldest first, one after the other: a big world does not fit into one text. */
  *details(nowMs: number): Generator<VoxCall> {
    for (const plan of this.#calls.born(nowMs)) yield detailAt(plan, nowMs, this.#rules);
  }

  page(question: PageQuestion, nowMs: number): Page {
    const { accepts, limit } = question;
    const span = { nowMs, fromMs: question.fromMs, toMs: question.toMs };
    const found: { call: CallPlan; place: Place }[] = [];
    for (const entry of this.#calls.walk(span, question.order, question.behind)) {
      if (accepts !== null && !accepts(entry.call)) continue;
      found.push(entry);
      if (found.length > limit) break;
    }
    const shown = found.slice(0, limit);
    return {
      rows: shown.map(({ call }) => rowAt(call, nowMs, this.#rules)),
      totalCount: this.#calls.count(span, accepts),
      next: found.length > limit ? (shown.at(-1)?.place ?? null) : null,
    };
  }

  /** Starts a call now. */
  place(agent: VoxAgent, placed: PlacedCall, nowMs: number): VoxCall {
    const plan = planPlacedCall(this.#rules, this.#placed, nowMs, agent, placed);
    this.#placed += 1;
    this.#calls.add(plan);
    return detailAt(plan, nowMs, this.#rules);
  }
}
