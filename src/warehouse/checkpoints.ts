import type { Instant } from '../call.ts';
import { SeenCalls } from '../coverage/seen-calls.ts';
import { noEvidence, type WindowEvidence } from '../coverage/window-evidence.ts';
import { type Sql, toMs, toTimestamp } from '../database/database.ts';
import type { ListQuery, TimeWindow } from '../source.ts';

/** live: the newest calls. lookback: the overlap behind them, for calls that appear late. backfill: history and gaps. */
export type Stream = 'live' | 'lookback' | 'backfill';

/** A window that is being paged. Inside it only the cursor is progress. */
export interface OpenWindow {
  window: TimeWindow;
  /** Belongs to the list in hand, which `evidence` tells. */
  cursor: string | null;
  openedAt: Instant;
  pages: number;
  rows: number;
  /** The vendor's count, a hint. */
  total: number | null;
  evidence: WindowEvidence;
  seen: SeenCalls;
}

/** A window at its first page. */
export function openWindow(window: TimeWindow, evidence: WindowEvidence, now: Instant): OpenWindow {
  const seen = SeenCalls.none();
  return { window, cursor: null, openedAt: now, pages: 0, rows: 0, total: null, evidence, seen };
}

export async function readOpenWindow(
  sql: Sql,
  sourceId: number,
  stream: Stream,
  order: ListQuery['order'],
): Promise<OpenWindow | null> {
  const { rows } = await sql.query<{
    window_from: Date | null;
    window_to: Date | null;
    cursor: string | null;
    window_opened_at: Date;
    window_pages: number;
    window_rows: number;
    window_total: string | null;
    window_evidence: WindowEvidence | null;
    window_seen: Buffer | null;
  }>(
    `select lower(open_window) as window_from, upper(open_window) as window_to, cursor,
  window_opened_at, window_pages, window_rows, window_total, window_evidence, window_seen
from callhouse_sync.checkpoints
where source_id = $1 and stream = $2 and open_window is not null`,
    [sourceId, stream],
  );
  const row = rows[0];
  if (!row) return null;
  const window = { from: toMs(row.window_from), to: toMs(row.window_to) };
  // What an older version or somebody's hand left open has proved nothing: it is read from its first page.
  if (row.window_evidence === null) {
    return openWindow(window, noEvidence(order), toMs(row.window_opened_at));
  }
  return {
    window,
    cursor: row.cursor,
    openedAt: toMs(row.window_opened_at),
    pages: row.window_pages,
    rows: row.window_rows,
    total: row.window_total === null ? null : Number(row.window_total),
    evidence: row.window_evidence,
    seen: SeenCalls.from(row.window_seen ?? Buffer.alloc(0)),
  };
}

/** Says what a stream sets out to cover, before it asks: until it is covered it is a gap, for all to see. */
export async function wantWindow(
  sql: Sql,
  sourceId: number,
  stream: Stream,
  window: TimeWindow,
  now: Instant,
): Promise<void> {
  await sql.query(
    `insert into callhouse_sync.checkpoints as c (source_id, stream, wanted, saved_at)
values ($1, $2, tstzmultirange(tstzrange($3, $4)), $5)
on conflict (source_id, stream) do update set wanted = c.wanted + excluded.wanted, saved_at = excluded.saved_at
where not c.wanted @> excluded.wanted`,
    [sourceId, stream, toTimestamp(window.from), toTimestamp(window.to), toTimestamp(now)],
  );
}

/** Saves progress inside a window; `added` are the calls that the page brought. Must run in the transaction that stores the page. */
export async function saveOpenWindow(
  sql: Sql,
  sourceId: number,
  stream: Stream,
  open: OpenWindow,
  added: Buffer,
  now: Instant,
): Promise<void> {
  await sql.query({
    name: 'save open window',
    text: `insert into callhouse_sync.checkpoints as c
  (source_id, stream, open_window, cursor, window_opened_at, window_pages, window_rows, window_total, saved_at,
   window_evidence, window_seen)
values ($1, $2, tstzrange($3, $4), $5, $6, $7, $8, $9, $10, $11, $12)
on conflict (source_id, stream) do update set open_window = excluded.open_window, cursor = excluded.cursor,
  window_opened_at = excluded.window_opened_at, window_pages = excluded.window_pages,
  window_rows = excluded.window_rows, window_total = excluded.window_total, saved_at = excluded.saved_at,
  window_evidence = excluded.window_evidence,
  window_seen = case when c.window_pages < excluded.window_pages and c.window_seen is not null
    then c.window_seen || excluded.window_seen else excluded.window_seen end`,
    values: [
      sourceId,
      stream,
      toTimestamp(open.window.from),
      toTimestamp(open.window.to),
      open.cursor,
      toTimestamp(open.openedAt),
      open.pages,
      open.rows,
      open.total,
      toTimestamp(now),
      JSON.stringify(open.evidence),
      added,
    ],
  });
}

/** Lets go of an open window, whatever came of it. */
export async function dropOpenWindow(
  sql: Sql,
  sourceId: number,
  stream: Stream,
  now: Instant,
): Promise<void> {
  await sql.query({
    name: 'drop open window',
    text: `update callhouse_sync.checkpoints set ${NO_OPEN_WINDOW}, saved_at = $3
where source_id = $1 and stream = $2`,
    values: [sourceId, stream, toTimestamp(now)],
  });
}

const NO_OPEN_WINDOW = `open_window = null, cursor = null, window_opened_at = null, window_pages = 0, window_rows = 0,
  window_total = null, window_evidence = null, window_seen = null`;

