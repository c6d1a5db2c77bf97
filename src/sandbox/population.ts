import type { Births } from './births.ts';
import { CallIndex, type IndexedCall, type Place, type Span } from './call-index.ts';

/** Which calls are meant: those of before the origin, or those that come into being while somebody watches. */
export type Era = 'past' | 'live';

/** The calls of a vendor. They come into being as time goes by: each question is answered as of an instant. */
export class Population<Plan extends IndexedCall> {
  readonly #births: Births;
  readonly #planCall: (era: Era, number: number, birthMs: number) => Plan;
  readonly #index = new CallIndex<Plan>();
  #liveKnown = 0;

  /** `planCall` fixes the course of the call with this number in its era. */
  constructor(births: Births, planCall: (era: Era, number: number, birthMs: number) => Plan) {
    this.#births = births;
    this.#planCall = planCall;
    this.#index.fill(births.past().map((birthMs, number) => planCall('past', number, birthMs)));
  }

  /** The course of a call that exists at this instant. */
  planOf(id: string, nowMs: number): Plan | null {
    this.#growTo(nowMs);
    const plan = this.#index.get(id);
    return plan !== undefined && plan.birthMs <= nowMs ? plan : null;
  }

  /** Every call that exists, oldest birth first. */
  born(nowMs: number): Plan[] {
    this.#growTo(nowMs);
    return this.#index.born(nowMs);
  }

  /** How many calls of a span fulfil the condition. */
  count(span: Span, accepts: ((plan: Plan) => boolean) | null): number {
    this.#growTo(span.nowMs);
    return this.#index.count(span, accepts);
  }

  /** The calls of a span in the order of a list, beginning behind a place. */
  walk(span: Span, order: 'asc' | 'desc', behind: Place | null): Iterable<{ call: Plan; place: Place }> {
    this.#growTo(span.nowMs);
    return this.#index.walk(span, order, behind);
  }

  /** Takes in a call that somebody asked for. */
  add(plan: Plan): void {
    this.#growTo(plan.birthMs);
    this.#index.add(plan);
  }

  #growTo(nowMs: number): void {
    for (;;) {
      const birthMs = this.#births.live(this.#liveKnown);
      if (birthMs === null || birthMs > nowMs) return;
      this.#index.add(this.#planCall('live', this.#liveKnown, birthMs));
      this.#liveKnown += 1;
    }
  }
}
