import { DAY, HOUR, MINUTE, SECOND } from '../../src/clock.ts';
import type { StoryResult } from './result.ts';
import type { Incident, Story } from './story.ts';

/** A story as a person reads it: what there is, what happens when, and what came of it. */
export function timeline(story: Story, result: StoryResult): string {
  const { world, settings, workers } = story;
  const lines = [
    `seed ${story.seed}, profile ${story.profile} (${story.vendors.join(', ')}), from ${new Date(story.originMs).toISOString()} for ${span(story.horizonMs)}`,
    `calls: ${world.pastCalls} of ${span(world.historyMs)} before, ${world.liveCalls} while it lasts` +
      `${world.stuckShare > 0 ? `, ${world.stuckShare} of them never end` : ''}` +
      `${world.reanalysis ? `, ${world.reanalysis.share} analysed anew after ${span(world.reanalysis.afterMs)}` : ''}`,
    `settings: poll ${span(settings.pollIntervalMs)}, look-back ${span(settings.lookbackMs)}, ` +
      `since ${settings.sinceAgeMs === null ? 'all' : span(settings.sinceAgeMs)}, ` +
      `deadline ${span(settings.settleDeadlineMs)}, stuck ${span(settings.stuckAfterMs)}, ` +
      `${settings.requestsPerSecond}/s ${settings.requestsPerMinute}/min${settings.learnsRate === true ? ' to learn from' : ''}, ${settings.onRetraction}`,
    `vendor's clock ${signed(story.vendorSkewMs)}; ${workers
      .map(
        (worker, index) =>
          `w${index} (${worker.manner}) from ${span(worker.startsAtMs)}, clock ${signed(worker.skewMs)}`,
      )
      .join('; ')}`,
    ...[...story.incidents].sort((a, b) => a.atMs - b.atMs).map((incident) => incidentLine(incident, result)),
    ...result.complaints.map(({ check, message }) => `  ! ${check}: ${message}`),
  ];
  return lines.join('\n');
}

function incidentLine({ id, atMs, kind, ...facts }: Incident, { struck }: StoryResult): string {
  const told = Object.entries(facts).map(([name, value]) => `${name} ${shown(name, value)}`);
  return `  ${span(atMs).padStart(10)}  #${id} ${kind} ${told.join(', ')}${struck[id] ? ` → ${struck[id].slice(0, 120)}` : ''}`;
}

function shown(name: string, value: unknown): string {
  if (typeof value === 'number')
    return name.endsWith('Ms') ? span(value) : String(Math.round(value * 100) / 100);
  return typeof value === 'object' ? JSON.stringify(value) : String(value);
}

function signed(ms: number): string {
  return ms === 0 ? 'right' : `${ms > 0 ? 'ahead by' : 'behind by'} ${span(Math.abs(ms))}`;
}

/** A length of time in its two biggest units. */
export function span(ms: number): string {
  if (ms < 0) return `-${span(-ms)}`;
  const units: [string, number][] = [
    ['d', DAY],
    ['h', HOUR],
    ['min', MINUTE],
    ['s', SECOND],
    ['ms', 1],
  ];
  const parts: string[] = [];
  let left = Math.round(ms);
  for (const [name, length] of units) {
    const count = Math.floor(left / length);
    left -= count * length;
    if (count > 0) parts.push(`${count}${name}`);
  }
  return parts.slice(0, 2).join(' ') || '0s';
}
