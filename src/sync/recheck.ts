import { DAY, MINUTE } from '../clock.ts';
import { queueRechecks } from '../warehouse/rechecks.ts';
import type { SyncContext } from './context.ts';
import { fenced } from './fenced.ts';

/**
 * Ages at which a settled call is asked for once more, where its list row would not show that it changed. Made up for
 * within the reach: a worker that was down for longer leaves out what `resync` can read.
 */
const AGES = [
  { ageMs: DAY, reachMs: 6 * DAY },
  { ageMs: 7 * DAY, reachMs: 3 * DAY },
  { ageMs: 30 * DAY, reachMs: 3 * DAY },
  { ageMs: 90 * DAY, reachMs: 3 * DAY },
];
const CALLS_AT_ONCE = 50;
const LOOK_EVERY_MS = 10 * MINUTE;
/** The vendor's clock is known to a second or two: a call that only just came of age would be due again at once. */
const CLOCK_MARGIN_MS = MINUTE;

/** Puts some calls into the queue that are due to be asked for again. Gives false when none is. */
export async function recheckNext(context: SyncContext): Promise<boolean> {
  const { source, sourceId, clock, vendorClock, notBefore } = context;
  if (!source.changesUnseen || clock.now() < notBefore.recheck) return false;
  const now = clock.now();
  for (const { ageMs, reachMs } of AGES) {
    const window = {
      from: vendorClock.toVendor(now) - ageMs - reachMs,
      to: vendorClock.toVendor(now) - ageMs - CLOCK_MARGIN_MS,
    };
    const queued = await fenced(context, (tx) =>
      queueRechecks(tx, sourceId, window, {
        askedAfterMs: vendorClock.toOurs(ageMs),
        limit: CALLS_AT_ONCE,
        now,
      }),
    );
    if (queued > 0) return true;
  }
  notBefore.recheck = now + LOOK_EVERY_MS;
  return false;
}
