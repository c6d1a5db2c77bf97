import type { CallStatus, Facet, PayloadKind, Settlement } from '../call.ts';
import type { Sql } from '../database/database.ts';
import type { OccurredAtBasis } from './stored-call.ts';

/**
 * The lineage of one call, from stored facts only. Every query selects what is told and nothing else: no number, no
 * text of a conversation, no payload. Instants are ISO text, because they are only shown.
 */
export interface CallLineage {
  source: string;
  vendor: string;
  callId: string;
  call: CallState;
  /** Its place in the queue of calls that are not final. */
  queue: QueuePlace | null;
  events: CallEvent[];
  payloads: KeptPayload[];
  deadLetters: Letter[];
  /** The last stored answers that listed a window over its time, or named it. */
  answers: Answer[];
  /** Whether its time was read without a hole. */
  covered: boolean;
  /** The last audit of the time that it lies in. */
  audit: AuditNote | null;
}

export interface CallState {
  status: CallStatus;
  vendorStatus: string | null;
  endReason: string | null;
  agentId: string | null;
  optOut: boolean;
  settlement: Settlement;
  occurredAt: string;
  occurredAtBasis: OccurredAtBasis;
  startedAt: string | null;
  endedAt: string | null;
  firstSeenAt: string;
  changedAt: string;
  checkedAt: string;
  settledAt: string | null;
  missingSince: string | null;
  retracted: string[];
  revision: number;
  transcriptItems: number | null;
  hasAnalysis: boolean;
  hasCost: boolean;
  hasRecording: boolean;
}

export interface QueuePlace {
  awaiting: Facet[];
  nextCheckAt: string;
  nextRead: 'list' | 'detail';
  attempts: number;
  deadlineAt: string;
  queuedAt: string;
  /** Why the call could not be had when it was last asked for; null when it could. */
  lastFault: string | null;
}

export interface ReadRange {
  from: string | null;
  to: string | null;
}

export interface CallEvent {
  revision: number;
  observedAt: string;
  status: CallStatus;
  settlement: Settlement;
  restated: boolean;
  step: string | null;
  requestedAt: string | null;
  readWindow: ReadRange | null;
  changes: Record<string, unknown>;
}

interface KeptPayload {
  kind: PayloadKind;
  fetchedAt: string;
  hash: string;
  mappingVersion: number;
}

export interface Letter {
  source: string;
  kind: PayloadKind;
  path: string;
  /** Of a record nothing is stored; a call is stored without the field. */
  scope: 'record' | 'field';
  reason: string;
  firstSeenAt: string;
  lastSeenAt: string;
  attempts: number;
  nextCheckAt: string | null;
  resolvedAt: string | null;
}

interface Answer {
  step: string;
  requestedAt: string;
  readWindow: ReadRange | null;
  /** Calls in the answer, and how many of them it changed. */
  calls: number;
  changed: number;
  command: string | null;
}

export interface AuditNote {
  source: string;
  from: string;
  to: string;
  method: string;
  auditedAt: string;
  outcome: string;
  /** How the audit named this call. */
  named: ('not_stored' | 'not_listed' | 'damaged')[];
}

/** What a source says of an id that no call here has. */
interface AbsenceAtSource {
  source: string;
  vendor: string;
  /** The stretches of time that were read without a hole, newest first. */
  covered: ReadRange[];
  gaps: number;
}

export interface Absence {
  sources: AbsenceAtSource[];
  deadLetters: Letter[];
  audits: AuditNote[];
}

/** The lineage of every call of this id, one per source that has it. */
export async function readLineages(sql: Sql, callId: string, source: string | null): Promise<CallLineage[]> {
  const { rows } = await sql.query<{ lineage: CallLineage }>(LINEAGE, [callId, source]);
  return rows.map(({ lineage }) => lineage);
}

/** What is known of an id that no call here has. */
export async function readAbsence(sql: Sql, callId: string, source: string | null): Promise<Absence> {
  const { rows } = await sql.query<{ absence: Absence }>(ABSENCE, [callId, source]);
  return rows[0]?.absence ?? { sources: [], deadLetters: [], audits: [] };
}

/** The names of all sources that this warehouse ever had. */
export async function readSourceNames(sql: Sql): Promise<string[]> {
  const { rows } = await sql.query<{ name: string }>('select name from callhouse.sources order by name');
  return rows.map(({ name }) => name);
}

const instant = (column: string) => `to_char(${column} at time zone 'UTC', 'YYYY-MM-DD"T"HH24:MI:SS.MS"Z"')`;
const range = (column: string) =>
  `case when ${column} is not null then jsonb_build_object(
    'from', ${instant(`lower(${column})`)}, 'to', ${instant(`upper(${column})`)}) end`;

/** Which lists of an audit name the call in $1. */
const NAMED = `array_remove(array[case when $1 = any(a.not_stored) then 'not_stored' end,
    case when $1 = any(a.not_listed) then 'not_listed' end, case when $1 = any(a.damaged) then 'damaged' end], null)`;
const AUDIT = `jsonb_build_object('source', s.name, 'from', ${instant('a.window_from')},
    'to', ${instant('a.window_to')}, 'method', a.method, 'auditedAt', ${instant('a.audited_at')},
    'outcome', a.outcome, 'named', ${NAMED})`;
