import { planBirths } from '../births.ts';
import { hash32 } from '../dice.ts';
import type { VendorPart } from '../vendor.ts';
import { agentsOf } from './agents.ts';
import type { VoicyCall } from './call.ts';
import { ISRAEL_OFFSET_MS } from './hebrew-calendar.ts';
import { LIMITS } from './limits.ts';
import { voicyApi, voicyTruth } from './routes.ts';
import { VoicyWorld } from './world.ts';

/** Voicy. */
export const voicy: VendorPart<VoicyWorld, VoicyCall> = {
  name: 'voicy',
  prefix: '/functions/v1',
  baseUrlEndsAt: '/functions/v1',
  limits: LIMITS,
  world: (settings) => {
    const seed = hash32(settings.seed, 'voicy');
    const births = planBirths({ ...settings, seed, utcOffsetMs: ISRAEL_OFFSET_MS });
    return new VoicyWorld({ ...settings, seed, agents: agentsOf(seed) }, births);
  },
  routes: voicyApi,
  truth: voicyTruth,
};
