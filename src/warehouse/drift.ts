import type { DriftNote, Instant } from '../call.ts';
import { type Sql, toTimestamp } from '../database/database.ts';

/** A drift note with the call that showed it, when there is one, and how often it was shown, when more than once. */
export type DriftSighting = DriftNote & { callId: string | null; count?: number };

/** The path of the row that counts what is not told by its name, one for each kind. */
export const DRIFT_BEYOND = '(more)';
/** Rows of one source that are told by their names. A vendor whose fields are named by anything must not fill the table. */
const ROWS_MAX = 1_000;

/**
 * Counts what the vendor sent and this version does not know. What is new when the source has its rows is counted in the row
 * `(more)` of its kind. Gives the notes that were never seen before.
 */
export async function countDrift(
  sql: Sql,
  sourceId: number,
  sightings: readonly DriftSighting[],
  now: Instant,
): Promise<DriftNote[]> {
  if (sightings.length === 0) return [];
  const counts = new Map<string, Required<DriftSighting>>();
  for (const { count = 1, ...note } of sightings) {
    const key = `${note.kind}\0${note.path}\0${note.value}`;
    counts.set(key, { ...note, count: count + (counts.get(key)?.count ?? 0) });
  }
  const entries = [...counts.values()];
  const { rows } = await sql.query<{ kind: DriftNote['kind']; path: string; value: string; is_new: boolean }>(
    {
      name: 'count drift',
      text: `with shown as (
  select n.*, d.source_id is null and n.path <> $8::text as is_new
  from unnest($2::text[], $3::text[], $4::text[], $5::bigint[], $6::text[])
    with ordinality as n (kind, path, value, seen_count, call_id, place)
  left join callhouse_sync.drift d
    on d.source_id = $1 and d.kind = n.kind and d.path = n.path and d.value = n.value
), room as (
  select $9::bigint - count(*) as rows from callhouse_sync.drift where source_id = $1 and path <> $8
), placed as (
  select s.*, s.is_new and count(*) filter (where s.is_new) over (order by s.place) > r.rows as is_beyond
  from shown s cross join room r
)
insert into callhouse_sync.drift as d
  (source_id, kind, path, value, seen_count, first_seen_at, last_seen_at, example_call_id)
select $1, kind, case when is_beyond then $8 else path end, case when is_beyond then '' else value end,
  sum(seen_count), $7, $7, (array_agg(call_id order by place))[1]
from placed group by 2, 3, 4 order by 2, 3, 4
on conflict (source_id, kind, path, value) do update
set seen_count = d.seen_count + excluded.seen_count, last_seen_at = excluded.last_seen_at
returning kind, path, value, first_seen_at = last_seen_at as is_new`,
      values: [
        sourceId,
        entries.map(({ kind }) => kind),
        entries.map(({ path }) => path),
        entries.map(({ value }) => value),
        entries.map(({ count }) => count),
        entries.map(({ callId }) => callId),
        toTimestamp(now),
        DRIFT_BEYOND,
        ROWS_MAX,
      ],
    },
  );
  return rows.filter((row) => row.is_new).map(({ kind, path, value }) => ({ kind, path, value }));
}