const LETTERS = `select coalesce(jsonb_agg(jsonb_build_object('source', s.name, 'kind', d.kind, 'path', d.path,
    'scope', d.scope, 'reason', d.reason, 'firstSeenAt', ${instant('d.first_seen_at')}, 'lastSeenAt', ${instant('d.last_seen_at')},
    'attempts', d.attempts, 'nextCheckAt', ${instant('d.next_check_at')}, 'resolvedAt', ${instant('d.resolved_at')})
    order by d.first_seen_at, d.kind), '[]')
  from callhouse_sync.dead_letters d`;

const STATE = `jsonb_build_object('status', c.status, 'vendorStatus', c.vendor_status, 'endReason', c.end_reason,
    'agentId', c.agent_id, 'optOut', c.opt_out, 'settlement', c.settlement,
    'occurredAt', ${instant('c.occurred_at')}, 'occurredAtBasis', c.occurred_at_basis,
    'startedAt', ${instant('c.started_at')}, 'endedAt', ${instant('c.ended_at')},
    'firstSeenAt', ${instant('c.first_seen_at')}, 'changedAt', ${instant('c.changed_at')},
    'checkedAt', ${instant('c.checked_at')}, 'settledAt', ${instant('c.settled_at')},
    'missingSince', ${instant('c.missing_since')}, 'retracted', c.retracted, 'revision', c.revision,
    'transcriptItems', c.transcript_item_count, 'hasRecording', c.recording_url is not null,
    'hasAnalysis', exists (select from callhouse.call_analyses x
      where x.source_id = c.source_id and x.call_id = c.call_id),
    'hasCost', exists (select from callhouse.call_costs x
      where x.source_id = c.source_id and x.call_id = c.call_id))`;

const LINEAGE = `select jsonb_build_object('source', s.name, 'vendor', s.vendor, 'callId', c.call_id, 'call', ${STATE},
  'queue', (select jsonb_build_object('awaiting', q.awaiting, 'nextCheckAt', ${instant('q.next_check_at')},
      'nextRead', q.next_read, 'attempts', q.attempts, 'deadlineAt', ${instant('q.deadline_at')},
      'queuedAt', ${instant('q.queued_at')}, 'lastFault', q.last_fault)
    from callhouse_sync.settlements q where q.source_id = c.source_id and q.call_id = c.call_id),
  'events', (select coalesce(jsonb_agg(jsonb_build_object('revision', e.revision,
      'observedAt', ${instant('e.observed_at')}, 'status', e.status, 'settlement', e.settlement,
      'restated', e.restated, 'step', e.step, 'requestedAt', ${instant('e.requested_at')},
      'readWindow', ${range('e.read_window')}, 'changes', e.changes) order by e.revision), '[]')
    from callhouse.call_events e where e.source_id = c.source_id and e.call_id = c.call_id),
  'payloads', (select coalesce(jsonb_agg(jsonb_build_object('kind', p.kind, 'fetchedAt', ${instant('p.fetched_at')},
      'hash', left(p.payload_hash, 12), 'mappingVersion', p.normalizer_version) order by p.kind), '[]')
    from callhouse_sync.raw_payloads p where p.source_id = c.source_id and p.call_id = c.call_id),
  'deadLetters', (${LETTERS} where d.source_id = c.source_id and d.call_id = c.call_id),
  'answers', (select coalesce(jsonb_agg(jsonb_build_object('step', r.step, 'requestedAt', ${instant('r.requested_at')},
      'readWindow', ${range('r.read_window')}, 'calls', r.calls, 'changed', r.changed, 'command', r.command)
      order by r.requested_at, r.position), '[]')
    from (
      select r.*, u.command from callhouse_sync.requests r left join callhouse_sync.runs u using (source_id, run_id)
      where r.source_id = c.source_id and (r.read_window @> c.occurred_at or c.call_id = any(r.call_ids))
      order by r.requested_at desc, r.position desc limit 10
    ) r),
  'covered', coalesce((select v.covered @> c.occurred_at from callhouse_sync.coverage v
    where v.source_id = c.source_id), false),
  'audit', (select ${AUDIT} from callhouse_sync.audits a
    where a.source_id = c.source_id and a.window_from <= c.occurred_at and c.occurred_at < a.window_to
    order by a.audited_at desc limit 1)
) as lineage
from callhouse.calls c join callhouse.sources s using (source_id)
where c.call_id = $1 and ($2::text is null or s.name = $2)
order by s.name`;

const ABSENCE = `select jsonb_build_object(
  'sources', (select coalesce(jsonb_agg(jsonb_build_object('source', s.name, 'vendor', s.vendor,
      'covered', (select coalesce(jsonb_agg(${range('x.r')} order by x.r desc), '[]')
        from callhouse_sync.coverage v, unnest(v.covered) as x (r) where v.source_id = s.source_id),
      'gaps', (select count(*) from callhouse_sync.gaps g where g.source_id = s.source_id)) order by s.name), '[]')
    from callhouse.sources s where $2::text is null or s.name = $2),
  'deadLetters', (${LETTERS} join callhouse.sources s using (source_id)
    where d.call_id = $1 and ($2::text is null or s.name = $2)),
  'audits', (select coalesce(jsonb_agg(${AUDIT} order by a.audited_at), '[]')
    from (
      select * from callhouse_sync.audits
      where $1 = any(not_stored) or $1 = any(not_listed) or $1 = any(damaged)
      order by audited_at desc limit 5
    ) a join callhouse.sources s using (source_id) where $2::text is null or s.name = $2)
) as absence`;
