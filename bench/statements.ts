import pg from 'pg';

export interface StatementTime {
  statement: string;
  times: number;
  /** Until the answer, in all: from its sending, or from the answer before it where it was sent earlier. */
  ms: number;
}

/** Watches every statement that this process sends from now on; gives the dearest of them. */
export function watchStatements(): () => StatementTime[] {
  const sums = new Map<string, { times: number; ms: number }>();
  const original = pg.Client.prototype.query as (...args: unknown[]) => unknown;
  const answeredAt = new WeakMap<pg.Client, number>();
  const watched = function (this: pg.Client, ...args: unknown[]): unknown {
    const sentAt = performance.now();
    const done = () => {
      const now = performance.now();
      add(sums, nameOf(args[0]), now - Math.max(sentAt, answeredAt.get(this) ?? 0));
      answeredAt.set(this, now);
    };
    const last = args.at(-1);
    if (typeof last === 'function') {
      const callback = (...answer: unknown[]) => {
        done();
        last(...answer);
      };
      return original.apply(this, [...args.slice(0, -1), callback]);
    }
    const answer = original.apply(this, args);
    if (answer instanceof Promise) answer.then(done, done);
    return answer;
  };
  pg.Client.prototype.query = watched as typeof pg.Client.prototype.query;
  return () =>
    [...sums]
      .map(([statement, { times, ms }]) => ({ statement, times, ms }))
      .sort((a, b) => b.ms - a.ms)
      .slice(0, 40);
}

function nameOf(query: unknown): string {
  const { name, text } =
    typeof query === 'string' ? { name: undefined, text: query } : (query as pg.QueryConfig);
  return name ?? text.replace(/\s+/g, ' ').slice(0, 90);
}

function add(sums: Map<string, { times: number; ms: number }>, key: string, ms: number): void {
  const sum = sums.get(key) ?? { times: 0, ms: 0 };
  sums.set(key, { times: sum.times + 1, ms: sum.ms + ms });
}
