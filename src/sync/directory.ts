import { HOUR } from '../clock.ts';
import { SourceError, TransientError } from '../errors.ts';
import { callsWithoutNumber, directoryIsStale, readNumbers, saveDirectory } from '../warehouse/directory.ts';
import type { SyncContext } from './context.ts';
import { fenced } from './fenced.ts';
import { rederiveCalls } from './rederive.ts';

const RETRY_MS = HOUR;
const CALLS_AT_ONCE = 200;

/**
 * Reads the names of agents and our own numbers: once a day, and sooner when a call names one that is not known. A list
 * that is broken never holds up the calls.
 */
export async function refreshDirectory(context: SyncContext): Promise<void> {
  const { database, sourceId, source, clock, signal, notBefore, log, numbers } = context;
  if (clock.now() < notBefore.directory || !(await directoryIsStale(database, sourceId, clock.now()))) return;
  try {
    const directory = (await source.readDirectory(signal)) ?? { agents: [], phones: [] };
    const learned = await fenced(context, (tx) => saveDirectory(tx, sourceId, directory, clock.now()));
    for (const [phoneId, number] of await readNumbers(database, sourceId)) numbers.set(phoneId, number);
    if (learned.length > 0) await fillNumbers(context, learned);
  } catch (error) {
    if (!(error instanceof TransientError || error instanceof SourceError)) throw error;
    notBefore.directory = clock.now() + RETRY_MS;
    log.warn(
      { source: source.name, reason: error.message },
      'the names of agents and numbers cannot be read now',
    );
  }
}

/** Calls that were stored before their number was known get it now, from their payloads. */
async function fillNumbers(context: SyncContext, phoneIds: readonly string[]): Promise<void> {
  const { database, sourceId, signal } = context;
  let after = '';
  for (;;) {
    signal.throwIfAborted();
    const callIds = await callsWithoutNumber(database, sourceId, phoneIds, { after, limit: CALLS_AT_ONCE });
    if (callIds.length === 0) return;
    // Of a settled call this is a restatement.
    await rederiveCalls(context, callIds, { write: true, step: 'replay' });
    after = callIds.at(-1) ?? after;
  }
}
