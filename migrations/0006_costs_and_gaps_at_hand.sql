-- Two answers at hand that were looked for in other tables with each question: what a call cost in all, and how long it
-- was silent before an item of a transcript. The loader writes both with the rows that they follow from.
alter table callhouse.calls add column cost_amount numeric, add column cost_currency text;
comment on column callhouse.calls.cost_amount is 'Amount of the component total of call_costs, with the same digits: a report on costs reads no other table.';
comment on column callhouse.calls.cost_currency is 'Currency of cost_amount.';
--> statement-breakpoint
drop index callhouse.calls_daily_idx;
--> statement-breakpoint
update callhouse.calls as call set cost_amount = cost.amount, cost_currency = cost.currency
from callhouse.call_costs as cost
where cost.source_id = call.source_id and cost.call_id = call.call_id and cost.component = 'total';
--> statement-breakpoint
-- In the order of calls_daily, with all that it and costs_daily ask of a call: they read the index in place of the calls.
create index calls_daily_idx on callhouse.calls (
  day, source_id, agent_id, agent_name, direction, status, settlement, test_call, started_at, duration_ms,
  cost_amount, cost_currency
);
--> statement-breakpoint
alter table callhouse.transcript_items add column gap_ms bigint;
comment on column callhouse.transcript_items.gap_ms is 'Silence between the end of the item before and this one, in milliseconds; negative when they overlap. Null when it cannot be told.';
--> statement-breakpoint
update callhouse.transcript_items as item set gap_ms = measured.gap_ms
from (
  select
    source_id,
    call_id,
    position,
    coalesce(
      (extract(epoch from started_at - lag(ended_at) over transcript) * 1000)::bigint,
      offset_ms - lag(offset_ms + duration_ms) over transcript
    ) as gap_ms
  from callhouse.transcript_items
  window transcript as (partition by source_id, call_id order by position)
) as measured
where measured.gap_ms is not null
  and item.source_id = measured.source_id and item.call_id = measured.call_id and item.position = measured.position;
--> statement-breakpoint
-- The loader cuts names at this length: an index refuses a row of more than 2.7 kB.
update callhouse.transcript_items set tool_name = left(tool_name, 500) where length(tool_name) > 500;
--> statement-breakpoint
-- Reports on tools read this index in place of whole transcripts.
create index transcript_items_tool_idx on callhouse.transcript_items (source_id, call_id, tool_name, gap_ms)
where tool_name is not null;
--> statement-breakpoint
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
  call.cost_amount,
  call.cost_currency,
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
--> statement-breakpoint
-- Calls that are alike are counted first, as in calls_daily.
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
      sum(alike.calls_awaiting_cost)::bigint as part_awaiting_cost,
      coalesce(sum(alike.settled_calls) filter (where alike.is_counted), 0)::bigint as part_settled,
      coalesce(sum(alike.waiting_calls) filter (where alike.is_counted), 0)::bigint as part_waiting
    from (
      -- By calls_daily_idx, which has all that is asked.
      select
        call.source_id,
        call.day,
        call.agent_id,
        call.agent_name,
        case when call.agent_id is null then call.agent_name end as unidentified_agent,
        call.cost_currency as currency,
        not call.test_call and call.settlement <> 'stuck' as is_counted,
        count(*) as calls,
        count(*) filter (where call.settlement = 'settled') as settled_calls,
        count(*) filter (where call.settlement not in ('settled', 'expired', 'missing')) as waiting_calls,
        count(call.cost_amount) as calls_with_cost,
        sum(call.cost_amount) as amount,
        count(call.cost_amount) filter (where call.connected) as connected_calls,
        sum(call.duration_ms) filter (where call.connected and call.cost_amount is not null) as connected_ms,
        0::bigint as calls_awaiting_cost
      from (
        select
          *,
          -- As in the view calls.
          status not in ('queued', 'ringing', 'not_connected') and (started_at is not null or duration_ms > 0) as connected
        from callhouse.calls
      ) as call
      group by
        call.source_id, call.day, call.agent_id, call.agent_name, is_counted, call.cost_currency
      union all
      -- The queue is short, and knows which of its calls wait for a cost.
      select
        call.source_id,
        call.day,
        call.agent_id,
        call.agent_name,
        case when call.agent_id is null then call.agent_name end,
        null,
        true,
        0,
        0,
        0,
        0,
        null,
        0,
        null,
        count(*)
      from callhouse_sync.settlements as queued
      join callhouse.calls as call on call.source_id = queued.source_id and call.call_id = queued.call_id
      where 'cost' = any (queued.awaiting)
        and call.cost_amount is null and not call.test_call and call.settlement <> 'stuck'
      group by call.source_id, call.day, call.agent_id, call.agent_name
    ) as alike
    group by
      alike.source_id, alike.day, alike.agent_id, alike.unidentified_agent, alike.currency
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
  item.gap_ms
from callhouse_analytics.calls as call
join callhouse.transcript_items as item
  on item.source_id = call.source_id
  and item.call_id = any (array[call.call_id]);
