import { MINUTE, SECOND } from '../../src/clock.ts';
import type { SandboxOptions } from '../../src/sandbox/options.ts';
import { REALISTIC_TIMINGS } from '../../src/sandbox/timings.ts';
import { aftermathOf } from '../../src/sandbox/vox/aftermath.ts';
import { type Bench, type Finding, quantile } from '../kernel.ts';
import { inVirtualWorld, ORIGIN_MS, type VirtualWorld } from '../virtual-world.ts';

const PER_MINUTE = 120;

/** At the vendor's 5 requests a second and 120 a minute, with far more history than they can fetch in the time. */
export function budget(bench: Bench): Promise<Finding> {
  const spanMs = (bench.quick ? 4 : 30) * MINUTE;
  const options: SandboxOptions = {
    pastCalls: bench.quick ? 1_000 : 6_000,
    historyDays: 10,
    liveCallsPerSecond: 0.1,
    // The late fields of the last ones come within the span, but for a few.
    liveForMs: spanMs / 2,
  };
  return inVirtualWorld(bench, 'vox', options, async (world) => {
    await world.runFor(spanMs);
    const { requests } = world.sandbox.vox;
    const sent = requests.entries.length;
    const lateness = await latenessOfLiveCalls(world);
    const [left] = await world.database.query<{ waiting: number }>(
      'select count(*)::integer as waiting from callhouse_sync.settlements',
    );
    const excess = quantile(
      lateness.map(({ afterTold }) => afterTold),
      0.95,
    );
    return {
      figures: [
        {
          name: 'budget.used',
          what: 'share of the allowed requests that was used',
          value: (100 * sent) / ((PER_MINUTE * spanMs) / MINUTE),
          unit: '%',
        },
        { name: 'budget.refused', what: 'refused with 429', value: requests.counts.rateLimited, unit: '' },
        {
          name: 'budget.freshness_p95',
          what: 'live beside history: from the end of a call to its settled row, p95',
          value: quantile(
            lateness.map(({ afterEnd }) => afterEnd),
            0.95,
          ),
          unit: 's',
        },
        {
          name: 'budget.freshness_p95_after_told',
          what: 'from its last late field to its settled row, p95',
          value: excess,
          unit: 's',
        },
        {
          name: 'budget.freshness_p95_over_bound',
          what: 'the same over poll interval + 5 s',
          value: excess / (world.pollIntervalMs / SECOND + 5),
          unit: '×',
        },
      ],
      evidence: { spanMs, sent, counts: requests.counts, waiting: left?.waiting, lateness },
    };
  });
}

interface Lateness {
  callId: string;
  /** Seconds to the settled row, or to now where there is none. */
  afterEnd: number;
  afterTold: number;
  settled: boolean;
}

/** Of the calls that were told of as a whole: how long until the warehouse had it all. */
async function latenessOfLiveCalls({ database, sandbox, clock }: VirtualWorld): Promise<Lateness[]> {
  const rows = await database.query<{ call_id: string; settled_at: Date | null }>(
    'select call_id, settled_at from callhouse.calls where occurred_at >= $1',
    [new Date(ORIGIN_MS)],
  );
  return rows.flatMap(({ call_id: callId, settled_at: settledAt }) => {
    const plan = sandbox.vox.world.planOf(callId, clock.now());
    if (!plan || plan.finishMs === null || plan.finishMs > clock.now()) return [];
    const { tailAtMs, recordingAtMs, analysisAtMs, costAtMs } = aftermathOf(plan, REALISTIC_TIMINGS);
    if (tailAtMs === null || recordingAtMs === null || analysisAtMs === null || costAtMs === null) return [];
    const toldAt = Math.max(tailAtMs, recordingAtMs, analysisAtMs, costAtMs);
    if (toldAt > clock.now()) return [];
    const at = settledAt?.getTime() ?? clock.now();
    return [
      {
        callId,
        afterEnd: (at - plan.finishMs) / SECOND,
        afterTold: (at - toldAt) / SECOND,
        settled: settledAt !== null,
      },
    ];
  });
}
