import { HOUR } from '../../src/clock.ts';
import { type Incident, type Story, vendorStruck } from './story.ts';
import type { VendorName } from './vendors/vendor.ts';

/**
 * Makes a story that fails smaller while it fails: first without incidents that are not needed (ddmin), then with
 * fewer calls, workers and oddities. `fails` plays a story; the search ends when it has nothing left to try or
 * `isOver` says so.
 */
export async function shrink(
  story: Story,
  fails: (story: Story) => Promise<boolean>,
  isOver: () => boolean,
): Promise<Story> {
  let smallest = await fewerIncidents(story, fails, isOver);
  for (let shrunk = true; shrunk && !isOver(); ) {
    shrunk = false;
    for (const simpler of simplerStories(smallest)) {
      if (isOver()) break;
      if (await fails(simpler)) {
        smallest = simpler;
        shrunk = true;
        break;
      }
    }
  }
  return smallest;
}

/** Delta debugging: leaves out halves, then quarters, and so on, as long as the rest still fails. */
async function fewerIncidents(
  story: Story,
  fails: (story: Story) => Promise<boolean>,
  isOver: () => boolean,
): Promise<Story> {
  let incidents: Incident[] = story.incidents;
  let size = Math.ceil(incidents.length / 2);
  while (incidents.length > 0 && size >= 1 && !isOver()) {
    let leftOut = false;
    for (let from = 0; from < incidents.length && !isOver(); from += size) {
      const rest = [...incidents.slice(0, from), ...incidents.slice(from + size)];
      if (await fails({ ...story, incidents: rest })) {
        incidents = rest;
        leftOut = true;
        break;
      }
    }
    if (!leftOut) size = size === 1 ? 0 : Math.ceil(size / 2);
    else size = Math.min(size, Math.max(1, Math.ceil(incidents.length / 2)));
  }
  return { ...story, incidents };
}

/** Stories that are simpler by one step each, the biggest steps first. */
function* simplerStories(story: Story): Generator<Story> {
  const { world, settings, workers, incidents, horizonMs } = story;
  const withWorld = (change: Partial<Story['world']>): Story => ({
    ...story,
    world: { ...world, ...change },
  });
  for (const left of story.vendors.length > 1 ? story.vendors : []) yield withoutVendor(story, left);
  if (world.pastCalls > 0) yield withWorld({ pastCalls: 0 });
  if (world.pastCalls > 1) yield withWorld({ pastCalls: Math.floor(world.pastCalls / 2) });
  if (world.liveCalls > 0) yield withWorld({ liveCalls: 0 });
  if (world.liveCalls > 1) yield withWorld({ liveCalls: Math.floor(world.liveCalls / 2) });
  const used = Math.max(0, ...incidents.map((incident) => ('worker' in incident ? incident.worker : 0)));
  if (workers.length > used + 1) yield { ...story, workers: workers.slice(0, -1) };
  const lastMs = Math.max(0, ...incidents.map(({ atMs }) => atMs));
  if (horizonMs / 2 > Math.max(lastMs, HOUR)) {
    const liveCalls = Math.ceil(world.liveCalls / 2);
    yield { ...story, horizonMs: Math.floor(horizonMs / 2), world: { ...world, liveCalls } };
  }
  if (story.vendorSkewMs !== 0) yield { ...story, vendorSkewMs: 0 };
  if (workers.some(({ skewMs }) => skewMs !== 0)) {
    yield { ...story, workers: workers.map((worker) => ({ ...worker, skewMs: 0 })) };
  }
  if (world.stuckShare > 0) yield withWorld({ stuckShare: 0 });
  if (world.reanalysis !== null) yield withWorld({ reanalysis: null });
  if (Object.values(world.timings).some((scale) => scale !== 1)) {
    const even = Object.fromEntries(Object.keys(world.timings).map((name) => [name, 1]));
    yield withWorld({ timings: even });
  }
  if (settings.sinceAgeMs !== null) yield { ...story, settings: { ...settings, sinceAgeMs: null } };
}

function withoutVendor(story: Story, left: VendorName): Story {
  const incidents = story.incidents.filter((incident) => vendorStruck(story, incident) !== left);
  return { ...story, vendors: story.vendors.filter((name) => name !== left), incidents };
}
