import { PassThrough } from 'node:stream';
import type { Pool } from 'pg';
import { expect, vi } from 'vitest';
import { HOUR } from '../../src/clock.ts';
import { createConsole } from '../../src/commands/console.ts';
import { status } from '../../src/commands/status.ts';
import { readSettings } from '../../src/config/settings.ts';
import { explainFailure } from '../../src/explain-failure.ts';
import { createLogger } from '../../src/log.ts';
import type { SandboxOptions } from '../../src/sandbox/options.ts';
import { type Sandbox, startSandbox } from '../../src/sandbox/server.ts';
import type { SourceStatus } from '../../src/warehouse/status.ts';
import type { Running } from '../support/command-line.ts';
import { createTestDatabase, openPool } from '../support/database.ts';
import { differencesFromTruth } from '../support/truth.ts';
import { VOX } from '../support/vendors.ts';
import { type Step, startWorker } from './worker.ts';

/** A vendor, a database, and workers between them that are real processes. */
export interface Stage {
  readonly world: Sandbox;
  readonly pool: Pool;
  /** Environment of a worker. */
  readonly env: Record<string, string>;
  /** Starts `callhouse …`; what still runs when the test is over is killed. */
  start(args: readonly string[], step?: Step, env?: Record<string, string>): Running;
  /** What `status --json` says, or its complaint. */
  status(): Promise<{ exitCode: number; source: SourceStatus | null; complaint: string }>;
  /** Every run in the order of their start. */
  runs(): Promise<StoredRun[]>;
  /** What is wrong with the warehouse: beside the truth, in coverage, and within itself. */
  faults(): Promise<string[]>;
  /** Resolves when no worker is connected any more, so that what it left has been committed or rolled back. */
  abandoned(): Promise<void>;
}

interface StoredRun {
  command: string;
  worker: string;
  outcome: string;
  error: string | null;
  started_at: Date;
  finished_at: Date | null;
}

interface StageOptions extends SandboxOptions {
  /** An empty database, so that the worker has to migrate it. */
  empty?: boolean;
  /** A database on another server; else one of its own on the test server. */
  databaseUrl?: string;
  env?: Record<string, string>;
}

/** As JSON, so that no progress is told on stderr when the machine is slow. */
export const SYNC = ['sync', '--until-settled', '--timeout', '60s', '--json'] as const;

/** Sets a stage for one test: calls that have all ended an hour ago, and no limit on requests unless options say so. */
export async function openStage(
  onTestFinished: (clear: () => Promise<void>) => void,
  { empty = false, databaseUrl, env: more, ...world }: StageOptions = {},
): Promise<Stage> {
  const sandbox = await startSandbox({
    pastCalls: 320,
    originMs: Date.now() - HOUR,
    requestsPerSecond: 0,
    requestsPerMinute: 0,
    ...world,
  });
  onTestFinished(() => sandbox.close());
  const database = databaseUrl ? null : await createTestDatabase({ empty });
  if (database) onTestFinished(() => database.drop());
  const url = databaseUrl ?? database?.url ?? '';
  const pool = openPool(url);
  onTestFinished(() => pool.end());
  const env = { ...workerEnv(url, sandbox), ...more };
  return {
    world: sandbox,
    pool,
    env,
    start(args, step, changes) {
      const running = startWorker(args, { ...env, ...changes }, step);
      onTestFinished(async () => {
        running.child.kill('SIGKILL');
        await running.finished;
      });
      return running;
    },
    status: () => askStatus(url),
    runs: () => readRuns(pool),
    faults: async () => [
      ...(await differencesFromTruth(pool, sandbox.vox.world.details(Date.now()), VOX)),
      ...(await innerFaults(pool)),
    ],
    abandoned: () => abandoned(pool),
  };
}

