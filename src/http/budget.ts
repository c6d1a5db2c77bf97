import type { Urgency } from '../requests.ts';

/** The most that may be sent with one key. */
export interface BudgetLimits {
  requestsPerSecond: number;
  requestsPerMinute: number;
}

/** Requests lately sent, as [slot number, count], oldest first: short slots for the second, long for the minute. */
export interface Spent {
  second: [number, number][];
  minute: [number, number][];
}

/** A budget of requests that several processes may share. */
export interface Budget {
  /**
   * Waits until one request may be sent, and counts it as sent. Work in the background is not kept waiting for
   * long, but sent away. @throws BudgetSpentError
   */
  take(urgency: Urgency, signal: AbortSignal): Promise<void>;
  /** The vendor asked for silence: nobody sends for this long. */
  block(forMs: number): Promise<void>;
  /** The vendor refused a request as one too many: where the rate is learned, it was too high. */
  refused(): Promise<void>;
}

/** A rate that is learned, where a vendor documents none. */
export interface Learned {
  requestsPerMinute: number;
  /** When it was raised or lowered last, unix ms. */
  changedAt: number;
}

/** Nobody needs more, and a vendor that never refuses is not to be tried out. */
const LEARNED_TIMES_FIRST_MAX = 5;
const LEARNED_MIN = 6;
const RAISE_EVERY_MS = 60_000;
const LOWER_EVERY_MS = 10_000;

/** What a learned rate allows. */
export function limitsOf({ requestsPerMinute }: Learned): BudgetLimits {
  const whole = Math.floor(requestsPerMinute);
  return { requestsPerMinute: whole, requestsPerSecond: Math.ceil(whole / 60) };
}

/**
 * The rate from now on, while nothing is refused: a tenth of the first more each minute, as long as it is used up. Slow
 * up and fast down finds the most that a vendor bears, and stays near it.
 */
export function raised(learned: Learned, first: BudgetLimits, sentInMinute: number, nowMs: number): Learned {
  const isUsed = sentInMinute >= learned.requestsPerMinute * 0.8;
  if (!isUsed || nowMs < learned.changedAt + RAISE_EVERY_MS) return learned;
  const most = first.requestsPerMinute * LEARNED_TIMES_FIRST_MAX;
  const requestsPerMinute = Math.min(most, learned.requestsPerMinute + first.requestsPerMinute / 10);
  return { requestsPerMinute, changedAt: nowMs };
}

/** The rate after a refusal: half. Requests that were on their way together are refused together, and count once. */
export function lowered(learned: Learned, nowMs: number): Learned {
  if (nowMs < learned.changedAt + LOWER_EVERY_MS) return learned;
  return { requestsPerMinute: Math.max(LEARNED_MIN, learned.requestsPerMinute / 2), changedAt: nowMs };
}

const BACKGROUND_SHARE = 0.85;
const SECOND_SLOT_MS = 50;
const MINUTE_SLOT_MS = 1_000;
/** One slot more than the span needs, and one for the way to the vendor, whose clock counts arrivals. */
const SECOND_SLOTS = 1_000 / SECOND_SLOT_MS + 2;
const MINUTE_SLOTS = 60_000 / MINUTE_SLOT_MS + 2;

/**
 * Decides whether a request may be sent now. Counting in slots keeps the state small at any limit, and counting
 * every slot that a second or minute touches keeps the promise exact: never more than the limit in any such
 * span. A bucket with a burst would send up to twice the limit in its first minute.
 */
export function spendOne(
  spent: Spent,
  limits: BudgetLimits,
  nowMs: number,
): { waitMs: number; spent: Spent } {
  const second = inSpan(spent.second, SECOND_SLOT_MS, SECOND_SLOTS, nowMs);
  const minute = inSpan(spent.minute, MINUTE_SLOT_MS, MINUTE_SLOTS, nowMs);
  const waitMs = Math.max(
    waitFor(second, limits.requestsPerSecond, SECOND_SLOT_MS, SECOND_SLOTS, nowMs),
    waitFor(minute, limits.requestsPerMinute, MINUTE_SLOT_MS, MINUTE_SLOTS, nowMs),
  );
  if (waitMs > 0) return { waitMs, spent: { second, minute } };
  return {
    waitMs: 0,
    spent: { second: count(second, SECOND_SLOT_MS, nowMs), minute: count(minute, MINUTE_SLOT_MS, nowMs) },
  };
}

/** What work in the background may use of a budget: enough is left for new calls at any moment. */
export function limitsFor(urgency: Urgency, limits: BudgetLimits): BudgetLimits {
  if (urgency === 'live') return limits;
  const requestsPerMinute = Math.max(1, Math.floor(limits.requestsPerMinute * BACKGROUND_SHARE));
  return { ...limits, requestsPerMinute };
}

/** Requests that may still be sent in this minute. */
export function budgetLeft(spent: Spent, limits: BudgetLimits, nowMs: number): number {
  return Math.max(0, limits.requestsPerMinute - sentInMinute(spent, nowMs));
}

/** Requests sent in the last minute. */
export function sentInMinute({ minute }: Spent, nowMs: number): number {
  return total(inSpan(minute, MINUTE_SLOT_MS, MINUTE_SLOTS, nowMs));
}

/** Forgets slots that have passed. A slot ahead of a clock that was set back is kept: it can only delay. */
function inSpan(
  slots: [number, number][],
  slotMs: number,
  slotCount: number,
  nowMs: number,
): [number, number][] {
  const current = Math.floor(nowMs / slotMs);
  return slots.filter(([slot]) => slot > current - slotCount && slot <= current + slotCount);
}

function waitFor(
  slots: [number, number][],
  limit: number,
  slotMs: number,
  slotCount: number,
  nowMs: number,
): number {
  let excess = total(slots) - limit + 1;
  for (const [slot, sent] of slots) {
    if (excess <= 0) break;
    excess -= sent;
    if (excess <= 0) return Math.max(1, (slot + slotCount) * slotMs - nowMs);
  }
  return 0;
}

function count(slots: [number, number][], slotMs: number, nowMs: number): [number, number][] {
  const current = Math.floor(nowMs / slotMs);
  const last = slots.at(-1);
  if (last && last[0] >= current) return [...slots.slice(0, -1), [last[0], last[1] + 1]];
  return [...slots, [current, 1]];
}

function total(slots: [number, number][]): number {
  return slots.reduce((sum, [, sent]) => sum + sent, 0);
}
