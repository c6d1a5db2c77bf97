import { HOUR } from '../../clock.ts';
import { planBirths } from '../births.ts';
import { hash32 } from '../dice.ts';
import type { VendorPart } from '../vendor.ts';
import { agentsOf } from './agents.ts';
import type { DigaCall } from './call.ts';
import { phonesOf } from './phones.ts';
import { digaApi, digaTruth } from './routes.ts';
import { DigaWorld } from './world.ts';

/** Spanish days begin an hour before those of UTC, or two in summer. */
const SPANISH_OFFSET_MS = HOUR;

/** Diga, version 1. Its limit is nowhere documented, and a refusal for its sake gives no hint how long to wait. */
export const diga: VendorPart<DigaWorld, DigaCall> = {
  name: 'diga',
  prefix: '/v1',
  baseUrlEndsAt: '',
  limits: { requestsPerSecond: 4, requestsPerMinute: 0 },
  world: (settings) => {
    const seed = hash32('diga', settings.seed);
    const agents = agentsOf(seed);
    const phones = phonesOf(seed, settings.originMs, agents);
    const births = planBirths({ ...settings, seed, utcOffsetMs: SPANISH_OFFSET_MS });
    return new DigaWorld({ ...settings, seed, agents, phones }, births);
  },
  routes: digaApi,
  truth: digaTruth,
};
