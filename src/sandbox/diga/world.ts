import type { Births } from '../births.ts';
import type { Place } from '../call-index.ts';
import { Population } from '../population.ts';
import type { DigaAgent } from './agents.ts';
import type { DigaCall, DigaCallRow, DigaMessage } from './call.ts';
import { callAt, type LifeRules, messagesAt, rowAt, statusAt } from './life.ts';
import type { PhoneRow } from './phones.ts';
import { type CallPlan, type PlanRules, planCall } from './plan.ts';

/** A question for a page of calls. Bounds are unix ms, both included. */
interface PageQuestion {
  fromMs: number;
  toMs: number;
  order: 'asc' | 'desc';
  /** The page lies next to this call, behind it or before it in the order of the list; null = at the beginning. */
  beside: { plan: CallPlan; side: 'after' | 'before' } | null;
  /** Rows to leave out at the beginning. */
  skip: number;
  limit: number;
  /** Null accepts every call. */
  accepts: ((plan: CallPlan) => boolean) | null;
}

/** One page of calls. */
interface Page {
  rows: DigaCallRow[];
  /** Whether more rows lie on, in the direction of the question. */
  hasMore: boolean;
  /** Matches of the whole question at this instant. */
  total: number;
}

/** What a key may read. Every right can be taken away, as when somebody restricts a key. */
export interface Rights {
  calls: boolean;
  messages: boolean;
  phones: boolean;
  agents: boolean;
}

/**
 * Every call there is. The answer to any question follows from the rules and the instant alone; asking leaves no trace
 * beside the laziness of the index.
 */
export class DigaWorld {
  readonly agents: readonly DigaAgent[];
  readonly phones: readonly PhoneRow[];
  readonly rights: Rights = { calls: true, messages: true, phones: true, agents: true };
  readonly #rules: PlanRules & LifeRules;
  readonly #calls: Population<CallPlan>;

  constructor(rules: PlanRules & LifeRules, births: Births) {
    this.agents = rules.agents;
    this.phones = rules.phones;
    this.#rules = rules;
    this.#calls = new Population(births, (...call) => planCall(rules, ...call));
  }

  /** The course of a call that exists at this instant. */
  planOf(id: string, nowMs: number): CallPlan | null {
    return this.#calls.planOf(id, nowMs);
  }

  /** One call as lists show it; null when there is none of this id yet. */
  detail(id: string, nowMs: number): DigaCallRow | null {
    const plan = this.planOf(id, nowMs);
    return plan === null ? null : rowAt(plan, nowMs, this.#rules);
  }

  /** What was said in a call so far, oldest first; null when there is no such call yet. */
  messages(id: string, nowMs: number): DigaMessage[] | null {
    const plan = this.planOf(id, nowMs);
    return plan === null ? null : messagesAt(plan, nowMs, this.#rules);
  }

  /** Every call that exists, complete, oldest first, one after the other: a big world does not fit into one text. */
  *details(nowMs: number): Generator<DigaCall> {
    for (const plan of this.#calls.born(nowMs)) yield callAt(plan, nowMs, this.#rules);
  }

  /** The status that a list filters by. */
  statusOf(plan: CallPlan, nowMs: number): DigaCallRow['status'] {
    return statusAt(plan, nowMs, this.#rules);
  }

  page(question: PageQuestion, nowMs: number): Page {
    const { accepts, skip, limit, beside } = question;
    const backwards = beside?.side === 'before';
    const order = backwards ? opposite(question.order) : question.order;
    const span = { nowMs, fromMs: question.fromMs, toMs: question.toMs };
    const found: CallPlan[] = [];
    for (const { call } of this.#calls.walk(span, order, beside === null ? null : placeOf(beside.plan))) {
      if (accepts !== null && !accepts(call)) continue;
      found.push(call);
      if (found.length > skip + limit) break;
    }
    const shown = found.slice(skip, skip + limit);
    if (backwards) shown.reverse();
    return {
      rows: shown.map((plan) => rowAt(plan, nowMs, this.#rules)),
      hasMore: found.length > skip + limit,
      total: this.#calls.count(span, accepts),
    };
  }
}

function opposite(order: 'asc' | 'desc'): 'asc' | 'desc' {
  return order === 'asc' ? 'desc' : 'asc';
}

/** Where a call stands in lists. */
export function placeOf({ settledKeyMs, id }: CallPlan): Place {
  return { keyMs: settledKeyMs, id };
}
