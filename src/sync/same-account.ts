import { DAY, HOUR } from '../clock.ts';
import { SourceError, TransientError } from '../errors.ts';
import type { TimeWindow } from '../source.ts';
import { readKeyMark, saveKeyMark } from '../warehouse/key-marks.ts';
import { newestSettled, type PlacedInTime } from '../warehouse/recent-calls.ts';
import { askForCalls, type CallAnswers } from './ask-for-calls.ts';
import type { SyncContext } from './context.ts';
import { fenced } from './fenced.ts';
import { patient } from './patient.ts';
import { fetchPage } from './read-pages.ts';
import { ifAllowed } from './refused.ts';

/**
 * Old enough that every list shows them, young enough that vendors still have them. An account whose calls somebody did
 * delete is taken again when the last of them is older than that.
 */
const AGE = { min: HOUR, max: 7 * DAY };
const CALLS_MAX = 20;
/** A few calls may have been deleted one by one. */
const CALLS_MIN = 5;

/**
 * Refuses a key of another account before anything is written: its calls would come among the old ones, and audits would
 * take the old ones for deleted. A key that is known costs no request. @throws SourceError
 */
export async function guardAccount(context: SyncContext, keyMark: string): Promise<void> {
  const { database, sourceId } = context;
  const known = await readKeyMark(database, sourceId);
  if (known === keyMark) return;
  if (known !== null) await refuseOtherAccount(context);
  await fenced(context, (tx) => saveKeyMark(tx, sourceId, keyMark));
}

async function refuseOtherAccount(hasty: SyncContext): Promise<void> {
  const { context } = patient(hasty);
  const { database, sourceId, clock, vendorClock } = context;
  const vendorNow = vendorClock.toVendor(clock.now());
  const ages = { from: vendorNow - AGE.max, to: vendorNow - AGE.min };
  const sample = sampleOf(await newestSettled(database, sourceId, ages, CALLS_MAX));
  if (sample === null || (await listShowsOne(context, sample))) return;
  if (knowsOne(await askForCalls(context, sample.asked))) return;
  throw new SourceError(
    `the vendor knows none of the ${sample.callIds.size} calls that are stored for this source and were asked for; is ` +
      'the key of another account? Fix: put the old key back, or give the new account a source name of its own',
  );
}

/** Stored calls by which an account is known again. */
interface Sample {
  callIds: ReadonlySet<string>;
  /** Exactly their time. */
  window: TimeWindow;
  /** Those that are asked for by id when the list shows none: spread over them. */
  asked: string[];
}

/** What there is to tell an account by, of calls newest first; null when they are too few. */
export function sampleOf(calls: readonly PlacedInTime[]): Sample | null {
  const [newest, middle, oldest] = [calls[0], calls[calls.length >> 1], calls.at(-1)];
  if (!newest || !middle || !oldest || calls.length < CALLS_MIN) return null;
  return {
    callIds: new Set(calls.map(({ callId }) => callId)),
    window: { from: oldest.placedAt, to: newest.placedAt + 1 },
    asked: [newest, middle, oldest].map(({ callId }) => callId),
  };
}

/** A list that the key may not read shows nothing. */
function listShowsOne(context: SyncContext, { window, callIds }: Sample): Promise<boolean> {
  const query = { window, openOnly: false, order: 'newest_first', cursor: null, urgency: 'live' } as const;
  const look = async () => {
    const { calls } = await fetchPage(context, query, new Set());
    return calls.some(({ callId }) => callId !== null && callIds.has(callId));
  };
  return ifAllowed(context, 'list', look, false);
}

/**
 * Whether the vendor knows one of the calls. One that it refuses is not known: it may be another account's.
 * @throws what keeps it from answering, when it told none: then nothing is known
 */
export function knowsOne({ calls, failed, fault }: CallAnswers): boolean {
  if (calls.length > 0) return true;
  const silent = fault ?? [...failed.values()].find((failure) => failure instanceof TransientError);
  if (silent != null) throw silent;
  return false;
}
