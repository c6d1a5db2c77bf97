import type { BenchDatabase } from './postgres.ts';

export interface Size {
  table: string;
  /** Null is the table itself, with its long values. */
  index: string | null;
  gbPerMillionCalls: number;
}

/** What the disk holds for so many calls, as gigabytes per million of them; the largest first. */
export async function tableSizes({ query }: BenchDatabase, calls: number): Promise<Size[]> {
  const rows = await query<{ table: string; index: string | null; bytes: string }>(
    `select t.oid::regclass::text as table, i.relname as index,
  case when i.oid is null then pg_table_size(t.oid) else pg_relation_size(i.oid) end as bytes
from pg_class as t
cross join lateral (
  select null::oid as oid, null::text as relname
  union all
  select c.oid, c.relname from pg_index as x join pg_class as c on c.oid = x.indexrelid where x.indrelid = t.oid
) as i
where t.relkind = 'r' and t.relnamespace in ('callhouse'::regnamespace, 'callhouse_sync'::regnamespace)`,
  );
  return rows
    .map(({ table, index, bytes }) => ({ table, index, gbPerMillionCalls: Number(bytes) / calls / 1_000 }))
    .filter(({ gbPerMillionCalls }) => gbPerMillionCalls >= 0.01)
    .sort((a, b) => b.gbPerMillionCalls - a.gbPerMillionCalls);
}
