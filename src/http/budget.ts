import type { Urgency } from '../requests.ts';

/** The most that may be sent with one key. */
export interface BudgetLimits {
  requestsPerSecond: number;
  requestsPerMinute: number;
}

/** What one kind of work may use of a budget. */
export interface Allowance extends BudgetLimits {
  /** Work that takes all that is left spreads it over the minute, or else new calls would find it used up. */
  requestsPerTenSeconds?: number;
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

/** Kept free for new calls: so the next request that becomes free is theirs, and not one that only tries to be first. */
const BACKGROUND_LEAVES = 1;
const SECOND_SLOT_MS = 50;
const MINUTE_SLOT_MS = 250;
/** One slot more than the span needs, and one for the way to the vendor, whose clock counts arrivals. */
const SECOND_SLOTS = 1_000 / SECOND_SLOT_MS + 2;
const MINUTE_SLOTS = 60_000 / MINUTE_SLOT_MS + 2;
const TEN_SECONDS_SLOTS = 10_000 / MINUTE_SLOT_MS + 1;

/**
 * Decides whether a request may be sent now. Counting in slots keeps the state small at any limit, and counting
 * every slot that a second or minute touches keeps the promise exact: never more than the limit in any such
 * span. A bucket with a burst would send up to twice the limit in its first minute.
 */
export function spendOne(spent: Spent, limits: Allowance, nowMs: number): { waitMs: number; spent: Spent } {
  const { requestsPerTenSeconds: paced = Number.POSITIVE_INFINITY } = limits;
  const second = inSpan(spent.second, SECOND_SLOT_MS, SECOND_SLOTS, nowMs);
  const minute = inSpan(spent.minute, MINUTE_SLOT_MS, MINUTE_SLOTS, nowMs);
  const lately = inSpan(minute, MINUTE_SLOT_MS, TEN_SECONDS_SLOTS, nowMs);
  const waitMs = Math.max(
    waitFor(lately, paced, MINUTE_SLOT_MS, TEN_SECONDS_SLOTS, nowMs),
    waitFor(second, limits.requestsPerSecond, SECOND_SLOT_MS, SECOND_SLOTS, nowMs),
    waitFor(minute, limits.requestsPerMinute, MINUTE_SLOT_MS, MINUTE_SLOTS, nowMs),
  );
  if (waitMs > 0) return { waitMs, spent: { second, minute } };
  return {
    waitMs: 0,
    spent: { second: count(second, SECOND_SLOT_MS, nowMs), minute: count(minute, MINUTE_SLOT_MS, nowMs) },
  };
}

/**
 * What work may use of a budget. New calls may use all of it. Work in the background takes what they leave, evenly: so a
 * request becomes free every moment, and new calls, which may take the last one, have it first.
 */
export function limitsFor(urgency: Urgency, limits: BudgetLimits): Allowance {
  if (urgency === 'live') return limits;
  return {
    ...limits,
    requestsPerMinute: Math.max(1, limits.requestsPerMinute - BACKGROUND_LEAVES),
    // One more than a sixth, so that it is the minute that limits.
    requestsPerTenSeconds: Math.ceil(limits.requestsPerMinute / 6) + 1,
  };
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
