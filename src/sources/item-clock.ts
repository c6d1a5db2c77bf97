import type { Instant } from '../call.ts';

/** Turns the time of a transcript item into an instant and an offset from the start of the call. */
export type ItemClock = (raw: number | null) => { at: Instant | null; offsetMs: number | null };

const EPOCH_MS_FROM = 1e11;
const EPOCH_SECONDS_FROM = 1e9;

/**
 * Vendors do not say in what unit transcript items are timed, and differ. The unit is inferred once for the
 * whole transcript from its largest value, never per item: unix ms, unix seconds, or an offset from the start
 * in ms or in seconds. An offset counts as seconds when it has a fraction or when, read as ms, the talk would fill less
 * than a hundredth of the call. The raw value stays in the raw payload.
 */
export function itemClock(
  raws: readonly (number | null)[],
  call: { startedAt: Instant | null; durationMs: number | null },
): ItemClock {
  const values = raws.filter((raw): raw is number => raw !== null && Number.isFinite(raw));
  const largest = Math.max(0, ...values);
  const { startedAt } = call;

  if (largest >= EPOCH_SECONDS_FROM) {
    const unitMs = largest >= EPOCH_MS_FROM ? 1 : 1_000;
    return (raw) => {
      if (raw === null) return { at: null, offsetMs: null };
      const at = Math.round(raw * unitMs);
      return { at, offsetMs: startedAt === null ? null : at - startedAt };
    };
  }
  const fractions = values.some((value) => !Number.isInteger(value));
  const tooShort = call.durationMs !== null && largest > 0 && largest < call.durationMs / 100;
  const unitMs = fractions || tooShort ? 1_000 : 1;
  return (raw) => {
    if (raw === null) return { at: null, offsetMs: null };
    const offsetMs = Math.round(raw * unitMs);
    return { at: startedAt === null ? null : startedAt + offsetMs, offsetMs };
  };
}
