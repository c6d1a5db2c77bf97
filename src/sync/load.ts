import type { Instant } from '../call.ts';
import type { Sql } from '../database/database.ts';
import type { ListedCall, TimeWindow } from '../source.ts';
import type { ReadStep, SyncContext } from './context.ts';
import type { PreparedCall } from './prepare-page.ts';

/** Records of one answer of the vendor. */
export interface Load {
  calls: readonly ListedCall[];
  requestedAt: Instant;
  window: TimeWindow | null;
  step: ReadStep;
  /** Reads records also where they say what they said before: this version may understand them. */
  again?: boolean;
}

/** What came of loading some records. */
export interface Loaded {
  inserted: number;
  updated: number;
  settled: number;
  transcriptItems: number;
  /** Records that were set aside, and fields of calls that were stored. */
  letters: number;
  fields: number;
  newDrift: { kind: string; path: string; value: string }[];
}

export type LoadSome = (tx: Sql, context: SyncContext, calls: PreparedCall[], load: Load) => Promise<Loaded>;

export function sumOf(all: readonly Loaded[]): Loaded {
  const sum = { inserted: 0, updated: 0, settled: 0, transcriptItems: 0, letters: 0, fields: 0 };
  for (const { newDrift: _, ...counts } of all) {
    for (const [name, count] of Object.entries(counts)) sum[name as keyof typeof sum] += count;
  }
  return { ...sum, newDrift: all.flatMap(({ newDrift }) => newDrift) };
}
