import { resolve } from 'node:path';
import { type DatabaseAddress, readAddress } from '../database/address.ts';
import { ConfigError } from '../errors.ts';
import { VENDORS } from '../sources/index.ts';
import {
  CONFIG_VARIABLE,
  type ConfigFile,
  openConfigFile,
  readEntries,
  resolveGiven,
} from './config-file.ts';
import { type Environment, readEnvironment } from './environment.ts';
import { readFileSources } from './file-sources.ts';
import { type Given, parseAll } from './given.ts';
import { GLOBAL_NAMES, GLOBALS, SYNC_DEFAULTS, type SyncValues, vendorNames } from './schema.ts';
import { readSource, type SourceSettings, type SyncChoices, toSyncChoices } from './source-settings.ts';

/** What a command is told to do. How a source is synced stands in the source: here is what is said of all of them. */
export interface Settings extends SyncChoices {
  /** Null is the embedded PostgreSQL under `dataDir`. */
  database: DatabaseAddress | null;
  dataDir: string;
  sources: SourceSettings[];
  port: number;
  opsHost: string;
  logLevel: string;
}

/** Names of all settings in the environment: ours, and those of each vendor. */
export function settingNames(): string[] {
  const ofVendors = Object.values(VENDORS).flatMap((vendor) => Object.values(vendorNames(vendor)));
  return [CONFIG_VARIABLE, ...Object.values(GLOBAL_NAMES), ...ofVendors];
}

/**
 * Reads all settings: from the environment, and from the file that it may name. The environment wins, so that one
 * file serves many places; what it sets is not looked at in the file. Sources that a file names are the only ones:
 * variables of vendors are then read where the file refers to them, and nowhere else. Without such a list each vendor
 * that has a key in the environment is a source.
 * @throws ConfigError with every problem: where it is, the value (never of a secret), and what would be accepted
 */
export function readSettings(env: Environment): Settings {
  const problems: string[] = [];
  const file = openConfigFile(env, problems);
  const set = readEnvironment(env, GLOBAL_NAMES, problems);
  const given = new Map([...fileGlobals(file, set), ...set]);
  const core = parseAll(GLOBALS, given, problems);
  const otherwise = core ?? SYNC_DEFAULTS;
  const sources = file?.sources
    ? readFileSources(file, file.sources, otherwise)
    : readVendors(env, otherwise, problems);
  const url = core?.database_url;
  const database = readAddress(
    url ? { text: url, where: given.get('database_url')?.where ?? '' } : null,
    env,
    problems,
  );
  problems.push(...misspelt(env, file?.referenced));
  if (problems.length > 0 || core === null) throw new ConfigError(inOrder(problems, file));
  return {
    database,
    dataDir: resolve(core.data_dir),
    sources,
    ...toSyncChoices(core),
    port: core.port,
    opsHost: core.ops_host,
    logLevel: core.log_level.toLowerCase(),
  };
}

/** What the file says for all sources, where the environment says nothing. */
function fileGlobals(file: ConfigFile | null, set: ReadonlyMap<string, Given>): Map<string, Given> {
  if (file === null) return new Map();
  const written = readEntries(file.globals, [...Object.keys(GLOBALS), 'sources'], file.problems);
  for (const key of set.keys()) written.delete(key);
  return resolveGiven(file, written);
}

/** Each vendor that has a key in the environment is a source by the vendor's name. */
function readVendors(env: Environment, otherwise: SyncValues, problems: string[]): SourceSettings[] {
  return Object.entries(VENDORS).flatMap(([name, vendor]) => {
    const given = readEnvironment(env, vendorNames(vendor), problems);
    return readSource(name, name, given, otherwise, problems) ?? [];
  });
}

/** What Kubernetes sets in every container of a namespace that has a service named `callhouse`. */
const OF_A_SERVICE =
  /^CALLHOUSE_(?:SERVICE_(?:HOST|PORT)(?:_\w+)?|PORT(?:_\d+_(?:TCP|UDP)(?:_(?:PROTO|PORT|ADDR))?)?)$/;

/** A setting of ours that does not exist is a typing mistake: it would be ignored without a word. */
function misspelt(env: Environment, referenced: ReadonlySet<string> = new Set()): string[] {
  const ours = settingNames().filter((name) => name.startsWith('CALLHOUSE_'));
  return Object.keys(env)
    .filter((name) => name.startsWith('CALLHOUSE_') && !OF_A_SERVICE.test(name))
    .filter((name) => !ours.includes(name) && !referenced.has(name))
    .map((name) => `${name}: there is no such setting; those that begin so are ${ours.join(', ')}`);
}

/** Those of the file first, from its top to its bottom. */
function inOrder(problems: readonly string[], file: ConfigFile | null): string[] {
  const isOfFile = (problem: string) => file !== null && problem.startsWith(`${file.path}:`);
  const byLine = new Intl.Collator('en', { numeric: true });
  return [
    ...problems.filter(isOfFile).sort(byLine.compare),
    ...problems.filter((problem) => !isOfFile(problem)),
  ];
}
