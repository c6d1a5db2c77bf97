/**
 * An index of PostgreSQL refuses a row of more than 2,704 bytes, and with it the whole page. What stands in an index, or is
 * counted by its name, is bounded here: two names and an id fit together. The payload has all of it.
 */

const NAME_LENGTH_MAX = 300;

/** A name as it may stand in an index: cut, when it is none by its length. */
export function boundedName(name: string): string;
export function boundedName(name: string | null): string | null;
export function boundedName(name: string | null): string | null {
  return name === null ? null : cut(name, NAME_LENGTH_MAX);
}

/** The first characters of a text; a character is never cut in two. */
export function cut(text: string, characters: number): string {
  return text.length <= characters
    ? text
    : Array.from(text.slice(0, 2 * characters))
        .slice(0, characters)
        .join('');
}
