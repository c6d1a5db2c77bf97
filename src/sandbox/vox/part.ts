import { planBirths } from '../births.ts';
import type { VendorPart } from '../vendor.ts';
import { agentsOf } from './agents.ts';
import type { VoxCall } from './call.ts';
import { voxApi, voxTruth } from './routes.ts';
import { VoxWorld } from './world.ts';

/** vox.ai, version 3. */
export const vox: VendorPart<VoxWorld, VoxCall> = {
  name: 'vox',
  prefix: '/v3',
  baseUrlEndsAt: '/v3',
  limits: { requestsPerSecond: 5, requestsPerMinute: 120 },
  world: (settings) => {
    const agents = agentsOf(settings.seed);
    return new VoxWorld({ ...settings, agents }, planBirths(settings));
  },
  routes: voxApi,
  truth: voxTruth,
};
