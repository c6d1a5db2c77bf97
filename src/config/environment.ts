import { readFileSync } from 'node:fs';

/** Environment variables, as the process was given them. */
export type Environment = Readonly<Record<string, string | undefined>>;

/** Settings that are secrets: each may also be given as the path of a file, in `NAME_FILE`. */
export function isSecret(name: string): boolean {
  return name === 'DATABASE_URL' || name.endsWith('_API_KEY');
}

/**
 * The settings of the environment by name, empty ones left out, secrets read from their files. Problems are
 * collected, not thrown, so that all of them can be told at once.
 */
export function readEnvironment(
  env: Environment,
  names: readonly string[],
  problems: string[],
): Map<string, string> {
  const values = new Map<string, string>();
  for (const name of names) {
    const value = env[name]?.trim() ?? '';
    if (value !== '') values.set(name, value);
    const file = isSecret(name) ? (env[`${name}_FILE`]?.trim() ?? '') : '';
    if (file === '') continue;
    if (value !== '') {
      problems.push(`${name} and ${name}_FILE are both set: set one of them`);
      continue;
    }
    const secret = readSecret(`${name}_FILE`, file, problems);
    if (secret !== null) values.set(name, secret);
  }
  return values;
}

function readSecret(name: string, path: string, problems: string[]): string | null {
  try {
    const secret = readFileSync(path, 'utf8').trim();
    if (secret !== '') return secret;
    problems.push(`${name}: the file ${path} is empty`);
  } catch (error) {
    const code = error instanceof Error && 'code' in error ? String(error.code) : 'unreadable';
    problems.push(`${name}: the file ${path} cannot be read (${code})`);
  }
  return null;
}
