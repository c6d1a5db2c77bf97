import { MINUTE } from '../../../src/clock.ts';
import { courseOf, type Scene } from '../play.ts';
import type { StoredCall } from '../stored-calls.ts';
import { incidentsOf } from '../story.ts';

/** The nearest neighbours may stand in another page, or not be listed yet. */
const NEIGHBOURS = 4;

/**
 * A call that shows no start, mostly because it never connected, is placed by its end, by its neighbours in a list, or by when it was
 * first seen (docs/how-it-works.md calls it an estimate). The estimate is no worse than its sources.
 */
export function checkPlacement(scene: Scene, stored: ReadonlyMap<string, StoredCall>): string[] {
  const { story, chronicle } = scene.play;
  // The stamps of a clock that was set are no measure, nor are the neighbours in a list that shows calls of any time.
  const lies = incidentsOf(story, scene.name).some(({ kind }) => kind === 'lies');
  if (chronicle.clockSetAtMs.length > 0 || lies) return [];
  const courses = [...stored.keys()].flatMap((callId) => courseOf(scene, callId) ?? []);
  const allPlacedMs = courses.flatMap(({ placedMs }) => placedMs ?? []).sort((a, b) => a - b);
  const victims = new Set(chronicle.victims.values());
  return courses.flatMap((course) => {
    const call = stored.get(course.id);
    if (!call || course.placedMs !== null || victims.has(course.id)) return [];
    const seenAtMs = call.firstSeenAtMs + story.vendorSkewMs;
    const seenAfterMs = seenAtMs - course.birthMs;
    const listedMs = allPlacedMs.filter((atMs) => atMs <= seenAtMs);
    // The estimate takes a neighbour of one side, which may be the farther one.
    const sidesMs = [-1, 1].map((side) => {
      const distances = listedMs.map((atMs) => side * (atMs - course.birthMs)).filter((ms) => ms >= 0);
      distances.sort((a, b) => a - b);
      return distances[NEIGHBOURS] ?? distances.at(-1) ?? 0;
    });
    const nearestMs = listedMs.length > NEIGHBOURS ? Math.max(...sidesMs) : Number.MAX_VALUE;
    const lastedMs = (course.finishMs ?? course.birthMs) - course.birthMs;
    const allowedMs = Math.max(seenAfterMs, lastedMs, nearestMs) + MINUTE;
    const wrongByMs = Math.abs(call.occurredAtMs - course.birthMs);
    if (wrongByMs <= allowedMs) return [];
    const [wrong, allowed] = [wrongByMs, allowedMs].map((ms) => `${Math.round(ms / MINUTE)} min`);
    return [
      `${course.id} is said to have happened ${wrong} from when it did, where ${allowed} can be explained`,
    ];
  });
}
