-- What BI tools point at (schema callhouse_analytics): one wide row per call, daily counts and costs, end
-- reasons, turns, and how far to trust them.
--
-- Rules of all views here:
-- * The business day of a call is the local day of occurred_at in sources.time_zone, 23 or 25 hours long when
--   the clock changes.
-- * Aggregates count a call when is_counted: not a test call, not stuck. What is kept out is counted in its
--   own column. A call that the vendor no longer knows took place, so it counts.
-- * A rate is null, never 0, when its denominator is 0. Numerator and denominator are columns beside it.
-- * Money is numeric from end to end, and amounts of different currencies are never added.
-- * settled_share says how much is final; is_provisional says whether the numbers can still change.
-- * A view runs with its owner's rights, so a reader needs no right on the tables below. What is personal is
--   masked or null unless the reader may select transcripts: asked of the reader's own rights, so that no
--   role is named here.
-- * Later migrations may replace a view with columns appended, never dropped: people build on them.
create schema callhouse_analytics;
comment on schema callhouse_analytics is 'Views for BI tools. Money of different currencies is never added; provisional numbers say so; what is personal is masked for callhouse_reader.';
--> statement-breakpoint
-- The bodies are parsed now, not at each call: nobody can change their meaning with a search_path, and the
-- table is known by its oid, which asks for no right on its schema.
create function callhouse_analytics.may_read_personal() returns boolean
language sql stable parallel safe
return has_table_privilege(current_user, 'callhouse.transcript_items'::regclass, 'select');
comment on function callhouse_analytics.may_read_personal() is 'Whether the current user may see what is personal: true when it may select callhouse.transcript_items.';
--> statement-breakpoint
-- A number of fewer than seven digits would be told by its last four; a SIP address or a name has no tail to show.
create function callhouse_analytics.mask_number(number text) returns text
language sql immutable parallel safe
return case
  when number is null then null
  when number !~ '[^0-9 ().+/-]' and length(regexp_replace(number, '[^0-9]', '', 'g')) >= 7
    then '•••••••' || right(regexp_replace(number, '[^0-9]', '', 'g'), 4)
  else '•••••••'
