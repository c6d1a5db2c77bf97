/** Text of details that may be on its way at once. */
const TEXT_IN_FLIGHT_MAX = 4_000_000;

/**
 * How many details are asked for at once: as many as may be, unless those that came last were so long that as many
 * more would fill the memory. A vendor says the length of none before it sends it.
 */
export function detailsAtOnce(most: number, longestText: number): number {
  return Math.max(1, Math.min(most, Math.floor(TEXT_IN_FLIGHT_MAX / Math.max(1, longestText))));
}
