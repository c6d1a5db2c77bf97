-- A window is covered when its pages prove it. What was read and does not prove itself is kept with its reason, and read
-- again: as a whole, then in halves, then ever more rarely.
create table callhouse_sync.doubts (
  source_id integer not null,
  stretch tstzrange not null,
  reason text not null,
  list_order text not null,
  calls_seen bigint not null default 0,
  calls_counted bigint,
  attempts integer not null,
  doubted_since timestamptz not null,
  next_try_at timestamptz not null,
  constraint doubts_pkey primary key (source_id, stretch),
  constraint doubts_list_order_known check (list_order in ('oldest_first', 'newest_first'))
);
comment on table callhouse_sync.doubts is 'Stretches of time that were read and not proved complete. The view gaps shows them.';
comment on column callhouse_sync.doubts.source_id is 'The source (vendor account).';
comment on column callhouse_sync.doubts.stretch is 'The time, half-open, on the vendor''s clock.';
comment on column callhouse_sync.doubts.reason is 'Why its pages do not prove it: told_once, fewer_than_counted, end_refuted, outside_window, out_of_order, same_page, no_progress, cursor_refused or only_unplaced.';
comment on column callhouse_sync.doubts.list_order is 'In which order it was listed: oldest_first or newest_first.';
comment on column callhouse_sync.doubts.calls_seen is 'Calls that the pages showed, each once. The reading may have reached beyond the stretch.';
comment on column callhouse_sync.doubts.calls_counted is 'Calls that the vendor counted; null where it does not count.';
comment on column callhouse_sync.doubts.attempts is 'How often it, or the stretch that it is a part of, was read in vain.';
comment on column callhouse_sync.doubts.doubted_since is 'Since when it is known not to be proved.';
comment on column callhouse_sync.doubts.next_try_at is 'When it is read again.';
--> statement-breakpoint
alter table callhouse_sync.checkpoints add column window_evidence jsonb, add column window_seen bytea;
comment on column callhouse_sync.checkpoints.window_evidence is 'What the pages of the open window have shown so far: whether they prove it is judged at its end.';
comment on column callhouse_sync.checkpoints.window_seen is 'The calls that they have shown: eight bytes of a hash each.';
--> statement-breakpoint
alter table callhouse_sync.heartbeats add column doubted_clock_offset_ms bigint;
comment on column callhouse_sync.heartbeats.doubted_clock_offset_ms is 'What the vendor last said of its clock that is not believed, minus the database''s, in milliseconds; null when it is believed.';
--> statement-breakpoint
-- A clock that is more than a minute off is believed from now on only when the vendor's calls bear it out.
update callhouse_sync.heartbeats set vendor_clock_offset_ms = null where abs(vendor_clock_offset_ms) > 60000;
--> statement-breakpoint
alter table callhouse_sync.audits drop constraint audits_outcome_known;
--> statement-breakpoint
alter table callhouse_sync.audits
  add constraint audits_outcome_known check (outcome in ('equal', 'healed', 'differs', 'unproved'));
comment on column callhouse_sync.audits.outcome is 'equal; healed (something differed and was read again); differs (something differs); unproved (the vendor''s lists do not prove themselves complete, so nothing can be said).';
--> statement-breakpoint
-- A gap is cut where the reason changes: what was never read, and what was read and did not prove itself.
-- The newest seconds, told once and to be told again by the next poll, are no gap, as those after fresh_to are none.
create or replace view callhouse_sync.gaps as
select
  part.source_id,
  part.source,
  lower(part.stretch) as gap_from,
  upper(part.stretch) as gap_to,
  part.reason,
  part.calls_seen,
  part.calls_counted,
  part.doubted_since,
  part.next_try_at
from (
  select
    coverage.source_id, coverage.source, coverage.fresh_to, stretch, 'unread' as reason,
    null::bigint as calls_seen, null::bigint as calls_counted,
    null::timestamptz as doubted_since, null::timestamptz as next_try_at
  from callhouse_sync.coverage
  cross join unnest(coverage.missing - coalesce((
    select range_agg(doubt.stretch) from callhouse_sync.doubts as doubt where doubt.source_id = coverage.source_id
  ), '{}')) as stretch
  union all
  select
    coverage.source_id, coverage.source, coverage.fresh_to, part, doubt.reason,
    doubt.calls_seen, doubt.calls_counted, doubt.doubted_since, doubt.next_try_at
  from callhouse_sync.coverage
  join callhouse_sync.doubts as doubt on doubt.source_id = coverage.source_id
  cross join unnest(coverage.missing * tstzmultirange(doubt.stretch)) as part
) as part
left join callhouse_sync.heartbeats as heartbeat on heartbeat.source_id = part.source_id
where not (
  part.reason = 'told_once'
  and coalesce(lower(part.stretch) >= part.fresh_to, false)
  and lower(part.stretch) > part.doubted_since - coalesce(heartbeat.stale_after_ms, 0) * interval '1 millisecond'
  and part.doubted_since > now() - coalesce(heartbeat.stale_after_ms, 0) * interval '1 millisecond'
);
comment on view callhouse_sync.gaps is 'One row per stretch of time that was wanted and is not covered, half-open: not read yet, or read and not proved complete. No row means that nothing is missing.';
comment on column callhouse_sync.gaps.reason is 'unread; or why its pages do not prove it: told_once, fewer_than_counted, end_refuted, outside_window, out_of_order, same_page, no_progress, cursor_refused, only_unplaced.';
comment on column callhouse_sync.gaps.calls_seen is 'Calls that its pages showed, each once; null where it is unread. The reading may have reached beyond this stretch.';
comment on column callhouse_sync.gaps.calls_counted is 'Calls that the vendor counted there; null where it does not count.';
comment on column callhouse_sync.gaps.doubted_since is 'Since when it is known not to be proved.';
comment on column callhouse_sync.gaps.next_try_at is 'When it is read again by itself.';
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
  doubt.doubted_since
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
comment on column callhouse_sync.health.state is 'red: data is old or was never read, time that was read has not proved itself complete for an hour, three passes in a row failed, or the last one failed and none was tried since. yellow: a pass failed, gaps, time that is not proved complete yet, a doubtful clock, dead letters, differences found by an audit, or overdue re-reads. green: none of these.';
comment on column callhouse_sync.health.audit_differences is 'Windows whose last audit found a difference that is not healed, or could not prove what it read.';
comment on column callhouse_sync.health.doubted_stretches is 'Stretches of time that were read and do not prove themselves complete.';
comment on column callhouse_sync.health.doubted_since is 'Since when the oldest of them is doubted; null when there is none.';
