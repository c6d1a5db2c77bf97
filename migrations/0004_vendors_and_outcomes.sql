-- More vendors: our own numbers, which some name by an id alone; a request rate that is learned where none is documented;
-- what the vendors' words for the end of a call come to, as data that people may edit; and the business day of a call.
create table callhouse.phones (
  source_id integer not null,
  phone_id text not null,
  number text,
  name text,
  first_seen_at timestamptz not null,
  last_seen_at timestamptz not null,
  constraint phones_pkey primary key (source_id, phone_id)
);
comment on table callhouse.phones is 'Our own numbers, where a vendor''s calls name them by an id.';
comment on column callhouse.phones.source_id is 'The source (vendor account) that the row belongs to.';
comment on column callhouse.phones.phone_id is 'The vendor''s id of the number.';
comment on column callhouse.phones.number is 'The number as the vendor writes it; null until the vendor''s list of numbers was read.';
comment on column callhouse.phones.name is 'What the vendor''s users call the number.';
comment on column callhouse.phones.first_seen_at is 'When a call or list first named the number.';
comment on column callhouse.phones.last_seen_at is 'When the list of numbers last showed it, or a call first did.';
--> statement-breakpoint
alter table callhouse.calls add column phone_id text;
comment on column callhouse.calls.phone_id is 'The vendor''s id of our own number, where the call names it so; joins to phones.';
--> statement-breakpoint
comment on column callhouse_sync.heartbeats.agents_read_at is 'When the lists of agents and of our own numbers were last read.';
--> statement-breakpoint
alter table callhouse_sync.budgets add column learned jsonb;
comment on column callhouse_sync.budgets.learned is 'The request rate that was found to be safe where the vendor documents none; null where the settings say it.';
--> statement-breakpoint
create table callhouse.outcomes (
  vendor text not null,
  vendor_status text not null,
  end_reason text not null,
  outcome text not null,
  note text,
  constraint outcomes_pkey primary key (vendor, vendor_status, end_reason),
  constraint outcomes_outcome_known check (
    outcome in ('answered', 'voicemail', 'no_answer', 'busy', 'declined', 'failed', 'transferred', 'limit_reached', 'blocked', 'unknown')
  )
);
comment on table callhouse.outcomes is 'What a vendor''s words for the end of a call come to. Edit it as you like: views follow at once, nothing is read again, and no update of callhouse changes a row that is there.';
comment on column callhouse.outcomes.vendor is 'Vendor, as in sources.vendor.';
comment on column callhouse.outcomes.vendor_status is 'The vendor''s word for the status; * for any.';
comment on column callhouse.outcomes.end_reason is 'The vendor''s word for the reason; * for any, empty where it gives none. Both words together count before the reason alone, and that before the status alone.';
comment on column callhouse.outcomes.outcome is 'answered, voicemail, no_answer, busy, declined, failed, transferred, limit_reached, blocked or unknown.';
comment on column callhouse.outcomes.note is 'Why, where the words do not say it.';
--> statement-breakpoint
comment on column callhouse.call_events.step is 'What brought it: open, live, lookback, settle, details, backfill, audit or resync read the vendor, place asked it for a call; judged, replay and heal did not ask; null before this was noted.';
comment on column callhouse_sync.requests.step is 'Part of the pass that asked: open, live, lookback, settle, details, backfill, audit, resync or place.';
--> statement-breakpoint
insert into callhouse.outcomes (vendor, vendor_status, end_reason, outcome, note) values
  ('vox', 'ended', '', 'answered', null),
  ('vox', 'error', '', 'failed', null),
  ('vox', 'not_connected', '', 'no_answer', null),
  ('vox', 'canceled', '', 'no_answer', 'Given up before it was answered.'),
  ('vox', '*', 'user_hangup', 'answered', null),
  ('vox', '*', 'agent_hangup', 'answered', null),
  ('vox', '*', 'operator_hangup', 'transferred', 'A person had taken over.'),
  ('vox', '*', 'call_transfer', 'transferred', null),
  ('vox', '*', 'voicemail_reached', 'voicemail', null),
  ('vox', '*', 'inactivity', 'answered', 'Connected, and nobody spoke any more.'),
  ('vox', '*', 'max_duration_reached', 'answered', 'Connected, and cut at its longest length.'),
  ('vox', '*', 'dial_no_answer', 'no_answer', null),
  ('vox', '*', 'dial_busy', 'busy', null),
  ('vox', '*', 'dial_declined', 'declined', null),
  ('vox', '*', 'dial_failed', 'failed', null),
  ('vox', '*', 'error_voxai', 'failed', null),
  ('vox', '*', 'flow_error', 'failed', null),
  ('vox', '*', 'orphaned_no_agent_pickup', 'failed', 'No agent took the call.'),
  ('vox', '*', 'insufficient_balance', 'failed', 'The account could not pay for it.'),
  ('vox', '*', 'concurrency_limit_reached', 'limit_reached', null),
  ('vox', '*', 'daily_call_limit_reached', 'limit_reached', null),
  ('vox', '*', 'hourly_call_limit_reached', 'limit_reached', null),
  ('vox', '*', 'blocked_number', 'blocked', null),
  ('voicy', 'user_hangup', '*', 'answered', null),
  ('voicy', 'agent_hangup', '*', 'answered', null),
  ('voicy', 'ended', '*', 'answered', null),
  ('voicy', 'inactivity', '*', 'answered', 'Connected, and nobody spoke any more.'),
  ('voicy', 'error_inactivity', '*', 'answered', 'The vendor counts it among the completed calls.'),
  ('voicy', 'busy', '*', 'busy', null),
  ('voicy', 'no_answer', '*', 'no_answer', null),
  ('voicy', 'canceled', '*', 'no_answer', 'Given up before it was answered.'),
  ('voicy', 'error', '*', 'failed', null),
  ('diga', 'no_answer', '*', 'no_answer', null),
  ('diga', 'failed', '*', 'failed', null),
  ('diga', 'transferred', '*', 'transferred', null),
  ('diga', '*', 'user_hang_up', 'answered', null),
  ('diga', '*', 'hangup', 'answered', null),
  ('diga', '*', 'voicemail_left', 'voicemail', null),
  ('diga', '*', 'answering_machine_detected', 'voicemail', null),
  ('diga', '*', 'mailbox_unavailable', 'no_answer', null),
  ('diga', '*', 'ivr_no_answer', 'no_answer', null),
  ('diga', '*', 'ivr_unreachable', 'failed', 'The number could not be reached.')
on conflict do nothing;
--> statement-breakpoint
-- The day stands beside the call, so that a report on a month reads a month, and not all of history.
alter table callhouse.calls add column day date;
--> statement-breakpoint
update callhouse.calls as call set day = (call.occurred_at at time zone source.time_zone)::date
from callhouse.sources as source where source.source_id = call.source_id;
--> statement-breakpoint
alter table callhouse.calls alter column day set not null;
comment on column callhouse.calls.day is 'Business day: local date of occurred_at in the time zone of the source. Follows when that zone is set anew.';
--> statement-breakpoint
create index calls_day_idx on callhouse.calls (day);
-- In the order of calls_daily, with all that it asks of a call: it reads the index in place of the calls.
create index calls_daily_idx on callhouse.calls (
  day, source_id, agent_id, agent_name, direction, status, settlement, test_call, started_at, duration_ms
);
