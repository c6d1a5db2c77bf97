import type { Instant, Settlement } from '../call.ts';
import { SECOND } from '../clock.ts';
import { newReread, resyncCalls } from '../sync/resync.ts';
import { runUnderLease, type SyncedSource } from '../sync/sync-source.ts';
import { type FollowedCall, readFollowedCall } from '../warehouse/followed-call.ts';

const LOOK_EVERY_MS = 5 * SECOND;

const FINAL: ReadonlySet<Settlement> = new Set(['settled', 'expired', 'stuck', 'missing']);

/** Whether nothing more is to be waited for. */
export function isFinal(call: FollowedCall | null): boolean {
  return call !== null && FINAL.has(call.settlement);
}

export interface Following {
  until: Instant;
  signal: AbortSignal;
  /** Told of each change of status or settlement, once. */
  onChange: (call: FollowedCall, at: Instant) => void;
  /** Told of each reason for which the call could not be read, once. */
  onTrouble: (reason: string) => void;
}

/**
 * Watches the rows of a call until it is final, time is up or somebody stops it, and gives what they say then. While it
 * goes on it is asked for at every look, after that when it is due; where another worker has the source in hand, that
 * one reads it, and the rows tell.
 */
export async function followCall(
  synced: SyncedSource,
  callId: string,
  { until, signal, onChange, onTrouble }: Following,
): Promise<FollowedCall | null> {
  const { database, sourceId, clock } = synced;
  const troubles = new Set<string>();
  let shown = '';
  for (;;) {
    const call = await readFollowedCall(database, sourceId, callId);
    const state = `${call?.status} ${call?.settlement}`;
    if (call !== null && state !== shown) onChange(call, clock.now());
    shown = state;
    const leftMs = until - clock.now();
    if (isFinal(call) || leftMs <= 0 || signal.aborted) return call;
    await clock.sleep(Math.min(LOOK_EVERY_MS, leftMs), signal).catch(() => undefined);
    const trouble = isDue(call, clock.now()) ? await readAgain(synced, callId, signal) : null;
    if (trouble !== null && !troubles.has(trouble)) onTrouble(trouble);
    if (trouble !== null) troubles.add(trouble);
  }
}

function isDue(call: FollowedCall | null, now: Instant): boolean {
  return call === null || call.settlement === 'open' || (call.nextCheckAt ?? 0) <= now;
}

/** Gives why the call could not be read, or null. */
async function readAgain(synced: SyncedSource, callId: string, signal: AbortSignal): Promise<string | null> {
  const found = newReread();
  const options = { command: 'place', signal, leaseWaitMs: 0 };
  const { outcome, error } = await runUnderLease(synced, options, (run) => resyncCalls(run, [callId], found));
  return outcome === 'failed' ? (error?.message ?? null) : (found.failed.get(callId) ?? null);
}
