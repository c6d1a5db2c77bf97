import type { Pool } from 'pg';
import type { SettledCall } from './play.ts';

/** Every column of a call that comes from the vendor, and of all that belongs to it. */
const DIGEST = `md5(concat_ws('|',
  to_jsonb(c) - array['occurred_at', 'occurred_at_basis', 'first_seen_at', 'changed_at', 'checked_at', 'settlement',
    'settled_at', 'missing_since', 'revision', 'source_id'],
  (select jsonb_agg(to_jsonb(a)) from callhouse.call_analyses a
    where (a.source_id, a.call_id) = (c.source_id, c.call_id)),
  (select jsonb_agg(to_jsonb(k) order by k.component) from callhouse.call_costs k
    where (k.source_id, k.call_id) = (c.source_id, c.call_id)),
  (select jsonb_agg(to_jsonb(e) order by e.origin, e.position) from callhouse.call_extractions e
    where (e.source_id, e.call_id) = (c.source_id, c.call_id)),
  (select jsonb_agg(to_jsonb(t) order by t.position) from callhouse.transcript_items t
    where (t.source_id, t.call_id) = (c.source_id, c.call_id))))`;

/** A digest of each call that is settled, to see later which of them has changed. */
export async function readSettledCalls(pool: Pool): Promise<Map<string, SettledCall>> {
  const { rows } = await pool.query<{ call_id: string; revision: number; digest: string }>(
    `select c.call_id, c.revision, ${DIGEST} as digest from callhouse.calls c where c.settlement = 'settled'`,
  );
  return new Map(rows.map(({ call_id, revision, digest }) => [call_id, { revision, digest }]));
}

/** The digests of these calls now, whatever their settlement. */
export async function readDigests(pool: Pool, callIds: readonly string[]): Promise<Map<string, string>> {
  const { rows } = await pool.query<{ call_id: string; digest: string }>(
    `select c.call_id, ${DIGEST} as digest from callhouse.calls c where c.call_id = any($1)`,
    [callIds],
  );
  return new Map(rows.map(({ call_id, digest }) => [call_id, digest]));
}
