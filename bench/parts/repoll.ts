import type { EngineJob } from '../engine-process.ts';
import { type Bench, type Finding, median, repeated, runsOf } from '../kernel.ts';
import { type BenchDatabase, walPosition } from '../postgres.ts';

/** Tables of the worker's own course: every request and every page writes there, whatever it found. */
const BOOKKEEPING = new Set(['checkpoints', 'runs', 'budgets', 'leases', 'heartbeats', 'requests', 'audits']);

/** Calls that say what they said before, listed again: what does it cost to learn that nothing changed? */
export async function repoll(bench: Bench): Promise<Finding> {
  const calls = bench.quick ? 500 : 3_000;
  const vendor = await bench.processes.vendor({ calls });
  const run = (only: EngineJob['only']) => (database: BenchDatabase) =>
    costOf(database, () =>
      bench.processes.engine({ databaseUrl: database.url, vendorUrl: vendor.url, only }),
    );
  const fresh = await repeated(runsOf(bench), () => bench.postgres.withDatabase(run('backfill')));
  const again = await bench.postgres.withDatabase(async (database) => {
    const whole = await run('everything')(database);
    const lists = await repeated(runsOf(bench), async () => {
      await database.query("delete from callhouse_sync.checkpoints where stream = 'backfill'");
      await database.query('checkpoint');
      return run('backfill')(database);
    });
    return { whole, lists };
  });
  vendor.close();
  const rateOf = (costs: readonly Cost[]) => calls / median(costs.map(({ seconds }) => seconds));
  const walOf = (costs: readonly Cost[]) => median(costs.map(({ walBytes }) => walBytes));
  const deadIn = (bookkeeping: boolean) =>
    median(
      again.lists.map(({ dead }) =>
        dead.reduce((sum, { table, rows }) => sum + (BOOKKEEPING.has(table) === bookkeeping ? rows : 0), 0),
      ),
    );
  return {
    figures: [
      {
        name: 'repoll.over_lists',
        what: 'unchanged calls listed again: rate over the first time',
        value: rateOf(again.lists) / rateOf(fresh),
        unit: '×',
      },
      {
        name: 'repoll.over_load',
        what: 'the same, rate over the whole load with its details',
        value: rateOf(again.lists) / rateOf([again.whole]),
        unit: '×',
      },
      { name: 'repoll.calls_per_second', what: 'the same', value: rateOf(again.lists), unit: 'calls/s' },
      {
        name: 'repoll.wal_over_lists',
        what: 'its WAL over that of the first lists',
        value: (100 * walOf(again.lists)) / walOf(fresh),
        unit: '%',
      },
      {
        name: 'repoll.wal_over_load',
        what: 'its WAL over that of the whole load',
        value: (100 * walOf(again.lists)) / again.whole.walBytes,
        unit: '%',
      },
      {
        name: 'repoll.dead_tuples',
        what: 'rows of calls that died of it',
        value: deadIn(false),
        unit: 'rows',
      },
      {
        name: 'repoll.dead_bookkeeping',
        what: 'rows of bookkeeping that died of it, a page',
        value: deadIn(true) / (calls / 100),
        unit: 'rows/page',
      },
    ],
    evidence: { calls, fresh, again },
  };
}

interface Cost {
  seconds: number;
  cpuSeconds: number;
  walBytes: number;
  callsUnchanged: number;
  dead: DeadRows[];
}
interface DeadRows {
  table: string;
  rows: number;
}

async function costOf(
  database: BenchDatabase,
  work: () => ReturnType<Bench['processes']['engine']>,
): Promise<Cost> {
  const walBefore = await walPosition(database);
  const deadBefore = await deadRows(database);
  const { seconds, cpuSeconds, counts } = await work();
  const deadAfter = await deadRows(database);
  const before = new Map(deadBefore.map(({ table, rows }) => [table, rows]));
  return {
    seconds,
    cpuSeconds,
    walBytes: (await walPosition(database)) - walBefore,
    callsUnchanged: counts.callsUnchanged,
    dead: deadAfter
      .map(({ table, rows }) => ({ table, rows: rows - (before.get(table) ?? 0) }))
      .filter(({ rows }) => rows > 0),
  };
}

/** Rows that were updated or deleted: each left a dead one behind, whether or not a vacuum has come since. */
function deadRows({ query }: BenchDatabase): Promise<DeadRows[]> {
  return query<{ table: string; rows: number }>(
    `select relname as table, (n_tup_upd + n_tup_del)::integer as rows
from pg_stat_user_tables where schemaname in ('callhouse', 'callhouse_sync')`,
  );
}
