import { CALL_LENGTH_MAX_MS, type Instant } from '../call.ts';
import { isPlausible } from './instants.ts';

/** Turns the time of a transcript item into an instant and an offset from the start of the call. */
export type ItemClock = (raw: number | null) => { at: Instant | null; offsetMs: number | null };

export const NO_TIME = { at: null, offsetMs: null };
const EPOCH_MS_FROM = 1e11;
const EPOCH_SECONDS_FROM = 1e9;
/** A little is said before the clock of a call starts, and a little after it stops. */
const TOLERANCE_MS = 10_000;

/**
 * Vendors do not say in what unit transcript items are timed, and differ. The unit is inferred once for the
 * whole transcript, never per item: unix ms, unix seconds, or an offset from the start in ms or in seconds. An
 * offset counts as seconds when it has a fraction, or when as ms the talk would fill less than a hundredth of the
 * call; but never so that the talk would outlast the call. Absurd values are no time. The raw value stays in the
 * raw payload.
 */
export function itemClock(
  raws: readonly (number | null)[],
  call: { startedAt: Instant | null; durationMs: number | null },
): ItemClock {
  const values = raws.filter((raw) => isTime(raw));
  const largest = Math.max(0, ...values);
  const { startedAt } = call;

  if (largest >= EPOCH_SECONDS_FROM) {
    const unitMs = largest >= EPOCH_MS_FROM ? 1 : 1_000;
    return (raw) => {
      const at = isTime(raw) ? Math.round(raw * unitMs) : 0;
      const offsetMs = startedAt === null ? null : at - startedAt;
      if (!isPlausible(at) || !isWithinCall(offsetMs ?? 0)) return NO_TIME;
      return { at, offsetMs };
    };
  }
  const unitMs = areSeconds(values, largest, call.durationMs) ? 1_000 : 1;
  return (raw) => {
    const offsetMs = isTime(raw) ? Math.round(raw * unitMs) : null;
    if (offsetMs === null || !isWithinCall(offsetMs)) return NO_TIME;
    return { at: startedAt === null ? null : startedAt + offsetMs, offsetMs };
  };
}

function areSeconds(values: readonly number[], largest: number, durationMs: number | null): boolean {
  const outlasts = durationMs !== null && largest * 1_000 > durationMs + TOLERANCE_MS;
  if (outlasts || largest === 0) return false;
  const fractions = values.some((value) => !Number.isInteger(value));
  return fractions || (durationMs !== null && largest < durationMs / 100);
}

/** Whether a number can be a time in any unit. One that cannot says nothing of the unit of the others. */
function isTime(raw: number | null): raw is number {
  if (raw === null || !Number.isFinite(raw)) return false;
  return isWithinCall(raw) || isPlausible(raw) || isPlausible(raw * 1_000);
}

function isWithinCall(offsetMs: number): boolean {
  return Math.abs(offsetMs) <= CALL_LENGTH_MAX_MS;
}
