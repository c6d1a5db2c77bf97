import { DAY, MINUTE } from '../../src/clock.ts';
import { Faults } from '../../src/sandbox/faults.ts';
import { differencesOf, wholeCall } from './checks/content.ts';
import { callsOf, type Scene } from './play.ts';
import { readStoredCalls, type StoredCall } from './stored-calls.ts';
import { incidentsOf } from './story.ts';
import type { Course, Row, SimulatedCall } from './vendors/vendor.ts';

/**
 * What must be right without reading history once more: every call that the vendor always told rightly, listed within
 * the look-back, and did not change after its end but by the late fields that are waited for.
 */
export async function differencesBeforeReread(scene: Scene): Promise<string[]> {
  const { play, name, vendor } = scene;
  const stored = await readStoredCalls(play.server.admin, name);
  const exempt = exemptCalls(scene);
  const since = requiredSince(scene);
  const expected: SimulatedCall[] = [];
  for (const call of callsOf(scene)) {
    const { course } = call;
    const known = stored.get(course.id);
    if (exempt(course, known) || !course.isWhole) continue;
    if ((course.placedMs ?? course.birthMs) < since && known === undefined) continue;
    expected.push({ ...call, row: without(vendor.unawaited, wholeCall(scene, call, known)) });
  }
  const differences = await differencesOf(scene, expected);
  return differences.filter((text) => !text.endsWith('in the warehouse and not at the vendor'));
}

function without(columns: readonly string[], row: Row): Row {
  return Object.fromEntries(Object.entries(row).filter(([column]) => !columns.includes(column)));
}

function exemptCalls(scene: Scene): (course: Course, known: StoredCall | undefined) => boolean {
  const { story, chronicle } = scene.play;
  const victims = new Set(chronicle.victims.values());
  const { lookbackMs } = story.settings;
  const late = new Faults();
  for (const incident of incidentsOf(story, scene.name)) {
    const { kind } = incident;
    if (kind === 'listed_late' && incident.delayMs > lookbackMs / 2) {
      late.add({ kind: 'vendor_sees_late', share: incident.share, delayMs: incident.delayMs });
    }
  }
  const isRerun = rerunUnseen(scene);
  return (course, known) =>
    victims.has(course.id) || late.listedAfterMs(course.id) > 0 || isRerun(course, known);
}

/** Ages at which a settled call is asked for once more (src/sync/recheck.ts), and how often that is looked after. */
const RECHECKED_AT_MS = [1, 7, 30, 90].map((days) => days * DAY);
const LOOK_EVERY_MS = 10 * MINUTE;

/**
 * Whether a call was changed long after its end, by an operator, and nothing had to show it yet. Where lists show it,
 * that depends on the look-back and on audits; where they do not, on whether the call came of age since.
 */
function rerunUnseen(scene: Scene): (course: Course, known: StoredCall | undefined) => boolean {
  const { story, chronicle, vendorNow } = scene.play;
  if (story.world.reanalysis === null) return () => false;
  if (scene.name !== 'voicy') return () => true;
  const nowMs = vendorNow();
  const done = chronicle.passes.filter(({ vendor, outcome }) => vendor === scene.name && outcome === 'done');
  const lastPassMs = Math.max(...done.map(({ startedAtMs }) => startedAtMs));
  const lookedAtMs = lastPassMs + story.vendorSkewMs - LOOK_EVERY_MS - 2 * MINUTE;
  return ({ rerunMs, placedMs, birthMs }, known) => {
    if (rerunMs === null || rerunMs > nowMs) return false;
    const asked = RECHECKED_AT_MS.map((ageMs) => (placedMs ?? birthMs) + ageMs);
    const seen = asked.some((atMs) => atMs > rerunMs && atMs <= lookedAtMs);
    return !seen || known?.settlement !== 'settled';
  };
}

/**
 * The vendor's instant from which on every call must be in the warehouse. `CALLHOUSE_SINCE` as an age is counted by
 * each process from its start, on the machine's clock; the last to start may begin the latest.
 */
function requiredSince({ play: { story, chronicle } }: Scene): number {
  const { sinceAgeMs } = story.settings;
  if (sinceAgeMs === null) return Number.NEGATIVE_INFINITY;
  const skewsMs = story.workers.map(({ skewMs }) => Math.abs(skewMs));
  return chronicle.restedAtMs - sinceAgeMs + Math.max(...skewsMs) + Math.abs(story.vendorSkewMs) + MINUTE;
}