end;
comment on function callhouse_analytics.mask_number(text) is 'A phone number with all but its last four digits hidden. Null stays null; what is no phone number is hidden as a whole.';
--> statement-breakpoint
create view callhouse_analytics.calls as
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
  call.revision
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
comment on view callhouse_analytics.calls is 'One row per call with everything that is known about it. Filter by occurred_at for speed (it has an index with source_id), by day for reports.';
comment on column callhouse_analytics.calls.source_id is 'The source (vendor account).';
comment on column callhouse_analytics.calls.source is 'Name of the source.';
comment on column callhouse_analytics.calls.vendor is 'Vendor: vox, voicy or diga.';
comment on column callhouse_analytics.calls.call_id is 'The vendor''s call id; unique within its source.';
comment on column callhouse_analytics.calls.agent_id is 'Agent that took or made the call.';
comment on column callhouse_analytics.calls.agent_name is 'Agent''s name at the time of the call where the call carries it, else its name today.';
comment on column callhouse_analytics.calls.agent_version is 'Agent version as the vendor says it; ''production'' is a routing intent, not a version.';
comment on column callhouse_analytics.calls.call_type is 'Vendor''s word for the kind of call.';
comment on column callhouse_analytics.calls.channel is 'phone, web or unknown.';
comment on column callhouse_analytics.calls.direction is 'inbound, outbound or unknown, seen from the agent.';
comment on column callhouse_analytics.calls.status is 'Canonical status: queued, ringing, ongoing, ended, not_connected, canceled, failed or unknown.';
comment on column callhouse_analytics.calls.vendor_status is 'Vendor''s word for the status.';
comment on column callhouse_analytics.calls.end_reason is 'Vendor''s word for why the call ended; null while it goes on.';
comment on column callhouse_analytics.calls.connected is 'True when somebody was on the line: the call has a start or a length, and its status is not queued, ringing or not_connected. A call that failed after it was connected counts as connected.';
comment on column callhouse_analytics.calls.is_counted is 'True when the aggregates count the call: it is no test call and not stuck.';
comment on column callhouse_analytics.calls.from_number is 'Calling number as the vendor writes it. Personal: masked but for the last four digits for callhouse_reader.';
comment on column callhouse_analytics.calls.to_number is 'Called number as the vendor writes it. Personal: masked but for the last four digits for callhouse_reader.';
comment on column callhouse_analytics.calls.presentation_number is 'Caller id shown to the called party. Personal: masked but for the last four digits for callhouse_reader.';
comment on column callhouse_analytics.calls.from_e164 is 'Calling number in E.164, when it parses. Personal: masked but for the last four digits for callhouse_reader.';
comment on column callhouse_analytics.calls.to_e164 is 'Called number in E.164, when it parses. Personal: masked but for the last four digits for callhouse_reader.';
comment on column callhouse_analytics.calls.created_at is 'When the vendor created the call; null where the API does not tell.';
comment on column callhouse_analytics.calls.started_at is 'When the call was connected; null when it never was.';
comment on column callhouse_analytics.calls.ended_at is 'When the call ended; null until then.';
comment on column callhouse_analytics.calls.occurred_at is 'One instant for every call: start, else creation, else end, else its place in the list, else first sight.';
comment on column callhouse_analytics.calls.occurred_at_basis is 'Where occurred_at comes from: started, created, ended, listed or first_seen.';
comment on column callhouse_analytics.calls.time_zone is 'Time zone of day, hour and weekday, as set for the source.';
comment on column callhouse_analytics.calls.day is 'Business day: local date of occurred_at in time_zone.';
comment on column callhouse_analytics.calls.hour is 'Local hour of occurred_at in time_zone, 0 to 23.';
comment on column callhouse_analytics.calls.weekday is 'Local weekday of occurred_at in time_zone, 1 (Monday) to 7 (Sunday).';
comment on column callhouse_analytics.calls.duration_ms is 'Connected time in milliseconds; null when the vendor does not tell it.';
comment on column callhouse_analytics.calls.duration_seconds is 'Connected time in seconds, exact.';
comment on column callhouse_analytics.calls.cost_amount is 'Whole cost of the call, exact (component ''total''); null until the vendor tells it. Add within one cost_currency only.';
comment on column callhouse_analytics.calls.cost_currency is 'ISO 4217 code of cost_amount.';
comment on column callhouse_analytics.calls.summary is 'Summary of the conversation. Personal: null for callhouse_reader.';
comment on column callhouse_analytics.calls.sentiment is 'Vendor''s word for the caller''s sentiment.';
comment on column callhouse_analytics.calls.extractions is 'Fields that were extracted from the call, as a JSON object from name to value; null when there are none. Of fields with one name the last counts; callhouse.call_extractions has all. Personal: null for callhouse_reader.';
comment on column callhouse_analytics.calls.agent_turns is 'Speech items of the agent in the transcript; 0 when no transcript is stored.';
comment on column callhouse_analytics.calls.user_turns is 'Speech items of the caller in the transcript; 0 when no transcript is stored.';
comment on column callhouse_analytics.calls.tool_calls is 'Tool calls in the transcript; 0 when no transcript is stored.';
comment on column callhouse_analytics.calls.transcript_item_count is 'Items of the transcript; 0 when the vendor sent an empty one, null when it was not told (yet).';
comment on column callhouse_analytics.calls.opt_out is 'The vendor keeps no transcript, recording or analysis of this call.';
comment on column callhouse_analytics.calls.test_call is 'A test call by the vendor''s own mark; aggregates keep it out.';
comment on column callhouse_analytics.calls.variant_label is 'Label of the traffic split that chose the agent.';
comment on column callhouse_analytics.calls.contact_id is 'Vendor''s id of the other party. Personal: null for callhouse_reader.';
comment on column callhouse_analytics.calls.metadata is 'Metadata that the caller of the API attached, as sent. Personal: null for callhouse_reader.';
comment on column callhouse_analytics.calls.variables is 'Variables given to the agent, as sent. Personal: null for callhouse_reader.';
comment on column callhouse_analytics.calls.recording_url is 'Link to the recording; may be perishable, depending on the vendor. Personal: null for callhouse_reader.';
comment on column callhouse_analytics.calls.settlement is 'How final the row is: open, settling, settled, expired, stuck or missing.';
comment on column callhouse_analytics.calls.is_final is 'True when the row is not expected to change: settled, expired (something never came) or missing (the vendor no longer knows it).';
comment on column callhouse_analytics.calls.awaiting is 'What is awaited before the call is final: status, transcript, analysis, cost, recording; null when nothing is.';
comment on column callhouse_analytics.calls.first_seen_at is 'When callhouse first saw the call.';
comment on column callhouse_analytics.calls.changed_at is 'When callhouse last saw something of the call change.';
comment on column callhouse_analytics.calls.checked_at is 'When the reading that these values come from was asked for.';
comment on column callhouse_analytics.calls.settled_at is 'When the call became final.';
comment on column callhouse_analytics.calls.missing_since is 'When the vendor first answered that it does not know the call.';
comment on column callhouse_analytics.calls.retracted is 'Fields that the vendor once told and no longer does; the stored values were kept.';
comment on column callhouse_analytics.calls.revision is 'Number of changes observed; callhouse.call_events has each.';
--> statement-breakpoint
-- A day can still change while part of it was not read: it holds a gap, or ends after the newest time read.
create function callhouse_analytics.is_day_unread(
  day date, time_zone text, missing tstzmultirange, fresh_to timestamptz
) returns boolean
language sql stable parallel safe
return coalesce(
  (day + 1)::timestamp at time zone time_zone > fresh_to
    or missing && tstzrange(day::timestamp at time zone time_zone, (day + 1)::timestamp at time zone time_zone),
  true
);
comment on function callhouse_analytics.is_day_unread(date, text, tstzmultirange, timestamptz) is 'Whether some of a business day is not read yet, given a row of callhouse_sync.coverage; true when that is not known.';
--> statement-breakpoint
create view callhouse_analytics.calls_daily as
select
  daily.source_id,
  daily.source,
  daily.day,
  daily.agent_id,
  daily.agent_name,
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
  daily.waiting_calls > 0 or callhouse_analytics.is_day_unread(daily.day, daily.time_zone, coverage.missing, coverage.fresh_to)
    as is_provisional
