import type { SteadyClock } from '../clock.ts';
import { readDatabaseNow } from '../database/database.ts';
import { clockWasSetBackBy, turnBack } from '../warehouse/turned-back.ts';
import { nothingPutOff, type SyncContext } from './context.ts';
import { fenced } from './fenced.ts';

/** A machine whose clock is nearer to the database's than this is taken as it is. */
const TOLERANCE_MS = 250;
const WORTH_A_WORD_MS = 5_000;

type ClockKeeper = Pick<SyncContext, 'database' | 'source' | 'sharedNow' | 'log'> & { clock: SteadyClock };

/**
 * Puts a worker's clock right before a pass: by the database's, which all workers share. A machine that is an hour
 * wrong, or was set while we ran, then writes no stamp that another has to wait for.
 */
export async function putClockRight({ clock, sharedNow, database, source, log }: ClockKeeper): Promise<void> {
  const askedAt = clock.now();
  const shared = sharedNow() ?? (await readDatabaseNow(database));
  const wrongByMs = Math.round(shared - (askedAt + clock.now()) / 2);
  if (Math.abs(wrongByMs) <= TOLERANCE_MS) return;
  clock.setOffset(clock.offsetMs + wrongByMs);
  if (Math.abs(wrongByMs) < WORTH_A_WORD_MS) return;
  log.warn(
    { source: source.name, wrongByMs },
    'the clock of this machine differs from the database’s, whose time is used: set it (NTP)',
  );
}

/**
 * When the shared clock itself was set back, stamps of the time to come would keep calls from being read until it is
 * reached. They are moved back by as much, and the log says so.
 */
export async function healStamps(context: SyncContext): Promise<void> {
  const { database, sourceId, clock, source, log, notBefore } = context;
  const now = clock.now();
  const byMs = await clockWasSetBackBy(database, sourceId, now);
  if (byMs === 0) return;
  const calls = await fenced(context, (tx) => turnBack(tx, sourceId, now, byMs));
  Object.assign(notBefore, nothingPutOff());
  log.warn(
    { source: source.name, setBackByMs: byMs, calls },
    'the clock was set back since the last pass: what was noted for later is due as much earlier',
  );
}
