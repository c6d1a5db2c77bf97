import { DAY, HOUR, MINUTE, SECOND } from '../../src/clock.ts';
import { Dice } from '../../src/sandbox/dice.ts';
import { DIGA_LIMITS } from '../../src/sources/diga/source.ts';
import { drawIncidents } from './draw-incidents.ts';
import type { Profile, Story, StorySettings, StoryWorker, StoryWorld } from './story.ts';
import type { VendorName } from './vendors/vendor.ts';

/** Passes that the poll interval leaves room for: they are what a story costs. */
const PASSES = { min: 12, max: 60 };
/** Three times the work: so less of it each. */
const OF_THREE = { passes: { min: 8, max: 20 }, pastCalls: 20, liveCalls: 12 };

const VENDORS: Readonly<Partial<Record<Profile, readonly VendorName[]>>> = {
  voicy: ['voicy'],
  diga: ['diga'],
  three: ['vox', 'voicy', 'diga'],
};
/** A bit of everything, on one vendor. */
const MIXED: ReadonlySet<Profile> = new Set(['everything', 'voicy', 'diga']);

/** Draws a story. The same seed and profile always give the same. */
export function drawStory(seed: number, profile: Profile): Story {
  const dice = new Dice(seed, 'story', profile);
  const horizonMs = drawHorizon(dice);
  const workerCount = profile === 'workers' ? dice.int(2, 3) : MIXED.has(profile) ? dice.int(1, 3) : 1;
  const settings = drawSettings(dice, profile, horizonMs, workerCount);
  const bones = {
    seed,
    profile,
    originMs: Date.parse('2026-11-20T03:00:00Z') + dice.int(0, 40 * 24) * HOUR,
    horizonMs,
    vendors: [...(VENDORS[profile] ?? (['vox'] as const))],
    world: drawWorld(dice, profile, settings),
    settings,
    vendorSkewMs: drawVendorSkew(dice, profile),
    workers: Array.from({ length: workerCount }, (_, index) => drawWorker(dice, profile, index, settings)),
    deathIsKnown: dice.chance(0.3),
  };
  return { ...bones, incidents: drawIncidents(dice, bones) };
}

function drawHorizon(dice: Dice): number {
  return dice.weighted([
    [dice.int(1, 6) * HOUR, 5],
    [dice.int(6, 48) * HOUR, 4],
    [dice.int(3, 24) * DAY, 2],
  ]);
}

function drawSettings(dice: Dice, profile: Profile, horizonMs: number, workers: number): StorySettings {
  const { min, max } = profile === 'three' ? OF_THREE.passes : PASSES;
  const passes = Math.ceil(dice.int(min, max) / workers);
  const pollIntervalMs = Math.min(
    DAY,
    Math.max(15 * SECOND, Math.round(horizonMs / passes / SECOND) * SECOND),
  );
  const slow = dice.chance(0.15);
  const learnsRate = profile === 'diga' && dice.chance(0.3);
  return {
    pollIntervalMs,
    lookbackMs: Math.max(dice.pick([30 * MINUTE, 2 * HOUR, 6 * HOUR]), 2 * pollIntervalMs),
    sinceAgeMs: dice.chance(0.25) ? dice.int(12, 240) * HOUR : null,
    stuckAfterMs: dice.pick([DAY, DAY, 6 * HOUR]),
    settleDeadlineMs: dice.pick([48 * HOUR, 48 * HOUR, 12 * HOUR]),
    requestsPerSecond: learnsRate ? DIGA_LIMITS.requestsPerSecond : slow ? 1 : 5,
    requestsPerMinute: learnsRate ? DIGA_LIMITS.requestsPerMinute : slow ? 20 : 120,
    onRetraction: dice.chance(0.2) ? 'follow' : 'keep',
    ...(learnsRate ? { learnsRate } : {}),
  };
}

/** What a vendor bears that documents no limit. */
const UNTOLD_LIMITS = { requestsPerSecond: 3, requestsPerMinute: 0 };
/** Messages are believed half a minute after the end (`calmMs`), and nothing shows those that come later than that. */
const DIGA_TAIL_SCALE_MAX = 2;

function drawWorld(dice: Dice, profile: Profile, settings: StorySettings): StoryWorld {
  const scale = () => dice.weighted([[1, 6] as const, [0.2, 1] as const, [4, 1] as const]);
  // A limit below the budget that was set is a mistake of the operator, which the engine has to live with.
  const strict = profile === 'vendor' && dice.chance(0.2);
  const small = profile === 'three';
  const pastCalls = dice.weighted([
    [dice.int(0, 40), 4],
    [dice.int(40, 150), 1],
  ]);
  return {
    pastCalls: small ? Math.min(OF_THREE.pastCalls, pastCalls) : pastCalls,
    historyMs: dice.pick([6 * HOUR, DAY, 3 * DAY, 14 * DAY]),
    liveCalls: small ? dice.int(2, OF_THREE.liveCalls) : dice.int(5, 50),
    timings: {
      queueScale: scale(),
      ringScale: scale(),
      talkScale: scale(),
      tailScale: profile === 'diga' ? Math.min(DIGA_TAIL_SCALE_MAX, scale()) : scale(),
      recordingScale: scale(),
      costScale: scale(),
      analysisScale: scale(),
    },
    stuckShare: profile !== 'calm' && dice.chance(0.2) ? 0.05 : 0,
    reanalysis:
      (profile === 'data' || MIXED.has(profile)) && dice.chance(0.3)
        ? { share: 0.3, afterMs: dice.int(1, 21 * 24) * HOUR }
        : null,
    pageSize: dice.pick([100, 100, 25, 8]),
    ...(settings.learnsRate === true
      ? UNTOLD_LIMITS
      : {
          requestsPerSecond: strict ? 2 : settings.requestsPerSecond,
          requestsPerMinute: strict ? 30 : settings.requestsPerMinute,
        }),
    retryAfterForm: dice.pick(['seconds', 'http-date', 'zero', 'none']),
  };
}

function drawVendorSkew(dice: Dice, profile: Profile): number {
  if (profile !== 'clocks' && !dice.chance(0.3)) return 0;
  return (
    dice.pick([-1, 1]) *
    dice.pick([dice.int(0, 5 * SECOND), dice.int(0, 10 * MINUTE), dice.int(0, 30 * HOUR)])
  );
}

function drawWorker(dice: Dice, profile: Profile, index: number, settings: StorySettings): StoryWorker {
  const skewed = profile === 'clocks' || (MIXED.has(profile) && dice.chance(0.3));
  const skew =
    dice.pick([-1, 1]) *
    dice.pick([dice.int(0, 10 * SECOND), dice.int(0, 10 * MINUTE), dice.int(0, 50 * HOUR)]);
  return {
    skewMs: skewed ? skew : 0,
    startsAtMs: index === 0 ? 0 : dice.int(0, 3 * settings.pollIntervalMs),
    manner: dice.chance(0.25) ? 'sync' : 'run',
  };
}
