import { SECOND } from '../../../src/clock.ts';
import type { Pass, Scene } from '../play.ts';
import { incidentsOf } from '../story.ts';

/** Statements of several sources stand in one line, and each takes some milliseconds. */
const LATE_MAX_MS = 2 * SECOND;

/**
 * What befalls one vendor does not touch the others: the passes of a source that nothing befell never fail, and each
 * begins when it is due.
 */
export function checkBystanders({ play, name }: Scene): string[] {
  const { story, chronicle } = play;
  if (story.vendors.length === 1 || incidentsOf(story, name).length > 0) return [];
  const passes = chronicle.passes.filter(
    ({ vendor, startedAtMs }) => vendor === name && startedAtMs < chronicle.restedAtMs,
  );
  const failed = passes
    .filter(({ outcome }) => outcome === 'failed')
    .map(({ worker, error }) => `nothing befell ${name}, and a pass of ${worker} failed: ${error}`);
  const workers = new Set(passes.map(({ worker }) => worker));
  const late = [...workers].flatMap((name) => {
    const own = passes.filter(({ worker }) => worker === name);
    return latePasses(own, story.settings.pollIntervalMs);
  });
  return [...failed, ...late];
}

function latePasses(passes: readonly Pass[], pollIntervalMs: number): string[] {
  return passes.slice(1).flatMap((pass, i) => {
    const before = passes[i] ?? pass;
    const dueAtMs = Math.max(before.endedAtMs, before.startedAtMs + pollIntervalMs);
    const lateMs = pass.startedAtMs - dueAtMs;
    if (lateMs <= LATE_MAX_MS) return [];
    return [`nothing befell ${pass.vendor}, and a pass of ${pass.worker} began ${lateMs} ms late`];
  });
}
