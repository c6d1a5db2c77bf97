-- What the audits found, which answers were stored, and which of them brought each change of a call.
create table callhouse_sync.audits (
  source_id integer not null,
  window_from timestamptz not null,
  window_to timestamptz not null,
  method text not null,
  audited_at timestamptz not null,
  run_id uuid not null,
  vendor_calls bigint,
  stored_calls bigint not null,
  outcome text not null,
  not_stored text[] default '{}' not null,
  not_listed text[] default '{}' not null,
  damaged text[] default '{}' not null,
  differs_in tstzmultirange default '{}' not null,
  requests integer not null,
  constraint audits_pkey primary key (source_id, window_from, window_to, method, audited_at),
  constraint audits_method_known check (method in ('count', 'ids', 'payloads')),
  constraint audits_outcome_known check (outcome in ('equal', 'healed', 'differs'))
);
comment on table callhouse_sync.audits is 'Comparisons of the warehouse with the vendor, window by window, by day at night and whenever verify runs.';
comment on column callhouse_sync.audits.source_id is 'The source (vendor account) that the row belongs to.';
comment on column callhouse_sync.audits.window_from is 'Start of the window, vendor time.';
comment on column callhouse_sync.audits.window_to is 'End of the window.';
comment on column callhouse_sync.audits.method is 'count (the vendor''s total against ours), ids (every call of the window by its id) or payloads (the tables against the stored payloads, no request).';
comment on column callhouse_sync.audits.audited_at is 'When the comparison began.';
comment on column callhouse_sync.audits.run_id is 'The run that made it.';
comment on column callhouse_sync.audits.vendor_calls is 'Calls of the window at the vendor; null where nobody was asked.';
comment on column callhouse_sync.audits.stored_calls is 'Calls of the window in the warehouse before anything was healed.';
comment on column callhouse_sync.audits.outcome is 'equal, healed (differed, and was read again) or differs (still does).';
comment on column callhouse_sync.audits.not_stored is 'Calls that the vendor lists and the warehouse lacked; at most a thousand are named.';
comment on column callhouse_sync.audits.not_listed is 'Calls of the warehouse that the vendor no longer knows, asked for one by one.';
comment on column callhouse_sync.audits.damaged is 'Calls whose rows were not what their stored payloads say.';
comment on column callhouse_sync.audits.differs_in is 'The narrowest stretches of time in which a difference was found.';
comment on column callhouse_sync.audits.requests is 'Requests that the comparison took.';
--> statement-breakpoint
create table callhouse_sync.requests (
  source_id integer not null,
  run_id uuid not null,
  position integer not null,
  step text not null,
  read_window tstzrange,
  requested_at timestamptz not null,
  stored_at timestamptz not null,
  calls integer not null,
  changed integer not null,
  call_ids text[],
  constraint requests_pkey primary key (source_id, run_id, position)
);
create index requests_time_idx on callhouse_sync.requests (source_id, requested_at);
comment on table callhouse_sync.requests is 'Answers of the vendor that were stored: each that changed something, and one in fifty of the others. Kept for 30 days.';
comment on column callhouse_sync.requests.source_id is 'The source (vendor account) that the row belongs to.';
comment on column callhouse_sync.requests.run_id is 'The run that asked.';
comment on column callhouse_sync.requests.position is 'Order of the answers within the run, from 1.';
comment on column callhouse_sync.requests.step is 'Part of the pass that asked: open, live, lookback, settle, details, backfill, audit or resync.';
comment on column callhouse_sync.requests.read_window is 'Window that was listed, half-open, vendor time; null for a list of open calls and for calls asked for by id.';
comment on column callhouse_sync.requests.requested_at is 'When it was asked for.';
comment on column callhouse_sync.requests.stored_at is 'When it was stored.';
comment on column callhouse_sync.requests.calls is 'Records in it.';
comment on column callhouse_sync.requests.changed is 'Calls that it changed or brought.';
comment on column callhouse_sync.requests.call_ids is 'The calls, where they were asked for by id; a few at once are one row.';
--> statement-breakpoint
alter table callhouse.call_events
  add column step text,
  add column requested_at timestamptz,
  add column read_window tstzrange;
comment on column callhouse.call_events.step is 'What brought it: open, live, lookback, settle, details, backfill, audit or resync read the vendor; judged, replay and heal did not ask; null before this was noted.';
comment on column callhouse.call_events.requested_at is 'When the reading was asked for that brought it.';
comment on column callhouse.call_events.read_window is 'Window of the list that showed it, vendor time; null when the call was asked for by id or the list had no window.';
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
  audit.audit_differences
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
  select count(*) as dead_letters
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
  where outcome = 'differs'
) as audit
cross join lateral (
  select count(*) as overdue
  from callhouse_sync.settlements
  where source_id = coverage.source_id and next_check_at < now() - allowed.stale_after
) as queued
cross join lateral (
  select
    array_remove(array[
      case when coverage.fresh_to is null then
        'Nothing was read from this source yet. Start `callhouse run`, or run `callhouse sync` once.'
      end,
      case when now() - coverage.fresh_to > allowed.stale_after then format(
        'The newest data is %s old, the limit is %s. See that `callhouse run` is running and reaches the vendor: run `callhouse check`.',
        justify_interval(date_trunc('second', now() - coverage.fresh_to)), allowed.stale_after)
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
      case when gap.gaps > 0 then format(
        'Stretches of time that are not read yet: %s. `callhouse backfill` reads them, callhouse_sync.gaps names them.',
        gap.gaps)
      end,
      case when letter.dead_letters > 0 then format(
        'Records that could not be read: %s. callhouse_sync.dead_letters says why; they are asked for again by themselves.',
        letter.dead_letters)
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
comment on column callhouse_sync.health.state is 'red: data is old or was never read, three passes in a row failed, or the last one failed and none was tried since. yellow: gaps, dead letters, differences found by an audit, or overdue re-reads. green: none of these.';
comment on column callhouse_sync.health.audit_differences is 'Windows whose last audit found a difference that is not healed.';
