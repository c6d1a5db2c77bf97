import type { Facet } from '../call.ts';
import { HOUR } from '../clock.ts';
import { readKnownCalls } from '../warehouse/known-calls.ts';
import { dequeueSettlements, groupKey, readNeverComing, settlingCalls } from '../warehouse/settlements.ts';
import { writeCalls } from '../warehouse/write-calls.ts';
import type { SyncContext } from './context.ts';
import { decideAgain } from './decide-write.ts';
import { fenced } from './fenced.ts';
import { groupToJudge } from './settle-call.ts';

const CALLS_MAX = 500;
/** Calls younger than this say nothing of what their agent's calls never get: it may still come. */
export const JUDGE_CALLS_OLDER_THAN_MS = HOUR;

/**
 * Settles calls that wait for what their agent's calls turned out never to get. No request is made: what is stored
 * of them is judged again, as of when it was read, by what the calls read since have taught.
 */
export async function rejudge(context: SyncContext): Promise<void> {
  const { sourceId, clock, vendorClock, counts } = context;
  const settled = await fenced(context, async (tx) => {
    const known = await readKnownCalls(tx, sourceId, await settlingCalls(tx, sourceId, CALLS_MAX), []);
    const groups = new Map(
      [...known.values()].flatMap(({ stored }) => {
        const group = groupToJudge(stored.content);
        return group ? [[groupKey(group), group] as const] : [];
      }),
    );
    const before = vendorClock.toVendor(clock.now()) - JUDGE_CALLS_OLDER_THAN_MS;
    const never = await readNeverComing(tx, sourceId, [...groups.values()], before);
    const writes = [...known.values()].flatMap((call) => {
      const group = groupToJudge(call.stored.content);
      const neverComing: ReadonlySet<Facet> = (group && never.get(groupKey(group))) ?? new Set();
      const write = neverComing.size > 0 ? decideAgain(context, call, neverComing) : null;
      return write ? [write] : [];
    });
    await writeCalls(tx, sourceId, writes);
    const callIds = writes.map(({ stored }) => stored.callId);
    await dequeueSettlements(tx, sourceId, callIds);
    return callIds.length;
  });
  counts.callsSettled += settled;
}
