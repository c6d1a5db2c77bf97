const STRING_OR_NO_NUMBER = /"[^"\\]*(?:\\[\s\S][^"\\]*)*"|-?\b(?:NaN|Infinity)\b/g;
// biome-ignore lint/suspicious/noControlCharactersInRegex: these are what is looked for
const CONTROL = /[\u0000-\u001f]/g;

/**
 * JSON text in which what some programs write by mistake is written rightly: `NaN` and `Infinity` as texts, raw control
 * characters as escapes. So one field is what cannot be read, and not the page around it. Null when there was nothing of it.
 */
export function mendJson(text: string): string | null {
  const mended = text.replace(STRING_OR_NO_NUMBER, (found) =>
    found.startsWith('"') ? found.replace(CONTROL, escaped) : JSON.stringify(found),
  );
  return mended === text ? null : mended;
}

function escaped(character: string): string {
  return `\\u${character.charCodeAt(0).toString(16).padStart(4, '0')}`;
}
