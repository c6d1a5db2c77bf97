import { runUnderLease, type SyncedSource } from '../../src/sync/sync-source.ts';
import { type Verified, verify } from '../../src/sync/verify.ts';
import type { Play } from './play.ts';
import type { Process } from './process.ts';

/**
 * Compares all of history with the vendor, call by call, and heals what differs, as `callhouse verify --ids --repair`
 * does at once and the audits of a pass do in the course of three months: what changed or was deleted long after a
 * call was settled is not seen otherwise. Gives what should not have come of it.
 */
export async function rereadEverything(
  { chronicle }: Play,
  process: Process,
  synced: SyncedSource,
): Promise<string | null> {
  let verified: Verified | null = null;
  synced.settings.since = null;
  const run = { command: 'verify', signal: process.stop.signal, leaseWaitMs: 0 };
  const { outcome, error } = await runUnderLease(synced, run, async (context) => {
    verified = await verify(context, { from: null, to: null, ids: true, heal: true }, () => undefined);
  });
  if (outcome !== 'done') return `verify ${outcome}: ${error?.message ?? ''}`;
  chronicle.damaged = (verified as Verified | null)?.damaged ?? [];
  return null;
}
