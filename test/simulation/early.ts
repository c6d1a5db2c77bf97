import { MINUTE } from '../../src/clock.ts';
import { Faults } from '../../src/sandbox/faults.ts';
import type { VoxCall } from '../../src/sandbox/vox/call.ts';
import { differencesFromTruth } from '../support/truth.ts';
import { wholeCall } from './checks/content.ts';
import type { Play } from './play.ts';
import { readStoredCalls } from './stored-calls.ts';

/**
 * What must be right without reading history once more: every call that the vendor always told rightly, listed within
 * the look-back, and did not change after its end but by the late fields that are waited for.
 */
export async function differencesBeforeReread(play: Play): Promise<string[]> {
  const { server, sandbox, vendorNow } = play;
  const stored = await readStoredCalls(server.admin);
  const exempt = exemptCalls(play);
  const since = requiredSince(play);
  const expected: VoxCall[] = [];
  for (const call of sandbox.world.details(vendorNow())) {
    const plan = sandbox.world.planOf(call.id, vendorNow());
    if (plan === null || exempt(call.id) || plan.outcome.status !== 'ended') continue;
    if (plan.settledKeyMs < since && !stored.has(call.id)) continue;
    expected.push(wholeCall(call, stored.get(call.id)));
  }
  const differences = await differencesFromTruth(server.admin, expected);
  return differences.filter((text) => !text.endsWith('in the warehouse and not at the vendor'));
}

function exemptCalls({ story, chronicle }: Play): (callId: string) => boolean {
  const victims = new Set(chronicle.victims.values());
  const { lookbackMs } = story.settings;
  const late = new Faults();
  for (const incident of story.incidents) {
    const { kind } = incident;
    if (kind === 'listed_late' && incident.delayMs > lookbackMs / 2) {
      late.add({ kind: 'vendor_sees_late', share: incident.share, delayMs: incident.delayMs });
    }
  }
  return (callId) => victims.has(callId) || late.listedAfterMs(callId) > 0 || story.world.reanalysis !== null;
}

/**
 * The vendor's instant from which on every call must be in the warehouse. `CALLHOUSE_SINCE` as an age is counted by
 * each process from its start, on the machine's clock; the last to start may begin the latest.
 */
function requiredSince({ story, chronicle }: Play): number {
  const { sinceAgeMs } = story.settings;
  if (sinceAgeMs === null) return Number.NEGATIVE_INFINITY;
  const skewsMs = story.workers.map(({ skewMs }) => Math.abs(skewMs));
  return chronicle.restedAtMs - sinceAgeMs + Math.max(...skewsMs) + Math.abs(story.vendorSkewMs) + MINUTE;
}
