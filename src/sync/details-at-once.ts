/** Text of details that are asked for together. As much may be on its way besides, while that is stored. */
const TEXT_AT_ONCE_MAX = 2_000_000;

/**
 * How many details are asked for at once: as many as may be, unless those that came last were so long that as many
 * more would fill the memory. A vendor says the length of none before it sends it.
 */
export function detailsAtOnce(most: number, longestText: number): number {
  return Math.max(1, Math.min(most, Math.floor(TEXT_AT_ONCE_MAX / Math.max(1, longestText))));
}
