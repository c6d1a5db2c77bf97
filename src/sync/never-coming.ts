import type { Facet } from '../call.ts';
import { isTerminal } from '../call.ts';
import { HOUR } from '../clock.ts';
import type { CallContent } from '../merge/merge-call.ts';
import { type CallGroup, groupKey } from '../warehouse/settlements.ts';

/** Calls younger than this say nothing of what their agent's calls never get: it may still come. */
export const JUDGE_CALLS_OLDER_THAN_MS = HOUR;

/**
 * The group by which is judged what a call will never get; null when nothing is awaited that calls may lack.
 * An agent without analysis is not waited for, and nor are the failed calls of an agent that get no cost.
 */
function groupToJudge(content: CallContent): CallGroup | null {
  const { agentId, agentName, vendorStatus, status, startedAt, recordingUrl } = content.facts;
  if (agentId === null && agentName === null) return null;
  if (vendorStatus === null || startedAt === null || !isTerminal(status)) return null;
  const complete = content.analysis !== null && content.costs.length > 0 && recordingUrl !== null;
  return complete ? null : { agentId, agentName, vendorStatus };
}

/** The groups of these calls that have to be judged, each once. */
export function groupsOf(contents: readonly CallContent[]): CallGroup[] {
  const groups = new Map<string, CallGroup>();
  for (const content of contents) {
    const group = groupToJudge(content);
    if (group) groups.set(groupKey(group), group);
  }
  return [...groups.values()];
}

/** What a call will never get, judged by its group. */
export function neverOf(
  content: CallContent,
  never: ReadonlyMap<string, ReadonlySet<Facet>>,
): ReadonlySet<Facet> {
  const group = groupToJudge(content);
  return (group && never.get(groupKey(group))) ?? new Set();
}
