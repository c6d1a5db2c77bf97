import type { DriftNote } from '../call.ts';
import { DRIFT_BEYOND, type DriftSighting } from '../warehouse/drift.ts';

/** Names, or words, that one record may bring into `drift`. One whose fields are keyed by anything has thousands. */
const OF_ONE_RECORD_MAX = 50;

/**
 * What one record showed that this version does not know, each thing once. Of each kind the first ones are told, and how many
 * more there are is counted in one row, so that no flood of fields hides a new word. Pure.
 */
export function boundedDrift(notes: readonly DriftNote[], callId: string | null): DriftSighting[] {
  const unique = new Map(notes.map((note) => [`${note.kind}\0${note.path}\0${note.value}`, note]));
  const seen = new Map<DriftNote['kind'], number>();
  const sightings: DriftSighting[] = [];
  for (const note of unique.values()) {
    const place = (seen.get(note.kind) ?? 0) + 1;
    seen.set(note.kind, place);
    if (place <= OF_ONE_RECORD_MAX) sightings.push({ ...note, callId });
  }
  const beyond = [...seen].flatMap(([kind, all]): DriftSighting[] => {
    const count = all - OF_ONE_RECORD_MAX;
    return count > 0 ? [{ kind, path: DRIFT_BEYOND, value: '', callId, count }] : [];
  });
  return [...sightings, ...beyond];
}