from (
  select
    call.source_id,
    call.source,
    call.time_zone,
    call.day,
    call.agent_id,
    coalesce(max(agent.name), max(call.agent_name)) as agent_name,
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
  left join callhouse.agents as agent on agent.source_id = call.source_id and agent.agent_id = call.agent_id
  -- A vendor that names agents without an id is told apart by the names.
  group by
    call.source_id, call.source, call.time_zone, call.day, call.agent_id,
    case when call.agent_id is null then call.agent_name end, call.direction
) as daily
left join callhouse_sync.coverage on coverage.source_id = daily.source_id;
comment on view callhouse_analytics.calls_daily is 'Calls per source, business day, agent and direction. Test calls and stuck calls are kept out of every number but their own. A call that failed or was canceled after it was connected counts in both columns.';
comment on column callhouse_analytics.calls_daily.source_id is 'The source (vendor account).';
comment on column callhouse_analytics.calls_daily.source is 'Name of the source.';
comment on column callhouse_analytics.calls_daily.day is 'Business day: local date of occurred_at in the time zone of the source.';
comment on column callhouse_analytics.calls_daily.agent_id is 'Agent that took or made the calls.';
comment on column callhouse_analytics.calls_daily.agent_name is 'Agent''s name today, else the name that the calls carry.';
comment on column callhouse_analytics.calls_daily.direction is 'inbound, outbound or unknown, seen from the agent.';
comment on column callhouse_analytics.calls_daily.attempted_calls is 'All counted calls: not test calls, not stuck.';
comment on column callhouse_analytics.calls_daily.connected_calls is 'Counted calls with somebody on the line, those that go on now included.';
comment on column callhouse_analytics.calls_daily.not_connected_calls is 'Counted calls that ended without anybody on the line, neither failed nor canceled.';
comment on column callhouse_analytics.calls_daily.failed_calls is 'Counted calls with status failed.';
comment on column callhouse_analytics.calls_daily.canceled_calls is 'Counted calls with status canceled.';
comment on column callhouse_analytics.calls_daily.open_calls is 'Counted calls that have not ended.';
comment on column callhouse_analytics.calls_daily.connection_rate is 'connected_calls over attempted_calls; null when there are none. Open calls count below the line, so today''s rate can still rise.';
comment on column callhouse_analytics.calls_daily.calls_with_duration is 'Connected calls whose length is known: what the averages divide by.';
comment on column callhouse_analytics.calls_daily.total_duration_seconds is 'Sum of the lengths of connected calls, in seconds, exact.';
comment on column callhouse_analytics.calls_daily.average_duration_seconds is 'total_duration_seconds over calls_with_duration, to the millisecond; null when there are none.';
comment on column callhouse_analytics.calls_daily.median_duration_seconds is 'Median length of connected calls in seconds, to the millisecond; null when there are none.';
comment on column callhouse_analytics.calls_daily.test_calls is 'Test calls by the vendor''s own mark, kept out of the other numbers.';
comment on column callhouse_analytics.calls_daily.stuck_calls is 'Calls that never ended and are presumed stuck, kept out of the other numbers. A stuck test call is in both columns.';
comment on column callhouse_analytics.calls_daily.settled_calls is 'Counted calls that are settled.';
comment on column callhouse_analytics.calls_daily.settled_share is 'settled_calls over attempted_calls; null when there are none. 1 means that all of it is final. Calls that expired keep it below 1 for good: something of them never came.';
comment on column callhouse_analytics.calls_daily.is_provisional is 'True while the numbers can still change: a counted call is open or settling, or part of the day is not read yet.';
--> statement-breakpoint
create view callhouse_analytics.costs_daily as
select
  daily.source_id,
  daily.source,
  daily.day,
  daily.agent_id,
  daily.agent_name,
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
  daily.waiting_calls > 0 or callhouse_analytics.is_day_unread(daily.day, daily.time_zone, coverage.missing, coverage.fresh_to)
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
      call.source,
      call.time_zone,
      call.day,
      call.agent_id,
      case when call.agent_id is null then call.agent_name end as unidentified_agent,
      coalesce(max(agent.name), max(call.agent_name)) as part_agent_name,
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
    left join callhouse.agents as agent on agent.source_id = call.source_id and agent.agent_id = call.agent_id
    group by
      call.source_id, call.source, call.time_zone, call.day, call.agent_id, unidentified_agent, call.cost_currency
  ) as part
  window agent_day as (
    partition by part.source_id, part.source, part.time_zone, part.day, part.agent_id, part.unidentified_agent
  )
) as daily
left join callhouse_sync.coverage on coverage.source_id = daily.source_id
where daily.currency is not null or daily.currencies = 0;
comment on view callhouse_analytics.costs_daily is 'What calls cost per source, business day, agent and currency. One row per currency, never a sum over several; a day without any cost yet has one row without a currency.';
comment on column callhouse_analytics.costs_daily.source_id is 'The source (vendor account).';
comment on column callhouse_analytics.costs_daily.source is 'Name of the source.';
comment on column callhouse_analytics.costs_daily.day is 'Business day: local date of occurred_at in the time zone of the source.';
comment on column callhouse_analytics.costs_daily.agent_id is 'Agent that took or made the calls.';
comment on column callhouse_analytics.costs_daily.agent_name is 'Agent''s name today, else the name that the calls carry.';
comment on column callhouse_analytics.costs_daily.currency is 'ISO 4217 code of the amounts of the row; null on a day without any cost yet.';
comment on column callhouse_analytics.costs_daily.amount is 'Sum of the whole costs of counted calls (not test, not stuck) in this currency, exact; null when none has one.';
comment on column callhouse_analytics.costs_daily.calls_with_cost is 'Counted calls with a cost in this currency, connected or not.';
comment on column callhouse_analytics.costs_daily.calls_awaiting_cost is 'Counted calls whose cost is still awaited. Told for the agent''s day as a whole, the same in each of its currency rows: do not add it over currencies.';
comment on column callhouse_analytics.costs_daily.connected_calls is 'Connected ones among calls_with_cost.';
comment on column callhouse_analytics.costs_daily.connected_minutes is 'Minutes of connected_calls, exact to the millisecond.';
comment on column callhouse_analytics.costs_daily.cost_per_connected_call is 'amount over connected_calls, so that attempts that failed to connect are paid for by those that did; null when there are none.';
comment on column callhouse_analytics.costs_daily.cost_per_connected_minute is 'amount over connected_minutes; null when there are none.';
comment on column callhouse_analytics.costs_daily.test_and_stuck_amount is 'Cost of test calls and stuck calls in this currency, kept out of amount. The vendor charges both together.';
comment on column callhouse_analytics.costs_daily.calls is 'Counted calls, with a cost or without. Told for the agent''s day as a whole, the same in each of its currency rows: do not add it over currencies.';
comment on column callhouse_analytics.costs_daily.settled_calls is 'Those of them that are settled. Told for the agent''s day as a whole, the same in each of its currency rows: do not add it over currencies.';
comment on column callhouse_analytics.costs_daily.settled_share is 'settled_calls over calls; null when there are none. Calls that expired keep it below 1 for good.';
comment on column callhouse_analytics.costs_daily.is_provisional is 'True while the numbers can still change: a counted call is open or settling, or part of the day is not read yet.';
--> statement-breakpoint
create view callhouse_analytics.end_reasons as
select
  daily.source_id,
  daily.source,
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
  daily.waiting_calls > 0 or callhouse_analytics.is_day_unread(daily.day, daily.time_zone, coverage.missing, coverage.fresh_to)
    as is_provisional
