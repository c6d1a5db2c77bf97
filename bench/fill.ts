import type { BenchDatabase } from './postgres.ts';

export const TURNS_PER_CALL = 20;
/** Of the call n. */
const COST = '(150 + n % 400 + n % 100 / 100.0)::numeric(12, 2)';
/** The generated calls lie in the year before this instant, evenly. */
const FILLED_TO = '2026-11-01T00:00:00+09';

/**
 * Calls as the engine would have stored them, written by PostgreSQL itself, for questions to a warehouse of any size.
 * Raw payloads are left out: no view reads them.
 */
export async function fillWarehouse({ query }: BenchDatabase, calls: number): Promise<void> {
  // The rows are right by their making: checking millions of foreign keys would only take its time.
  const each = (statement: string) =>
    query(`set session_replication_role = replica; set synchronous_commit = off; ${statement}
; reset session_replication_role; reset synchronous_commit`);
  const ids = `(select n, md5(n::text)::uuid::text as call_id from generate_series(1, ${calls}) as n) as made`;
  await each(`insert into callhouse.sources (name, vendor, base_url, time_zone, created_at)
values ('vox', 'vox', 'https://vendor.example', 'Asia/Seoul', '2025-11-01');
insert into callhouse.agents select 1, 'agent-' || n, '상담 ' || n, 'single', '2025-11-01', '2026-11-01'
from generate_series(0, 11) as n;
insert into callhouse_sync.heartbeats (source_id, stale_after_ms) values (1, 600000);
insert into callhouse_sync.checkpoints (source_id, stream, wanted, covered, saved_at)
values (1, 'live', '{(,2026-11-01)}', '{(,2026-11-01)}', '2026-11-01')`);
  await each(`insert into callhouse.calls (source_id, call_id, agent_id, agent_version, call_type, channel, direction,
  status, vendor_status, end_reason, from_number, to_number, from_e164, to_e164, started_at, ended_at, occurred_at,
  day, occurred_at_basis, duration_ms, recording_url, opt_out, test_call, transcript_item_count, metadata, variables,
  first_seen_at, changed_at, checked_at, settlement, settled_at, revision, cost_amount, cost_currency)
select 1, call_id, 'agent-' || n % 12, 'production', 'outbound', 'phone',
  case when n % 3 = 0 then 'inbound' else 'outbound' end, case when n % 5 = 0 then 'not_connected' else 'ended' end,
  case when n % 5 = 0 then 'not_connected' else 'ended' end,
  (array['dial_no_answer', 'user_hangup', 'agent_hangup', 'voicemail_reached', 'call_transfer'])[1 + n % 5],
  '0215881234', '010' || 10000000 + n % 80000000, '+82215881234', '+8210' || 10000000 + n % 80000000,
  case when n % 5 > 0 then at end, at + '96 s', at, (at at time zone 'Asia/Seoul')::date,
  case when n % 5 > 0 then 'started' else 'listed' end,
  case when n % 5 > 0 then 20000 + n % 180000 end, 'https://storage.example.com/recordings/' || call_id || '.mp3',
  false, n % 500 = 0, ${TURNS_PER_CALL}, jsonb_build_object('crm_lead_id', 'lead_' || n, 'source-system', 'crm'),
  jsonb_build_object('customer_name', '김서연', 'callPurpose', '예약 변경 안내', 'visitCount', (n % 10)::text),
  at, at, at, 'settled', at + '10 min', 2,
  case when n % 5 > 0 then ${COST} end, case when n % 5 > 0 then 'KRW' end
from (select *, timestamptz '${FILLED_TO}' - interval '1 year' * (1 - n / ${calls}::float) as at from ${ids}) as timed`);
  await each(`insert into callhouse.call_costs
select 1, call_id, 'total', ${COST}, 'KRW' from ${ids} where n % 5 > 0`);
  await each(`insert into callhouse.call_analyses
select 1, call_id, '고객 ' || n || '번이 예약을 옮기기를 원하여 예약 현황을 조회한 뒤 변경을 확정함. 안내 문자를 요청함.',
  (array['positive', 'neutral', 'negative'])[1 + n % 3], null from ${ids} where n % 5 > 0`);
  await each(`insert into callhouse.call_extractions
select 1, call_id, 'analysis', field, 'field_' || field, 'string', to_jsonb('value ' || n % 50), 'value ' || n % 50
from ${ids} cross join generate_series(0, 3) as field where n % 5 > 0`);
  await each(`insert into callhouse.transcript_items (source_id, call_id, position, role, vendor_role, kind, content,
  offset_ms, tool_call_id, tool_name, arguments, duration_ms, gap_ms)
select 1, call_id, turn, case when turn % 6 in (2, 3) then 'tool' when turn % 2 = 0 then 'agent' else 'user' end,
  'agent', case turn % 6 when 2 then 'tool_call' when 3 then 'tool_result' else 'speech' end,
  '네, 확인해 보겠습니다. 잠시만 기다려 주시면 예약 현황을 조회하겠습니다. ' || n || '-' || turn, turn * 4800,
  case when turn % 6 in (2, 3) then 'call_' || n end, case when turn % 6 in (2, 3) then 'look_up_' || n % 5 end,
  case when turn % 6 = 2 then jsonb_build_object('lead', n) end, 4700, case when turn > 0 then 100 end
from ${ids} cross join generate_series(0, ${TURNS_PER_CALL - 1}) as turn`);
  await query('vacuum (analyze)');
}
