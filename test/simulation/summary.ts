import type { StoryResult } from './result.ts';
import type { Story } from './story.ts';
import { span } from './timeline.ts';

export interface Played {
  story: Story;
  result: StoryResult;
}

export function hasFailed({ result }: Played): boolean {
  return result.complaints.length > 0;
}

/** What many stories came to. */
export function summarize(played: readonly Played[], wallMs: number): string {
  const sum = (numberOf: (result: StoryResult) => number) =>
    played.reduce((total, { result }) => total + numberOf(result), 0);
  const ratio = (count: number, least: number) =>
    `${count} (${(count / Math.max(1, least)).toFixed(2)} × the least)`;
  const failed = played.filter(hasFailed).length;
  const lists = ratio(
    sum(({ bill }) => bill.lists),
    sum(({ bill }) => bill.leastLists),
  );
  const details = ratio(
    sum(({ bill }) => bill.details),
    sum(({ bill }) => bill.leastDetails),
  );
  const eachMs = sum((result) => result.wallMs) / Math.max(1, played.length);
  return [
    `stories    ${played.length}: ${played.length - failed} passed, ${failed} failed`,
    `calls      ${sum(({ calls }) => calls)} in ${sum(({ passes }) => passes)} passes`,
    `requests   lists ${lists}, details ${details}`,
    `incidents  ${incidentCounts(played)}`,
    `time       ${span(sum(({ virtualMs }) => virtualMs))} simulated in ${span(wallMs)}, ${(eachMs / 1_000).toFixed(1)} s a story`,
  ].join('\n');
}

function incidentCounts(played: readonly Played[]): string {
  const counts = new Map<string, number>();
  for (const { kind } of played.flatMap(({ story }) => story.incidents))
    counts.set(kind, (counts.get(kind) ?? 0) + 1);
  const sorted = [...counts].sort(([, a], [, b]) => b - a);
  return sorted.map(([kind, count]) => `${kind} ${count}`).join(', ') || 'none';
}
