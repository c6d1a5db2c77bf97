import { MINUTE, SECOND } from '../../src/clock.ts';
import { DEFAULT_SETTLEMENT } from '../../src/settlement/policy.ts';
import { type Bench, type Figure, type Finding, quantile } from '../kernel.ts';
import { inVirtualWorld, ORIGIN_MS } from '../virtual-world.ts';

/** So late that it never comes within the time that is measured: as for agents that do not record. */
const NO_RECORDINGS = { recordingScale: 1e6 };

/**
 * How long after its end what was said in a call stands in the warehouse, and what that costs in requests. A call has
 * its transcript when its calm is over; whether it has a recording must not matter.
 */
export async function transcripts(bench: Bench): Promise<Finding> {
  const recorded = await liveCalls(bench, 'recorded', {});
  const unrecorded = await liveCalls(bench, 'unrecorded', NO_RECORDINGS);
  return {
    figures: [...recorded.figures, ...unrecorded.figures],
    evidence: { recorded: recorded.waits, unrecorded: unrecorded.waits },
  };
}

function liveCalls(bench: Bench, name: string, timings: { recordingScale?: number }) {
  const liveForMs = (bench.quick ? 8 : 40) * MINUTE;
  const options = { liveCallsPerSecond: 1_000 / 3_600, liveForMs, timings };
  return inVirtualWorld(bench, 'vox', options, async ({ runFor, sandbox, database, pollIntervalMs }) => {
    await runFor(liveForMs + 20 * MINUTE);
    const { list, detail, agents } = sandbox.vox.requests.counts;
    const rows = await database.query<{ wait_s: number | null; settled: boolean }>(
      `select extract(epoch from t.at - c.ended_at)::float8 as wait_s, c.settlement = 'settled' as settled
from callhouse.calls c
left join lateral (
  select min(e.observed_at) as at from callhouse.call_events e
  where (e.source_id, e.call_id) = (c.source_id, c.call_id) and e.changes ? 'transcript'
) t on true
where c.occurred_at >= $1`,
      [new Date(ORIGIN_MS)],
    );
    const waits = rows.flatMap(({ wait_s }) => wait_s ?? []);
    const boundS = (DEFAULT_SETTLEMENT.calmMs + pollIntervalMs) / SECOND + 5;
    const settled = rows.filter((row) => row.settled).length;
    const figure = (figureName: string, what: string, value: number, unit: string): Figure => ({
      name: `transcripts.${name}.${figureName}`,
      what: `${name} calls: ${what}`,
      value,
      unit,
    });
    return {
      waits,
      figures: [
        figure('p50', 'from the end of a call to its transcript, p50', quantile(waits, 0.5), 's'),
        figure('p95', 'the same, p95', quantile(waits, 0.95), 's'),
        figure('p95_over_bound', 'p95 over calm + poll + 5 s', quantile(waits, 0.95) / boundS, '×'),
        figure('requests', 'requests for a settled call', (list + detail + agents) / settled, 'a call'),
      ],
    };
  });
}
