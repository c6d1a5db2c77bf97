import type { Sql } from '../database/database.ts';

/** The mark of the key that the source was read with last; null when none is kept. */
export async function readKeyMark(sql: Sql, sourceId: number): Promise<string | null> {
  const { rows } = await sql.query<{ key_mark: string | null }>({
    name: 'read key mark',
    text: 'select key_mark from callhouse_sync.budgets where source_id = $1',
    values: [sourceId],
  });
  return rows[0]?.key_mark ?? null;
}

export async function saveKeyMark(sql: Sql, sourceId: number, keyMark: string): Promise<void> {
  await sql.query({
    name: 'save key mark',
    text: 'update callhouse_sync.budgets set key_mark = $2 where source_id = $1',
    values: [sourceId, keyMark],
  });
}
