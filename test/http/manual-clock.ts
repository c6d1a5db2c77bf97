import type { Clock } from '../../src/clock.ts';

/** A clock that a test moves. Sleeping moves it at once and is noted, so that nothing waits. */
export class ManualClock implements Clock {
  /** What was slept, in order. */
  readonly sleeps: number[] = [];
  #nowMs: number;
  readonly #deadlines = new Map<AbortController, number>();

  constructor(nowMs: number) {
    this.#nowMs = nowMs;
  }

  now(): number {
    return this.#nowMs;
  }

  async sleep(ms: number, signal?: AbortSignal): Promise<void> {
    signal?.throwIfAborted();
    this.sleeps.push(ms);
    this.advance(ms);
    signal?.throwIfAborted();
  }

  deadline(ms: number): { signal: AbortSignal; clear(): void } {
    const controller = new AbortController();
    this.#deadlines.set(controller, this.#nowMs + ms);
    return { signal: controller.signal, clear: () => void this.#deadlines.delete(controller) };
  }

  /** Timers that were neither reached nor taken down. */
  get pendingDeadlines(): number {
    return this.#deadlines.size;
  }

  /** Moves time, back too, and aborts the deadlines that were reached. */
  advance(ms: number): void {
    this.#nowMs += ms;
    for (const [controller, at] of this.#deadlines) {
      if (at > this.#nowMs) continue;
      this.#deadlines.delete(controller);
      controller.abort(new DOMException('too late', 'TimeoutError'));
    }
  }
}
