import { rm } from 'node:fs/promises';
import { type Bench, repeated, runsOf, secondsOf } from './kernel.ts';
import type { BenchDatabase } from './postgres.ts';

/** Everything that is stored of a call, parents first. */
const CALL_TABLES = [
  'callhouse.calls',
  'callhouse.call_events',
  'callhouse.call_costs',
  'callhouse.call_analyses',
  'callhouse.call_extractions',
  'callhouse.transcript_items',
  'callhouse_sync.raw_payloads',
  'callhouse_sync.settlements',
] as const;

/**
 * How long PostgreSQL takes to COPY the rows of these tables into empty ones, in the order in which they lie there:
 * with every index, check and foreign key in place, and on the disk at the end. Faster than this nothing gets in.
 */
export async function secondsOfCopies(bench: Bench, loaded: BenchDatabase): Promise<number[]> {
  const [server] = await loaded.query<{ folder: string }>(
    "select current_setting('data_directory') as folder",
  );
  // The server's own folder is the one place where it may surely write.
  const fileOf = (table: string) => `${server?.folder}/${table}.copy`;
  for (const table of CALL_TABLES) await loaded.query(`copy ${table} to '${fileOf(table)}'`);
  const times = await repeated(runsOf(bench), () =>
    bench.postgres.withDatabase((empty) =>
      secondsOf(async () => {
        for (const table of CALL_TABLES) await empty.query(`copy ${table} from '${fileOf(table)}'`);
      }),
    ),
  );
  await Promise.all(CALL_TABLES.map((table) => rm(fileOf(table))));
  return times;
}
