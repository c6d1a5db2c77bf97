import type { DriftNote, Instant } from '../call.ts';
import { type Sql, toTimestamp } from '../database/database.ts';

/** A drift note with the call that showed it, when there is one. */
export type DriftSighting = DriftNote & { callId: string | null };

/** Counts what the vendor sent and this version does not know. Gives the notes that were never seen before. */
export async function countDrift(
  sql: Sql,
  sourceId: number,
  sightings: readonly DriftSighting[],
  now: Instant,
): Promise<DriftNote[]> {
  if (sightings.length === 0) return [];
  const counts = new Map<string, { note: DriftSighting; count: number }>();
  for (const note of sightings) {
    const key = `${note.kind} ${note.path} ${note.value}`;
    const entry = counts.get(key) ?? { note, count: 0 };
    entry.count += 1;
    counts.set(key, entry);
  }
  const entries = [...counts.values()];
  const { rows } = await sql.query<{ kind: DriftNote['kind']; path: string; value: string; is_new: boolean }>(
    {
      name: 'count drift',
      text: `insert into callhouse_sync.drift as d
  (source_id, kind, path, value, seen_count, first_seen_at, last_seen_at, example_call_id)
select $1, n.kind, n.path, n.value, n.seen_count, $7, $7, n.call_id
from unnest($2::text[], $3::text[], $4::text[], $5::bigint[], $6::text[]) as n (kind, path, value, seen_count, call_id)
order by n.kind, n.path, n.value
on conflict (source_id, kind, path, value) do update
set seen_count = d.seen_count + excluded.seen_count, last_seen_at = excluded.last_seen_at
returning kind, path, value, first_seen_at = last_seen_at as is_new`,
      values: [
        sourceId,
        entries.map(({ note }) => note.kind),
        entries.map(({ note }) => note.path),
        entries.map(({ note }) => note.value),
        entries.map(({ count }) => count),
        entries.map(({ note }) => note.callId),
        toTimestamp(now),
      ],
    },
  );
  return rows.filter((row) => row.is_new).map(({ kind, path, value }) => ({ kind, path, value }));
}
