import { ConfigError } from '../errors.ts';
import type { SyncedSource } from '../sync/sync-source.ts';

/** The source of this name, or all of them. @throws ConfigError when there is none */
export function chooseSources(sources: readonly SyncedSource[], name: string | null): SyncedSource[] {
  const chosen = sources.filter(({ source }) => name === null || source.name === name);
  if (chosen.length > 0) return chosen;
  const names = sources.map(({ source }) => source.name).join(', ');
  throw new ConfigError([`--source ${name}: there is no such source; configured: ${names}`]);
}