from (
  select
    call.source_id,
    call.source,
    call.time_zone,
    call.day,
    call.status,
    call.end_reason,
    count(*) as calls,
    sum(count(*)) over (partition by call.source_id, call.source, call.time_zone, call.day) as day_calls,
    count(call.duration_ms) filter (where call.connected) as calls_with_duration,
    sum(call.duration_ms) filter (where call.connected) as total_duration_ms,
    count(*) filter (where call.settlement = 'settled') as settled_calls,
    sum(count(*) filter (where not call.is_final))
      over (partition by call.source_id, call.source, call.time_zone, call.day) as waiting_calls
  from callhouse_analytics.calls as call
  where call.is_counted
  group by call.source_id, call.source, call.time_zone, call.day, call.status, call.end_reason
) as daily
left join callhouse_sync.coverage on coverage.source_id = daily.source_id;
comment on view callhouse_analytics.end_reasons is 'How calls ended, per source and business day. Test calls and stuck calls are kept out; calls_daily counts them.';
comment on column callhouse_analytics.end_reasons.source_id is 'The source (vendor account).';
comment on column callhouse_analytics.end_reasons.source is 'Name of the source.';
comment on column callhouse_analytics.end_reasons.day is 'Business day: local date of occurred_at in the time zone of the source.';
comment on column callhouse_analytics.end_reasons.status is 'Canonical status.';
comment on column callhouse_analytics.end_reasons.end_reason is 'Vendor''s word for why the calls ended; null when it gave none, or while they go on.';
comment on column callhouse_analytics.end_reasons.calls is 'Counted calls of the day with this status and end reason.';
comment on column callhouse_analytics.end_reasons.day_calls is 'All counted calls of the source on the day.';
comment on column callhouse_analytics.end_reasons.share_of_day is 'calls over day_calls; the shares of a day add up to 1.';
comment on column callhouse_analytics.end_reasons.calls_with_duration is 'Connected ones of these calls whose length is known: what the average divides by.';
comment on column callhouse_analytics.end_reasons.average_duration_seconds is 'Mean length of connected calls in seconds, to the millisecond; null when there are none.';
comment on column callhouse_analytics.end_reasons.settled_calls is 'Those of calls that are settled.';
comment on column callhouse_analytics.end_reasons.settled_share is 'settled_calls over calls. Calls that expired keep it below 1 for good.';
comment on column callhouse_analytics.end_reasons.is_provisional is 'True while the shares can still change: any counted call of the day is open or settling, or part of the day is not read yet.';
--> statement-breakpoint
create view callhouse_analytics.turns as
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
from callhouse.transcript_items as item
join callhouse_analytics.calls as call on call.source_id = item.source_id and call.call_id = item.call_id
-- Positions have no holes. A join, not lag(): filters reach the tables, and nothing is read when it is not asked for.
left join callhouse.transcript_items as previous
  on previous.source_id = item.source_id
  and previous.call_id = item.call_id
  and previous.position = item.position - 1;
