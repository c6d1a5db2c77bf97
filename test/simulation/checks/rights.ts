import type { Scene } from '../play.ts';

/** A pass that the key kept from reading calls says so: it is told as failed, and why. */
export function checkRights({ play: { chronicle }, name }: Scene): string[] {
  if (name !== 'diga') return [];
  const without = chronicle.rightsTaken.filter(({ part }) => part === 'calls');
  return without.flatMap(({ fromMs, toMs }) =>
    chronicle.passes
      .filter(
        ({ vendor, startedAtMs, endedAtMs }) => vendor === name && startedAtMs >= fromMs && endedAtMs < toMs,
      )
      .filter(({ outcome, error }) => outcome === 'done' || (outcome === 'failed' && error === null))
      .map(({ worker, outcome }) => `a pass of ${worker} is ${outcome}, and its key could not list calls`),
  );
}
