import { readKnownCalls } from '../warehouse/known-calls.ts';
import { dequeueSettlements, readNeverComing, settlingCalls } from '../warehouse/settlements.ts';
import { writeCalls } from '../warehouse/write-calls.ts';
import type { SyncContext } from './context.ts';
import { decideAgain } from './decide-write.ts';
import { fenced } from './fenced.ts';
import { groupsOf, JUDGE_CALLS_OLDER_THAN_MS, neverOf } from './never-coming.ts';

const CALLS_MAX = 500;

/**
 * Settles calls that wait for what their agent's calls turned out never to get. No request is made: what is stored
 * of them is judged again, as of when it was read, by what the calls read since have taught.
 */
export async function rejudge(context: SyncContext): Promise<void> {
  const { sourceId, clock, vendorClock, counts } = context;
  counts.callsSettled += await fenced(context, async (tx) => {
    const known = await readKnownCalls(tx, sourceId, await settlingCalls(tx, sourceId, CALLS_MAX), []);
    const calls = [...known.values()];
    const before = vendorClock.toVendor(clock.now()) - JUDGE_CALLS_OLDER_THAN_MS;
    const groups = groupsOf(calls.map(({ stored }) => stored.content));
    const never = await readNeverComing(tx, sourceId, groups, before);
    const writes = calls.flatMap(
      (call) => decideAgain(context, call, neverOf(call.stored.content, never)) ?? [],
    );
    await writeCalls(tx, sourceId, writes);
    const callIds = writes.map(({ stored }) => stored.callId);
    await dequeueSettlements(tx, sourceId, callIds);
    return callIds.length;
  });
}
