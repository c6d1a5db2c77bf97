import type { VoxCall } from '../../../src/sandbox/vox/call.ts';
import { differencesFromTruth } from '../../support/truth.ts';
import type { Play, Stored } from '../play.ts';
import type { StoredCall } from '../stored-calls.ts';

/** Every column of every call is what the vendor tells, or told as long as it did. */
export async function checkContent(play: Play, stored: ReadonlyMap<string, StoredCall>): Promise<string[]> {
  const retractions = checkRetractions(play, stored);
  return [...(await differencesFromTruth(play.server.admin, expectedCalls(play, stored))), ...retractions];
}

function* expectedCalls(play: Play, stored: ReadonlyMap<string, StoredCall>): Generator<VoxCall> {
  const { sandbox, chronicle } = play;
  for (const call of sandbox.world.details(play.vendorNow())) {
    if (chronicle.deleted.has(call.id)) continue;
    const before = chronicle.retained.get(call.id);
    if (before) yield afterRetention(play, call, before, stored.get(call.id));
    else if (chronicle.brokenDetails.has(call.id)) yield withoutTranscript(call, stored.get(call.id));
    else yield wholeCall(call, stored.get(call.id));
  }
}

/** The transcript of a call that never ends is not asked for: it is read when it can be whole (docs/settlement.md). */
export function wholeCall(call: VoxCall, stored: StoredCall | undefined): VoxCall {
  return call.status === 'ongoing' ? withoutTranscript(call, stored) : call;
}

/** As much of the transcript as was read. */
function withoutTranscript(call: VoxCall, stored: StoredCall | undefined): VoxCall {
  return { ...call, transcript: call.transcript?.slice(0, stored?.transcriptItems ?? 0) ?? null };
}

/**
 * What is to be expected of a call whose late fields the vendor took away. What the warehouse had by then it keeps
 * (docs/how-it-works.md, "a value that the vendor withdraws is kept"), or erases by the policy `follow`. What was on
 * its way to the warehouse at that moment may have arrived as well.
 */
function afterRetention(
  { story }: Play,
  call: VoxCall,
  before: Stored,
  now: StoredCall | undefined,
): VoxCall {
  const keeps = story.settings.onRetraction === 'keep';
  const recording = keeps && (before.recording || now?.recording === true);
  const analysis = keeps && (before.analysis || now?.analysis === true);
  // A list does not show that a transcript is gone, and what was read in the calm is not asked for again.
  const hadItems = keeps ? (before.transcriptItems ?? 0) : 0;
  const items = Math.max(hadItems, now?.transcriptItems ?? 0);
  return {
    ...call,
    recording_url: recording ? call.recording_url : null,
    call_analysis: analysis ? call.call_analysis : null,
    transcript: items === 0 ? null : (call.transcript?.slice(0, items) ?? null),
  };
}

function checkRetractions({ story, chronicle }: Play, stored: ReadonlyMap<string, StoredCall>): string[] {
  if (story.settings.onRetraction === 'follow') return [];
  return [...chronicle.retained].flatMap(([callId, before]) => {
    const retracted = stored.get(callId)?.retracted ?? [];
    const expected = [
      ...(before.recording ? ['recording_url'] : []),
      ...(before.analysis ? ['analysis'] : []),
    ];
    const untold = stored.has(callId) ? expected.filter((column) => !retracted.includes(column)) : [];
    return untold.map(
      (column) => `${callId}: ${column} was withdrawn and is not named in retracted (${retracted.join()})`,
    );
  });
}
