import { expect } from 'vitest';
import { HOUR } from '../../src/clock.ts';
import { startSandbox } from '../../src/sandbox/server.ts';
import { callhouse } from '../support/command-line.ts';
import { openPool } from '../support/database.ts';
import { differencesFromTruth } from '../support/truth.ts';
import { VOX } from '../support/vendors.ts';
import { ADMIN, type StartedPostgres } from './postgres.ts';

/** How a user names a database: variables, and what the server must have. */
interface Way {
  env: Record<string, string>;
  /** Whose words of `check` these are, such as `without TLS`. */
  told: string;
  /** Undoes what was made for it. */
  close?(): Promise<void>;
}

/** `short` is a check and a sync: enough where only the way there differs. */
export type Length = 'whole' | 'short';

export interface Variety {
  name: string;
  /** Makes what it needs on a server, where `database` is owned by the role `app` with the password `app`. */
  open(server: StartedPostgres, database: string): Promise<Way>;
}

let made = 0;

/** What every database must be good for: a check, a whole sync, a look, and a comparison with the vendor. */
export async function travel(
  server: StartedPostgres,
  variety: Variety,
  length: Length = 'whole',
): Promise<void> {
  made += 1;
  const database = `travel_${made}`;
  await server.run(`create database ${database} owner app`);
  const way = await variety.open(server, database);
  const sandbox = await startSandbox({
    pastCalls: 60,
    historyDays: 2,
    originMs: Date.now() - HOUR,
    requestsPerSecond: 0,
    requestsPerMinute: 0,
  });
  const env = {
    VOX_API_KEY: 'sandbox-key',
    VOX_BASE_URL: sandbox.vox.baseUrl,
    VOX_REQUESTS_PER_SECOND: '5000',
    VOX_REQUESTS_PER_MINUTE: '300000',
    ...way.env,
  };
  const pool = openPool(`postgresql://${ADMIN}:${ADMIN}@127.0.0.1:${server.port}/${database}`);
  try {
    const checked = await callhouse(['check'], env);
    expect(checked.stdout).not.toMatch(/^NO /m);
    expect(checked.stdout).toContain(way.told);
    expect(checked.code).toBe(0);

    const synced = await callhouse(['sync', '--until-settled', '--timeout', '60s', '--json'], env);
    expect(withoutNaming(synced.stderr)).toBe('');
    expect(synced.code).toBe(0);

    if (length === 'whole') await lookAround(env);
    expect(await differencesFromTruth(pool, sandbox.vox.world.details(Date.now()), VOX)).toEqual([]);
  } finally {
    await pool.end();
    await sandbox.close();
    await way.close?.();
  }
}

async function lookAround(env: Record<string, string>): Promise<void> {
  const verified = await callhouse(['verify', '--json'], env);
  expect(withoutNaming(verified.stderr)).toBe('');
  expect(verified.code).toBe(0);
  const asked = await callhouse(['status'], env);
  expect(asked.stdout).toMatch(/health +green/);
  expect(asked.stdout).not.toContain(PASSWORD);
}

/** The password of every role of these tests: it is never shown. */
export const PASSWORD = 'pass-9f3a';

/** Which database is meant is said where no DATABASE_URL does; nothing else is. */
function withoutNaming(stderr: string): string {
  return stderr.replace(/^database: .* because PG.*\n/gm, '');
}

/** What each server has before anybody travels. */
export async function furnish(server: StartedPostgres): Promise<void> {
  await server.run(`create role app login password '${PASSWORD}';
create role callhouse_reader nologin; create role callhouse_pii_reader nologin;`);
}
