import { DAY, HOUR, MINUTE, SECOND } from '../../src/clock.ts';
import { Dice } from '../../src/sandbox/dice.ts';
import { drawIncidents } from './draw-incidents.ts';
import type { Profile, Story, StorySettings, StoryWorker, StoryWorld } from './story.ts';

/** Passes that the poll interval leaves room for: they are what a story costs. */
const PASSES = { min: 12, max: 60 };

/** Draws a story. The same seed and profile always give the same. */
export function drawStory(seed: number, profile: Profile): Story {
  const dice = new Dice(seed, 'story', profile);
  const horizonMs = drawHorizon(dice);
  const workerCount = profile === 'workers' ? dice.int(2, 3) : profile === 'everything' ? dice.int(1, 3) : 1;
  const settings = drawSettings(dice, horizonMs, workerCount);
  const bones = {
    seed,
    profile,
    originMs: Date.parse('2026-11-20T03:00:00Z') + dice.int(0, 40 * 24) * HOUR,
    horizonMs,
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

function drawSettings(dice: Dice, horizonMs: number, workers: number): StorySettings {
  const passes = Math.ceil(dice.int(PASSES.min, PASSES.max) / workers);
  const pollIntervalMs = Math.min(
    DAY,
    Math.max(15 * SECOND, Math.round(horizonMs / passes / SECOND) * SECOND),
  );
  const slow = dice.chance(0.15);
  return {
    pollIntervalMs,
    lookbackMs: Math.max(dice.pick([30 * MINUTE, 2 * HOUR, 6 * HOUR]), 2 * pollIntervalMs),
    sinceAgeMs: dice.chance(0.25) ? dice.int(12, 240) * HOUR : null,
    stuckAfterMs: dice.pick([DAY, DAY, 6 * HOUR]),
    settleDeadlineMs: dice.pick([48 * HOUR, 48 * HOUR, 12 * HOUR]),
    requestsPerSecond: slow ? 1 : 5,
    requestsPerMinute: slow ? 20 : 120,
    onRetraction: dice.chance(0.2) ? 'follow' : 'keep',
  };
}

function drawWorld(dice: Dice, profile: Profile, settings: StorySettings): StoryWorld {
  const scale = () => dice.weighted([[1, 6] as const, [0.2, 1] as const, [4, 1] as const]);
  // A limit below the budget that was set is a mistake of the operator, which the engine has to live with.
  const strict = profile === 'vendor' && dice.chance(0.2);
  return {
    pastCalls: dice.weighted([
      [dice.int(0, 40), 4],
      [dice.int(40, 150), 1],
    ]),
    historyMs: dice.pick([6 * HOUR, DAY, 3 * DAY, 14 * DAY]),
    liveCalls: dice.int(5, 50),
    timings: {
      queueScale: scale(),
      ringScale: scale(),
      talkScale: scale(),
      tailScale: scale(),
      recordingScale: scale(),
      costScale: scale(),
      analysisScale: scale(),
    },
    stuckShare: profile !== 'calm' && dice.chance(0.2) ? 0.05 : 0,
    reanalysis:
      (profile === 'data' || profile === 'everything') && dice.chance(0.3)
        ? { share: 0.3, afterMs: dice.int(1, 21 * 24) * HOUR }
        : null,
    pageSize: dice.pick([100, 100, 25, 8]),
    requestsPerSecond: strict ? 2 : settings.requestsPerSecond,
    requestsPerMinute: strict ? 30 : settings.requestsPerMinute,
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
  const skewed = profile === 'clocks' || (profile === 'everything' && dice.chance(0.3));
  const skew =
    dice.pick([-1, 1]) *
    dice.pick([dice.int(0, 10 * SECOND), dice.int(0, 10 * MINUTE), dice.int(0, 50 * HOUR)]);
  return {
    skewMs: skewed ? skew : 0,
    startsAtMs: index === 0 ? 0 : dice.int(0, 3 * settings.pollIntervalMs),
    manner: dice.chance(0.25) ? 'sync' : 'run',
  };
}
