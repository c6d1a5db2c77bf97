import type { Sql } from '../database/database.ts';
import { type ContentRefusal, contentRefused } from '../database/faults.ts';
import { canonicalJson } from '../json.ts';
import { saveDeadLetters } from '../warehouse/dead-letters.ts';
import { postponeSettlements } from '../warehouse/settlements.ts';
import type { SyncContext } from './context.ts';
import { type Loaded, type LoadSome, sumOf } from './load.ts';
import type { PreparedCall } from './prepare-page.ts';
import { recordLetter } from './set-aside.ts';

/** When none of so many records is taken, it is not the records: the tables are not ours any more, or we are wrong. */
const ALL_REFUSED_MIN = 10;

/**
 * Loads calls of which the database refuses one for its content: halves them until that one is alone, which is set aside.
 * Each try stands behind a savepoint of its own. @throws what the database said, when it takes none of many
 */
export function apart(loadSome: LoadSome): LoadSome {
  return async (tx, context, all, load) => {
    const refused: unknown[] = [];
    const loadApart = async (calls: PreparedCall[]): Promise<Loaded> => {
      const [call, ...others] = calls;
      if (call === undefined) return sumOf([]);
      const tried = await tryBehindSavepoint(tx, () => loadSome(tx, context, calls, load));
      if ('result' in tried) return tried.result;
      if (others.length === 0) {
        refused.push(tried.error);
        return setAside(tx, context, call, tried.refusal);
      }
      const half = Math.ceil(calls.length / 2);
      const first = await loadApart(calls.slice(0, half));
      return sumOf([first, await loadApart(calls.slice(half))]);
    };
    const loaded = await loadApart(all);
    if (refused.length >= ALL_REFUSED_MIN && refused.length === all.length) throw refused[0];
    return loaded;
  };
}

async function tryBehindSavepoint<T>(
  tx: Sql,
  work: () => Promise<T>,
): Promise<{ result: T } | { refusal: ContentRefusal; error: unknown }> {
  await tx.query('savepoint apart');
  try {
    const result = await work();
    await tx.query('release savepoint apart');
    return { result };
  } catch (error) {
    const refusal = contentRefused(error);
    if (refusal === null) throw error;
    await tx.query('rollback to savepoint apart');
    await tx.query('release savepoint apart');
    return { refusal, error };
  }
}

/** Sets a record aside that the database refused, and puts the next look at its call off. */
async function setAside(
  tx: Sql,
  { sourceId, clock }: SyncContext,
  call: PreparedCall,
  { code, place }: ContentRefusal,
): Promise<Loaded> {
  const path = place ?? '(record)';
  const message = `${path}: the database refused it for what it says (SQLSTATE ${code})`;
  const letter = recordLetter(call, { path, message }, clock.now());
  // What could not be stored as a row may not be stored as JSON either; as one text it can.
  const asText = { ...letter, payload: canonicalJson(letter.payload) };
  const saved = await tryBehindSavepoint(tx, () => saveDeadLetters(tx, sourceId, [letter]));
  const letters = 'result' in saved ? saved.result : await saveDeadLetters(tx, sourceId, [asText]);
  await postponeSettlements(tx, sourceId, [call.callId], clock.now());
  return { ...sumOf([]), letters };
}
