import type { Given } from './given.ts';
import { isSecret, readSecret } from './secret.ts';

/** Environment variables, as the process was given them. */
export type Environment = Readonly<Record<string, string | undefined>>;

/** A variable without the white space around it; empty is as good as not set. */
export function readVariable(env: Environment, name: string): string {
  return env[name]?.trim() ?? '';
}

/**
 * What the environment gives for settings, of which `names` says the variables. A secret may also be given as the path
 * of a file, in `NAME_FILE`. Problems are collected, not thrown, so that all of them can be told at once.
 */
export function readEnvironment(
  env: Environment,
  names: Readonly<Record<string, string>>,
  problems: string[],
): Map<string, Given> {
  const given = new Map<string, Given>();
  for (const [key, name] of Object.entries(names)) {
    const text = readVariable(env, name);
    if (text !== '') given.set(key, { text, where: name, isSecret: isSecret(key) });
    const file = isSecret(key) ? readVariable(env, `${name}_FILE`) : '';
    if (file === '') continue;
    if (text !== '') {
      problems.push(`${name} and ${name}_FILE are both set: set one of them`);
      continue;
    }
    const secret = readSecret(`${name}_FILE`, file, problems);
    if (secret !== null) given.set(key, { text: secret, where: name, isSecret: true });
  }
  return given;
}
