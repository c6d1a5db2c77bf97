import { dirname, resolve } from 'node:path';
import { type Environment, readVariable } from './environment.ts';
import { complaint, type Given } from './given.ts';
import { type Entry, type Located, locate } from './located.ts';
import { nearest } from './nearest.ts';
import { isSecret, readSecret, readText } from './secret.ts';

export const CONFIG_VARIABLE = 'CALLHOUSE_CONFIG';

/** A file of settings that was named in the environment. */
export interface ConfigFile {
  path: string;
  env: Environment;
  problems: string[];
  /** Variables that it names: they are no misspelt settings. */
  referenced: Set<string>;
  /** What stands in it besides its sources. */
  globals: Entry[];
  /** Null when it names none. */
  sources: Located[] | null;
}

/** Opens the file that the environment names. Null when it names none, or one that is no mapping of settings. */
export function openConfigFile(env: Environment, problems: string[]): ConfigFile | null {
  const path = readVariable(env, CONFIG_VARIABLE);
  const text = path === '' ? null : readText(CONFIG_VARIABLE, path, problems);
  const root = text === null ? null : locate(path, text, problems);
  if (root === null) return null;
  if (root.kind !== 'mapping') {
    const what =
      root.kind === 'value' && root.text === '' ? 'the file is empty' : `a ${root.kind} is not accepted`;
    problems.push(`${root.where}: ${what}; it wants settings by their names, such as poll_interval: 15s`);
    return null;
  }
  const entries = root.entries();
  const sources = entries.find(({ key }) => key === 'sources')?.value;
  return {
    path,
    env,
    problems,
    referenced: new Set(),
    globals: entries.filter(({ value }) => value !== sources),
    sources: sources ? sourcesOf(sources, problems) : null,
  };
}

function sourcesOf(value: Located, problems: string[]): Located[] {
  const sources = value.kind === 'list' ? value.items() : [];
  if (sources.length === 0) {
    problems.push(`${value.where}: it wants a list of sources, each with name, vendor and api_key`);
  }
  return sources;
}

/** What is written for settings whose names are `known`. Any other name is a problem: it would be ignored. */
export function readEntries(
  entries: readonly Entry[],
  known: readonly string[],
  problems: string[],
): Map<string, Given> {
  const given = new Map<string, Given>();
  for (const { key, where, value } of entries) {
    if (!known.includes(key)) {
      const meant = nearest(key.toLowerCase().replace(/^callhouse_/, ''), known);
      const hint = meant ? `did you mean ${meant}?` : `here may stand ${known.join(', ')}`;
      problems.push(`${where}: there is no such setting; ${hint}`);
    } else if (value.kind !== 'value') {
      problems.push(`${value.where}: a ${value.kind} is not accepted; it wants a single value`);
    } else if (value.text === '') {
      problems.push(`${value.where}: it has no value; give it one, or take it away`);
    } else {
      given.set(key, { text: value.text, where: value.where, isSecret: isSecret(key) });
    }
  }
  return given;
}

/** What is meant by what is written: secrets for their references, and paths seen from the file. */
export function resolveGiven(file: ConfigFile, written: ReadonlyMap<string, Given>): Map<string, Given> {
  const given = new Map<string, Given>();
  for (const [key, value] of written) {
    const text = key === 'data_dir' ? fromFile(file, value.text) : value.text;
    const meant = value.isSecret ? resolveReference(file, value) : text;
    if (meant !== null) given.set(key, { ...value, text: meant });
  }
  return given;
}

/**
 * A secret stands in the environment or in a file of its own: a file of settings is copied, shown and committed. Only
 * capital letters name a variable, so that a key that was written there is not told as the name of one.
 */
function resolveReference(file: ConfigFile, reference: Given): string | null {
  const [, variable, path] = /^(?:env:([A-Z_][A-Z0-9_]*)|file:(.+))$/.exec(reference.text) ?? [];
  if (path !== undefined) return readSecret(reference.where, fromFile(file, path), file.problems);
  if (variable === undefined) {
    file.problems.push(
      complaint(reference, 'wants a reference: env:NAME, in capital letters, or file:/path/of/a/file'),
    );
    return null;
  }
  file.referenced.add(variable);
  const secret = readVariable(file.env, variable);
  if (secret === '') file.problems.push(`${reference.where}: the variable ${variable} is not set`);
  return secret === '' ? null : secret;
}

function fromFile({ path }: ConfigFile, other: string): string {
  return resolve(dirname(path), other);
}
