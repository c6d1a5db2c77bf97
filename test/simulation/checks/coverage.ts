import { SECOND } from '../../../src/clock.ts';
import { Faults } from '../../../src/sandbox/faults.ts';
import { callsOf, type Scene } from '../play.ts';
import { incidentsOf } from '../story.ts';

/** A call that is younger may not be listed yet. */
const YOUNG_MS = 10 * SECOND;

/**
 * Calls that the vendor has had in time that is covered, and that the warehouse lacks. Those that an incident struck, and
 * those that the vendor listed late, may have come after their time was read.
 */
export async function lackingWhereCovered(scene: Scene): Promise<string[]> {
  const { play, name } = scene;
  const isExempt = exemptCalls(scene);
  const before = play.vendorNow() - YOUNG_MS;
  const calls = [...callsOf(scene)].flatMap(({ course }) => {
    const atMs = course.placedMs ?? course.birthMs;
    const isOver = course.finishMs !== null && course.finishMs < before;
    return isOver && !isExempt(course.id) ? [{ id: course.id, at: new Date(atMs).toISOString() }] : [];
  });
  const { rows } = await play.server.admin.query<{ id: string; at: Date }>(
    `select n.id, n.at from unnest($2::text[], $3::timestamptz[]) as n (id, at)
join callhouse_sync.coverage v on v.source = $1 and v.covered @> n.at
where not exists (select from callhouse.calls c where c.source_id = v.source_id and c.call_id = n.id)
  and not exists (select from callhouse_sync.dead_letters d where d.source_id = v.source_id and d.call_id = n.id)`,
    [name, calls.map(({ id }) => id), calls.map(({ at }) => at)],
  );
  return rows.map(({ id, at }) => `${id} of ${at.toISOString()} is not stored, and its time is covered`);
}

function exemptCalls({ play: { story, chronicle }, name }: Scene): (callId: string) => boolean {
  const victims = new Set(chronicle.victims.values());
  const late = new Faults();
  for (const incident of incidentsOf(story, name)) {
    if (incident.kind !== 'listed_late') continue;
    late.add({ kind: 'vendor_sees_late', share: incident.share, delayMs: incident.delayMs });
  }
  return (callId) => victims.has(callId) || late.listedAfterMs(callId) > 0;
}
