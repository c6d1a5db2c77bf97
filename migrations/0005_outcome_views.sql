-- The canonical outcome of a call, from the table that people may edit: looked up where it is selected, and nowhere else.
create or replace view callhouse_analytics.calls as
select
  call.source_id,
  source.name as source,
  source.vendor,
  call.call_id,
  call.agent_id,
  coalesce(call.agent_name, agent.name) as agent_name,
  call.agent_version,
  call.call_type,
  call.channel,
  call.direction,
  call.status,
  call.vendor_status,
  call.end_reason,
  call.status not in ('queued', 'ringing', 'not_connected')
    and (call.started_at is not null or coalesce(call.duration_ms > 0, false)) as connected,
  not call.test_call and call.settlement <> 'stuck' as is_counted,
  case when (select callhouse_analytics.may_read_personal())
    then call.from_number else callhouse_analytics.mask_number(call.from_number) end as from_number,
  case when (select callhouse_analytics.may_read_personal())
    then call.to_number else callhouse_analytics.mask_number(call.to_number) end as to_number,
  case when (select callhouse_analytics.may_read_personal())
    then call.presentation_number else callhouse_analytics.mask_number(call.presentation_number) end as presentation_number,
  case when (select callhouse_analytics.may_read_personal())
    then call.from_e164 else callhouse_analytics.mask_number(call.from_e164) end as from_e164,
  case when (select callhouse_analytics.may_read_personal())
    then call.to_e164 else callhouse_analytics.mask_number(call.to_e164) end as to_e164,
  call.created_at,
  call.started_at,
  call.ended_at,
  call.occurred_at,
  call.occurred_at_basis,
  source.time_zone,
  (call.occurred_at at time zone source.time_zone)::date as day,
  extract(hour from call.occurred_at at time zone source.time_zone)::integer as hour,
  extract(isodow from call.occurred_at at time zone source.time_zone)::integer as weekday,
  call.duration_ms,
  round(call.duration_ms::numeric / 1000, 3) as duration_seconds,
  cost.amount as cost_amount,
  cost.currency as cost_currency,
  case when (select callhouse_analytics.may_read_personal()) then analysis.summary end as summary,
  analysis.sentiment,
  case when (select callhouse_analytics.may_read_personal()) then (
    select jsonb_object_agg(field.name, field.value order by field.origin, field.position)
    from callhouse.call_extractions as field
    where field.source_id = call.source_id and field.call_id = call.call_id and field.name is not null
  ) end as extractions,
  spoken.agent_turns,
  spoken.user_turns,
  spoken.tool_calls,
  call.transcript_item_count,
  call.opt_out,
  call.test_call,
  call.variant_label,
  case when (select callhouse_analytics.may_read_personal()) then call.contact_id end as contact_id,
  case when (select callhouse_analytics.may_read_personal()) then call.metadata end as metadata,
  case when (select callhouse_analytics.may_read_personal()) then call.variables end as variables,
  case when (select callhouse_analytics.may_read_personal()) then call.recording_url end as recording_url,
  call.settlement,
  call.settlement in ('settled', 'expired', 'missing') as is_final,
  queued.awaiting,
  call.first_seen_at,
  call.changed_at,
  call.checked_at,
  call.settled_at,
  call.missing_since,
  call.retracted,
  call.revision,
  case when call.status not in ('queued', 'ringing', 'ongoing')
    -- Both words, else the reason, else the status.
    then coalesce(
      (select o.outcome from callhouse.outcomes as o
       where o.vendor = source.vendor and o.vendor_status = coalesce(call.vendor_status, '')
         and o.end_reason = coalesce(call.end_reason, '')),
      (select o.outcome from callhouse.outcomes as o
       where o.vendor = source.vendor and o.vendor_status = '*' and o.end_reason = coalesce(call.end_reason, '')),
      (select o.outcome from callhouse.outcomes as o
       where o.vendor = source.vendor and o.vendor_status = coalesce(call.vendor_status, '') and o.end_reason = '*'),
      'unknown'
    ) end as outcome,
  case when (select callhouse_analytics.may_read_personal()) then call.phone_id end as phone_id
from callhouse.calls as call
-- Left joins on whole keys: a query that selects nothing of them does not touch them.
left join callhouse.sources as source on source.source_id = call.source_id
left join callhouse.agents as agent on agent.source_id = call.source_id and agent.agent_id = call.agent_id
left join callhouse.call_costs as cost
  on cost.source_id = call.source_id and cost.call_id = call.call_id and cost.component = 'total'
left join callhouse.call_analyses as analysis
  on analysis.source_id = call.source_id and analysis.call_id = call.call_id
left join callhouse_sync.settlements as queued
  on queued.source_id = call.source_id and queued.call_id = call.call_id
left join lateral (
  select
    count(*) filter (where item.kind = 'speech' and item.role = 'agent') as agent_turns,
    count(*) filter (where item.kind = 'speech' and item.role = 'user') as user_turns,
    count(*) filter (where item.kind = 'tool_call') as tool_calls
  from callhouse.transcript_items as item
  where item.source_id = call.source_id and item.call_id = call.call_id
) as spoken on true;
comment on column callhouse_analytics.calls.outcome is 'How the call turned out, in the words of callhouse.outcomes: answered, voicemail, no_answer, busy, declined, failed, transferred, limit_reached, blocked, or unknown when nobody has said what the vendor''s words come to (they stand beside, in vendor_status and end_reason). Null while the call goes on.';
comment on column callhouse_analytics.calls.phone_id is 'Vendor''s id of our own number, where calls name it so. Null for callhouse_reader.';
--> statement-breakpoint
create view callhouse_analytics.unknown_outcomes as
select
  vendor,
  vendor_status,
  end_reason,
  count(*) as calls,
  min(occurred_at) as first_call_at,
  max(occurred_at) as last_call_at
from callhouse_analytics.calls
where outcome = 'unknown'
group by vendor, vendor_status, end_reason;
comment on view callhouse_analytics.unknown_outcomes is 'Words for the end of a call that callhouse.outcomes does not explain yet: add a row there for each.';
comment on column callhouse_analytics.unknown_outcomes.vendor is 'Vendor.';
comment on column callhouse_analytics.unknown_outcomes.vendor_status is 'The vendor''s word for the status.';
comment on column callhouse_analytics.unknown_outcomes.end_reason is 'The vendor''s word for the reason; null when it gave none.';
comment on column callhouse_analytics.unknown_outcomes.calls is 'Calls that ended so.';
comment on column callhouse_analytics.unknown_outcomes.first_call_at is 'When the first of them happened.';
comment on column callhouse_analytics.unknown_outcomes.last_call_at is 'When the last of them happened.';
