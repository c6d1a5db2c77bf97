import type { Place } from './call-index.ts';
import type { ListLie } from './fault-kinds.ts';

/** What a list is asked for. Bounds are unix ms, both included. */
export interface Asked {
  fromMs: number;
  toMs: number;
  order: 'asc' | 'desc';
  /** The page begins behind this place. */
  behind: Place | null;
  limit: number;
  /** Whether the filter by status is kept. */
  keepsStatus: boolean;
}

/** A page, whatever form a vendor gives it. */
export interface Shown<Row> {
  rows: Row[];
  totalCount: number;
  /** The place of the last row when more rows follow. */
  next: Place | null;
}

export type Ask<Row> = (asked: Asked) => Shown<Row>;

/** Answers a list as a vendor whose lists lie: `honest` answers it rightly. Null refuses the cursor. */
export function answerList<Row>(asked: Asked, lies: readonly ListLie[], honest: Ask<Row>): Shown<Row> | null {
  const [lie] = lies;
  if (lie === undefined) return honest(asked);
  switch (lie.lie) {
    case 'rows_capped':
      return upTo(lie.n, asked, honest);
    case 'page_capped':
      return { ...honest({ ...asked, limit: Math.min(asked.limit, lie.n) }), next: null };
    case 'filter_ignored':
      return sameRows(lie, asked, honest, 'asc');
    case 'newest_only':
      return sameRows(lie, asked, honest, 'desc');
    case 'pages_shift':
      return shifted(lie.n, asked, honest);
    case 'cursor_depth':
      return rankOf(asked, honest) >= lie.n * asked.limit ? null : honest(asked);
    case 'status_ignored':
      return honest({ ...asked, keepsStatus: false });
  }
}

/** How many rows lie before the page. */
function rankOf<Row>(asked: Asked, honest: Ask<Row>): number {
  const { behind, order, fromMs, toMs } = asked;
  if (behind === null) return 0;
  const bounds = order === 'asc' ? { fromMs, toMs: behind.keyMs } : { fromMs: behind.keyMs, toMs };
  return honest({ ...asked, ...bounds, behind: null, limit: 0 }).totalCount;
}

/** A list that ends after so many rows, whatever it counts. */
function upTo<Row>(most: number, asked: Asked, honest: Ask<Row>): Shown<Row> {
  const left = most - rankOf(asked, honest);
  const page = honest({ ...asked, limit: Math.max(0, Math.min(asked.limit, left)) });
  return left > asked.limit ? page : { ...page, next: null };
}

/** The same rows whatever time is asked for: the oldest ones, or the newest. */
function sameRows<Row>(lie: ListLie, asked: Asked, honest: Ask<Row>, side: 'asc' | 'desc'): Shown<Row> {
  const all = { fromMs: Number.NEGATIVE_INFINITY, toMs: Number.POSITIVE_INFINITY, behind: null };
  const page = honest({ ...asked, ...all, order: side, limit: Math.min(asked.limit, lie.n) });
  const rows = side === asked.order ? page.rows : page.rows.toReversed();
  return { rows, totalCount: lie.countsRows ? rows.length : page.totalCount, next: null };
}

/** Each page but the first leaves some rows out, as when rows in front of it went away. */
function shifted<Row>(rows: number, asked: Asked, honest: Ask<Row>): Shown<Row> {
  if (asked.behind === null) return honest(asked);
  const page = honest({ ...asked, limit: asked.limit + rows });
  return { ...page, rows: page.rows.slice(rows) };
}
