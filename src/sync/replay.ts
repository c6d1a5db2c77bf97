import type { Instant } from '../call.ts';
import type { TimeWindow } from '../source.ts';
import { hastenDeadLetters } from '../warehouse/dead-letters.ts';
import { callsWithPayloads, readDeadLetters, readPartlyRead } from '../warehouse/stored-payloads.ts';
import type { SyncContext } from './context.ts';
import { fenced } from './fenced.ts';
import { loadCalls } from './load-calls.ts';
import { rederiveCalls } from './rederive.ts';

export interface ReplayResult {
  /** Calls whose payloads were read again. */
  calls: number;
  differing: string[];
  unreadable: string[];
}

const CALLS_AT_ONCE = 200;

/**
 * Derives the rows of every call again from its stored payloads, without one request: after a new version reads them
 * better, or after somebody wrote into the tables. Interrupted, it is simply started again: what is right writes nothing.
 */
export async function replay(
  context: SyncContext,
  options: { since: Instant | null; within: TimeWindow | null; write: boolean; step: 'replay' | 'heal' },
  onProgress: (done: number) => void,
): Promise<ReplayResult> {
  const { database, sourceId, signal } = context;
  const result: ReplayResult = { calls: 0, differing: [], unreadable: [] };
  let after = '';
  for (;;) {
    signal.throwIfAborted();
    const callIds = await callsWithPayloads(database, sourceId, { ...options, after, limit: CALLS_AT_ONCE });
    if (callIds.length === 0) return result;
    const { differing, unreadable } = await rederiveCalls(context, callIds, options);
    result.calls += callIds.length;
    result.differing.push(...differing);
    result.unreadable.push(...unreadable);
    after = callIds.at(-1) ?? after;
    onProgress(result.calls);
  }
}

export interface DeadLettersRead {
  /** Records and fields that can be read now, and were stored. */
  read: number;
  /** Records and fields that still cannot be read. */
  left: number;
  /** Records that are older than what is stored of their call: they are asked for again by the next pass. */
  overtaken: number;
}

/**
 * Reads the records again that were set aside, and the calls that are stored without a field. A newer version may
 * understand them; nothing is asked of the vendor.
 */
export async function replayDeadLetters(context: SyncContext): Promise<DeadLettersRead> {
  const records = await replayRecords(context);
  const { database, sourceId, signal } = context;
  const { callIds, fields } = await readPartlyRead(database, sourceId);
  for (let i = 0; i < callIds.length; i += CALLS_AT_ONCE) {
    signal.throwIfAborted();
    await rederiveCalls(context, callIds.slice(i, i + CALLS_AT_ONCE), { write: true, step: 'replay' });
  }
  const left = callIds.length === 0 ? 0 : (await readPartlyRead(database, sourceId)).fields;
  return { ...records, read: records.read + fields - left, left: records.left + left };
}

async function replayRecords(context: SyncContext): Promise<DeadLettersRead> {
  const { database, sourceId, clock, signal } = context;
  const letters = await readDeadLetters(database, sourceId);
  const overtaken = letters.filter(({ isOvertaken }) => isOvertaken);
  await fenced(context, (tx) =>
    hastenDeadLetters(
      tx,
      sourceId,
      overtaken.map(({ callId }) => callId),
      clock.now(),
    ),
  );
  for (const { callId, hasId, payloads, seenAt, isOvertaken } of letters) {
    signal.throwIfAborted();
    if (isOvertaken) continue;
    const call = { callId: hasId ? callId : null, payloads, cleanedTexts: 0, listedAt: null };
    await loadCalls(context, {
      calls: [call],
      requestedAt: seenAt,
      window: null,
      step: 'replay',
      again: true,
    });
  }
  const left = (await readDeadLetters(database, sourceId)).length - overtaken.length;
  return { read: letters.length - overtaken.length - left, left, overtaken: overtaken.length };
}
