import type { EngineResult } from '../engine-process.ts';
import type { Bench, Finding } from '../kernel.ts';

const MB = 2 ** 20;

/** Memory of a worker that reads a long history, a call of unusual length, and a page of unusual size. */
export async function memory(bench: Bench): Promise<Finding> {
  const calls = bench.quick ? 10_000 : 200_000;
  const history = await readHistory(bench, 'backfill', { calls });
  const longCall = await readHistory(bench, 'everything', { calls: 20, turns: 2_000 });
  const bigPage = await readHistory(bench, 'backfill', { calls: 100, extraBytes: 100_000 });
  const quarter = rssAt(history, calls / 4);
  const end = rssAt(history, calls);
  return {
    figures: [
      figure('memory.peak', `history of ${calls} calls: peak`, history.peakRssBytes / MB),
      figure('memory.at_quarter', 'after the first quarter', quarter / MB),
      figure('memory.at_end', 'at the end', end / MB),
      { name: 'memory.growth', what: 'end over first quarter', value: end / quarter, unit: '×' },
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

/** The median around this many calls: a single sample may fall just before or after a collection of garbage. */
function rssAt({ memory: samples }: EngineResult, calls: number): number {
  const near = samples.filter((sample) => Math.abs(sample.calls - calls) <= calls / 10);
  const sorted = near.map(({ rssBytes }) => rssBytes).sort((a, b) => a - b);
  return sorted[Math.floor(sorted.length / 2)] ?? Number.NaN;
}
