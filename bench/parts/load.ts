import { secondsOfCopies } from '../copy.ts';
import type { EngineJob, EngineResult } from '../engine-process.ts';
import { type Bench, type Figure, type Finding, median, repeated, runsOf } from '../kernel.ts';
import type { Vendor } from '../processes.ts';
import { type Size, tableSizes } from '../sizes.ts';

/** From HTTP to committed rows without a request limit, against COPY of the same rows into the same tables. */
export async function load(bench: Bench): Promise<Finding> {
  const calls = bench.quick ? 500 : 3_000;
  const vendor = await bench.processes.vendor({ calls });
  const whole = await against(bench, vendor, 'everything');
  const lists = await against(bench, vendor, 'backfill');
  const profiled = await bench.postgres.withDatabase(({ url }) =>
    bench.processes.engine({ databaseUrl: url, vendorUrl: vendor.url, only: 'everything', profile: true }),
  );
  vendor.close();
  return {
    figures: [
      ...figuresOf('load', 'history with every detail', calls, whole),
      ...figuresOf('load.lists', 'history, lists only', calls, lists),
    ],
    evidence: { calls, whole, lists, profiled },
  };
}

interface Against {
  engine: EngineResult[];
  copySeconds: number[];
  /** What the last engine left on the disk. */
  sizes: Size[];
}

async function against(bench: Bench, vendor: Vendor, only: EngineJob['only']): Promise<Against> {
  const run = (databaseUrl: string) => bench.processes.engine({ databaseUrl, vendorUrl: vendor.url, only });
  const earlier = await repeated(runsOf(bench) - 1, () => bench.postgres.withDatabase(({ url }) => run(url)));
  return bench.postgres.withDatabase(async (database) => {
    const last = await run(database.url);
    const sizes = await tableSizes(database, last.counts.callsInserted);
    return { engine: [...earlier, last], copySeconds: await secondsOfCopies(bench, database), sizes };
  });
}

function figuresOf(name: string, what: string, calls: number, { engine, copySeconds }: Against): Figure[] {
  const seconds = median(engine.map((result) => result.seconds));
  const cpu = median(engine.map((result) => result.cpuSeconds));
  const copying = median(copySeconds);
  return [
    { name: `${name}.over_copy`, what: `${what}: time over COPY`, value: seconds / copying, unit: '×' },
    { name: `${name}.calls_per_second`, what: `${what}`, value: calls / seconds, unit: 'calls/s' },
    { name: `${name}.copy_calls_per_second`, what: `${what}: COPY`, value: calls / copying, unit: 'calls/s' },
    {
      name: `${name}.cpu_ms_per_call`,
      what: `${what}: the engine's CPU`,
      value: (1_000 * cpu) / calls,
      unit: 'ms/call',
    },
  ];
}
