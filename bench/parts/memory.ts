import type { EngineResult } from '../engine-process.ts';
import type { Bench, Finding } from '../kernel.ts';

const MB = 2 ** 20;

/** Memory of a worker that reads a long history, a call of unusual length, and a page of unusual size. */
export async function memory(bench: Bench): Promise<Finding> {
  const calls = bench.quick ? 10_000 : 200_000;
  const history = await readHistory(bench, 'backfill', { calls });
  const longCall = await readHistory(bench, 'everything', { calls: 20, turns: 2_000 });
  const bigPage = await readHistory(bench, 'backfill', { calls: 100, extraBytes: 100_000 });
  const first = highest(history, 0, calls / 4);
  const last = highest(history, (calls * 3) / 4, calls);
  return {
    figures: [
      figure('memory.peak', `history of ${calls} calls: peak`, history.peakRssBytes / MB),
      figure('memory.first_quarter', 'the most in its first quarter', first / MB),
      figure('memory.last_quarter', 'the most in its last quarter', last / MB),
      { name: 'memory.growth', what: 'last quarter over first', value: last / first, unit: '×' },
      figure('memory.long_call', 'transcripts of 2,000 turns: peak', longCall.peakRssBytes / MB),
      figure('memory.big_page', 'a page of 10 MB: peak', bigPage.peakRssBytes / MB),
    ],
    evidence: { calls, history, longCall, bigPage },
  };
}

function figure(name: string, what: string, value: number) {
  return { name, what, value, unit: 'MB' };
}

async function readHistory(
  { postgres, processes }: Bench,
  only: 'backfill' | 'everything',
  history: { calls: number; turns?: number; extraBytes?: number },
): Promise<EngineResult> {
  const vendor = await processes.vendor({ ...history, prepared: false });
  const result = await postgres.withDatabase(({ url }) =>
    processes.engine({ databaseUrl: url, vendorUrl: vendor.url, only }),
  );
  vendor.close();
  return result;
}

/** The most between two counts of calls: what lies between falls and rises with each collection of garbage. */
function highest({ memory: samples }: EngineResult, from: number, to: number): number {
  return Math.max(
    ...samples.flatMap(({ calls, rssBytes }) => (calls > from && calls <= to ? [rssBytes] : [])),
  );
}
