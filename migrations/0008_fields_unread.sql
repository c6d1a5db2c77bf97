-- A call needs an id and no more. A field that cannot be read is set aside by itself, and its call is stored.
alter table callhouse_sync.dead_letters add column scope text not null default 'record', add column facet text;
--> statement-breakpoint
alter table callhouse_sync.dead_letters alter column scope drop default;
--> statement-breakpoint
alter table callhouse_sync.dead_letters drop constraint dead_letters_pkey;
--> statement-breakpoint
alter table callhouse_sync.dead_letters
  add constraint dead_letters_pkey primary key (source_id, call_id, kind, path),
  add constraint dead_letters_scope_known check (scope in ('record', 'field'));
comment on table callhouse_sync.dead_letters is 'Records, and fields of stored calls, that could not be read, with the reason.';
comment on column callhouse_sync.dead_letters.path is 'Field that could not be read, such as call_cost.total_cost.';
comment on column callhouse_sync.dead_letters.scope is 'record: nothing of it is stored. field: the call is stored, with null for this field.';
comment on column callhouse_sync.dead_letters.facet is 'The part of the call that stays awaited because of the field: status, transcript, analysis, cost or recording; null where nothing waits for it.';
comment on column callhouse_sync.dead_letters.payload is 'What could not be read, as the vendor sent it, secrets removed: the record, or the field.';
comment on column callhouse_sync.dead_letters.payload_hash is 'Hash of the record.';
comment on column callhouse_sync.drift.kind is 'unknown_value, unknown_field, unread_field, cleaned_text, status_regressed or page_fault.';
--> statement-breakpoint
alter table callhouse_sync.settlements add column last_fault text;
comment on column callhouse_sync.settlements.last_fault is 'Why the call could not be had when it was last asked for, such as a refusal of the vendor; null when it could.';
--> statement-breakpoint
-- Records that were set aside for one field are read again at the next sight, and asked for at once where they have an id.
update callhouse_sync.dead_letters
set payload_hash = '', attempts = 0, next_check_at = case when call_id not like 'sha256:%' then now() end
where resolved_at is null;
--> statement-breakpoint
-- Earlier versions took harmless words for secrets. What holds their mark is asked for once more.
insert into callhouse_sync.settlements
  (source_id, call_id, next_check_at, attempts, deadline_at, awaiting, next_read, queued_at)
select distinct payload.source_id, payload.call_id, now(), 0, now(), '{status}'::text[], 'detail', now()
from callhouse_sync.raw_payloads as payload
join callhouse.calls as call on call.source_id = payload.source_id and call.call_id = payload.call_id
where payload.payload::text like '%[REDACTED]%' and call.settlement <> 'missing'
on conflict do nothing;
--> statement-breakpoint
create or replace view callhouse_sync.health as
select
  coverage.source_id,
  coverage.source,
  case
    when cardinality(found.red) > 0 then 'red'
    when cardinality(found.yellow) > 0 then 'yellow'
    else 'green'
  end as state,
  found.red || found.yellow as reasons,
  coverage.fresh_to,
  now() - coverage.fresh_to as data_age,
  heartbeat.last_success_at,
  call.open_calls,
  call.settling_calls,
  call.expired_calls,
  call.stuck_calls,
  call.missing_calls,
  gap.gaps,
  letter.dead_letters,
  coalesce(heartbeat.failures_in_a_row, 0) as failures_in_a_row,
  heartbeat.last_error,
  audit.audit_differences,
  doubt.doubted_stretches,
  doubt.doubted_since,
  letter.partly_read_calls
