import { randomUUID } from 'node:crypto';
import type { Instant } from '../call.ts';
import { formatDuration } from '../config/duration.ts';
import { ConfigError, PlacementUnknownError, SourceError, TransientError } from '../errors.ts';
import type { CallOrder, CallPlacing, PlacedCall } from '../source.ts';
import { findPlaced } from '../sync/find-placed.ts';
import { loadCalls } from '../sync/load-calls.ts';
import { putClockRight } from '../sync/right-clock.ts';
import { runUnderLease, type SyncedSource } from '../sync/sync-source.ts';
import { type FollowedCall, readFollowedCall } from '../warehouse/followed-call.ts';
import { chooseSources } from './choose-sources.ts';
import { type CommandContext, LEASE_WAIT_MS, withSources } from './command.ts';
import { followCall, isFinal } from './follow-call.ts';
import { describeSpelling, readOrder, spellOrder, type TypedOrder } from './place-order.ts';
import { describePlaced, describeState, describeUnknown } from './place-words.ts';
import { withinTime } from './time-limit.ts';

export interface PlaceCommand extends TypedOrder {
  source: string | null;
  wait: boolean;
  timeoutMs: number;
}

/** A checked order on its way. */
interface Placement {
  synced: SyncedSource;
  placing: CallPlacing;
  order: CallOrder;
  /** Its mark, by which the call can be found. */
  placement: string;
}

interface Placed {
  outcome: 'placed';
  answer: PlacedCall;
  foundBy: 'answer' | 'list';
}

interface NotPlaced {
  /** Refused by the vendor or not sent, and so not placed; or nobody knows. */
  outcome: 'refused' | 'not_sent' | 'unknown';
  reason: string;
  text: string;
}

/** `place`: one real call, by one attempt. Exit 0 when it was placed, and with `--wait` when it came to its end. */
export function place(context: CommandContext, command: PlaceCommand): Promise<number> {
  return withSources(context, async (_warehouse, sources) => {
    const asked = prepare(context, sources, command);
    const outcome = await attempt(context, asked);
    return outcome.outcome === 'placed'
      ? attend(context, asked, outcome, command)
      : tellNotPlaced(context, asked, outcome);
  });
}

/** Everything that can be wrong is found before anything is sent. @throws ConfigError with all of it */
function prepare(
  { console }: CommandContext,
  sources: readonly SyncedSource[],
  command: PlaceCommand,
): Placement {
  const problems: string[] = [];
  const placement = randomUUID();
  const typed = readOrder(command, placement, problems);
  const able = chooseSources(sources, command.source).flatMap((synced) => {
    const placing = synced.source.placeCall;
    return placing === null ? [] : { synced, placing };
  });
  const [first] = able;
  if (first === undefined) problems.push('no such source can place calls: its vendor is only read');
  if (able.length > 1) {
    const names = able.map(({ synced }) => synced.source.name).join(', ');
    problems.push(`--source is missing: these can place the call: ${names}`);
  }
  const order = first === undefined ? typed : spellOrder(first.placing, typed, problems);
  if (first === undefined || problems.length > 0) throw new ConfigError(problems);
  for (const note of describeSpelling(typed, order)) console.note(note);
  return { ...first, order, placement };
}

/** Sends the order, once. When the answer does not say what came of it, the lists are asked. */
async function attempt({ signal, console }: CommandContext, asked: Placement): Promise<Placed | NotPlaced> {
  const { synced, placing, order, placement } = asked;
  await putClockRight(synced);
  const sentAt = synced.clock.now();
  try {
    return { outcome: 'placed', answer: await placing.send(order, signal), foundBy: 'answer' };
  } catch (error) {
    if (error instanceof PlacementUnknownError) {
      const { message: reason } = error;
      console.note(`${reason}: looking for the call`);
      const search = await findPlaced(synced, { placement, sentAt }, signal);
      if (search.found !== null) return { outcome: 'placed', answer: search.found, foundBy: 'list' };
      return { outcome: 'unknown', reason, text: describeUnknown(reason, placement, search) };
    }
    if (error instanceof SourceError) {
      return { outcome: 'refused', reason: error.message, text: `no call was placed: ${error.message}` };
    }
    if (error instanceof TransientError) {
      return { outcome: 'not_sent', reason: error.message, text: `no call was placed: ${error.message}` };
    }
    console.note('no call was placed');
    throw error;
  }
}

