import type { Instant } from '../call.ts';
import { type Sql, toTimestamp } from './database.ts';

/** How many known calls happened since then: a guess of how many the vendor would list. */
export async function countCallsSince(sql: Sql, sourceId: number, since: Instant): Promise<number> {
  const { rows } = await sql.query<{ calls: number }>({
    name: 'count calls since',
    text: 'select count(*)::integer as calls from callhouse.calls where source_id = $1 and occurred_at >= $2',
    values: [sourceId, toTimestamp(since)],
  });
  return rows[0]?.calls ?? 0;
}
