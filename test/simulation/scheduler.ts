/**
 * One thing at a time, in virtual time. Whoever waits for the outside world takes a turn here; the scheduler waits
 * until everybody does so, moves time to the earliest turn, and lets that one actor run on until it takes a turn
 * again. So the order of everything follows from the times that were drawn, and a run can be repeated exactly.
 */
export interface Scheduler {
  /** The true time, unix ms. Nobody in the story sees it undistorted but the database. */
  now(): number;
  /** Resolves in `ms`; rejects with the signal's reason as soon as it aborts. */
  turn(actor: Actor, ms: number, options?: TurnOptions): Promise<void>;
  /** Something that happens at an instant, whoever runs. Gives a function that calls it off. */
  at(atMs: number, happening: () => void | Promise<void>): () => void;
  /** As `at`, but a stopped process hears of it only when it runs again, as of its timers. */
  timer(actor: Actor, atMs: number, happening: () => void): () => void;
  /** Ends whatever an actor waits for with an error, at its next turn: nobody else runs meanwhile. */
  end(actor: Actor, reason: Error): void;
  /** Lets an actor live beside the others. */
  start(actor: Actor, life: () => Promise<void>): void;
  /** Lets an actor wait while others live for it, to the end of the last. @throws what the first of them threw */
  waitFor(actor: Actor, others: readonly Life[]): Promise<void>;
  /** Plays until every actor has come to its end. @throws what an actor's life threw */
  play(): Promise<void>;
}

/** Somebody who does one thing after the other. */
export interface Actor {
  readonly name: string;
  /** Stopped until then: nothing reaches it, and its timers go off late. */
  readonly pausedUntilMs: number;
  /** In a transaction. Meanwhile no other actor runs a statement, so that nobody ever waits for a row lock. */
  inTransaction: boolean;
  /** What it did last, for the words of a watchdog. */
  doing: string;
}

interface Life {
  actor: Actor;
  live: () => Promise<void>;
}

interface TurnOptions {
  signal?: AbortSignal | undefined;
  isStatement?: boolean;
}

interface Happening {
  atMs: number;
  order: number;
  actor: Actor | null;
  isStatement: boolean;
  happen: () => void | Promise<void>;
  /** Lets the actor that waits for it fail instead. */
  giveUp?: (reason: Error) => void;
}

/** Real time in which an actor must come back to a turn: else it waits for something that nobody schedules. */
const WATCHDOG_MS = 60_000;

export function createScheduler(startMs: number, turnsMax: number): Scheduler {
  let nowMs = startMs;
  let order = 0;
  let turns = 0;
  const happenings = new Set<Happening>();
  const running = new Set<Actor>();
  const alive = new Set<Actor>();
  let quiet: (() => void) | null = null;
  let failure: { error: unknown } | null = null;

  const add = (happening: Omit<Happening, 'order'>): Happening => {
    order += 1;
    const entry = { ...happening, order };
    happenings.add(entry);
    return entry;
  };
  const rest = (actor: Actor) => {
    running.delete(actor);
    if (running.size === 0) quiet?.();
  };
  /** `ended` is told before the actor rests, so that somebody may go on in its place. */
  const begin = (actor: Actor, live: () => Promise<void>, ended: () => void): void => {
    alive.add(actor);
    running.add(actor);
    void live().finally(() => {
      alive.delete(actor);
      ended();
      rest(actor);
    });
  };
  const allQuiet = (): Promise<void> => {
    if (running.size === 0) return Promise.resolve();
    return new Promise((resolve, reject) => {
      const names = () => [...running].map(({ name, doing }) => `${name} after ${doing}`).join(', ');
      const watchdog = setTimeout(
        () => reject(new Error(`somebody waits for nothing that is scheduled: ${names()}`)),
        WATCHDOG_MS,
      );
      quiet = () => {
        clearTimeout(watchdog);
        quiet = null;
        resolve();
      };
    });
  };

  return {
    now: () => nowMs,
    turn(actor, ms, { signal, isStatement = false } = {}) {
      return new Promise((resolve, reject) => {
        if (signal?.aborted) return reject(signal.reason);
        const onAbort = () => {
          happenings.delete(entry);
          running.add(actor);
          reject(signal?.reason);
        };
        const happen = () => {
          signal?.removeEventListener('abort', onAbort);
          running.add(actor);
          resolve();
        };
        const fail = (reason: Error) => {
          running.add(actor);
          reject(reason);
        };
        const giveUp = (reason: Error) => {
          signal?.removeEventListener('abort', onAbort);
          happenings.delete(entry);
          add({ atMs: nowMs, actor, isStatement: false, happen: () => fail(reason) });
        };
        const entry = add({ atMs: nowMs + ms, actor, isStatement, happen, giveUp });
        signal?.addEventListener('abort', onAbort, { once: true });
        rest(actor);
      });
    },
    at(atMs, happen) {
      const entry = add({ atMs, actor: null, isStatement: false, happen });
      return () => happenings.delete(entry);
    },
    timer(actor, atMs, happen) {
      const entry = add({ atMs, actor, isStatement: false, happen });
      return () => happenings.delete(entry);
    },
    end(actor, reason) {
      for (const one of [...happenings]) if (one.actor === actor) one.giveUp?.(reason);
    },
    start(actor, life) {
      const fail = (error: unknown) => {
        failure ??= { error };
      };
      begin(
        actor,
        () => life().catch(fail),
        () => undefined,
      );
    },
    waitFor(actor, others) {
      return new Promise((resolve, reject) => {
        let left = others.length;
        let broken: { error: unknown } | null = null;
        const fail = (error: unknown) => {
          broken ??= { error };
        };
        const ended = () => {
          left -= 1;
          if (left > 0) return;
          running.add(actor);
          if (broken) reject(broken.error);
          else resolve();
        };
        for (const one of others) begin(one.actor, () => one.live().catch(fail), ended);
        rest(actor);
      });
    },
    async play() {
      for (;;) {
        await allQuiet();
        if (failure) throw failure.error;
        if (alive.size === 0) return;
        turns += 1;
        if (turns > turnsMax) throw new Error(`the story does not end: more than ${turnsMax} turns`);
        const next = earliest(happenings, [...alive]);
        if (next === null) throw new Error('everybody waits, and nothing will ever happen');
        happenings.delete(next);
        nowMs = Math.max(nowMs, effectiveMs(next));
        await next.happen();
      }
    },
  };
}

/** What happens next: by time, then in the order in which it was asked for. */
function earliest(happenings: ReadonlySet<Happening>, actors: readonly Actor[]): Happening | null {
  const inTransaction = actors.find((actor) => actor.inTransaction);
  let next: Happening | null = null;
  for (const one of happenings) {
    if (inTransaction && one.isStatement && one.actor !== inTransaction) continue;
    const earlier = next === null ? -1 : effectiveMs(one) - effectiveMs(next) || one.order - next.order;
    if (earlier < 0) next = one;
  }
  return next;
}

function effectiveMs({ atMs, actor }: Happening): number {
  return Math.max(atMs, actor?.pausedUntilMs ?? atMs);
}