from callhouse_sync.coverage
left join callhouse_sync.heartbeats as heartbeat on heartbeat.source_id = coverage.source_id
-- Without a heartbeat nobody said how old data may get, so any age is too old.
cross join lateral (
  select coalesce(heartbeat.stale_after_ms, 0) * interval '1 millisecond' as stale_after
) as allowed
cross join lateral (
  select
    count(*) filter (where settlement = 'open') as open_calls,
    count(*) filter (where settlement = 'settling') as settling_calls,
    count(*) filter (where settlement = 'expired') as expired_calls,
    count(*) filter (where settlement = 'stuck') as stuck_calls,
    count(*) filter (where settlement = 'missing') as missing_calls
  from callhouse.calls
  where source_id = coverage.source_id and settlement <> 'settled'
) as call
-- The stretch after fresh_to is what the live pass reads next: data_age tells about it, it is no gap.
cross join lateral (
  select count(*) as gaps
  from unnest(coverage.missing) as stretch
  where lower_inf(stretch) or lower(stretch) < coverage.fresh_to
) as gap
cross join lateral (
  select count(*) as stretches
  from unnest(coverage.missing - coalesce((
    select range_agg(stretch) from callhouse_sync.doubts where source_id = coverage.source_id
  ), '{}')) as stretch
  where lower_inf(stretch) or lower(stretch) < coverage.fresh_to
) as unread
cross join lateral (
  select
    count(*) filter (where scope = 'record') as dead_letters,
    count(distinct call_id) filter (where scope = 'field') as partly_read_calls
  from callhouse_sync.dead_letters
  where source_id = coverage.source_id and resolved_at is null
) as letter
cross join lateral (
  select count(*) as audit_differences
  from (
    select distinct on (window_from, window_to) outcome
    from callhouse_sync.audits
    where source_id = coverage.source_id
    order by window_from, window_to, audited_at desc
  ) as latest
  where outcome in ('differs', 'unproved')
) as audit
-- An end that was told once is asked for again within seconds: that is no doubt yet.
cross join lateral (
  select
    count(*) as doubted_stretches,
    min(doubted_since) as doubted_since,
    string_agg(distinct reason, ', ' order by reason) as reasons
  from callhouse_sync.doubts
  where source_id = coverage.source_id and reason <> 'told_once' and coverage.missing && stretch
) as doubt
cross join lateral (
  select count(*) as overdue
  from callhouse_sync.settlements
  where source_id = coverage.source_id and next_check_at < now() - allowed.stale_after
) as queued
cross join lateral (
  select
    array_remove(array[
      case when coverage.fresh_to is null and doubt.doubted_stretches = 0 then
        'Nothing was read from this source yet. Start `callhouse run`, or run `callhouse sync` once.'
      end,
      case when now() - coverage.fresh_to > allowed.stale_after then format(
        'The newest data is %s old, the limit is %s. See that `callhouse run` is running and reaches the vendor: run `callhouse check`.',
        justify_interval(date_trunc('second', now() - coverage.fresh_to)), allowed.stale_after)
      end,
      case when doubt.doubted_since < now() - interval '1 hour'
        or (coverage.fresh_to is null and doubt.doubted_stretches > 0) then format(
        'Time was read and does not prove itself complete: %s stretches, since %s (%s). Calls may be missing there: callhouse_sync.gaps names each stretch and its reason.',
        doubt.doubted_stretches, date_trunc('second', doubt.doubted_since), doubt.reasons)
      end,
      case when heartbeat.failures_in_a_row >= 3 then format(
        'The last %s passes failed. Run `callhouse check`. Last error: %s',
        heartbeat.failures_in_a_row, coalesce(heartbeat.last_error, 'not told'))
      end,
      -- A worker that runs pauses for at most five minutes after a failure.
      case when heartbeat.last_error_at >= heartbeat.last_pass_at
        and now() - heartbeat.last_error_at > interval '10 minutes' then format(
        'The last pass failed and none was tried since. Mend what the error says and see that `callhouse run` is running. Error: %s',
        coalesce(heartbeat.last_error, 'not told'))
      end
    ], null) as red,
    array_remove(array[
      case when heartbeat.failures_in_a_row between 1 and 2
        and not coalesce(heartbeat.last_error_at >= heartbeat.last_pass_at
          and now() - heartbeat.last_error_at > interval '10 minutes', false) then format(
        'The last pass failed; the next one tries again by itself. Error: %s',
        coalesce(heartbeat.last_error, 'not told'))
      end,
      case when doubt.doubted_since >= now() - interval '1 hour' and coverage.fresh_to is not null then format(
        'Time was read and does not prove itself complete yet: %s stretches (%s). It is read again by itself; callhouse_sync.gaps names each stretch and its reason.',
        doubt.doubted_stretches, doubt.reasons)
      end,
      case when heartbeat.doubted_clock_offset_ms is not null then format(
        'The vendor says a time that is %s off the database''s clock and does not fit its own calls. It is not believed; new calls are read all the same.',
        justify_interval(heartbeat.doubted_clock_offset_ms * interval '1 millisecond'))
      end,
      case when unread.stretches > 0 then format(
        'Stretches of time that are not read yet: %s. `callhouse backfill` reads them, callhouse_sync.gaps names them.',
        unread.stretches)
      end,
      case when letter.dead_letters > 0 then format(
        'Records that could not be read: %s. callhouse_sync.dead_letters says why; they are asked for again by themselves.',
        letter.dead_letters)
      end,
      case when letter.partly_read_calls > 0 then format(
        'Calls of which a field could not be read: %s. They are stored with null there; callhouse_sync.dead_letters names each field, and `callhouse replay --dead-letters` reads them again after an upgrade.',
        letter.partly_read_calls)
      end,
      case when audit.audit_differences > 0 then format(
        'Windows that differ from the vendor: %s. `callhouse verify --repair` reads them again, callhouse_sync.audits names the calls.',
        audit.audit_differences)
      end,
      case when queued.overdue > 0 then format(
        'Calls that should have been read again by now: %s. The request budget may be too small: run `callhouse status`.',
        queued.overdue)
      end
    ], null) as yellow
) as found;
comment on column callhouse_sync.health.state is 'red: data is old or was never read, time that was read has not proved itself complete for an hour, three passes in a row failed, or the last one failed and none was tried since. yellow: a pass failed, gaps, time that is not proved complete yet, a doubtful clock, dead letters, calls that are partly read, differences found by an audit, or overdue re-reads. green: none of these.';
comment on column callhouse_sync.health.dead_letters is 'Records that could not be read: nothing of them is stored.';
comment on column callhouse_sync.health.partly_read_calls is 'Calls of which at least one field could not be read. They are stored, with null there.';
--> statement-breakpoint
create or replace view callhouse_analytics.freshness as
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
  recent.settled_last_7_days::numeric / nullif(recent.calls_last_7_days, 0) as settled_share_last_7_days,
  health.partly_read_calls
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
comment on column callhouse_analytics.freshness.partly_read_calls is 'Calls of which at least one field could not be read. They count, with null there; callhouse_sync.dead_letters names the fields.';
