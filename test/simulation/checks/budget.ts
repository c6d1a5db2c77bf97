import { MINUTE, SECOND } from '../../../src/clock.ts';
import type { Scene } from '../play.ts';

/** A rate that is learned never grows beyond so many times what it began with. */
const LEARNED_TIMES_FIRST_MAX = 5;

/**
 * No span of a second or a minute holds more requests than the key may send, by the vendor's own count. A request of a
 * process that was stopped between the grant of the budget and the sending is left out: the budget allows one slot for
 * the way to the vendor (src/http/budget.ts), and a process that is stopped can not take its request back.
 */
export function checkBudget({ play, vendor, name }: Scene): string[] {
  const { sandbox, story, log, chronicle } = play;
  const times = story.settings.learnsRate === true ? LEARNED_TIMES_FIRST_MAX : 1;
  const requestsPerSecond = story.settings.requestsPerSecond * times;
  const requestsPerMinute = story.settings.requestsPerMinute * times;
  const { entries } = vendor.case.in(sandbox).requests;
  const inTime = entries.filter((_entry, number) => !log.heldUp.get(name)?.has(number));
  const sentAt = inTime.map(({ atMs }) => atMs - story.vendorSkewMs);
  return evenStretches(sentAt, chronicle.clockSetAtMs).flatMap((stretch) => [
    ...crowded(stretch, SECOND, requestsPerSecond, 'second'),
    ...crowded(stretch, MINUTE, requestsPerMinute, 'minute'),
  ]);
}

/** The stretches in which the clock that the budget is counted by goes evenly. */
function evenStretches(sentAt: readonly number[], setAtMs: readonly number[]): number[][] {
  const bounds = [Number.NEGATIVE_INFINITY, ...setAtMs, Number.POSITIVE_INFINITY];
  return bounds.slice(1).map((to, i) => sentAt.filter((atMs) => atMs >= (bounds[i] ?? to) && atMs < to));
}

function crowded(sentAt: readonly number[], spanMs: number, most: number, name: string): string[] {
  const complaints: string[] = [];
  let from = 0;
  for (const [to, atMs] of sentAt.entries()) {
    while (atMs - (sentAt[from] ?? 0) >= spanMs) from += 1;
    const count = to - from + 1;
    if (count > most) {
      complaints.push(
        `${count} requests in the ${name} to ${new Date(atMs).toISOString()}, where ${most} are allowed`,
      );
    }
  }
  return complaints;
}
