import { SECOND } from '../clock.ts';
import type { Slices } from './replay.ts';
import {
  LEASE_RETRY_MS,
  type RunOptions,
  runUnderLease,
  type SyncedSource,
  type SyncResult,
} from './sync-source.ts';

/** How long the source is ours at once: a worker that reads new calls waits no longer. */
const TURN_MS = 2 * SECOND;
/** Long enough that one who waits for the source looks twice. */
const GIVE_WAY_MS = 2 * LEASE_RETRY_MS;

/**
 * Does long work that asks nothing of the vendor in turns with whoever reads the source. Each turn is a run of its own, under a
 * lease of its own: so the fence of every slice is that of its turn, and nothing is held in between.
 */
export async function runInTurns(
  synced: SyncedSource,
  options: RunOptions,
  slices: Slices,
): Promise<SyncResult> {
  const { clock } = synced;
  for (;;) {
    let isLeft = true;
    const turn = await runUnderLease(synced, options, async (context) => {
      const until = clock.now() + TURN_MS;
      while (isLeft && clock.now() < until) {
        context.signal.throwIfAborted();
        isLeft = await slices(context);
      }
    });
    if (turn.outcome !== 'done' || !isLeft) return turn;
    // Who is told to stop is told so by the next turn.
    await clock.sleep(GIVE_WAY_MS, options.signal).catch(() => undefined);
  }
}
