-- What people query (schema callhouse) and the worker's own state (schema callhouse_sync).
--
-- Every key of a call is (source_id, call_id): the same schema distributes by call_id without a change.
-- Vendor words stay text, never an enum type: a new word must load, not fail. Money is numeric without a
-- scale: the vendor's digits are kept as they were written. Children carry a foreign key to their call, so
-- that BI tools find the joins, and so that a call that a person deletes goes as a whole and is healed as one.
create schema callhouse;
comment on schema callhouse is 'AI voice-agent calls as the vendor tells them: calls, transcripts, analyses and exact costs.';
create schema callhouse_sync;
comment on schema callhouse_sync is 'State of the sync worker: raw payloads, coverage, settlement queue, runs. Read it, do not write it.';
--> statement-breakpoint
create table callhouse.sources (
  source_id integer primary key generated always as identity,
  name text not null,
  vendor text not null,
  base_url text not null,
  time_zone text not null,
  created_at timestamptz not null,
  constraint sources_name_key unique (name)
);
comment on table callhouse.sources is 'One row per vendor account that is read.';
comment on column callhouse.sources.source_id is 'Key of the source in this warehouse.';
comment on column callhouse.sources.name is 'Name of the source in settings and output, such as vox.';
comment on column callhouse.sources.vendor is 'Vendor: vox, voicy or diga.';
comment on column callhouse.sources.base_url is 'Address of the API that is read.';
comment on column callhouse.sources.time_zone is 'Time zone of business days in callhouse_analytics.';
comment on column callhouse.sources.created_at is 'When the source was first configured here.';
--> statement-breakpoint
create table callhouse.agents (
  source_id integer not null,
  agent_id text not null,
  name text,
  type text,
  first_seen_at timestamptz not null,
  last_seen_at timestamptz not null,
  constraint agents_pkey primary key (source_id, agent_id)
);
comment on table callhouse.agents is 'Voice agents that were seen, with their names.';
comment on column callhouse.agents.source_id is 'The source (vendor account) that the row belongs to.';
comment on column callhouse.agents.agent_id is 'The vendor''s agent id.';
comment on column callhouse.agents.name is 'The agent''s name today; null until the vendor''s agent list was read.';
comment on column callhouse.agents.type is 'Vendor''s word for the kind of agent.';
comment on column callhouse.agents.first_seen_at is 'When a call or list first named the agent.';
comment on column callhouse.agents.last_seen_at is 'When the agent list last showed the agent, or a call first did.';
--> statement-breakpoint
create table callhouse.calls (
  source_id integer not null,
  call_id text not null,
  agent_id text,
  agent_version text,
  agent_name text,
  call_type text,
  channel text not null,
  direction text not null,
  status text not null,
  vendor_status text,
  end_reason text,
  from_number text,
  to_number text,
  presentation_number text,
  from_e164 text,
  to_e164 text,
  created_at timestamptz,
  started_at timestamptz,
  ended_at timestamptz,
  occurred_at timestamptz not null,
  occurred_at_basis text not null,
  duration_ms bigint,
  recording_url text,
  variant_label text,
  opt_out boolean not null,
  test_call boolean not null,
  contact_id text,
  transcript_item_count integer,
  metadata jsonb,
  variables jsonb,
  first_seen_at timestamptz not null,
  changed_at timestamptz not null,
  checked_at timestamptz not null,
  settlement text not null,
  settled_at timestamptz,
  missing_since timestamptz,
  retracted text[] default '{}' not null,
  revision integer not null,
  constraint calls_pkey primary key (source_id, call_id),
  constraint calls_status_known check (status in ('queued', 'ringing', 'ongoing', 'ended', 'not_connected', 'canceled', 'failed', 'unknown')),
  constraint calls_settlement_known check (settlement in ('open', 'settling', 'settled', 'expired', 'stuck', 'missing')),
  constraint calls_settled_has_instant check ((settlement = 'settled') = (settled_at is not null)),
  constraint calls_missing_has_instant check ((settlement = 'missing') = (missing_since is not null)),
  constraint calls_occurred_at_basis_known check (occurred_at_basis in ('started', 'created', 'ended', 'listed', 'first_seen')),
  constraint calls_revision_positive check (revision > 0)
);
-- Not led by source_id: on a new table, without statistics yet, the planner takes any index that begins with it
-- for as good as the primary key, and every foreign key check would read all calls of the source.
create index calls_occurred_idx on callhouse.calls (occurred_at desc nulls last);
create index calls_agent_idx on callhouse.calls (agent_id, occurred_at desc nulls last);
create index calls_unsettled_idx on callhouse.calls (source_id, settlement) where settlement <> 'settled';
comment on table callhouse.calls is 'One row per call, in the state the vendor last told.';
comment on column callhouse.calls.source_id is 'The source (vendor account) that the row belongs to.';
comment on column callhouse.calls.call_id is 'The vendor''s call id.';
comment on column callhouse.calls.agent_id is 'Agent that took or made the call; joins to agents.';
comment on column callhouse.calls.agent_version is 'Agent version as the vendor says it; ''production'' is a routing intent, not a version.';
comment on column callhouse.calls.agent_name is 'Agent name at the time of the call, where the call itself carries it.';
comment on column callhouse.calls.call_type is 'Vendor''s word for the kind of call.';
comment on column callhouse.calls.channel is 'phone, web or unknown.';
comment on column callhouse.calls.direction is 'inbound, outbound or unknown, seen from the agent.';
comment on column callhouse.calls.status is 'Canonical status: queued, ringing, ongoing, ended, not_connected, canceled, failed or unknown.';
comment on column callhouse.calls.vendor_status is 'Vendor''s word for the status.';
comment on column callhouse.calls.end_reason is 'Vendor''s word for why the call ended; null while it goes on.';
comment on column callhouse.calls.from_number is 'Calling number as the vendor writes it.';
comment on column callhouse.calls.to_number is 'Called number as the vendor writes it.';
comment on column callhouse.calls.presentation_number is 'Caller id shown to the called party.';
comment on column callhouse.calls.from_e164 is 'Calling number in E.164, when it parses.';
comment on column callhouse.calls.to_e164 is 'Called number in E.164, when it parses.';
comment on column callhouse.calls.created_at is 'When the vendor created the call; null where the API does not tell (vox.ai).';
comment on column callhouse.calls.started_at is 'When the call was connected; null when it never was.';
comment on column callhouse.calls.ended_at is 'When the call ended; null until then.';
comment on column callhouse.calls.occurred_at is 'One instant for every call, for windows and charts: start, else creation, else end, else its place in the list, else first sight.';
comment on column callhouse.calls.occurred_at_basis is 'Where occurred_at comes from: started, created, ended, listed (a neighbour in the list) or first_seen.';
comment on column callhouse.calls.duration_ms is 'Connected time in milliseconds: ended_at minus started_at, or as the vendor says.';
comment on column callhouse.calls.recording_url is 'Link to the recording; may be perishable, depending on the vendor.';
comment on column callhouse.calls.variant_label is 'Label of the traffic split that chose the agent.';
comment on column callhouse.calls.opt_out is 'The vendor keeps no transcript, recording or analysis of this call.';
comment on column callhouse.calls.test_call is 'A test call by the vendor''s own mark.';
comment on column callhouse.calls.contact_id is 'Vendor''s id of the other party.';
comment on column callhouse.calls.transcript_item_count is 'Items of the transcript; 0 when the vendor sent an empty one, null when it was not told (yet).';
comment on column callhouse.calls.metadata is 'Metadata that the caller of the API attached, as sent.';
comment on column callhouse.calls.variables is 'Variables given to the agent, as sent.';
comment on column callhouse.calls.first_seen_at is 'When callhouse first saw the call.';
comment on column callhouse.calls.changed_at is 'When callhouse last saw something of the call change.';
comment on column callhouse.calls.checked_at is 'When the reading that these values come from was asked for; a re-read that finds nothing new does not touch it.';
comment on column callhouse.calls.settlement is 'How final the row is: open (not ended), settling (late fields awaited), settled (final), expired (something never came), stuck (never ended), missing (the vendor no longer knows it).';
comment on column callhouse.calls.settled_at is 'When the call became final.';
comment on column callhouse.calls.missing_since is 'When the vendor first answered that it does not know the call.';
comment on column callhouse.calls.retracted is 'Fields that the vendor once told and no longer does; the stored values were kept.';
comment on column callhouse.calls.revision is 'Number of changes observed; call_events has each.';
--> statement-breakpoint
create table callhouse.call_costs (
  source_id integer not null,
  call_id text not null,
  component text default 'total' not null,
  amount numeric not null,
  currency text not null,
  constraint call_costs_pkey primary key (source_id, call_id, component)
);
alter table callhouse.call_costs add constraint call_costs_call_fkey foreign key (source_id, call_id) references callhouse.calls (source_id, call_id) on delete cascade;
comment on table callhouse.call_costs is 'What a call cost, exactly as the vendor writes it. Never add amounts of different currencies.';
comment on column callhouse.call_costs.source_id is 'The source (vendor account) that the row belongs to.';
comment on column callhouse.call_costs.call_id is 'The vendor''s call id.';
comment on column callhouse.call_costs.component is 'Part of the cost; ''total'' is the whole.';
comment on column callhouse.call_costs.amount is 'Exact amount, digits as sent.';
comment on column callhouse.call_costs.currency is 'ISO 4217 code of the amount.';
--> statement-breakpoint
create table callhouse.call_analyses (
  source_id integer not null,
  call_id text not null,
  summary text,
  sentiment text,
  details jsonb,
  constraint call_analyses_pkey primary key (source_id, call_id)
);
alter table callhouse.call_analyses add constraint call_analyses_call_fkey foreign key (source_id, call_id) references callhouse.calls (source_id, call_id) on delete cascade;
comment on table callhouse.call_analyses is 'The vendor''s analysis after the call.';
comment on column callhouse.call_analyses.source_id is 'The source (vendor account) that the row belongs to.';
comment on column callhouse.call_analyses.call_id is 'The vendor''s call id.';
comment on column callhouse.call_analyses.summary is 'Summary of the conversation.';
comment on column callhouse.call_analyses.sentiment is 'Vendor''s word for the caller''s sentiment.';
comment on column callhouse.call_analyses.details is 'Every other field of the analysis, as sent.';
--> statement-breakpoint
create table callhouse.call_extractions (
  source_id integer not null,
  call_id text not null,
  origin text not null,
  position integer not null,
  name text,
  type text,
  value jsonb,
  value_text text,
  constraint call_extractions_pkey primary key (source_id, call_id, origin, position)
);
alter table callhouse.call_extractions add constraint call_extractions_call_fkey foreign key (source_id, call_id) references callhouse.calls (source_id, call_id) on delete cascade;
comment on table callhouse.call_extractions is 'One row per field that the vendor extracted or collected from a call.';
comment on column callhouse.call_extractions.source_id is 'The source (vendor account) that the row belongs to.';
comment on column callhouse.call_extractions.call_id is 'The vendor''s call id.';
comment on column callhouse.call_extractions.origin is 'Where the field was given: analysis, or a vendor map such as extracted.';
comment on column callhouse.call_extractions.position is 'Order within its origin, from 0.';
comment on column callhouse.call_extractions.name is 'Name of the field.';
comment on column callhouse.call_extractions.type is 'Vendor''s word for the type.';
comment on column callhouse.call_extractions.value is 'Value as JSON, as sent.';
comment on column callhouse.call_extractions.value_text is 'Value as plain text, for grouping and filters.';
--> statement-breakpoint
create table callhouse.transcript_items (
  source_id integer not null,
  call_id text not null,
  position integer not null,
  role text not null,
  vendor_role text,
  kind text not null,
  content text,
  started_at timestamptz,
  ended_at timestamptz,
  offset_ms bigint,
  tool_call_id text,
  tool_name text,
  arguments jsonb,
  result jsonb,
  tool_status text,
  duration_ms bigint,
  constraint transcript_items_pkey primary key (source_id, call_id, position),
  constraint transcript_items_role_known check (role in ('agent', 'user', 'tool', 'system', 'other')),
  constraint transcript_items_kind_known check (kind in ('speech', 'tool_call', 'tool_result', 'event')),
  constraint transcript_items_position_from_zero check (position >= 0)
);
alter table callhouse.transcript_items add constraint transcript_items_call_fkey foreign key (source_id, call_id) references callhouse.calls (source_id, call_id) on delete cascade;
comment on table callhouse.transcript_items is 'The conversation, one row per turn or tool step, in order.';
comment on column callhouse.transcript_items.source_id is 'The source (vendor account) that the row belongs to.';
comment on column callhouse.transcript_items.call_id is 'The vendor''s call id.';
comment on column callhouse.transcript_items.position is 'Order within the call, from 0.';
comment on column callhouse.transcript_items.role is 'agent, user, tool, system or other.';
comment on column callhouse.transcript_items.vendor_role is 'Vendor''s word for the role.';
comment on column callhouse.transcript_items.kind is 'speech, tool_call, tool_result or event.';
comment on column callhouse.transcript_items.content is 'What was said, or the text of a tool result.';
comment on column callhouse.transcript_items.started_at is 'When the item began, where the vendor tells.';
comment on column callhouse.transcript_items.ended_at is 'When the item ended, where the vendor tells.';
comment on column callhouse.transcript_items.offset_ms is 'Milliseconds from the start of the call to the start of the item.';
comment on column callhouse.transcript_items.tool_call_id is 'Pairs a tool result with its call.';
comment on column callhouse.transcript_items.tool_name is 'Name of the tool; on a result, the name of the call it answers.';
comment on column callhouse.transcript_items.arguments is 'Arguments of a tool call, as sent.';
comment on column callhouse.transcript_items.result is 'Tool result as JSON; plain text becomes a JSON string.';
comment on column callhouse.transcript_items.tool_status is 'Vendor''s word for how the tool fared.';
comment on column callhouse.transcript_items.duration_ms is 'Length of the item in milliseconds.';
--> statement-breakpoint
create table callhouse.call_events (
  source_id integer not null,
  call_id text not null,
  revision integer not null,
  observed_at timestamptz not null,
  status text not null,
  settlement text not null,
  restated boolean not null,
  changes jsonb not null,
  constraint call_events_pkey primary key (source_id, call_id, revision)
);
alter table callhouse.call_events add constraint call_events_call_fkey foreign key (source_id, call_id) references callhouse.calls (source_id, call_id) on delete cascade;
comment on table callhouse.call_events is 'Every observed change of a call, newest revision last. A change after settlement is a restatement.';
comment on column callhouse.call_events.source_id is 'The source (vendor account) that the row belongs to.';
comment on column callhouse.call_events.call_id is 'The vendor''s call id.';
comment on column callhouse.call_events.revision is 'Revision of the call that this change made.';
comment on column callhouse.call_events.observed_at is 'When callhouse observed it.';
comment on column callhouse.call_events.status is 'Canonical status after the change.';
comment on column callhouse.call_events.settlement is 'Settlement after the change.';
comment on column callhouse.call_events.restated is 'True when a call that was already settled changed.';
comment on column callhouse.call_events.changes is 'Field to {from, to}. Long or personal texts are named only, not repeated.';
--> statement-breakpoint
create table callhouse_sync.raw_payloads (
  source_id integer not null,
  call_id text not null,
  kind text not null,
  payload jsonb not null,
  payload_hash text not null,
  fetched_at timestamptz not null,
  normalizer_version integer not null,
  constraint raw_payloads_pkey primary key (source_id, call_id, kind),
  constraint raw_payloads_kind_known check (kind in ('list', 'detail', 'messages'))
);
alter table callhouse_sync.raw_payloads add constraint raw_payloads_call_fkey foreign key (source_id, call_id) references callhouse.calls (source_id, call_id) on delete cascade;
comment on table callhouse_sync.raw_payloads is 'The last payload of each kind, digits intact, secrets scrubbed; tables can be derived again from here.';
comment on column callhouse_sync.raw_payloads.source_id is 'The source (vendor account) that the row belongs to.';
comment on column callhouse_sync.raw_payloads.call_id is 'The vendor''s call id.';
comment on column callhouse_sync.raw_payloads.kind is 'list (a row of a list), detail (one call asked for) or messages.';
comment on column callhouse_sync.raw_payloads.payload is 'What the vendor sent.';
comment on column callhouse_sync.raw_payloads.payload_hash is 'SHA-256 of the payload; equal content writes nothing.';
comment on column callhouse_sync.raw_payloads.fetched_at is 'When it was asked for.';
comment on column callhouse_sync.raw_payloads.normalizer_version is 'Version of the mapping that last read it.';
--> statement-breakpoint
create table callhouse_sync.checkpoints (
  source_id integer not null,
  stream text not null,
  wanted tstzmultirange default '{}' not null,
  covered tstzmultirange default '{}' not null,
  watermark timestamptz,
  open_window tstzrange,
  cursor text,
  window_opened_at timestamptz,
  window_pages integer default 0 not null,
  window_rows integer default 0 not null,
  window_total bigint,
  saved_at timestamptz not null,
  constraint checkpoints_pkey primary key (source_id, stream),
  constraint checkpoints_stream_known check (stream in ('live', 'lookback', 'backfill')),
  constraint checkpoints_cursor_has_window check (cursor is null or open_window is not null)
);
comment on table callhouse_sync.checkpoints is 'How far each stream has come. Saved in the transaction of the rows it speaks of, never before.';
comment on column callhouse_sync.checkpoints.source_id is 'The source (vendor account) that the row belongs to.';
comment on column callhouse_sync.checkpoints.stream is 'live (newest calls), lookback (overlap re-read for late ones) or backfill (history and gaps).';
comment on column callhouse_sync.checkpoints.wanted is 'Vendor time that this stream set out to cover.';
comment on column callhouse_sync.checkpoints.covered is 'Vendor time that was paged to the end.';
comment on column callhouse_sync.checkpoints.watermark is 'Instant up to which nothing wanted is missing; never moves back.';
comment on column callhouse_sync.checkpoints.open_window is 'Window that is being paged, half-open, its end frozen when it was opened.';
comment on column callhouse_sync.checkpoints.cursor is 'Vendor''s token of the next page of the open window; null at its first page.';
comment on column callhouse_sync.checkpoints.window_opened_at is 'When the open window was opened.';
comment on column callhouse_sync.checkpoints.window_pages is 'Pages of the open window that are stored.';
comment on column callhouse_sync.checkpoints.window_rows is 'Rows of the open window that are stored.';
comment on column callhouse_sync.checkpoints.window_total is 'Vendor''s count of the open window, a hint for progress.';
comment on column callhouse_sync.checkpoints.saved_at is 'When this row was last saved.';
--> statement-breakpoint
create table callhouse_sync.settlements (
  source_id integer not null,
  call_id text not null,
  next_check_at timestamptz not null,
  attempts integer default 0 not null,
  deadline_at timestamptz not null,
  awaiting text[] not null,
  next_read text not null,
  queued_at timestamptz not null,
  constraint settlements_pkey primary key (source_id, call_id),
  constraint settlements_next_read_known check (next_read in ('list', 'detail'))
);
alter table callhouse_sync.settlements add constraint settlements_call_fkey foreign key (source_id, call_id) references callhouse.calls (source_id, call_id) on delete cascade;
create index settlements_due_idx on callhouse_sync.settlements (next_read, next_check_at);
comment on table callhouse_sync.settlements is 'The queue of calls that are not final.';
comment on column callhouse_sync.settlements.source_id is 'The source (vendor account) that the row belongs to.';
comment on column callhouse_sync.settlements.call_id is 'The vendor''s call id.';
comment on column callhouse_sync.settlements.next_check_at is 'When the call is next read.';
comment on column callhouse_sync.settlements.attempts is 'Reads since it was queued.';
comment on column callhouse_sync.settlements.deadline_at is 'When waiting ends and the call is called expired or stuck.';
comment on column callhouse_sync.settlements.awaiting is 'Facets awaited: status, transcript, analysis, cost, recording.';
comment on column callhouse_sync.settlements.next_read is 'list (a list page can tell) or detail (only the call itself can).';
comment on column callhouse_sync.settlements.queued_at is 'When the call was queued.';
--> statement-breakpoint
create table callhouse_sync.dead_letters (
  source_id integer not null,
  call_id text not null,
  kind text not null,
  path text not null,
  reason text not null,
  payload jsonb not null,
  payload_hash text not null,
  first_seen_at timestamptz not null,
  last_seen_at timestamptz not null,
  attempts integer not null,
  next_check_at timestamptz,
  resolved_at timestamptz,
  constraint dead_letters_pkey primary key (source_id, call_id, kind)
);
create index dead_letters_unresolved_idx on callhouse_sync.dead_letters (source_id, next_check_at) where resolved_at is null;
comment on table callhouse_sync.dead_letters is 'Records that could not be read, with the reason; the rest of their page was stored.';
comment on column callhouse_sync.dead_letters.source_id is 'The source (vendor account) that the row belongs to.';
comment on column callhouse_sync.dead_letters.call_id is 'The vendor''s call id, or ''sha256:…'' of the record when it has none.';
comment on column callhouse_sync.dead_letters.kind is 'Kind of payload: list, detail or messages.';
comment on column callhouse_sync.dead_letters.path is 'Field that could not be read.';
comment on column callhouse_sync.dead_letters.reason is 'Why, without the value.';
comment on column callhouse_sync.dead_letters.payload is 'The record, secrets scrubbed.';
comment on column callhouse_sync.dead_letters.payload_hash is 'SHA-256 of the record.';
comment on column callhouse_sync.dead_letters.first_seen_at is 'When it was first set aside.';
comment on column callhouse_sync.dead_letters.last_seen_at is 'When it was last seen in a new form.';
comment on column callhouse_sync.dead_letters.attempts is 'Times it was read again since.';
comment on column callhouse_sync.dead_letters.next_check_at is 'When the call is asked for again; null when it has no id or was given up.';
comment on column callhouse_sync.dead_letters.resolved_at is 'When a readable form of the record was stored.';
--> statement-breakpoint
create table callhouse_sync.drift (
  source_id integer not null,
  kind text not null,
  path text not null,
  value text default '' not null,
  seen_count bigint default 0 not null,
  first_seen_at timestamptz not null,
  last_seen_at timestamptz not null,
  example_call_id text,
  constraint drift_pkey primary key (source_id, kind, path, value)
);
comment on table callhouse_sync.drift is 'What vendors send that was not known when this version was written. It is stored all the same.';
comment on column callhouse_sync.drift.source_id is 'The source (vendor account) that the row belongs to.';
comment on column callhouse_sync.drift.kind is 'unknown_value, unknown_field, cleaned_text, status_regressed or page_fault.';
comment on column callhouse_sync.drift.path is 'Field, or kind of page fault.';
comment on column callhouse_sync.drift.value is 'The unknown word; empty for fields.';
comment on column callhouse_sync.drift.seen_count is 'How many payloads showed it.';
comment on column callhouse_sync.drift.first_seen_at is 'First sight.';
comment on column callhouse_sync.drift.last_seen_at is 'Last sight.';
comment on column callhouse_sync.drift.example_call_id is 'A call that showed it.';
--> statement-breakpoint
create table callhouse_sync.runs (
  run_id uuid primary key default gen_random_uuid() not null,
  source_id integer not null,
  command text not null,
  worker text not null,
  started_at timestamptz not null,
  finished_at timestamptz,
  outcome text not null,
  error text,
  list_requests bigint default 0 not null,
  detail_requests bigint default 0 not null,
  other_requests bigint default 0 not null,
  retries bigint default 0 not null,
  calls_seen bigint default 0 not null,
  calls_inserted bigint default 0 not null,
  calls_updated bigint default 0 not null,
  calls_unchanged bigint default 0 not null,
  calls_settled bigint default 0 not null,
  transcript_items_written bigint default 0 not null,
  dead_letters_written bigint default 0 not null,
  constraint runs_outcome_known check (outcome in ('running', 'done', 'failed', 'stopped'))
);
create index runs_source_idx on callhouse_sync.runs (source_id, started_at desc nulls last);
comment on table callhouse_sync.runs is 'One row per pass over a source, with what it asked and what it changed.';
comment on column callhouse_sync.runs.run_id is 'Key of the run.';
comment on column callhouse_sync.runs.source_id is 'The source (vendor account) that the row belongs to.';
comment on column callhouse_sync.runs.command is 'Command that ran: run, sync, backfill …';
comment on column callhouse_sync.runs.worker is 'Host and process that ran it.';
comment on column callhouse_sync.runs.started_at is 'Start.';
comment on column callhouse_sync.runs.finished_at is 'End; null while it runs.';
comment on column callhouse_sync.runs.outcome is 'running, done, failed or stopped.';
comment on column callhouse_sync.runs.error is 'Why it failed, in words that say what to do.';
comment on column callhouse_sync.runs.list_requests is 'List requests sent, retries included.';
comment on column callhouse_sync.runs.detail_requests is 'Detail requests sent, retries included.';
comment on column callhouse_sync.runs.other_requests is 'Other requests sent.';
comment on column callhouse_sync.runs.retries is 'Requests that were repeats after a fault.';
comment on column callhouse_sync.runs.calls_seen is 'Records read.';
comment on column callhouse_sync.runs.calls_inserted is 'Calls that were new.';
comment on column callhouse_sync.runs.calls_updated is 'Calls that changed.';
comment on column callhouse_sync.runs.calls_unchanged is 'Records that changed nothing and wrote nothing.';
comment on column callhouse_sync.runs.calls_settled is 'Calls that became final.';
comment on column callhouse_sync.runs.transcript_items_written is 'Transcript rows inserted or changed.';
comment on column callhouse_sync.runs.dead_letters_written is 'Records set aside.';
--> statement-breakpoint
create table callhouse_sync.heartbeats (
  source_id integer not null,
  last_pass_at timestamptz,
  last_success_at timestamptz,
  failures_in_a_row integer default 0 not null,
  last_error text,
  last_error_at timestamptz,
  vendor_clock_offset_ms bigint,
  stale_after_ms bigint not null,
  agents_read_at timestamptz,
  constraint heartbeats_pkey primary key (source_id)
);
comment on table callhouse_sync.heartbeats is 'How each source fares, for health and status.';
comment on column callhouse_sync.heartbeats.source_id is 'The source (vendor account) that the row belongs to.';
comment on column callhouse_sync.heartbeats.last_pass_at is 'Start of the last pass.';
comment on column callhouse_sync.heartbeats.last_success_at is 'End of the last pass that succeeded.';
comment on column callhouse_sync.heartbeats.failures_in_a_row is 'Passes that failed since the last success.';
comment on column callhouse_sync.heartbeats.last_error is 'Last failure.';
comment on column callhouse_sync.heartbeats.last_error_at is 'When.';
comment on column callhouse_sync.heartbeats.vendor_clock_offset_ms is 'Vendor''s clock minus ours, from its Date header.';
comment on column callhouse_sync.heartbeats.stale_after_ms is 'Age of data at which health turns red.';
comment on column callhouse_sync.heartbeats.agents_read_at is 'When the agent list was last read.';
--> statement-breakpoint
create table callhouse_sync.leases (
  source_id integer not null,
  holder text,
  token bigint default 0 not null,
  acquired_at timestamptz,
  expires_at timestamptz,
  constraint leases_pkey primary key (source_id)
);
comment on table callhouse_sync.leases is 'One holder per source. Every write checks the token, so a worker that wakes up late cannot write.';
comment on column callhouse_sync.leases.source_id is 'The source (vendor account) that the row belongs to.';
comment on column callhouse_sync.leases.holder is 'Host, process and a random part; null when free.';
comment on column callhouse_sync.leases.token is 'Fencing token, grows at each take-over.';
comment on column callhouse_sync.leases.acquired_at is 'When the holder took it.';
comment on column callhouse_sync.leases.expires_at is 'When it may be taken over.';
--> statement-breakpoint
create table callhouse_sync.budgets (
  source_id integer not null,
  spent jsonb default '{}'::jsonb not null,
  blocked_until timestamptz,
  requests_per_second integer not null,
  requests_per_minute integer not null,
  saved_at timestamptz not null,
  constraint budgets_pkey primary key (source_id)
);
comment on table callhouse_sync.budgets is 'The request budget of a source''s key, shared by all processes and kept across restarts.';
comment on column callhouse_sync.budgets.source_id is 'The source (vendor account) that the row belongs to.';
comment on column callhouse_sync.budgets.spent is 'Requests of the last minute, counted in short slots.';
comment on column callhouse_sync.budgets.blocked_until is 'Until when the vendor asked for silence (Retry-After).';
comment on column callhouse_sync.budgets.requests_per_second is 'Limit per second.';
comment on column callhouse_sync.budgets.requests_per_minute is 'Limit per minute.';
comment on column callhouse_sync.budgets.saved_at is 'When this row was last saved.';
