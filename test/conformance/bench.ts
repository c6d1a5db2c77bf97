import { afterEach, expect } from 'vitest';
import { HOUR, MINUTE } from '../../src/clock.ts';
import type { HttpRequest } from '../../src/http/transport.ts';
import type { SandboxOptions } from '../../src/sandbox/options.ts';
import { buildSandbox } from '../../src/sandbox/server.ts';
import type { SyncContext } from '../../src/sync/context.ts';
import { runUnderLease, type SyncResult } from '../../src/sync/sync-source.ts';
import { type Verified, verify } from '../../src/sync/verify.ts';
import { summarizeQueue } from '../../src/warehouse/settlements.ts';
import { type Bench, startBench } from '../scenarios/bench.ts';
import { listedTruth } from '../support/vendors.ts';
import type { ConformanceCase } from './case.ts';
import { type Change, tampering } from './tamper.ts';

/** The key that the vendor accepts. It looks like no key, so that nothing finds it by its form. */
export const KEY = 'four-tall-lanterns-9182';

export interface ConformanceBench extends Bench {
  /** Every request that left, oldest first. */
  sent: HttpRequest[];
  /** Changes answers from now on, until what it gives is called. */
  tamper(change: Change): () => void;
  /** Calls as lists show them now, by id, as the warehouse must hold them. */
  truth(): Map<string, Record<string, unknown>>;
  /** Some call that the vendor has. */
  pick(accepts?: (row: Record<string, unknown>) => boolean): string;
  /** The ids of all calls that lists show, and of all that are stored, in the same order. */
  listedIds(): string[];
  storedIds(): Promise<string[]>;
  /** Work of another command than sync. */
  underLease(work: (context: SyncContext) => Promise<void>): Promise<SyncResult>;
  verify(options: { heal: boolean }): Promise<Verified>;
}

/** What a vendor tells of a call comes within minutes; what it never tells is waited for until the deadline. */
const SETTLE_STEPS_MS = [...Array<number>(6).fill(10 * MINUTE), ...Array<number>(12).fill(6 * HOUR)];

interface Options extends SandboxOptions {
  deadlineMs?: number;
  env?: Record<string, string>;
  /** How long after the last call of the past the test begins. Default an hour. */
  beginsAfterMs?: number;
}

const opened: Bench[] = [];

afterEach(() => {
  for (const { vendor } of opened.splice(0)) expect(vendor.requests.counts.create).toBe(0);
});

/** A vendor with some calls of the last two days, all of them over for an hour, and the engine that reads it. */
export async function startConformance(
  vendor: ConformanceCase,
  { beginsAfterMs = HOUR, ...options }: Options = {},
): Promise<ConformanceBench> {
  const sent: HttpRequest[] = [];
  const changes = new Set<Change>();
  const bench = await startBench({
    pastCalls: 40,
    historyDays: 2,
    apiKey: KEY,
    ...options,
    env: { [`${vendor.vendor.prefix}_API_KEY`]: KEY, ...options.env },
    vendor: vendor.vendor,
    transport: tampering(vendor, { sent, changes }),
  });
  bench.clock.advance(beginsAfterMs);
  opened.push(bench);
  return { ...bench, sent, ...seeing(bench, vendor), ...doing(bench, changes) };
}

function seeing(
  bench: Bench,
  { vendor }: ConformanceCase,
): Pick<ConformanceBench, 'truth' | 'pick' | 'listedIds' | 'storedIds'> {
  const truth = () => {
    const calls = listedTruth(vendor, bench.sandbox, bench.clock.now());
    return new Map([...calls].map((call) => [vendor.idOf(call), vendor.expect(call)]));
  };
  return {
    truth,
    pick(accepts = () => true) {
      const found = [...truth()].find(([, row]) => accepts(row));
      if (!found) throw new Error('the vendor has no such call');
      return found[0];
    },
    listedIds: () => [...truth().keys()].sort((a, b) => (a < b ? -1 : 1)),
    async storedIds() {
      const { rows } = await bench.pool.query<{ call_id: string }>(
        'select call_id from callhouse.calls order by call_id collate "C"',
      );
      return rows.map(({ call_id }) => call_id);
    },
  };
}

function doing(
  bench: Bench,
  changes: Set<Change>,
): Pick<ConformanceBench, 'tamper' | 'settle' | 'underLease' | 'verify'> {
  const underLease: ConformanceBench['underLease'] = (work) => {
    const run = { command: 'verify', signal: new AbortController().signal, leaseWaitMs: 0 };
    return runUnderLease(bench.synced, run, work);
  };
  return {
    tamper(change) {
      changes.add(change);
      return () => changes.delete(change);
    },
    async settle() {
      for (const stepMs of SETTLE_STEPS_MS) {
        const result = await bench.pass();
        const queue = await summarizeQueue(bench.pool, bench.synced.sourceId);
        if (result.outcome !== 'done' || queue.pending === 0) return result;
        bench.clock.advance(stepMs);
      }
      return bench.pass();
    },
    underLease,
    async verify({ heal }) {
      let verified: Verified | null = null;
      const { error } = await underLease(async (context) => {
        verified = await verify(context, { from: null, to: null, ids: true, heal }, () => undefined);
      });
      expect(error).toBeNull();
      if (!verified) throw new Error('nothing was verified');
      return verified;
    },
  };
}

/** Calls that have items of a transcript, and more than a few. */
export const hasTalk = ({ items }: Record<string, unknown>): boolean =>
  Array.isArray(items) && items.length > 3;

const pageSizes = new Map<ConformanceCase, number>();

/** Rows of a full page. */
export async function pageSizeOf(vendor: ConformanceCase): Promise<number> {
  const known = pageSizes.get(vendor) ?? (await startConformance(vendor)).synced.source.pageSize;
  pageSizes.set(vendor, known);
  return known;
}

const worlds = new Map<string, number>();

/** How many calls a world must have so that its lists show so many: some vendors hide some. */
export function worldThatLists({ vendor }: ConformanceCase, listed: number): number {
  const key = `${vendor.name} ${listed}`;
  const now = () => Date.parse('2026-11-20T03:00:00Z');
  for (let pastCalls = worlds.get(key) ?? listed; ; ) {
    if (worlds.has(key)) return pastCalls;
    const sandbox = buildSandbox({ pastCalls, now, historyDays: 2 });
    const lacking = listed - [...listedTruth(vendor, sandbox, now())].length;
    if (lacking === 0) worlds.set(key, pastCalls);
    pastCalls += lacking;
  }
}
