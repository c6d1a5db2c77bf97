-- The views with the outcome of a call, and with its stored day.
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
  case when call.status not in ('queued', 'ringing', 'ongoing') then coalesce(word.outcome, 'unknown') end as outcome,
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
) as spoken on true
-- Both words, else the reason, else the status. An aggregate is one row: nothing is looked up that is not selected, and
-- the same words are looked up once.
left join lateral (
  select coalesce(
    max(o.outcome) filter (where o.vendor_status <> '*' and o.end_reason <> '*'),
    max(o.outcome) filter (where o.end_reason <> '*'),
    max(o.outcome) filter (where o.vendor_status <> '*')
  ) as outcome
  from callhouse.outcomes as o
  where o.vendor = source.vendor
    and o.vendor_status in (coalesce(call.vendor_status, ''), '*')
    and o.end_reason in (coalesce(call.end_reason, ''), '*')
) as word on true;
comment on column callhouse_analytics.calls.outcome is 'How the call turned out, in the words of callhouse.outcomes: answered, voicemail, no_answer, busy, declined, failed, transferred, limit_reached, blocked, or unknown when nobody has said what the vendor''s words come to (they stand beside, in vendor_status and end_reason). Null while the call goes on.';
comment on column callhouse_analytics.calls.phone_id is 'Vendor''s id of our own number, where calls name it so. Null for callhouse_reader.';
--> statement-breakpoint
create aggregate callhouse_analytics.concatenate(bigint[]) (sfunc = array_cat, stype = bigint[], parallel = safe);
comment on aggregate callhouse_analytics.concatenate(bigint[]) is 'All the numbers of many lists as one list. Null when there is none.';
--> statement-breakpoint
-- Calls that are alike are counted first, then what the counts come to: few rows are asked whether they count. Names and
-- zones are joined to the days, not to every call of them.
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
  round((
    select percentile_cont(0.5) within group (order by duration_ms) from unnest(daily.durations_ms) as duration_ms
  )::numeric / 1000, 3) as median_duration_seconds,
  daily.test_calls,
  daily.stuck_calls,
  daily.settled_calls,
  daily.settled_calls::numeric / nullif(daily.attempted_calls, 0) as settled_share,
  daily.waiting_calls > 0 or callhouse_analytics.is_day_unread(daily.day, source.time_zone, coverage.missing, coverage.fresh_to)
    as is_provisional
