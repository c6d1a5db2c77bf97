import type { Sql } from '../database/database.ts';
import { type BinaryType, binaryArray, type Element } from './binary-array.ts';

/** A column of a bulk upsert: how a row's value is bound, and how SQL reads the bound text. */
export interface BulkColumn<Row> {
  name: string;
  /** Type of the bound array's elements; a `timestamptz` is given in unix milliseconds. */
  type: BinaryType;
  value: (row: Row) => Element;
  /** From the bound element to the column, where that is more than the element itself. */
  read?: 'jsonb' | 'numeric' | 'text_list' | 'tstzrange' | 'business_day';
}

export interface BulkUpsert<Row> {
  table: string;
  columns: readonly BulkColumn<Row>[];
  key: readonly string[];
  /** Columns that keep the value of the first insert. */
  insertOnly?: readonly string[];
  /** Extra condition of the update; `stored` is the row in the table, `excluded` the new one. */
  updateWhen?: string;
  /** Update only rows of which something differs: no dead tuples and no WAL for the others. */
  onlyChanged?: boolean;
}

/** Of the source of a row. */
const ZONE = '(select s.time_zone from callhouse.sources s where s.source_id = n.source_id)';

/**
 * One statement for any number of rows: one array per column, unnested. Arrays know no limit of 65,535
 * parameters, keep one plan for every size, and were the fastest way into these tables that we measured.
 * Identifiers come from this code only; every value is bound.
 */
export function bulkUpsertSql<Row>(upsert: BulkUpsert<Row>): string {
  const { table, columns, key } = upsert;
  const names = columns.map((column) => column.name);
  const arrays = columns.map((column, i) => `$${i + 1}::${column.type}[]`);
  const reads = columns.map(({ name, read }) => {
    if (read === 'jsonb' || read === 'numeric' || read === 'tstzrange') return `n.${name}::${read}`;
    if (read === 'text_list') return `string_to_array(n.${name}, ',')`;
    if (read === 'business_day') return `(n.${name} at time zone ${ZONE})::date`;
    return `n.${name}`;
  });
  const kept = new Set([...key, ...(upsert.insertOnly ?? [])]);
  const updated = names.filter((name) => !kept.has(name));
  const conditions = [
    ...(upsert.updateWhen ? [`(${upsert.updateWhen})`] : []),
    ...(upsert.onlyChanged
      ? [`(${updated.map((n) => `stored.${n}`)}) is distinct from (${updated.map((n) => `excluded.${n}`)})`]
      : []),
  ];
  return `insert into ${table} as stored (${names.join(', ')})
select ${reads.join(', ')}
from unnest(${arrays.join(', ')}) as n (${names.join(', ')})
on conflict (${key.join(', ')}) do update set ${updated.map((n) => `${n} = excluded.${n}`).join(', ')}
${conditions.length > 0 ? `where ${conditions.join(' and ')}` : ''}`;
}

/** Runs the upsert; gives the number of rows inserted or updated. Keys must be unique within `rows`. */
export async function runBulkUpsert<Row>(
  sql: Sql,
  upsert: BulkUpsert<Row>,
  rows: readonly Row[],
): Promise<number> {
  if (rows.length === 0) return 0;
  const result = await sql.query({
    name: `upsert ${upsert.table}`,
    text: bulkUpsertSql(upsert),
    values: upsert.columns.map(({ type, value }) => binaryArray(type, rows.map(value))),
  });
  return result.rowCount ?? 0;
}
