import { HOUR, MINUTE } from '../../../src/clock.ts';
import { courseOf, type Scene } from '../play.ts';
import type { StoredCall } from '../stored-calls.ts';
import type { Course } from '../vendors/vendor.ts';

/** Every call is settled, or in the one other state that is right for it. */
export function checkSettlement(scene: Scene, stored: ReadonlyMap<string, StoredCall>): string[] {
  const complaints: string[] = [];
  for (const [callId, call] of stored) {
    const course = courseOf(scene, callId);
    if (course === null) continue;
    const allowed = allowedStates(scene, course, call, stored);
    if (!allowed.includes(call.settlement)) {
      complaints.push(
        `${callId} is ${call.settlement}, and should be ${allowed.join(' or ')} (${describe(scene, course)})`,
      );
    }
  }
  return complaints;
}

function allowedStates(
  scene: Scene,
  course: Course,
  call: StoredCall,
  stored: ReadonlyMap<string, StoredCall>,
): StoredCall['settlement'][] {
  const { chronicle } = scene.play;
  if (chronicle.deleted.has(course.id)) return ['missing'];
  // Nobody can know what the vendor cannot tell: waited for, or given up.
  if (chronicle.brokenDetails.has(course.id)) return ['settling', 'settled', 'expired', 'stuck'];
  if (course.finishMs === null) return ['stuck'];
  if (course.connectMs === null) return ['settled'];
  return mayExpire(scene, course, call, stored) ? ['settled', 'expired'] : ['settled'];
}

/**
 * A call expires when something of it never came: what retention took away before it was read, or the analysis of an
 * agent that gives none (docs/settlement.md) while too few of its calls were known to tell.
 */
function mayExpire(
  scene: Scene,
  course: Course,
  call: StoredCall,
  stored: ReadonlyMap<string, StoredCall>,
): boolean {
  const { story, chronicle } = scene.play;
  if (!course.isWhole || course.isOptedOut) return false;
  if (chronicle.retained.has(course.id)) return true;
  if (!course.lacksAnalysis) return false;
  const { expiredAtMs } = call;
  if (expiredAtMs === null) return false;
  // Stamps of a clock that was set do not tell what was known when.
  if (story.incidents.some(({ kind }) => kind.endsWith('clock_set'))) return true;
  return teachers(scene, course, expiredAtMs, stored) < TEACHERS_MIN;
}

/** So many calls of an agent teach what its calls never get. */
const TEACHERS_MIN = 5;

/** Calls of the same agent, known in good time, that would have taught that no analysis comes. */
function teachers(
  scene: Scene,
  course: Course,
  atMs: number,
  stored: ReadonlyMap<string, StoredCall>,
): number {
  const endedBefore = atMs + scene.play.story.vendorSkewMs - HOUR - MINUTE;
  let count = 0;
  for (const [callId, { firstSeenAtMs, settlement }] of stored) {
    const other = courseOf(scene, callId);
    if (other === null || other.agentId !== course.agentId || !other.isWhole) continue;
    if (other.isOptedOut || other.connectMs === null || other.finishMs === null || settlement === 'missing')
      continue;
    if (other.finishMs < endedBefore && firstSeenAtMs < atMs - MINUTE) count += 1;
  }
  return count;
}

function describe({ play: { story } }: Scene, { words, finishMs }: Course): string {
  const end =
    finishMs === null ? 'never ends' : `ended ${new Date(finishMs - story.vendorSkewMs).toISOString()}`;
  return `${words}, ${end}`;
}
