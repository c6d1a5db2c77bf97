import type { Instant } from '../call.ts';
import { PartRefusedError, SourceError, TransientError } from '../errors.ts';
import type { ListedCall, ReadPart } from '../source.ts';
import type { SyncContext } from './context.ts';

/** What came of asking for some calls by id at once. */
export interface CallAnswers {
  calls: ListedCall[];
  /** When the first of them was asked for. */
  requestedAt: Instant;
  /** Calls that the vendor answered not to know. */
  unknown: string[];
  /** Calls that cannot be had now, though others can: the vendor fails on them, or refuses them. */
  failed: Map<string, TransientError | SourceError>;
  /** What ends the work, once that is stored which was answered; null when nothing does. */
  fault: unknown;
}

/** Asks for calls by id. A fault of one call is told beside the answers of the others, not thrown. */
export async function askForCalls(
  context: SyncContext,
  callIds: readonly string[],
  partOf: (callId: string) => ReadPart = () => 'whole',
): Promise<CallAnswers> {
  const { source, signal, vendorClock, clock } = context;
  const askedAt = clock.now();
  const settled = await Promise.allSettled(
    callIds.map((callId) => source.readCall(callId, partOf(callId), signal)),
  );
  const answers: CallAnswers = {
    calls: [],
    requestedAt: askedAt,
    unknown: [],
    failed: new Map(),
    fault: null,
  };
  const times: number[] = [];
  for (const [i, callId] of callIds.entries()) {
    const result = settled[i];
    if (result === undefined) continue;
    if (result.status === 'rejected') {
      if (isOfOneCall(result.reason)) answers.failed.set(callId, result.reason);
      else answers.fault ??= result.reason;
    } else if (result.value === null) {
      answers.unknown.push(callId);
    } else {
      vendorClock.observe({ ...result.value, newestCallAt: result.value.call.listedAt });
      times.push(result.value.requestedAt);
      // Asked for by this id: a record that tells none is a dead letter of this call.
      answers.calls.push({ ...result.value.call, callId });
    }
  }
  return { ...answers, requestedAt: times.length > 0 ? Math.min(...times) : askedAt };
}

/** Refusals that say something of one call: it is another team's, locked, under legal hold, gone, or cannot be answered. */
const OF_ONE_CALL: ReadonlySet<number | null> = new Set([400, 403, 405, 409, 410, 422, 423, 451]);
/** Those of them that are never of the key. */
const NEVER_OF_THE_KEY: ReadonlySet<number | null> = new Set([409, 410, 423, 451]);

/** Whether a fault may be of this one call, so that the others can still be read. */
function isOfOneCall(fault: unknown): fault is TransientError | SourceError {
  if (fault instanceof TransientError) return true;
  if (fault instanceof PartRefusedError) return false;
  return fault instanceof SourceError && OF_ONE_CALL.has(fault.status);
}

/** One call may be broken at the vendor, or refused; when so many are one after the other, it is the vendor, or the key. */
const FAILURES_IN_A_ROW_MAX = 5;

/** Told of each batch of answers, throws the last failure when nothing but failures has come for a while. */
export function createDoubt(): (answers: CallAnswers) => void {
  let inARow = 0;
  return ({ calls, unknown, failed }) => {
    const failures = [...failed.values()].filter(({ status }) => !NEVER_OF_THE_KEY.has(status));
    inARow = calls.length + unknown.length > 0 ? 0 : inARow + failures.length;
    const last = failures.at(-1);
    if (!last || inARow < FAILURES_IN_A_ROW_MAX) return;
    if (last instanceof TransientError) throw last;
    const { message, status } = last;
    const facts = status === null ? {} : { status };
    throw new SourceError(`${message}; so were ${inARow} calls in a row: see what the key may do`, facts);
  };
}
