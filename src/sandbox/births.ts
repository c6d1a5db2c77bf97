import { DAY, HOUR } from '../clock.ts';
import { Dice } from './dice.ts';
import { SEOUL_OFFSET_MS } from './seoul-calendar.ts';

/** When calls come into being. Times are unix ms. */
export interface Births {
  /** The birth of each past call, oldest first, all before the origin. */
  past(): number[];
  /** The birth of the n-th live call (from 0), or null when there is no such call. Never decreases with n. */
  live(n: number): number | null;
}

interface BirthOptions {
  seed: number;
  originMs: number;
  pastCalls: number;
  historyDays: number;
  liveCallsPerSecond: number;
  liveForMs: number | null;
  /** Of the place whose days the traffic follows, milliseconds. Default Seoul's. */
  utcOffsetMs?: number;
}

/** Relative traffic of each hour of a local day, from midnight: business hours heavy, a dip at lunch. */
const HOUR_WEIGHTS = [
  2, 1, 1, 1, 1, 2, 4, 10, 30, 80, 100, 95, 60, 75, 95, 100, 95, 85, 55, 35, 25, 18, 10, 5,
];

/** Relative traffic of each weekday, from Sunday. */
const WEEKDAY_WEIGHTS = [0.25, 1.1, 1, 1, 0.95, 1, 0.5];

/** So many calls are born in the very millisecond of the call before them, as a dialler's batches are. */
const SAME_INSTANT_SHARE = 0.04;

/** Fixes the birth of every call from the seed. */
export function planBirths(options: BirthOptions): Births {
  const { seed, originMs, liveCallsPerSecond, liveForMs } = options;
  const twin = (era: string, n: number) => n > 0 && new Dice(seed, 'twin', era, n).chance(SAME_INSTANT_SHARE);
  const jitter = (era: string, n: number) => new Dice(seed, 'birth', era, n).next();
  return {
    past() {
      const instants = pastInstants(options, (n) => jitter('past', n));
      return instants.map((instant, n) => (twin('past', n) ? (instants[n - 1] ?? instant) : instant));
    },
    live(n) {
      if (liveCallsPerSecond <= 0) return null;
      const slot = twin('live', n) ? n - 1 : n;
      const offsetMs = Math.floor(((slot + jitter('live', slot)) * 1_000) / liveCallsPerSecond);
      return liveForMs !== null && offsetMs >= liveForMs ? null : originMs + offsetMs;
    },
  };
}

/** Spreads the calls evenly over the summed-up traffic and reads off the instant of each. */
function pastInstants(options: BirthOptions, jitter: (n: number) => number): number[] {
  const { originMs, pastCalls, historyDays, utcOffsetMs = SEOUL_OFFSET_MS } = options;
  const startMs = originMs - historyDays * DAY;
  const hours = Math.max(1, Math.ceil((originMs - startMs) / HOUR));
  const weights = Array.from({ length: hours }, (_, hour) => trafficAt(startMs + hour * HOUR + utcOffsetMs));
  const total = weights.reduce((sum, weight) => sum + weight, 0);
  const instants: number[] = [];
  let hour = 0;
  let before = 0;
  for (let n = 0; n < pastCalls; n += 1) {
    const wanted = ((n + jitter(n)) / pastCalls) * total;
    while (hour < hours - 1 && before + (weights[hour] ?? 0) < wanted) {
      before += weights[hour] ?? 0;
      hour += 1;
    }
    const within = (wanted - before) / (weights[hour] ?? 1);
    instants.push(Math.min(originMs - 1, startMs + Math.floor((hour + within) * HOUR)));
  }
  return instants;
}

function trafficAt(localMs: number): number {
  const local = new Date(localMs);
  return (HOUR_WEIGHTS[local.getUTCHours()] ?? 1) * (WEEKDAY_WEIGHTS[local.getUTCDay()] ?? 1);
}
