import { newReread, resyncWindow } from '../../src/sync/resync.ts';
import { runUnderLease, type SyncedSource } from '../../src/sync/sync-source.ts';
import { type Verified, verify } from '../../src/sync/verify.ts';
import type { Play } from './play.ts';
import type { Strand } from './process.ts';

/**
 * Compares all of history with the vendor, call by call, and heals what differs, as `callhouse verify --ids --repair`
 * does at once and the audits of a pass do in the course of three months: what changed or was deleted long after a
 * call was settled is not seen otherwise. Where lists do not show a change, all calls are asked for as well, as
 * `callhouse resync` does. Gives what should not have come of it.
 */
export async function rereadEverything(
  { chronicle, scheduler }: Play,
  { stop, vendor }: Strand,
  synced: SyncedSource,
): Promise<string | null> {
  let verified: Verified | null = null;
  synced.settings.since = null;
  chronicle.rereadAtMs.set(vendor, scheduler.now());
  const run = { command: 'verify', signal: stop.signal, leaseWaitMs: 0 };
  const { outcome, error } = await runUnderLease(synced, run, async (context) => {
    verified = await verify(context, { from: null, to: null, ids: true, heal: true }, () => undefined);
    if (context.source.changesUnseen) await resyncWindow(context, { from: null, to: null }, newReread());
  });
  if (outcome !== 'done') return `verify ${outcome}: ${error?.message ?? ''}`;
  chronicle.damaged.push(...((verified as Verified | null)?.damaged ?? []));
  return null;
}
