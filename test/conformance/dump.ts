import type { Database } from '../../src/database/database.ts';

/** All tables of the calls, and the payloads that they came from. */
export async function rowsOf(pool: Database): Promise<Map<string, string>> {
  const { rows: tables } = await pool.query<{ name: string }>(
    `select format('%I.%I', schemaname, tablename) as name from pg_tables
where schemaname = 'callhouse' or (schemaname = 'callhouse_sync' and tablename = 'raw_payloads')`,
  );
  const dump = new Map<string, string>();
  for (const { name } of tables) {
    const { rows } = await pool.query<{ place: string; row: string }>(
      `select concat_ws(' ', t.ctid, t.xmin) as place, t::text as row from ${name} t`,
    );
    for (const { place, row } of rows) dump.set(`${name} ${place}`, row);
  }
  return dump;
}

/** The first rows that only one of two dumps has, or that are not in the same place. */
export function apart(one: ReadonlyMap<string, string>, other: ReadonlyMap<string, string>): string[] {
  const only = (a: ReadonlyMap<string, string>, b: ReadonlyMap<string, string>) =>
    [...a].filter(([place, row]) => b.get(place) !== row).slice(0, 2);
  return [...only(one, other).map((row) => `- ${row}`), ...only(other, one).map((row) => `+ ${row}`)];
}

/** Everything that the database holds, as one text. */
export async function everythingIn(pool: Database): Promise<string> {
  const { rows: tables } = await pool.query<{ name: string }>(
    "select format('%I.%I', schemaname, tablename) as name from pg_tables where schemaname like 'callhouse%'",
  );
  const texts: string[] = [];
  for (const { name } of tables) {
    const { rows } = await pool.query<{ row: string }>(`select t::text as row from ${name} t`);
    texts.push(...rows.map(({ row }) => row));
  }
  return texts.join('\n');
}
