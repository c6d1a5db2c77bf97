import type { Instant } from '../call.ts';

/**
 * Groups calls that are due into windows to be listed. A list request tells of `pageSize` calls: joining two
 * neighbours costs the pages of the time between them, parting them costs one request. So they are joined while
 * fewer than one page of calls lies between them.
 */
export function planSettlementReads(
  startedAts: readonly Instant[],
  callsPerMs: number,
  pageSize: number,
): { from: Instant; to: Instant }[] {
  const sorted = [...startedAts].sort((a, b) => a - b);
  const windows: { from: Instant; to: Instant }[] = [];
  for (const at of sorted) {
    const last = windows.at(-1);
    if (last && (at - last.to) * callsPerMs < pageSize) last.to = at;
    else windows.push({ from: at, to: at });
  }
  return windows;
}