comment on view callhouse_analytics.turns is 'One row per item of a transcript, with its call. What was said and what tools were told is personal; the rest is for everybody.';
comment on column callhouse_analytics.turns.source_id is 'The source (vendor account).';
comment on column callhouse_analytics.turns.source is 'Name of the source.';
comment on column callhouse_analytics.turns.call_id is 'The vendor''s call id.';
comment on column callhouse_analytics.turns.agent_id is 'Agent that took or made the call.';
comment on column callhouse_analytics.turns.agent_name is 'Agent''s name at the time of the call where the call carries it, else its name today.';
comment on column callhouse_analytics.turns.direction is 'inbound, outbound or unknown, seen from the agent.';
comment on column callhouse_analytics.turns.occurred_at is 'Instant of the call; filter by it for speed.';
comment on column callhouse_analytics.turns.day is 'Business day of the call in the time zone of the source.';
comment on column callhouse_analytics.turns.is_counted is 'True when the aggregates count the call: it is no test call and not stuck.';
comment on column callhouse_analytics.turns.is_final is 'True when the call is not expected to change.';
comment on column callhouse_analytics.turns.position is 'Order within the call, from 0.';
comment on column callhouse_analytics.turns.role is 'agent, user, tool, system or other.';
comment on column callhouse_analytics.turns.kind is 'speech, tool_call, tool_result or event.';
comment on column callhouse_analytics.turns.content is 'What was said, or the text of a tool result. Personal: null for callhouse_reader.';
comment on column callhouse_analytics.turns.tool_name is 'Name of the tool; on a result, the name of the call it answers.';
comment on column callhouse_analytics.turns.arguments is 'Arguments of a tool call, as sent. Personal: null for callhouse_reader.';
comment on column callhouse_analytics.turns.result is 'Tool result as JSON. Personal: null for callhouse_reader.';
comment on column callhouse_analytics.turns.tool_status is 'Vendor''s word for how the tool fared.';
comment on column callhouse_analytics.turns.started_at is 'When the item began, where the vendor tells.';
comment on column callhouse_analytics.turns.offset_ms is 'Milliseconds from the start of the call to the start of the item.';
comment on column callhouse_analytics.turns.duration_ms is 'Length of the item in milliseconds.';
comment on column callhouse_analytics.turns.gap_ms is 'Silence before the item: its start minus the end of the item before it, in milliseconds. Negative when they overlap; null when either time is not known, and for the first item.';
--> statement-breakpoint
create view callhouse_analytics.freshness as
select
  health.source_id,
  health.source,
  source.vendor,
  health.state,
  health.reasons,
  health.fresh_to,
  coverage.complete_to,
  health.data_age,
  health.last_success_at,
  newest.last_call_at,
  health.gaps,
  health.open_calls,
  health.settling_calls,
  recent.calls_last_day,
  recent.settled_last_day,
  recent.settled_last_day::numeric / nullif(recent.calls_last_day, 0) as settled_share_last_day,
  recent.calls_last_7_days,
  recent.settled_last_7_days,
  recent.settled_last_7_days::numeric / nullif(recent.calls_last_7_days, 0) as settled_share_last_7_days
