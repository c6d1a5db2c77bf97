import { locatePlatformPackage } from './binaries.ts';

/** What this code takes from the machine that it runs on. Tests hand in another one. */
export interface Machine {
  /** The folder of the npm package with the binaries. Throws a ConfigError when it is not installed. */
  readonly platformPackage: () => string;
  /** Where root may keep what the server's user must reach. The first one that can be had is taken. */
  readonly systemFolders: readonly string[];
  /** System users that may run the server for root. The last one is created when none of them exists. */
  readonly userNames: readonly string[];
}

/** `/tmp` is no system folder: anyone could lay binaries or data there before us. */
export const thisMachine: Machine = {
  platformPackage: () => locatePlatformPackage(import.meta.url),
  systemFolders: ['/var/lib/callhouse', '/opt/callhouse', '/srv/callhouse'],
  userNames: ['postgres', '_postgres', 'callhouse-postgres'],
};