from (
  select
    alike.source_id,
    alike.day,
    alike.agent_id,
    max(alike.agent_name) as agent_name,
    alike.direction,
    coalesce(sum(alike.calls) filter (where alike.is_counted), 0)::bigint as attempted_calls,
    coalesce(sum(alike.connected_calls) filter (where alike.is_counted), 0)::bigint as connected_calls,
    coalesce(sum(alike.calls - alike.connected_calls) filter (
      where alike.is_counted and alike.settlement <> 'open' and alike.status not in ('failed', 'canceled')
    ), 0)::bigint as not_connected_calls,
    coalesce(sum(alike.calls) filter (where alike.is_counted and alike.status = 'failed'), 0)::bigint as failed_calls,
    coalesce(sum(alike.calls) filter (where alike.is_counted and alike.status = 'canceled'), 0)::bigint as canceled_calls,
    coalesce(sum(alike.calls) filter (where alike.is_counted and alike.settlement = 'open'), 0)::bigint as open_calls,
    coalesce(sum(cardinality(alike.durations_ms)) filter (where alike.is_counted), 0)::bigint as calls_with_duration,
    coalesce(sum(alike.total_duration_ms) filter (where alike.is_counted), 0) as total_duration_ms,
    callhouse_analytics.concatenate(alike.durations_ms) filter (where alike.is_counted) as durations_ms,
    coalesce(sum(alike.calls) filter (where alike.test_call), 0)::bigint as test_calls,
    coalesce(sum(alike.calls) filter (where alike.settlement = 'stuck'), 0)::bigint as stuck_calls,
    coalesce(sum(alike.calls) filter (where alike.is_counted and alike.settlement = 'settled'), 0)::bigint as settled_calls,
    coalesce(sum(alike.calls) filter (where alike.is_counted and not alike.is_final), 0)::bigint as waiting_calls
  from (
    -- In the order of calls_daily_idx, which has all that is asked: nothing is sorted.
    select
      call.source_id,
      call.day,
      call.agent_id,
      call.agent_name,
      -- A vendor that names agents without an id is told apart by the names.
      case when call.agent_id is null then call.agent_name end as unidentified_agent,
      call.direction,
      call.status,
      call.settlement,
      call.test_call,
      not call.test_call and call.settlement <> 'stuck' as is_counted,
      call.settlement in ('settled', 'expired', 'missing') as is_final,
      count(*) as calls,
      count(*) filter (where call.connected) as connected_calls,
      sum(call.duration_ms) filter (where call.connected) as total_duration_ms,
      array_agg(call.duration_ms) filter (where call.connected and call.duration_ms is not null) as durations_ms
    from (
      select
        *,
        -- As in the view calls.
        status not in ('queued', 'ringing', 'not_connected') and (started_at is not null or duration_ms > 0) as connected
      from callhouse.calls
    ) as call
    group by
      call.source_id, call.day, call.agent_id, call.agent_name, call.direction,
      call.status, call.settlement, call.test_call
  ) as alike
  group by alike.source_id, alike.day, alike.agent_id, alike.unidentified_agent, alike.direction
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
      alike.source_id,
      alike.day,
      alike.agent_id,
      alike.unidentified_agent,
      max(alike.agent_name) as part_agent_name,
      alike.currency,
      sum(alike.amount) filter (where alike.is_counted) as amount,
      sum(alike.amount) filter (where not alike.is_counted) as test_and_stuck_amount,
      coalesce(sum(alike.calls_with_cost) filter (where alike.is_counted), 0)::bigint as calls_with_cost,
      coalesce(sum(alike.connected_calls) filter (where alike.is_counted), 0)::bigint as connected_calls,
      sum(alike.connected_ms) filter (where alike.is_counted) / 60000 as connected_minutes,
      coalesce(sum(alike.calls) filter (where alike.is_counted), 0)::bigint as part_calls,
      coalesce(sum(alike.calls_awaiting_cost) filter (where alike.is_counted), 0)::bigint as part_awaiting_cost,
      coalesce(sum(alike.calls) filter (where alike.is_counted and alike.settlement = 'settled'), 0)::bigint as part_settled,
      coalesce(sum(alike.calls) filter (where alike.is_counted and not alike.is_final), 0)::bigint as part_waiting
    from (
      select
        call.source_id,
        call.day,
        call.agent_id,
        call.agent_name,
        case when call.agent_id is null then call.agent_name end as unidentified_agent,
        call.settlement,
        not call.test_call and call.settlement <> 'stuck' as is_counted,
        call.settlement in ('settled', 'expired', 'missing') as is_final,
        cost.currency,
        count(*) as calls,
        sum(cost.amount) as amount,
        count(cost.amount) as calls_with_cost,
        count(cost.amount) filter (where call.connected) as connected_calls,
        sum(call.duration_ms) filter (where cost.amount is not null and call.connected) as connected_ms,
        count(*) filter (where cost.amount is null and 'cost' = any (queued.awaiting)) as calls_awaiting_cost
      from (
        select
          *,
          -- As in the view calls.
          status not in ('queued', 'ringing', 'not_connected') and (started_at is not null or duration_ms > 0) as connected
        from callhouse.calls
      ) as call
      left join callhouse.call_costs as cost
        on cost.source_id = call.source_id and cost.call_id = call.call_id and cost.component = 'total'
      left join callhouse_sync.settlements as queued
        on queued.source_id = call.source_id and queued.call_id = call.call_id
      group by
        call.source_id, call.day, call.agent_id, call.agent_name, call.settlement, call.test_call, cost.currency
    ) as alike
    group by alike.source_id, alike.day, alike.agent_id, alike.unidentified_agent, alike.currency
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
-- A transcript is always read by its key, which "= any" leaves as the only way: for calls of a month, whose items lie
-- side by side, that is many times faster than to read and hash all items there are, and the planner cannot know it.
create or replace view callhouse_analytics.turns as
select
  call.source_id,
  call.source,
  call.call_id,
  call.agent_id,
  call.agent_name,
  call.direction,
  call.occurred_at,
  call.day,
  call.is_counted,
  call.is_final,
  item.position,
  item.role,
  item.kind,
  case when (select callhouse_analytics.may_read_personal()) then item.content end as content,
  item.tool_name,
  case when (select callhouse_analytics.may_read_personal()) then item.arguments end as arguments,
  case when (select callhouse_analytics.may_read_personal()) then item.result end as result,
  item.tool_status,
  item.started_at,
  item.offset_ms,
  item.duration_ms,
  coalesce(
    (extract(epoch from item.started_at - previous.ended_at) * 1000)::bigint,
    item.offset_ms - (previous.offset_ms + previous.duration_ms)
  ) as gap_ms
from callhouse_analytics.calls as call
join callhouse.transcript_items as item
  on item.source_id = call.source_id
  and item.call_id = any (array[call.call_id])
-- Positions have no holes. A join, not lag(): filters reach the tables.
left join callhouse.transcript_items as previous
  on previous.source_id = item.source_id
  and previous.call_id = any (array[item.call_id])
  and previous.position = any (array[item.position - 1]);
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
