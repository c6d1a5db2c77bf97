import { escapeIdentifier } from 'pg';
import type { Sql } from '../../src/database/database.ts';

/** A row by column names; what is left out gets the column's default. */
export type Row = Record<string, unknown>;

/** Inserts one row. `table` is a constant of the test, such as `callhouse.calls`. */
export async function insertRow(pool: Sql, table: string, row: Row): Promise<void> {
  const into = table.split('.').map(escapeIdentifier).join('.');
  const columns = Object.keys(row).map(escapeIdentifier).join(', ');
  const values = Object.keys(row).map((_, at) => `$${at + 1}`);
  await pool.query(`insert into ${into} (${columns}) values (${values.join(', ')})`, Object.values(row));
}

/** Inserts a source and returns its id. */
export async function insertSource(pool: Sql, name: string, timeZone: string): Promise<number> {
  const { rows } = await pool.query<{ source_id: number }>(
    `insert into callhouse.sources (name, vendor, base_url, time_zone, created_at)
     values ($1, 'vox', 'https://vendor.invalid', $2, '2026-01-01T00:00:00Z')
     returning source_id`,
    [name, timeZone],
  );
  const [source] = rows;
  if (!source) throw new Error(`the source ${name} was not inserted`);
  return source.source_id;
}

/** Inserts a call that ended after a minute and is settled, unless `row` says otherwise. */
export async function insertCall(
  pool: Sql,
  row: Row & { source_id: number; call_id: string },
): Promise<void> {
  const occurredAt = row.occurred_at ?? '2026-03-10T03:00:00Z';
  const settlement = row.settlement ?? 'settled';
  const { rows } = await pool.query<{ day: string }>(
    `select ($2::timestamptz at time zone time_zone)::date::text as day from callhouse.sources where source_id = $1`,
    [row.source_id, occurredAt],
  );
  await insertRow(pool, 'callhouse.calls', {
    day: rows[0]?.day,
    channel: 'phone',
    direction: 'inbound',
    status: 'ended',
    started_at: occurredAt,
    occurred_at: occurredAt,
    occurred_at_basis: 'started',
    duration_ms: 60_000,
    opt_out: false,
    test_call: false,
    first_seen_at: occurredAt,
    changed_at: occurredAt,
    checked_at: occurredAt,
    settlement,
    settled_at: settlement === 'settled' ? occurredAt : null,
    missing_since: settlement === 'missing' ? occurredAt : null,
    revision: 1,
    ...row,
  });
}

/** Says that a source was read without holes over `covered`, a multirange such as `{[2026-01-01,2026-02-01)}`. */
export async function insertCheckpoint(
  pool: Sql,
  row: { source_id: number; wanted: string; covered: string; stream?: string },
): Promise<void> {
  await insertRow(pool, 'callhouse_sync.checkpoints', {
    stream: 'live',
    saved_at: '2026-03-10T03:00:00Z',
    ...row,
  });
}