/**
 * Notes time as covered. Must run in the transaction that stores the page by which it is proved. The watermark is the
 * end of what is covered without a gap from the beginning; it never moves back.
 */
export async function cover(
  sql: Sql,
  sourceId: number,
  stream: Stream,
  window: TimeWindow,
  now: Instant,
): Promise<void> {
  await sql.query({
    name: 'cover',
    text: `insert into callhouse_sync.checkpoints as c (source_id, stream, covered, saved_at)
values ($1, $2, tstzmultirange(tstzrange($3, $4)), $5)
on conflict (source_id, stream) do update set covered = c.covered + excluded.covered, saved_at = excluded.saved_at`,
    values: [sourceId, stream, toTimestamp(window.from), toTimestamp(window.to), toTimestamp(now)],
  });
  await sql.query({
    name: 'move watermark',
    text: `with whole as (
  select range_agg(w.r) as wanted, (select range_agg(x.r) from callhouse_sync.checkpoints k, unnest(k.covered) as x (r)
    where k.source_id = $1) as covered
  from callhouse_sync.checkpoints k, unnest(k.wanted) as w (r) where k.source_id = $1
), complete as (
  select case when isempty(wanted - covered) then upper(wanted) else lower(wanted - covered) end as at from whole
)
update callhouse_sync.checkpoints c set watermark = complete.at
from complete
where c.source_id = $1 and complete.at is not null and (c.watermark is null or c.watermark < complete.at)`,
    values: [sourceId],
  });
}

/** Takes back time whose proof turned out to be none. It is a gap again, and the watermark lies before it. */
export async function uncover(sql: Sql, sourceId: number, window: TimeWindow, now: Instant): Promise<void> {
  await sql.query({
    name: 'uncover',
    text: `update callhouse_sync.checkpoints
set covered = covered - tstzmultirange(tstzrange($2, $3)), saved_at = $4,
  watermark = case when watermark > coalesce($2::timestamptz, '-infinity') then $2::timestamptz else watermark end
where source_id = $1 and (covered && tstzrange($2, $3) or watermark > coalesce($2::timestamptz, '-infinity'))`,
    values: [sourceId, toTimestamp(window.from), toTimestamp(window.to), toTimestamp(now)],
  });
}

/**
 * Takes back what no window can have covered: time that the vendor's clock has not reached. Only a wrong clock or
 * somebody's hand writes it, and believing it would skip calls without a word. A window that is empty or has no end
 * goes too: its time is a gap again, and is read anew. Gives whether anything was taken back.
 */
export async function takeBackImpossible(sql: Sql, sourceId: number, vendorNow: Instant): Promise<boolean> {
  const values = [sourceId, toTimestamp(vendorNow)];
  const cut = await sql.query({
    name: 'take back coverage',
    text: `update callhouse_sync.checkpoints
set covered = covered * tstzmultirange(tstzrange(null, $2)), wanted = wanted * tstzmultirange(tstzrange(null, $2)),
  watermark = case when watermark > $2 then $2 else watermark end
where source_id = $1 and (upper_inf(covered) or upper(covered) > $2 or upper_inf(wanted) or upper(wanted) > $2
  or watermark > $2)`,
    values,
  });
  const dropped = await sql.query({
    name: 'take back windows',
    text: `update callhouse_sync.checkpoints set ${NO_OPEN_WINDOW}
where source_id = $1 and (isempty(open_window) or upper_inf(open_window) or upper(open_window) > $2
  or (open_window is not null and window_opened_at is null))`,
    values,
  });
  return (cut.rowCount ?? 0) + (dropped.rowCount ?? 0) > 0;
}

/** Wanted minus covered, newest first, optionally only what lies in `within`. */
export async function readGaps(
  sql: Sql,
  sourceId: number,
  within: TimeWindow = { from: null, to: null },
): Promise<TimeWindow[]> {
  const { rows } = await sql.query<{ gap_from: Date | null; gap_to: Date | null }>(
    `select lower(x.r) as gap_from, upper(x.r) as gap_to
from (
  select range_agg(w.r) as wanted from callhouse_sync.checkpoints k, unnest(k.wanted) as w (r) where k.source_id = $1
) w, unnest((w.wanted - coalesce((
  select range_agg(v.r) from callhouse_sync.checkpoints k, unnest(k.covered) as v (r) where k.source_id = $1
), '{}')) * tstzmultirange(tstzrange($2, $3))) as x (r)
order by lower(x.r) desc nulls last`,
    [sourceId, toTimestamp(within.from), toTimestamp(within.to)],
  );
  return rows.map((row) => ({ from: toMs(row.gap_from), to: toMs(row.gap_to) }));
}

/** The end of the newest covered time: live data is complete up to here but for gaps. Null before the first. */
export async function readCoveredTo(sql: Sql, sourceId: number): Promise<Instant | null> {
  const { rows } = await sql.query<{ covered_to: Date | null }>(
    'select max(upper(covered)) as covered_to from callhouse_sync.checkpoints where source_id = $1',
    [sourceId],
  );
  return toMs(rows[0]?.covered_to ?? null);
}

/** When a window of the stream was last closed or saved. */
export async function readSavedAt(sql: Sql, sourceId: number, stream: Stream): Promise<Instant | null> {
  const { rows } = await sql.query<{ saved_at: Date }>(
    'select saved_at from callhouse_sync.checkpoints where source_id = $1 and stream = $2',
    [sourceId, stream],
  );
  return toMs(rows[0]?.saved_at ?? null);
}
