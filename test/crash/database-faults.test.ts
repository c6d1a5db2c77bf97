import { join } from 'node:path';
import type { Pool } from 'pg';
import { beforeAll, describe, expect, it, vi } from 'vitest';
import { openEmbeddedPostgres } from '../../src/embedded/embedded-postgres.ts';
import { machineIn, makeScratchFolder, postmasterPid, serverProcesses } from '../embedded/scratch.ts';
import type { Running } from '../support/command-line.ts';
import { createDatabase, databaseUrl, uniqueName } from '../support/databases.ts';
import { expectFinished, expectGreen, openStage, type Stage, SYNC } from './stage.ts';

// Holds invariants 1, 2.
describe('a database server that is restarted', () => {
  let server: OwnServer;
  beforeAll(async () => {
    server = await ownServer();
    return server.remove;
  });

  it('ends a sync in hand with 1 and says why; started again, it goes on where it was', async ({
    onTestFinished,
  }) => {
    const stage = await openStage(onTestFinished, { databaseUrl: await server.newDatabase() });
    const sync = stage.start(SYNC);
    await callsStored(stage, 100);
    await server.crash();
    const { code, stderr } = await sync.finished;
    expect(stderr).toMatch(/the database failed \(/);
    expect(code).toBe(1);

    await server.start();
    const { source } = await stage.status();
    expect(source?.lease?.holder).toContain(`:${sync.child.pid}:`);
    await expectFinished(stage);
    const [first] = await stage.runs();
    expect(first).toMatchObject({ outcome: 'failed', error: 'the process ended before the run did' });
  });

  it('does not end the worker, which waits and goes on by itself', async ({ onTestFinished }) => {
    const stage = await openStage(onTestFinished, { databaseUrl: await server.newDatabase() });
    const worker = stage.start(['run']);
    await callsStored(stage, 100);
    await server.crash();
    await vi.waitFor(() => expect(worker.stderr()).toMatch(/"msg":"(sync failed|pass broke)"/), WAITING);
    await server.start();
    await converged(stage);
    worker.child.kill('SIGTERM');
    const { code, stderr } = await worker.finished;
    expect(code).toBe(0);
    expect(stderr).not.toContain('pass broke');
    await expectGreen(stage);
  });
});

// Holds invariants 1, 2.
describe('connections that are cut', () => {
  it('again and again while a sync works cost no row, and the command says so or goes on', async ({
    onTestFinished,
  }) => {
    const stage = await openStage(onTestFinished);
    let cuts = 0;
    for (let code: number | null = 1; code !== 0; ) {
      const sync = stage.start(SYNC);
      while (cuts < 12 && (await cutWriter(stage.pool, sync))) cuts += 1;
      const finished = await sync.finished;
      code = finished.code;
      expect(finished.stderr).not.toContain('fault of its own');
      if (code !== 0)
        expect(finished).toMatchObject({ code: 1, stderr: expect.stringMatching(/database|vox/) });
    }
    expect(cuts).toBeGreaterThanOrEqual(5);
    expect(await stage.faults()).toEqual([]);
    await expectGreen(stage);
  });

  it('twice in the middle of a transaction do not end the worker', async ({ onTestFinished }) => {
    // So many that there is still something to write when the first cut is over.
    const stage = await openStage(onTestFinished, { pastCalls: 700 });
    const worker = stage.start(['run']);
    expect(await cutWriter(stage.pool, worker)).toBe(true);
    await callsStored(stage, 100);
    expect(await cutWriter(stage.pool, worker)).toBe(true);
    await converged(stage);
    worker.child.kill('SIGTERM');
    const { code, stderr } = await worker.finished;
    expect(code).toBe(0);
    expect(stderr).not.toContain('pass broke');
    // A connection that is cut as its transaction ends is not missed by anybody.
    const failed = (await stage.runs()).filter(({ outcome }) => outcome === 'failed');
    expect(failed.length).toBeGreaterThanOrEqual(1);
    expect(stderr.match(/"msg":"sync failed"/g)).toHaveLength(failed.length);
    await expectGreen(stage);
  });
});

// Holds invariants 1, 2.
describe('a disk that is full', () => {
  it('fails the command and turns health red; with room again nothing is missing', async ({
    onTestFinished,
  }) => {
    // No call lies in the look-back, at any hour, and no poll is due meanwhile, on the slowest machine: all lists are read
    // before a transcript fails.
    const stage = await openStage(onTestFinished, {
      env: { CALLHOUSE_LOOKBACK: '30m', CALLHOUSE_POLL_INTERVAL: '1h' },
    });
    await failWrites(stage.pool, DISK_FULL);
    for (const _pass of [1, 2, 3]) {
      const { code, stderr } = await stage.start(['sync', '--json']).finished;
      expect(stderr).toMatch(/vox failed: the database failed \(53100\): its disk is full/);
      expect(code).toBe(1);
    }
    const { source, exitCode } = await stage.status();
    expect(exitCode).toBe(1);
    expect(source).toMatchObject({ health: 'red', lease: null });
    // The newest time is told a second time after five seconds: on a slow machine the third pass has heard it.
    expect(source?.gaps.filter(({ reason }) => reason !== 'told_once')).toEqual([]);
    expect(source?.lastError).toContain('its disk is full');
    expect(await health(stage.pool)).toMatchObject({
      state: 'red',
      reasons: expect.arrayContaining([
        expect.stringMatching(/^The last \d+ passes failed.*its disk is full/),
      ]),
    });
    expect((await stage.runs()).map(({ outcome }) => outcome)).not.toContain('running');
    // All of a batch or none of it.
    expect(await halfTranscripts(stage.pool)).toEqual([]);

    await mendWrites(stage.pool);
    await expectFinished(stage);
  });

  it('is what a sync tells that gives up waiting for it, and status after it', async ({ onTestFinished }) => {
    const stage = await openStage(onTestFinished);
    await failWrites(stage.pool, DISK_FULL);
    const { code, stderr } = await stage.start(['sync', '--until-settled', '--timeout', '12s', '--json'])
      .finished;
    expect(code).toBe(1);
    expect(stderr).toContain('its disk is full');
    expect((await stage.status()).source?.lastError).toContain('its disk is full');
  });
});

describe('a transaction that the database gives up', () => {
  it.for([
    ['a deadlock', '40P01', 'deadlock detected'],
    ['a serialization failure', '40001', 'could not serialize access'],
  ] as const)(
    'for %s is done again by the same command',
    async ([, errcode, message], { onTestFinished }) => {
      const stage = await openStage(onTestFinished);
      // A sequence counts on when its transaction is rolled back: the second, third and fifth write fail.
      await stage.pool.query('create sequence public.writes');
      await failWrites(stage.pool, { errcode, message, when: "nextval('public.writes') in (2, 3, 5)" });
      const { code, stderr } = await stage.start(SYNC).finished;
      expect(stderr).not.toContain('fault of its own');
      expect(code).toBe(0);
      const failed = (await stage.runs()).filter(({ outcome }) => outcome === 'failed');
      const told = `the database failed (${errcode}): another session was in the way: try again`;
      expect(failed.map(({ error }) => error)).toEqual([told, told, told]);
      expect(await stage.faults()).toEqual([]);
      await expectGreen(stage);
    },
  );
});

describe('a database that takes no writes', () => {
  it('from the start ends a sync with 1 and what to do', async ({ onTestFinished }) => {
    const stage = await openStage(onTestFinished);
    await setReadOnly(stage.pool, true);
    const { code, stderr } = await stage.start(SYNC).finished;
    expect(code).toBe(1);
    expect(stderr).toMatch(/the database failed \(25006\): /);
    expect(stderr).not.toContain('fault of its own');
    await setReadOnly(stage.pool, false);
    await expectFinished(stage);
  });

  it('any more makes the pass fail with the reason, and lets status be read', async ({ onTestFinished }) => {
    const stage = await openStage(onTestFinished);
    await failWrites(stage.pool, {
      errcode: '25006',
      message: 'cannot execute INSERT in a read-only transaction',
      when: '(select count(*) from callhouse.transcript_items) >= 300',
    });
    const { code, stderr } = await stage.start(['sync', '--json']).finished;
    expect(stderr).toMatch(/vox failed: the database failed \(25006\): it is read-only/);
    expect(code).toBe(1);
    expect((await stage.status()).source?.lastError).toContain('read-only');
    expect((await stage.runs()).map(({ outcome }) => outcome)).not.toContain('running');

    await mendWrites(stage.pool);
    await expectFinished(stage);
  });

  it('for a while does not end the worker, which goes on by itself', async ({ onTestFinished }) => {
    const stage = await openStage(onTestFinished);
    const worker = stage.start(['run']);
    await callsStored(stage, 100);
    await setReadOnly(stage.pool, true);
    await cutAll(stage.pool);
    await vi.waitFor(() => expect(worker.stderr()).toContain('read-only transaction'), WAITING);
    await setReadOnly(stage.pool, false);
    await cutAll(stage.pool);
    await converged(stage);
    worker.child.kill('SIGTERM');
    const { code, stderr } = await worker.finished;
    expect(code).toBe(0);
    expect(stderr).not.toContain('pass broke');
    await expectGreen(stage);
  });
});

/** As it happens when the transcripts of the first calls are stored. */
const DISK_FULL = {
  errcode: '53100',
  message: 'could not extend file: No space left on device',
  when: '(select count(*) from callhouse.transcript_items) >= 300',
};

const WAITING = { timeout: 120_000, interval: 20 };

async function callsStored({ pool }: Stage, atLeast: number): Promise<void> {
  await vi.waitFor(async () => {
    const { rows } = await pool.query<{ calls: number }>(
      'select count(*)::integer as calls from callhouse.calls',
    );
    expect(rows[0]?.calls ?? 0).toBeGreaterThanOrEqual(atLeast);
  }, WAITING);
}

async function converged(stage: Stage): Promise<void> {
  await vi.waitFor(async () => expect(await stage.faults()).toEqual([]), { timeout: 120_000, interval: 250 });
}

async function health(pool: Pool): Promise<{ state: string; reasons: string[] } | undefined> {
  const { rows } = await pool.query<{ state: string; reasons: string[] }>(
    'select * from callhouse_sync.health',
  );
  return rows[0];
}

/** Ends a connection of the worker in a transaction that has begun to write. False when the worker ends before. */
async function cutWriter(pool: Pool, { child }: Running): Promise<boolean> {
  return vi.waitFor(
    async () => {
      if (child.exitCode !== null) return false;
      const { rows } = await pool.query(
        `select pg_terminate_backend(pid) from pg_stat_activity a
         where datname = current_database() and application_name = 'callhouse' and exists (
           select from pg_locks l
           where l.pid = a.pid and l.relation = 'callhouse.calls'::regclass and l.mode = 'RowExclusiveLock'
         )`,
      );
      expect(rows).not.toEqual([]);
      return true;
    },
    { timeout: 120_000, interval: 2 },
  );
}

async function cutAll(pool: Pool): Promise<void> {
  await pool.query(
    `select pg_terminate_backend(pid) from pg_stat_activity
     where datname = current_database() and application_name = 'callhouse'`,
  );
}

/** Lets statements that write transcripts fail, as the database would report it. */
async function failWrites(
  pool: Pool,
  { errcode, message, when }: { errcode: string; message: string; when: string },
): Promise<void> {
  await pool.query(`create function public.fail() returns trigger language plpgsql as $$
begin
  if ${when} then raise exception '${message}' using errcode = '${errcode}'; end if;
  return null;
end $$`);
  await pool.query(
    `create trigger fails before insert on callhouse.transcript_items for each statement execute function public.fail()`,
  );
}

async function mendWrites(pool: Pool): Promise<void> {
  await pool.query('drop trigger fails on callhouse.transcript_items');
}

/** As an administrator does it, or a managed database whose disk is nearly full: it counts for new connections. */
async function setReadOnly(pool: Pool, readOnly: boolean): Promise<void> {
  const client = await pool.connect();
  try {
    await client.query('set default_transaction_read_only = off');
    const { rows } = await client.query<{ name: string }>('select quote_ident(current_database()) as name');
    const value = readOnly ? 'on' : 'off';
    await client.query(`alter database ${rows[0]?.name} set default_transaction_read_only = ${value}`);
  } finally {
    client.release();
  }
}

/** Calls that do not have as many items as they say. */
async function halfTranscripts(pool: Pool): Promise<string[]> {
  const { rows } = await pool.query<{ call_id: string }>(
    `select c.call_id from callhouse.calls c
     left join callhouse.transcript_items t using (source_id, call_id)
     group by c.source_id, c.call_id having count(t.position) <> coalesce(c.transcript_item_count, 0)`,
  );
  return rows.map(({ call_id: callId }) => callId);
}

/** A PostgreSQL server that may be crashed without others noticing. */
interface OwnServer {
  newDatabase(): Promise<string>;
  /** As after a power cut: no process of it is left, and the next start has to recover. */
  crash(): Promise<void>;
  /** At the same address. */
  start(): Promise<void>;
  remove(): Promise<void>;
}

async function ownServer(): Promise<OwnServer> {
  const { path, remove } = await makeScratchFolder();
  const open = () => openEmbeddedPostgres({ dataDir: join(path, 'data') }, machineIn(path));
  const { url } = await open();
  return {
    async newDatabase() {
      const name = uniqueName('crash');
      await createDatabase(url, name, null);
      return databaseUrl(url, name);
    },
    async crash() {
      process.kill(await postmasterPid(path), 'SIGQUIT');
      await vi.waitFor(async () => expect(await serverProcesses(path)).toEqual([]), WAITING);
    },
    async start() {
      expect((await open()).url).toBe(url);
    },
    remove,
  };
}
