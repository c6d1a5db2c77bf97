/** An index refuses a row of more than 2.7 kB. Nobody gives names of such length; the payload has all of them. */
const INDEXED_CHARACTERS_MAX = 500;

/** A name as it may stand in an index: cut, when it is none by its length. */
export function indexable(name: string): string;
export function indexable(name: string | null): string | null;
export function indexable(name: string | null): string | null {
  if (name === null || name.length <= INDEXED_CHARACTERS_MAX) return name;
  return Array.from(name).slice(0, INDEXED_CHARACTERS_MAX).join('');
}
