import type { Sql } from '../../src/database/database.ts';
import type { VendorCase } from './vendors.ts';

/**
 * The warehouse beside the vendor's truth, call by call and column by column. The expectation is written here a
 * second time, by hand and without the code under test. Gives what differs, to be compared with nothing.
 */
export async function differencesFromTruth<Call extends object>(
  pool: Sql,
  truth: Iterable<Call>,
  vendor: VendorCase<Call>,
): Promise<string[]> {
  const stored = await readStored(pool, vendor.name);
  const differences: string[] = [];
  for (const call of truth) {
    const id = vendor.idOf(call);
    const row = stored.get(id);
    stored.delete(id);
    if (row === undefined) {
      differences.push(`${id} is not in the warehouse`);
      continue;
    }
    const expected = vendor.expect(call);
    for (const column of Object.keys(expected)) {
      const want = canonical(expected[column]);
      const have = canonical(row[column]);
      if (want !== have) differences.push(`${id} ${column}: is ${have}, the vendor says ${want}`);
    }
  }
  for (const id of stored.keys()) differences.push(`${id} is in the warehouse and not at the vendor`);
  return [...differences, ...(await wronglyDerived(pool, vendor.name))];
}

/** Values that stand beside what they follow from, and do not follow from it. */
async function wronglyDerived(pool: Sql, sourceName: string): Promise<string[]> {
  const { rows } = await pool.query<{ wrong: string }>(
    `select c.call_id || ' cost_amount is not that of call_costs' as wrong
from callhouse.calls c
join callhouse.sources s using (source_id)
left join callhouse.call_costs k on k.source_id = c.source_id and k.call_id = c.call_id and k.component = 'total'
where s.name = $1
  and (c.cost_amount::text, c.cost_currency) is distinct from (k.amount::text, k.currency)
union all
select t.call_id || ' gap_ms of ' || t.position || ' is ' || coalesce(t.gap_ms::text, 'null')
from (
  select source_id, call_id, position, gap_ms, coalesce(
    (extract(epoch from started_at - lag(ended_at) over transcript) * 1000)::bigint,
    offset_ms - lag(offset_ms + duration_ms) over transcript
  ) as follows
  from callhouse.transcript_items window transcript as (partition by source_id, call_id order by position)
) t
join callhouse.sources s using (source_id)
where s.name = $1 and t.gap_ms is distinct from t.follows`,
    [sourceName],
  );
  return rows.map(({ wrong }) => wrong);
}

async function readStored(pool: Sql, sourceName: string): Promise<Map<string, Record<string, unknown>>> {
  const { rows } = await pool.query<Record<string, unknown> & { call_id: string }>(
    `select c.call_id, c.agent_id, c.agent_version, c.call_type, c.channel, c.direction, c.status, c.vendor_status,
  c.end_reason, c.from_number, c.to_number, c.presentation_number,
  (extract(epoch from c.started_at) * 1000)::float8 as started_ms,
  (extract(epoch from c.ended_at) * 1000)::float8 as ended_ms, c.duration_ms::float8 as duration_ms,
  split_part(c.recording_url, '?', 1) as recording_url, c.variant_label, c.opt_out, c.metadata, c.variables, a.summary, a.sentiment,
  coalesce((select jsonb_agg(jsonb_build_object('component', k.component, 'amount', k.amount::text, 'currency', k.currency))
    from callhouse.call_costs k where (k.source_id, k.call_id) = (c.source_id, c.call_id)), '[]') as costs,
  coalesce((select jsonb_agg(jsonb_build_object('name', e.name, 'type', e.type, 'value', e.value) order by e.origin, e.position)
    from callhouse.call_extractions e where (e.source_id, e.call_id) = (c.source_id, c.call_id)), '[]') as extractions,
  coalesce((select jsonb_agg(jsonb_build_object('position', t.position, 'role', t.role, 'vendor_role', t.vendor_role,
      'kind', t.kind, 'content', t.content, 'started_ms', (extract(epoch from t.started_at) * 1000)::bigint,
      'ended_ms', (extract(epoch from t.ended_at) * 1000)::bigint, 'offset_ms', t.offset_ms,
      'tool_call_id', t.tool_call_id, 'tool_name', t.tool_name, 'arguments', t.arguments, 'result', t.result,
      'duration_ms', t.duration_ms) order by t.position)
    from callhouse.transcript_items t where (t.source_id, t.call_id) = (c.source_id, c.call_id)), '[]') as items
from callhouse.calls c
join callhouse.sources s using (source_id)
left join callhouse.call_analyses a using (source_id, call_id)
where s.name = $1 and c.settlement <> 'missing'`,
    [sourceName],
  );
  return new Map(rows.map((row) => [row.call_id, row]));
}

function canonical(value: unknown): string {
  return JSON.stringify(value ?? null, (_key, member: unknown) =>
    typeof member === 'object' && member !== null && !Array.isArray(member)
      ? Object.fromEntries(Object.entries(member).sort(([a], [b]) => (a < b ? -1 : 1)))
      : member,
  );
}
