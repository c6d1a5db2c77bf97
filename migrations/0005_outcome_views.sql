-- The views with the outcome of a call, which is looked up where it is selected and nowhere else, and with its stored day.
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
  call.day,
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
-- Names and zones are joined to the days, not to every call of them: fewer and shorter rows are sorted.
create or replace view callhouse_analytics.calls_daily as
select
  daily.source_id,
  source.name as source,
  daily.day,
  daily.agent_id,
  coalesce(agent.name, daily.agent_name) as agent_name,
  daily.direction,
  daily.attempted_calls,
  daily.connected_calls,
  daily.not_connected_calls,
  daily.failed_calls,
  daily.canceled_calls,
  daily.open_calls,
  daily.connected_calls::numeric / nullif(daily.attempted_calls, 0) as connection_rate,
  daily.calls_with_duration,
  round(daily.total_duration_ms / 1000, 3) as total_duration_seconds,
  round(daily.total_duration_ms / nullif(daily.calls_with_duration, 0) / 1000, 3) as average_duration_seconds,
  round(daily.median_duration_ms::numeric / 1000, 3) as median_duration_seconds,
  daily.test_calls,
  daily.stuck_calls,
  daily.settled_calls,
  daily.settled_calls::numeric / nullif(daily.attempted_calls, 0) as settled_share,
  daily.waiting_calls > 0 or callhouse_analytics.is_day_unread(daily.day, source.time_zone, coverage.missing, coverage.fresh_to)
    as is_provisional
from (
  select
    call.source_id,
    call.day,
    call.agent_id,
    max(call.agent_name) as agent_name,
    call.direction,
    count(*) filter (where call.is_counted) as attempted_calls,
    count(*) filter (where call.is_counted and call.connected) as connected_calls,
    count(*) filter (
      where call.is_counted and not call.connected
        and call.settlement <> 'open' and call.status not in ('failed', 'canceled')
    ) as not_connected_calls,
    count(*) filter (where call.is_counted and call.status = 'failed') as failed_calls,
    count(*) filter (where call.is_counted and call.status = 'canceled') as canceled_calls,
    count(*) filter (where call.is_counted and call.settlement = 'open') as open_calls,
    count(call.duration_ms) filter (where call.is_counted and call.connected) as calls_with_duration,
    coalesce(sum(call.duration_ms) filter (where call.is_counted and call.connected), 0) as total_duration_ms,
    percentile_cont(0.5) within group (order by call.duration_ms)
      filter (where call.is_counted and call.connected) as median_duration_ms,
    count(*) filter (where call.test_call) as test_calls,
    count(*) filter (where call.settlement = 'stuck') as stuck_calls,
    count(*) filter (where call.is_counted and call.settlement = 'settled') as settled_calls,
    count(*) filter (where call.is_counted and not call.is_final) as waiting_calls
  from callhouse_analytics.calls as call
  -- A vendor that names agents without an id is told apart by the names.
  group by
    call.source_id, call.day, call.agent_id,
    case when call.agent_id is null then call.agent_name end, call.direction
) as daily
join callhouse.sources as source on source.source_id = daily.source_id
left join callhouse.agents as agent on agent.source_id = daily.source_id and agent.agent_id = daily.agent_id
left join callhouse_sync.coverage on coverage.source_id = daily.source_id;
--> statement-breakpoint
create or replace view callhouse_analytics.costs_daily as
select
  daily.source_id,
  source.name as source,
  daily.day,
  daily.agent_id,
  coalesce(agent.name, daily.agent_name) as agent_name,
  daily.currency,
  daily.amount,
  daily.calls_with_cost,
  daily.calls_awaiting_cost,
  daily.connected_calls,
  daily.connected_minutes,
  daily.amount / nullif(daily.connected_calls, 0) as cost_per_connected_call,
  daily.amount / nullif(daily.connected_minutes, 0) as cost_per_connected_minute,
  daily.test_and_stuck_amount,
  daily.calls,
  daily.settled_calls,
  daily.settled_calls::numeric / nullif(daily.calls, 0) as settled_share,
  daily.waiting_calls > 0 or callhouse_analytics.is_day_unread(daily.day, source.time_zone, coverage.missing, coverage.fresh_to)
    as is_provisional
