import { readFileSync } from 'node:fs';

/** Settings whose value is never shown, by the name in a file. */
export function isSecret(key: string): boolean {
  return key === 'database_url' || key === 'api_key';
}

/** What a file holds; null, and a problem that begins with `where`, when it cannot be read. */
export function readText(where: string, path: string, problems: string[]): string | null {
  try {
    return readFileSync(path, 'utf8');
  } catch (error) {
    const code = error instanceof Error && 'code' in error ? String(error.code) : 'unreadable';
    problems.push(`${where}: the file ${path} cannot be read (${code})`);
    return null;
  }
}

/** The secret that a file holds, without the white space around it. */
export function readSecret(where: string, path: string, problems: string[]): string | null {
  const secret = readText(where, path, problems)?.trim() ?? null;
  if (secret === '') problems.push(`${where}: the file ${path} is empty`);
  return secret === '' ? null : secret;
}
