import { differencesFromTruth } from '../../support/truth.ts';
import { callsOf, type Scene } from '../play.ts';
import type { StoredCall } from '../stored-calls.ts';
import { incidentsOf } from '../story.ts';
import type { LateFields, Row, SimulatedCall } from '../vendors/vendor.ts';

/** Every column of every call is what the vendor tells, or told as long as it did. */
export async function checkContent(scene: Scene, stored: ReadonlyMap<string, StoredCall>): Promise<string[]> {
  const retractions = checkRetractions(scene, stored);
  return [...(await differencesOf(scene, expectedCalls(scene, stored))), ...retractions];
}

/** What the warehouse has otherwise than these rows say. */
export function differencesOf({ play, vendor }: Scene, calls: Iterable<SimulatedCall>): Promise<string[]> {
  return differencesFromTruth(play.server.admin, calls, {
    ...vendor.case,
    idOf: ({ course }: SimulatedCall) => course.id,
    expect: ({ row }: SimulatedCall) => row,
  });
}

function* expectedCalls(scene: Scene, stored: ReadonlyMap<string, StoredCall>): Generator<SimulatedCall> {
  const { vendor, play } = scene;
  const { chronicle } = play;
  const changed = changedWhileRead(scene);
  for (const call of callsOf(scene)) {
    const { id } = call.course;
    const known = stored.get(id);
    const before = chronicle.retained.get(id);
    if (chronicle.deleted.has(id)) continue;
    const row = before ? afterRetention(scene, call, before, known) : wholeCall(scene, call, known);
    if (changed.has(id)) yield { ...call, row: {} };
    else yield { ...call, row: chronicle.brokenDetails.has(id) ? vendor.withoutDetail(row, known) : row };
  }
}

/** Calls that an operator changed when all had begun to be read once more: nothing has to have seen it. */
function changedWhileRead({ play, vendor, name }: Scene): Set<string> {
  const { story, sandbox, chronicle } = play;
  const rereadAtMs = chronicle.rereadAtMs.get(name);
  if (story.world.reanalysis === null || rereadAtMs === undefined) return new Set();
  const before = new Map<string, string>();
  for (const { course, row } of vendor.calls(sandbox, rereadAtMs + story.vendorSkewMs, story)) {
    before.set(course.id, JSON.stringify(row));
  }
  const now = [...vendor.calls(sandbox, play.vendorNow(), story)];
  return new Set(
    now
      .filter(({ course, row }) => before.get(course.id) !== JSON.stringify(row))
      .map(({ course }) => course.id),
  );
}

/** The transcript of a call that never ends is not asked for: it is read when it can be whole (docs/settlement.md). */
export function wholeCall(scene: Scene, call: SimulatedCall, stored: StoredCall | undefined): Row {
  const { vendor } = scene;
  const row = ownNumberKnown(scene) ? call.row : withoutNumbers(call.row);
  return row.status === 'ongoing' ? vendor.withoutDetail(row, stored) : row;
}

/** Calls of Diga name our own number by an id alone: its list may be broken for good. */
function ownNumberKnown({ play, name }: Scene): boolean {
  return name !== 'diga' || !incidentsOf(play.story, name).some(({ kind }) => kind === 'agents_broken');
}

function withoutNumbers({ from_number: _from, to_number: _to, ...rest }: Row): Row {
  return rest;
}

/**
 * What is to be expected of a call whose late fields the vendor took away. What the warehouse had by then it keeps
 * (docs/how-it-works.md, "a value that the vendor withdraws is kept"), or erases by the policy `follow`. What was on
 * its way to the warehouse at that moment may have arrived as well.
 */
function afterRetention(
  scene: Scene,
  call: SimulatedCall,
  before: LateFields,
  now: StoredCall | undefined,
): Row {
  const keeps = scene.play.story.settings.onRetraction === 'keep';
  const kept = (field: 'recording' | 'analysis' | 'summary') =>
    keeps && (before[field] || now?.[field] === true);
  // A list does not show that a transcript is gone, and what was read in the calm is not asked for again.
  const hadItems = keeps ? (before.transcriptItems ?? 0) : 0;
  const row = scene.vendor.afterRetention(wholeCall(scene, call, now), {
    recording: kept('recording'),
    analysis: kept('analysis'),
    summary: kept('summary'),
    transcriptItems: Math.max(hadItems, now?.transcriptItems ?? 0),
  });
  return scene.play.story.world.reanalysis === null ? row : withoutAnalysis(row);
}

/** What an operator had analysed anew after the vendor took it away, nobody could read. */
function withoutAnalysis({
  summary: _summary,
  sentiment: _sentiment,
  extractions: _extractions,
  ...rest
}: Row): Row {
  return rest;
}

function checkRetractions({ play, vendor, name }: Scene, stored: ReadonlyMap<string, StoredCall>): string[] {
  const { story, chronicle } = play;
  if (story.settings.onRetraction === 'follow') return [];
  const isUnanswered = (callId: string) => name === 'voicy' && chronicle.brokenDetails.has(callId);
  return [...chronicle.retained].flatMap(([callId, before]) => {
    // Of a call that the vendor deleted before, or cannot answer for, nobody could read that more of it was withdrawn.
    const call = stored.get(callId);
    if (call === undefined || chronicle.deleted.has(callId) || isUnanswered(callId)) return [];
    const untold = vendor
      .retracted(before)
      .filter((columns) => !columns.some((column) => call.retracted.includes(column)));
    return untold.map(
      ([column]) =>
        `${callId}: ${column} was withdrawn and is not named in retracted (${call.retracted.join()})`,
    );
  });
}
