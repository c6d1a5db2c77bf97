import { formatDuration } from '../config/duration.ts';
import { PLACEMENT_MARK, type Search } from '../sync/find-placed.ts';
import type { FollowedCall } from '../warehouse/followed-call.ts';
import { table } from './console.ts';

/** The words of `place`: facts in, lines out. Pure. */

export function describePlaced(
  source: string,
  { callId, placement }: { callId: string; placement: string },
  call: FollowedCall | null,
): string {
  const rows: [string, string][] = [
    ['call', `${callId} at ${source}`],
    ['placement', placement],
    ['state', call === null ? 'not stored yet' : describeState(call)],
  ];
  if (call?.durationMs != null) rows.push(['duration', formatDuration(call.durationMs)]);
  if (call?.cost != null) rows.push(['cost', call.cost]);
  if (call?.transcriptItems) rows.push(['turns', String(call.transcriptItems)]);
  if (call?.summary != null) rows.push(['summary', call.summary]);
  return table(rows);
}

export function describeState({ status, endReason, settlement }: FollowedCall): string {
  return `${status}${endReason === null ? '' : ` (${endReason})`}, ${settlement}`;
}

/** Exactly what is known of an order whose outcome is not. */
export function describeUnknown(reason: string, placement: string, search: Search): string {
  return [
    `It is not known whether the call was placed: ${reason}.`,
    `The order was sent once and is not sent again: the call may be ringing. ${describeSearch(search)}`,
    'To look again:',
    '',
    '  callhouse sync',
    `  select call_id, status from callhouse.calls where metadata->>'${PLACEMENT_MARK}' = '${placement}';`,
  ].join('\n');
}

function describeSearch({ looks, fault }: Search): string {
  const seen =
    looks === 0
      ? ''
      : `The lists were read ${looks === 1 ? 'once' : `${looks} times`} since and do not show it.`;
  const unseen = fault === null ? '' : `The lists could not be read (${fault}).`;
  return [seen, unseen].filter((part) => part !== '').join(' ') || 'It was not looked for.';
}
