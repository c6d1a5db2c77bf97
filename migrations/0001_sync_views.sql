-- How the worker is doing, for people and monitors: what was read, what is missing, what is waited for, and
-- whether the data can be trusted now.
--
-- Every view runs with its owner's rights, so that a reader sees freshness without a right on raw payloads.
-- None shows anything about a person. All compare with now(): they turn red by themselves when nothing runs.
-- Later migrations may replace a view with columns appended, never dropped: people build on them.
create view callhouse_sync.coverage as
select
  source.source_id,
  source.name as source,
  coalesce(stream.wanted, '{}'::tstzmultirange) as wanted,
  coalesce(stream.covered, '{}'::tstzmultirange) as covered,
  coalesce(stream.wanted - stream.covered, '{}'::tstzmultirange) as missing,
  upper(stream.covered) as fresh_to,
  case
    when isempty(stream.wanted - stream.covered) then upper(stream.covered)
    else lower(stream.wanted - stream.covered)
  end as complete_to
from callhouse.sources as source
left join (
  select source_id, range_agg(wanted) as wanted, range_agg(covered) as covered
  from callhouse_sync.checkpoints
  group by source_id
) as stream on stream.source_id = source.source_id;
comment on view callhouse_sync.coverage is 'What each source was asked for and what was read, over all its streams. Times are the vendor''s.';
comment on column callhouse_sync.coverage.source_id is 'The source (vendor account).';
comment on column callhouse_sync.coverage.source is 'Name of the source.';
comment on column callhouse_sync.coverage.wanted is 'Time that any stream set out to cover.';
comment on column callhouse_sync.coverage.covered is 'Time that some stream paged to the end.';
comment on column callhouse_sync.coverage.missing is 'wanted minus covered; the view gaps has one row per range.';
comment on column callhouse_sync.coverage.fresh_to is 'End of the newest time covered; null before the first pass ends.';
comment on column callhouse_sync.coverage.complete_to is 'Instant up to which nothing wanted is missing; null when the oldest of it is.';
--> statement-breakpoint
create view callhouse_sync.gaps as
select
  coverage.source_id,
  coverage.source,
  lower(gap) as gap_from,
  upper(gap) as gap_to
from callhouse_sync.coverage
cross join unnest(coverage.missing) as gap;
comment on view callhouse_sync.gaps is 'One row per stretch of time that was wanted and is not read yet, half-open. No row means that nothing is missing.';
comment on column callhouse_sync.gaps.source_id is 'The source (vendor account).';
comment on column callhouse_sync.gaps.source is 'Name of the source.';
comment on column callhouse_sync.gaps.gap_from is 'Start of the gap, included; null when it reaches back without end.';
comment on column callhouse_sync.gaps.gap_to is 'End of the gap, not included; null when it has none.';
--> statement-breakpoint
create view callhouse_sync.backlog as
select
  queued.source_id,
  source.name as source,
  call.settlement,
  queued.awaiting,
  queued.next_read,
  count(*) as calls,
  count(*) filter (where queued.next_check_at <= now()) as due,
  min(queued.next_check_at) as oldest_next_check_at,
  min(queued.deadline_at) as earliest_deadline_at
from callhouse_sync.settlements as queued
join callhouse.calls as call on call.source_id = queued.source_id and call.call_id = queued.call_id
join callhouse.sources as source on source.source_id = queued.source_id
group by queued.source_id, source.name, call.settlement, queued.awaiting, queued.next_read;
comment on view callhouse_sync.backlog is 'Calls that are not final, by what they wait for and how they are read next.';
comment on column callhouse_sync.backlog.source_id is 'The source (vendor account).';
comment on column callhouse_sync.backlog.source is 'Name of the source.';
comment on column callhouse_sync.backlog.settlement is 'How final the calls are: open, settling, stuck …';
comment on column callhouse_sync.backlog.awaiting is 'Facets awaited: status, transcript, analysis, cost, recording.';
comment on column callhouse_sync.backlog.next_read is 'list (a list page can tell) or detail (only the call itself can).';
comment on column callhouse_sync.backlog.calls is 'Calls that wait for exactly this.';
comment on column callhouse_sync.backlog.due is 'Those of them whose next read is due now.';
comment on column callhouse_sync.backlog.oldest_next_check_at is 'Earliest instant at which one of them is read; in the past when the worker is behind.';
comment on column callhouse_sync.backlog.earliest_deadline_at is 'When the first of them stops waiting.';
--> statement-breakpoint
create view callhouse_sync.health as
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
  heartbeat.last_error
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
      case when queued.overdue > 0 then format(
        'Calls that should have been read again by now: %s. The request budget may be too small: run `callhouse status`.',
        queued.overdue)
      end
    ], null) as yellow
) as found;
comment on view callhouse_sync.health is 'One row per source: may its data be trusted now, and if not, what to do. Turns red by itself when data gets old.';
comment on column callhouse_sync.health.source_id is 'The source (vendor account).';
comment on column callhouse_sync.health.source is 'Name of the source.';
comment on column callhouse_sync.health.state is 'red: data is old or was never read, three passes in a row failed, or the last one failed and none was tried since. yellow: gaps, dead letters or overdue re-reads. green: none of these.';
comment on column callhouse_sync.health.reasons is 'Why it is not green and what to do, the worst first; empty when green.';
comment on column callhouse_sync.health.fresh_to is 'End of the newest time covered; null before the first pass ends.';
comment on column callhouse_sync.health.data_age is 'Now minus fresh_to; red when longer than heartbeats.stale_after_ms.';
comment on column callhouse_sync.health.last_success_at is 'End of the last pass that succeeded.';
comment on column callhouse_sync.health.open_calls is 'Calls that have not ended.';
comment on column callhouse_sync.health.settling_calls is 'Calls that ended and wait for late fields.';
comment on column callhouse_sync.health.expired_calls is 'Calls that waited until the deadline for something that never came.';
comment on column callhouse_sync.health.stuck_calls is 'Calls that never ended and are presumed stuck.';
comment on column callhouse_sync.health.missing_calls is 'Calls that the vendor no longer knows.';
comment on column callhouse_sync.health.gaps is 'Stretches of wanted time before fresh_to that are not read yet.';
comment on column callhouse_sync.health.dead_letters is 'Records that could not be read and are not resolved.';
comment on column callhouse_sync.health.failures_in_a_row is 'Passes that failed since the last success.';
comment on column callhouse_sync.health.last_error is 'Last failure; null once a pass has succeeded.';
