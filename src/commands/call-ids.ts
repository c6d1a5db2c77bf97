/**
 * The ids of calls as people give them: pasted with blanks, quotes or commas, some in one argument. What is between them
 * is no part of any vendor's id.
 */
export function readCallIds(given: readonly string[]): string[] {
  return [
    ...new Set(given.flatMap((text) => text.split(/[\s,;'"`\u2018-\u201f]+/)).filter((id) => id !== '')),
  ];
}
