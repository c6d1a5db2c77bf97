import type { Doubt } from '../coverage/window-evidence.ts';
import { type Sql, toMs } from '../database/database.ts';
import { budgetLeft, type Spent } from '../http/budget.ts';

/** How one source stands, as `status` prints it. Instants as ISO text. */
export interface SourceStatus {
  source: string;
  vendor: string;
  health: 'green' | 'yellow' | 'red';
  reasons: string[];
  freshTo: string | null;
  completeTo: string | null;
  lastSuccessAt: string | null;
  calls: number;
  open: number;
  settling: number;
  settled: number;
  expired: number;
  stuck: number;
  missing: number;
  gaps: StatusGap[];
  openWindows: { stream: string; pages: number; rows: number; total: number | null }[];
  /** Records of which nothing is stored. */
  deadLetters: number;
  /** Calls that are stored without a field that could not be read. */
  partlyReadCalls: number;
  driftKinds: number;
  /** When the warehouse was last compared with the vendor, and windows that still differ. */
  auditedAt: string | null;
  auditDifferences: number;
  /** Requests that may still be sent in this minute; null when no worker has served the source yet. */
  budgetLeft: number | null;
  blockedUntil: string | null;
  lease: { holder: string; expiresAt: string } | null;
  lastError: string | null;
  lastErrorAt: string | null;
}

/** A stretch of time that is wanted and not covered, with its reason. */
export interface StatusGap {
  from: string | null;
  to: string | null;
  /** `unread`, or why its pages do not prove it. */
  reason: 'unread' | Doubt;
  callsSeen: number | null;
  callsCounted: number | null;
  since: string | null;
  nextTryAt: string | null;
}

/** Reads the state of every source that this warehouse has ever had. */
export async function readStatus(sql: Sql, now: number): Promise<SourceStatus[]> {
  const { rows } = await sql.query<StatusRow>(STATUS);
  return rows.map((row) => toStatus(row, now));
}

/** Stretches of time that are wanted and not covered. */
export async function countGaps(sql: Sql, sourceId: number): Promise<number> {
  const { rows } = await sql.query<{ gaps: number }>(
    'select count(*)::integer as gaps from callhouse_sync.gaps where source_id = $1',
    [sourceId],
  );
  return rows[0]?.gaps ?? 0;
}

/** Calls of which a field could not be read, as the views count them. */
export async function countPartlyRead(sql: Sql, sourceId: number): Promise<number> {
  const { rows } = await sql.query<{ calls: number }>(
    'select partly_read_calls::integer as calls from callhouse_sync.health where source_id = $1',
    [sourceId],
  );
  return rows[0]?.calls ?? 0;
}

const STATUS = `select s.name as source, s.vendor, h.state as health, h.reasons, h.fresh_to, v.complete_to,
  h.last_success_at, h.last_error, b.last_error_at, u.spent, u.blocked_until, u.requests_per_second,
  u.requests_per_minute, l.holder,
  least(greatest(l.expires_at, 'epoch'), '9999-01-01')::timestamptz as expires_at,
  (select coalesce(jsonb_object_agg(x.settlement, x.calls), '{}') from (
     select c.settlement, count(*) as calls from callhouse.calls c where c.source_id = s.source_id group by 1
   ) x) as calls,
  (select coalesce(jsonb_agg(jsonb_build_object('from', g.gap_from, 'to', g.gap_to, 'reason', g.reason,
     'callsSeen', g.calls_seen, 'callsCounted', g.calls_counted, 'since', g.doubted_since, 'nextTryAt', g.next_try_at)
     order by g.gap_from desc nulls last), '[]')
   from callhouse_sync.gaps g where g.source_id = s.source_id) as gaps,
  (select coalesce(jsonb_agg(jsonb_build_object('stream', k.stream, 'pages', k.window_pages, 'rows', k.window_rows,
     'total', k.window_total)), '[]')
   from callhouse_sync.checkpoints k where k.source_id = s.source_id and k.open_window is not null) as windows,
  coalesce(h.dead_letters, 0)::integer as dead_letters, coalesce(h.partly_read_calls, 0)::integer as partly_read_calls,
  (select count(*)::integer from callhouse_sync.drift d where d.source_id = s.source_id) as drift_kinds,
  (select max(a.audited_at) from callhouse_sync.audits a where a.source_id = s.source_id) as audited_at,
  h.audit_differences
from callhouse.sources s
left join callhouse_sync.health h using (source_id)
left join callhouse_sync.coverage v using (source_id)
left join callhouse_sync.heartbeats b using (source_id)
left join callhouse_sync.budgets u using (source_id)
left join callhouse_sync.leases l on l.source_id = s.source_id and l.holder is not null
order by s.name`;

interface StatusRow {
  source: string;
  vendor: string;
  health: SourceStatus['health'] | null;
  reasons: string[] | null;
  fresh_to: Date | null;
  complete_to: Date | null;
  last_success_at: Date | null;
  last_error: string | null;
  last_error_at: Date | null;
  spent: Partial<Spent> | null;
  blocked_until: Date | null;
  requests_per_second: number | null;
  requests_per_minute: number | null;
  holder: string | null;
  expires_at: Date | null;
  calls: Record<string, number>;
  gaps: SourceStatus['gaps'];
  windows: SourceStatus['openWindows'];
  dead_letters: number;
  partly_read_calls: number;
  drift_kinds: number;
  audited_at: Date | null;
  audit_differences: string | null;
}

function toStatus(row: StatusRow, now: number): SourceStatus {
  const blockedUntil = toMs(row.blocked_until);
  return {
    source: row.source,
    vendor: row.vendor,
    health: row.health ?? 'red',
    reasons: row.reasons ?? [],
    freshTo: iso(row.fresh_to),
    completeTo: iso(row.complete_to),
    lastSuccessAt: iso(row.last_success_at),
    calls: Object.values(row.calls).reduce((sum, calls) => sum + calls, 0),
    open: row.calls.open ?? 0,
    settling: row.calls.settling ?? 0,
    settled: row.calls.settled ?? 0,
    expired: row.calls.expired ?? 0,
    stuck: row.calls.stuck ?? 0,
    missing: row.calls.missing ?? 0,
    gaps: row.gaps,
    openWindows: row.windows,
    deadLetters: row.dead_letters,
    partlyReadCalls: row.partly_read_calls,
    driftKinds: row.drift_kinds,
    auditedAt: iso(row.audited_at),
    auditDifferences: Number(row.audit_differences ?? 0),
    budgetLeft: leftOf(row, now),
    blockedUntil: blockedUntil !== null && blockedUntil > now ? iso(row.blocked_until) : null,
    lease: row.holder === null ? null : { holder: row.holder, expiresAt: iso(row.expires_at) ?? '' },
    lastError: row.last_error,
    lastErrorAt: iso(row.last_error_at),
  };
}

/** Without a row of its own, a source has no budget that could be used up. */
function leftOf({ spent, requests_per_second, requests_per_minute }: StatusRow, now: number): number | null {
  if (requests_per_second === null || requests_per_minute === null) return null;
  const limits = { requestsPerSecond: requests_per_second, requestsPerMinute: requests_per_minute };
  return budgetLeft({ second: spent?.second ?? [], minute: spent?.minute ?? [] }, limits, now);
}

function iso(at: Date | null): string | null {
  return at === null ? null : at.toISOString();
}
