import type { Postgres } from './postgres.ts';
import type { Processes } from './processes.ts';

/** One number that the bench found out. `bounds.json` may say what it has to be. */
export interface Figure {
  /** As in `bounds.json`, beginning with the part's name. */
  name: string;
  what: string;
  value: number;
  unit: string;
}

export interface Finding {
  figures: Figure[];
  /** What stands behind the figures: single runs, plans, profiles. For the JSON only. */
  evidence: Record<string, unknown>;
}

export interface Bench {
  postgres: Postgres;
  processes: Processes;
  /** Small sizes and one run each: to see that it works, not to measure. */
  quick: boolean;
  /** Size of the warehouse that is queried. */
  queriedCalls: number;
}

export type Part = (bench: Bench) => Promise<Finding>;

/** Runs that a median is taken of. */
export function runsOf({ quick }: Bench): number {
  return quick ? 1 : 5;
}

export function median(values: readonly number[]): number {
  const sorted = values.toSorted((a, b) => a - b);
  const middle = sorted.length / 2;
  return ((sorted[Math.floor(middle)] ?? Number.NaN) + (sorted[Math.ceil(middle) - 1] ?? Number.NaN)) / 2;
}

export function quantile(values: readonly number[], share: number): number {
  const sorted = values.toSorted((a, b) => a - b);
  return sorted[Math.min(sorted.length - 1, Math.ceil(share * sorted.length) - 1)] ?? Number.NaN;
}

/** Does something some times, one after the other. */
export async function repeated<T>(times: number, work: () => Promise<T>): Promise<T[]> {
  const results: T[] = [];
  for (let i = 0; i < times; i += 1) results.push(await work());
  return results;
}

export async function secondsOf(work: () => Promise<unknown>): Promise<number> {
  const startedAt = performance.now();
  await work();
  return (performance.now() - startedAt) / 1_000;
}