from (
  -- The calls without a cost have no currency: they are counted for the agent's day as a whole, and get a
  -- row of their own only on a day that has no cost at all.
  select
    part.*,
    sum(part.part_calls) over agent_day as calls,
    sum(part.part_awaiting_cost) over agent_day as calls_awaiting_cost,
    sum(part.part_settled) over agent_day as settled_calls,
    sum(part.part_waiting) over agent_day as waiting_calls,
    max(part.part_agent_name) over agent_day as agent_name,
    count(part.currency) over agent_day as currencies
  from (
    select
      call.source_id,
      call.day,
      call.agent_id,
      case when call.agent_id is null then call.agent_name end as unidentified_agent,
      max(call.agent_name) as part_agent_name,
      call.cost_currency as currency,
      sum(call.cost_amount) filter (where call.is_counted) as amount,
      sum(call.cost_amount) filter (where not call.is_counted) as test_and_stuck_amount,
      count(call.cost_amount) filter (where call.is_counted) as calls_with_cost,
      count(call.cost_amount) filter (where call.is_counted and call.connected) as connected_calls,
      sum(call.duration_ms) filter (where call.is_counted and call.connected and call.cost_amount is not null)
        / 60000 as connected_minutes,
      count(*) filter (where call.is_counted) as part_calls,
      count(*) filter (where call.is_counted and call.cost_amount is null and 'cost' = any (call.awaiting))
        as part_awaiting_cost,
      count(*) filter (where call.is_counted and call.settlement = 'settled') as part_settled,
      count(*) filter (where call.is_counted and not call.is_final) as part_waiting
    from callhouse_analytics.calls as call
    group by
      call.source_id, call.day, call.agent_id, unidentified_agent, call.cost_currency
  ) as part
  window agent_day as (
    partition by part.source_id, part.day, part.agent_id, part.unidentified_agent
  )
) as daily
join callhouse.sources as source on source.source_id = daily.source_id
left join callhouse.agents as agent on agent.source_id = daily.source_id and agent.agent_id = daily.agent_id
left join callhouse_sync.coverage on coverage.source_id = daily.source_id
where daily.currency is not null or daily.currencies = 0;
--> statement-breakpoint
create or replace view callhouse_analytics.end_reasons as
select
  daily.source_id,
  source.name as source,
  daily.day,
  daily.status,
  daily.end_reason,
  daily.calls,
  daily.day_calls,
  daily.calls / daily.day_calls as share_of_day,
  daily.calls_with_duration,
  round(daily.total_duration_ms / nullif(daily.calls_with_duration, 0) / 1000, 3) as average_duration_seconds,
  daily.settled_calls,
  daily.settled_calls::numeric / daily.calls as settled_share,
  daily.waiting_calls > 0 or callhouse_analytics.is_day_unread(daily.day, source.time_zone, coverage.missing, coverage.fresh_to)
    as is_provisional
from (
  select
    call.source_id,
    call.day,
    call.status,
    call.end_reason,
    count(*) as calls,
    sum(count(*)) over (partition by call.source_id, call.day) as day_calls,
    count(call.duration_ms) filter (where call.connected) as calls_with_duration,
    sum(call.duration_ms) filter (where call.connected) as total_duration_ms,
    count(*) filter (where call.settlement = 'settled') as settled_calls,
    sum(count(*) filter (where not call.is_final))
      over (partition by call.source_id, call.day) as waiting_calls
  from callhouse_analytics.calls as call
  where call.is_counted
  group by call.source_id, call.day, call.status, call.end_reason
) as daily
join callhouse.sources as source on source.source_id = daily.source_id
left join callhouse_sync.coverage on coverage.source_id = daily.source_id;
--> statement-breakpoint
-- Words are grouped before they are looked up: there are few of them, and many calls.
create view callhouse_analytics.unknown_outcomes as
select
  ended.vendor,
  ended.vendor_status,
  ended.end_reason,
  ended.calls,
  ended.first_call_at,
  ended.last_call_at
from (
  select
    source.vendor,
    call.vendor_status,
    call.end_reason,
    sum(call.calls)::bigint as calls,
    min(call.first_call_at) as first_call_at,
    max(call.last_call_at) as last_call_at
  from (
    select source_id, vendor_status, end_reason, count(*) as calls,
      min(occurred_at) as first_call_at, max(occurred_at) as last_call_at
    from callhouse.calls
    where status not in ('queued', 'ringing', 'ongoing')
    group by source_id, vendor_status, end_reason
  ) as call
  join callhouse.sources as source on source.source_id = call.source_id
  group by source.vendor, call.vendor_status, call.end_reason
) as ended
where not exists (
  select from callhouse.outcomes as o
  where o.vendor = ended.vendor and o.outcome <> 'unknown' and (
    (o.vendor_status, o.end_reason) = (coalesce(ended.vendor_status, ''), coalesce(ended.end_reason, ''))
    or (o.vendor_status, o.end_reason) = ('*', coalesce(ended.end_reason, ''))
    or (o.vendor_status, o.end_reason) = (coalesce(ended.vendor_status, ''), '*')
  )
);
comment on view callhouse_analytics.unknown_outcomes is 'Words for the end of a call that callhouse.outcomes does not explain yet: add a row there for each.';
comment on column callhouse_analytics.unknown_outcomes.vendor is 'Vendor.';
comment on column callhouse_analytics.unknown_outcomes.vendor_status is 'The vendor''s word for the status.';
comment on column callhouse_analytics.unknown_outcomes.end_reason is 'The vendor''s word for the reason; null when it gave none.';
comment on column callhouse_analytics.unknown_outcomes.calls is 'Calls that ended so.';
comment on column callhouse_analytics.unknown_outcomes.first_call_at is 'When the first of them happened.';
comment on column callhouse_analytics.unknown_outcomes.last_call_at is 'When the last of them happened.';