function tellNotPlaced(
  { console }: CommandContext,
  { synced, placement }: Placement,
  { text, ...told }: NotPlaced,
): number {
  if (console.json) console.result({ source: synced.source.name, callId: null, placement, ...told }, text);
  console.note(text);
  return 1;
}

/** Stores the call, waits for its end where that is wanted, and tells of it. */
async function attend(
  context: CommandContext,
  { synced, placement }: Placement,
  { outcome, answer, foundBy }: Placed,
  { wait, timeoutMs }: PlaceCommand,
): Promise<number> {
  const { console } = context;
  const { callId } = answer;
  const source = synced.source.name;
  // At once: whatever fails from here on, somebody is being called.
  console.note(`placed: ${callId}`);
  const until = synced.clock.now() + timeoutMs;
  const storeAndFollow = async (within: CommandContext) => {
    const unstored = await store(within, synced, answer);
    if (unstored !== null) console.note(`the call ${callId} was placed, and is not stored yet: ${unstored}`);
    if (wait) return follow(within, synced, callId, until);
    return { call: await readFollowedCall(synced.database, synced.sourceId, callId), changes: [] };
  };
  const { call, changes } = wait
    ? await withinTime(context.signal, timeoutMs, (signal) => storeAndFollow({ ...context, signal }))
    : await storeAndFollow(context);
  const text = describePlaced(source, { callId, placement }, call);
  console.result({ source, callId, placement, outcome, foundBy, call, changes }, text);
  return wait ? judgeEnd(context, callId, call, timeoutMs) : 0;
}

/**
 * Stores the call as it was told. It has been placed whatever becomes of this: where the source is not to be had, a
 * later pass stores it. Gives why it is not stored, or null.
 */
async function store(
  { signal }: CommandContext,
  synced: SyncedSource,
  answer: PlacedCall,
): Promise<string | null> {
  const { outcome, error } = await runUnderLease(
    synced,
    { command: 'place', signal, leaseWaitMs: LEASE_WAIT_MS },
    async (run) => {
      run.vendorClock.observe(answer);
      // A worker that was in the middle of a pass may have read it meanwhile, and knows more.
      if ((await readFollowedCall(run.database, run.sourceId, answer.callId)) !== null) return;
      const { call, requestedAt } = answer;
      await loadCalls(run, { calls: [call], requestedAt, window: null, step: 'place' });
    },
  );
  if (outcome === 'done') return null;
  return `${error?.message ?? 'stopped before it was'}; the next pass stores it`;
}

interface Change {
  at: string;
  status: FollowedCall['status'];
  settlement: FollowedCall['settlement'];
}

async function follow(
  { console, signal }: CommandContext,
  synced: SyncedSource,
  callId: string,
  until: Instant,
): Promise<{ call: FollowedCall | null; changes: Change[] }> {
  const changes: Change[] = [];
  const call = await followCall(synced, callId, {
    until,
    signal,
    onChange(state, now: Instant) {
      const at = new Date(now).toISOString();
      changes.push({ at, status: state.status, settlement: state.settlement });
      if (!console.json) console.note(`${at}  ${describeState(state)}`);
    },
    onTrouble: (reason) => console.note(`the call could not be read: ${reason}`),
  });
  return { call, changes };
}

function judgeEnd(
  { console, signal }: CommandContext,
  callId: string,
  call: FollowedCall | null,
  timeoutMs: number,
): number {
  if (isFinal(call)) return call?.settlement === 'settled' || call?.settlement === 'expired' ? 0 : 1;
  const why = signal.aborted ? 'stopped waiting' : `time is up after ${formatDuration(timeoutMs)}`;
  const state = call === null ? 'not stored yet' : describeState(call);
  console.note(`${why}: the call is ${state}; callhouse why ${callId} says what it waits for`);
  return 1;
}
