import { MINUTE } from '../../../src/clock.ts';
import type { Play } from '../play.ts';
import type { StoredCall } from '../stored-calls.ts';

/** The nearest neighbours may stand in another page, or not be listed yet. */
const NEIGHBOURS = 4;

/**
 * A call that never connected shows no start: it is placed by its end, by its neighbours in a list, or by when it was
 * first seen (docs/how-it-works.md calls it an estimate). The estimate is no worse than its sources.
 */
export function checkPlacement(play: Play, stored: ReadonlyMap<string, StoredCall>): string[] {
  const { sandbox, story, vendorNow, chronicle } = play;
  // The stamps of a clock that was set are no measure.
  if (chronicle.clockSetAtMs.length > 0) return [];
  const plans = [...stored.keys()].flatMap((callId) => sandbox.world.planOf(callId, vendorNow()) ?? []);
  const placedMs = plans.flatMap(({ connectMs }) => connectMs ?? []).sort((a, b) => a - b);
  const victims = new Set(chronicle.victims.values());
  return plans.flatMap((plan) => {
    const call = stored.get(plan.id);
    if (!call || plan.connectMs !== null || victims.has(plan.id)) return [];
    const seenAtMs = call.firstSeenAtMs + story.vendorSkewMs;
    const seenAfterMs = seenAtMs - plan.birthMs;
    const listedMs = placedMs.filter((atMs) => atMs <= seenAtMs);
    const neighboursMs = listedMs.map((atMs) => Math.abs(atMs - plan.birthMs)).sort((a, b) => a - b);
    const nearestMs = neighboursMs[NEIGHBOURS] ?? Number.MAX_VALUE;
    const lastedMs = (plan.finishMs ?? plan.birthMs) - plan.birthMs;
    const allowedMs = Math.max(seenAfterMs, lastedMs, nearestMs) + MINUTE;
    const wrongByMs = Math.abs(call.occurredAtMs - plan.birthMs);
    if (wrongByMs <= allowedMs) return [];
    const [wrong, allowed] = [wrongByMs, allowedMs].map((ms) => `${Math.round(ms / MINUTE)} min`);
    return [
      `${plan.id} is said to have happened ${wrong} from when it did, where ${allowed} can be explained`,
    ];
  });
}
