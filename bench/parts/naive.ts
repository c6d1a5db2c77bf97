import { type Bench, type Finding, median, repeated, runsOf } from '../kernel.ts';
import type { NaiveResult } from '../naive-process.ts';

/** The engine against the script that people write first, on the same answers and the same tables. */
export async function naive(bench: Bench): Promise<Finding> {
  const calls = bench.quick ? 100 : 300;
  // Both run for about as long: what a process needs to get going counts as much on either side.
  const many = bench.quick ? 1_000 : 3_000;
  const few = await bench.processes.vendor({ calls });
  const scripts = await repeated(runsOf(bench), () =>
    bench.postgres.withDatabase(({ url }) =>
      bench.processes.run<NaiveResult>('naive', { databaseUrl: url, vendorUrl: few.url }),
    ),
  );
  few.close();
  const vendor = await bench.processes.vendor({ calls: many });
  const engines = await repeated(runsOf(bench), () =>
    bench.postgres.withDatabase(({ url }) =>
      bench.processes.engine({ databaseUrl: url, vendorUrl: vendor.url, only: 'everything' }),
    ),
  );
  vendor.close();
  const script = calls / median(scripts.map(({ seconds }) => seconds));
  const engine = many / median(engines.map(({ seconds }) => seconds));
  return {
    figures: [
      {
        name: 'naive.engine_over_script',
        what: 'engine over one statement per row: rate',
        value: engine / script,
        unit: '×',
      },
      { name: 'naive.calls_per_second', what: 'one statement per row', value: script, unit: 'calls/s' },
    ],
    evidence: {
      calls,
      many,
      scripts,
      engines: engines.map(({ seconds, cpuSeconds }) => ({ seconds, cpuSeconds })),
    },
  };
}