from callhouse_sync.health
join callhouse_sync.coverage on coverage.source_id = health.source_id
join callhouse.sources as source on source.source_id = health.source_id
cross join lateral (
  select max(occurred_at) as last_call_at
  from callhouse.calls
  where source_id = health.source_id
) as newest
cross join lateral (
  select
    count(*) filter (where occurred_at > now() - interval '1 day') as calls_last_day,
    count(*) filter (where occurred_at > now() - interval '1 day' and settlement = 'settled') as settled_last_day,
    count(*) as calls_last_7_days,
    count(*) filter (where settlement = 'settled') as settled_last_7_days
  from callhouse_analytics.calls
  where source_id = health.source_id
    and is_counted
    and occurred_at > now() - interval '7 days'
    and occurred_at <= now()
) as recent;
comment on view callhouse_analytics.freshness is 'How far the data of each source can be trusted now: to put beside every chart.';
comment on column callhouse_analytics.freshness.source_id is 'The source (vendor account).';
comment on column callhouse_analytics.freshness.source is 'Name of the source.';
comment on column callhouse_analytics.freshness.vendor is 'Vendor: vox, voicy or diga.';
comment on column callhouse_analytics.freshness.state is 'green, yellow or red, as callhouse_sync.health says.';
comment on column callhouse_analytics.freshness.reasons is 'Why it is not green and what to do, the worst first; empty when green.';
comment on column callhouse_analytics.freshness.fresh_to is 'End of the newest time that was read; null before the first pass ends.';
comment on column callhouse_analytics.freshness.complete_to is 'Instant up to which nothing wanted is missing (the watermark); null when the oldest of it is.';
comment on column callhouse_analytics.freshness.data_age is 'Now minus fresh_to.';
comment on column callhouse_analytics.freshness.last_success_at is 'End of the last pass that succeeded.';
comment on column callhouse_analytics.freshness.last_call_at is 'occurred_at of the newest call.';
comment on column callhouse_analytics.freshness.gaps is 'Stretches of wanted time before fresh_to that are not read yet.';
comment on column callhouse_analytics.freshness.open_calls is 'Calls that have not ended, test calls included.';
comment on column callhouse_analytics.freshness.settling_calls is 'Calls that ended and wait for late fields, test calls included.';
comment on column callhouse_analytics.freshness.calls_last_day is 'Counted calls (not test, not stuck) of the last 24 hours.';
comment on column callhouse_analytics.freshness.settled_last_day is 'Those of them that are settled.';
comment on column callhouse_analytics.freshness.settled_share_last_day is 'settled_last_day over calls_last_day; null when there are none.';
comment on column callhouse_analytics.freshness.calls_last_7_days is 'Counted calls of the last 7 times 24 hours.';
comment on column callhouse_analytics.freshness.settled_last_7_days is 'Those of them that are settled.';
comment on column callhouse_analytics.freshness.settled_share_last_7_days is 'settled_last_7_days over calls_last_7_days; null when there are none.';
