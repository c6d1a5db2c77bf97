import type { Instant } from '../call.ts';
import type { TimeWindow } from '../source.ts';
import { hastenDeadLetters } from '../warehouse/dead-letters.ts';
import {
  callsWithPayloads,
  readDeadLetters,
  readPartlyRead,
  type UnreadableRecord,
} from '../warehouse/stored-payloads.ts';
import type { SyncContext } from './context.ts';
import { fenced } from './fenced.ts';
import { loadCalls } from './load-calls.ts';
import { rederiveCalls } from './rederive.ts';

/**
 * Work that is done slice by slice. Each call does one and gives whether there may be more. Between two of them the source may
 * be another worker's: a slice relies on nothing that it has not read itself.
 */
export type Slices = (context: SyncContext) => Promise<boolean>;

/** Does all slices, with something else in between. */
export async function allSlices(
  context: SyncContext,
  slices: Slices,
  between: () => Promise<void> = async () => undefined,
): Promise<void> {
  while (await slices(context)) {
    context.signal.throwIfAborted();
    await between();
  }
}

/** One work after the other. */
export function inOrder(works: readonly Slices[]): Slices {
  const left = [...works];
  return async (context) => {
    const isLeft = (await left[0]?.(context)) ?? false;
    if (!isLeft) left.shift();
    return left.length > 0;
  };
}

/** What came of it, filled as it goes on. */
export interface ReplayResult {
  /** Calls whose payloads were read again. */
  calls: number;
  differing: string[];
  unreadable: string[];
}

const CALLS_AT_ONCE = 200;

export function newReplay(): ReplayResult {
  return { calls: 0, differing: [], unreadable: [] };
}

/**
 * Derives the rows of every call again from its stored payloads, without one request: after a new version reads them
 * better, or after somebody wrote into the tables. Interrupted, it is simply started again: what is right writes nothing.
 */
export function replayCalls(
  options: { since: Instant | null; within: TimeWindow | null; write: boolean; step: 'replay' | 'heal' },
  result: ReplayResult,
): Slices {
  let after = '';
  return async (context) => {
    const { database, sourceId } = context;
    const next = { ...options, after, limit: CALLS_AT_ONCE };
    const callIds = await callsWithPayloads(database, sourceId, next);
    const { differing, unreadable } = await rederiveCalls(context, callIds, options);
    result.calls += callIds.length;
    result.differing.push(...differing);
    result.unreadable.push(...unreadable);
    after = callIds.at(-1) ?? after;
    return callIds.length === CALLS_AT_ONCE;
  };
}

/** What came of it, filled as it goes on. */
export interface DeadLettersRead {
  /** Records and fields that can be read now, and were stored. */
  read: number;
  /** Records and fields that still cannot be read. */
  left: number;
  /** Records that are older than what is stored of their call: they are asked for again by the next pass. */
  overtaken: number;
}

export function noLettersRead(): DeadLettersRead {
  return { read: 0, left: 0, overtaken: 0 };
}

/** Reads the records again that were set aside: a newer version may understand them. Nothing is asked of the vendor. */
export function replayRecords(result: DeadLettersRead): Slices {
  let after: Pick<UnreadableRecord, 'callId' | 'kind'> = { callId: '', kind: 'list' };
  return async (context) => {
    const { database, sourceId } = context;
    const letters = await readDeadLetters(database, sourceId, after, CALLS_AT_ONCE);
    const overtaken = letters.filter(({ isOvertaken }) => isOvertaken);
    const readable = letters.filter(({ isOvertaken }) => !isOvertaken);
    await hasten(context, overtaken);
    for (const letter of readable) await readAgain(context, letter);
    const still = new Set((await readDeadLetters(database, sourceId, after, CALLS_AT_ONCE)).map(keyOf));
    const left = readable.filter((letter) => still.has(keyOf(letter))).length;
    result.read += readable.length - left;
    result.left += left;
    result.overtaken += overtaken.length;
    after = letters.at(-1) ?? after;
    return letters.length === CALLS_AT_ONCE;
  };
}

function keyOf({ callId, kind }: UnreadableRecord): string {
  return `${kind} ${callId}`;
}

function hasten(context: SyncContext, letters: readonly UnreadableRecord[]): Promise<void> {
  const callIds = letters.map(({ callId }) => callId);
  return fenced(context, (tx) => hastenDeadLetters(tx, context.sourceId, callIds, context.clock.now()));
}

async function readAgain(
  context: SyncContext,
  { callId, hasId, payloads, seenAt }: UnreadableRecord,
): Promise<void> {
  context.signal.throwIfAborted();
  const call = { callId: hasId ? callId : null, payloads, cleanedTexts: 0, listedAt: null };
  await loadCalls(context, {
    calls: [call],
    requestedAt: seenAt,
    window: null,
    step: 'replay',
    again: true,
  });
}

/** Derives the calls again that are stored without a field: a newer version may understand it. */
export function replayFields(result: DeadLettersRead): Slices {
  let after = '';
  return async (context) => {
    const { database, sourceId } = context;
    const before = await readPartlyRead(database, sourceId, after, CALLS_AT_ONCE);
    const callIds = [...before.keys()];
    await rederiveCalls(context, callIds, { write: true, step: 'replay' });
    const now = await readPartlyRead(database, sourceId, after, CALLS_AT_ONCE);
    const left = sum(callIds.map((callId) => now.get(callId) ?? 0));
    result.read += sum([...before.values()]) - left;
    result.left += left;
    after = callIds.at(-1) ?? after;
    return callIds.length === CALLS_AT_ONCE;
  };
}

function sum(numbers: readonly number[]): number {
  return numbers.reduce((total, number) => total + number, 0);
}
