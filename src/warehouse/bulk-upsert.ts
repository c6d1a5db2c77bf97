import type { Sql } from './database.ts';

/** A column of a bulk upsert: how a row's value is bound, and how SQL reads the bound text. */
export interface BulkColumn<Row> {
  name: string;
  /** Type of the bound array's elements. */
  type: 'text' | 'integer' | 'bigint' | 'boolean' | 'timestamptz' | 'numeric';
  value: (row: Row) => string | number | boolean | null;
  /** From the bound element to the column, where that is more than the element itself. */
  read?: 'jsonb' | 'text_list' | 'tstzrange' | 'business_day';
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
    if (read === 'jsonb' || read === 'tstzrange') return `n.${name}::${read}`;
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
    values: upsert.columns.map(({ type, value }) => {
      const values = rows.map(value);
      return type === 'text' ? textArray(values) : values;
    }),
  });
  return result.rowCount ?? 0;
}

const TEXT_OID = 25;
const HEADER_INTS = 5;

/**
 * A `text[]` as PostgreSQL reads it in binary. Payloads and transcripts are most of what is written, and as an array in
 * text each would be escaped, copied and joined several times before it is sent.
 */
function textArray(values: readonly (string | number | boolean | null)[]): Buffer {
  const texts = values.map((value) => (value === null ? null : String(value)));
  const lengths = texts.map((text) => (text === null ? -1 : Buffer.byteLength(text)));
  const bytes = lengths.reduce((sum, length) => sum + 4 + Math.max(0, length), 4 * HEADER_INTS);
  const array = Buffer.allocUnsafe(bytes);
  const hasNulls = lengths.includes(-1) ? 1 : 0;
  let at = 0;
  // One dimension, which counts from 1.
  for (const int of [1, hasNulls, TEXT_OID, texts.length, 1]) at = array.writeInt32BE(int, at);
  for (const [i, text] of texts.entries()) {
    at = array.writeInt32BE(lengths[i] ?? -1, at);
    if (text !== null) at += array.write(text, at);
  }
  return array;
}