/** Nothing was lost: another worker does all the work that is left. */
export async function expectFinished(stage: Stage): Promise<void> {
  expect(await stage.start(SYNC).finished).toMatchObject({ code: 0, complaints: '' });
  expect(await stage.faults()).toEqual([]);
  await expectGreen(stage);
}

/** Nobody works, and `status` and the view that monitors ask say that all is well. */
export async function expectGreen(stage: Stage): Promise<void> {
  const { source, exitCode } = await stage.status();
  expect(exitCode).toBe(0);
  expect(source).toMatchObject({ health: 'green', lease: null, lastError: null });
  const { rows } = await stage.pool.query(
    'select state, reasons, failures_in_a_row from callhouse_sync.health',
  );
  expect(rows).toEqual([{ state: 'green', reasons: [], failures_in_a_row: 0 }]);
}

function workerEnv(databaseUrl: string, sandbox: Sandbox): Record<string, string> {
  return {
    DATABASE_URL: databaseUrl,
    VOX_API_KEY: 'sandbox-key',
    VOX_BASE_URL: sandbox.vox.baseUrl,
    VOX_REQUESTS_PER_SECOND: '5000',
    VOX_REQUESTS_PER_MINUTE: '300000',
    CALLHOUSE_POLL_INTERVAL: '1s',
    PORT: '0',
  };
}

/** The command itself without its process, which would take a second each time. */
async function askStatus(url: string): ReturnType<Stage['status']> {
  const { signal } = new AbortController();
  const stdout = new PassThrough() as unknown as NodeJS.WriteStream & PassThrough;
  const console = createConsole({ json: true, stdout, stderr: stdout, now: Date.now });
  const settings = readSettings({ DATABASE_URL: url });
  try {
    const exitCode = await status({ settings, console, log: createLogger('silent'), signal });
    const { sources } = JSON.parse(String(stdout.read())) as { sources: SourceStatus[] };
    return { exitCode, source: sources[0] ?? null, complaint: '' };
  } catch (error) {
    const { exitCode, message } = explainFailure(error, signal);
    return { exitCode, source: null, complaint: message };
  }
}

async function readRuns(pool: Pool): Promise<StoredRun[]> {
  const { rows } = await pool.query<StoredRun>(
    `select command, worker, outcome, error, started_at, finished_at
     from callhouse_sync.runs order by started_at, finished_at`,
  );
  return rows;
}

/** What must hold in any warehouse at rest, whatever the vendor says. */
async function innerFaults(pool: Pool): Promise<string[]> {
  const { rows } = await pool.query<{ fault: string }>(
    `select 'gap from ' || coalesce(gap_from::text, 'the beginning') as fault from callhouse_sync.gaps
     union all
     select 'open window of ' || stream from callhouse_sync.checkpoints where open_window is not null
     union all
     select call_id || ' is ' || settlement from callhouse.calls where settlement <> 'settled'
     union all
     select call_id || ' is final and in the queue' from callhouse_sync.settlements
     union all
     select c.call_id || ' has revision ' || c.revision || ' and the events ' || coalesce(e.revisions::text, 'none')
     from callhouse.calls c left join lateral (
       select array_agg(e.revision order by e.revision) as revisions from callhouse.call_events e
       where (e.source_id, e.call_id) = (c.source_id, c.call_id)
     ) e on true
     where e.revisions is distinct from array(select generate_series(1, c.revision))
     union all
     select d.call_id || ' is set aside: ' || d.reason from callhouse_sync.dead_letters d where d.resolved_at is null`,
  );
  return rows.map(({ fault }) => fault);
}

async function abandoned(pool: Pool): Promise<void> {
  await vi.waitFor(
    async () => {
      const { rows } = await pool.query(
        `select pid, state, query from pg_stat_activity
         where datname = current_database() and application_name like 'callhouse%'`,
      );
      if (rows.length > 0) throw new Error(`still connected: ${JSON.stringify(rows)}`);
    },
    { timeout: 60_000, interval: 20 },
  );
}
