import type { Place } from '../call-index.ts';
import type { Ask, Asked, Shown } from '../list-lies.ts';
import type { VoxCallRow } from './call.ts';

/** A time before that of every call, and one behind it. */
const BEFORE_ALL_MS = -1e12;
const BEHIND_ALL_MS = 1e14;

/**
 * A list with the calls that never connected added to every window, as the vendor's page allows ("calls not yet connected
 * may be included"): before all others in one order, and so behind them in the other.
 */
export function withUnplaced(honest: Ask<VoxCallRow>, firstIn: 'asc' | 'desc'): Ask<VoxCallRow> {
  const keyMs = firstIn === 'asc' ? BEFORE_ALL_MS : BEHIND_ALL_MS;
  return (asked) => {
    const block = blockOf(honest, asked);
    const isFirst = firstIn === asked.order;
    const placed = (behind: Place | null, limit: number) => {
      const page = honest({ ...asked, behind, limit: limit + block.length });
      const rows = page.rows.filter(isPlaced);
      return { rows: rows.slice(0, limit), hasMore: rows.length > limit };
    };
    const honestTotal = honest({ ...asked, behind: null, limit: 0 }).totalCount;
    const inWindow = honest({ ...asked, behind: null, limit: honestTotal }).rows.filter(isPlaced).length;
    const totalCount = inWindow + block.length;
    const page = isFirst ? blockFirst(asked, block, keyMs, placed) : blockLast(asked, block, keyMs, placed);
    return { ...page, totalCount };
  };
}

type Placed = (behind: Place | null, limit: number) => { rows: VoxCallRow[]; hasMore: boolean };
type Page = Omit<Shown<VoxCallRow>, 'totalCount'>;

/** Those that never connected of all time, in an order that stays. */
function blockOf(honest: Ask<VoxCallRow>, asked: Asked): VoxCallRow[] {
  const all = { fromMs: Number.NEGATIVE_INFINITY, toMs: Number.POSITIVE_INFINITY, behind: null };
  const { rows } = honest({ ...asked, ...all, order: 'asc', limit: Number.MAX_SAFE_INTEGER });
  return rows.filter((row) => !isPlaced(row));
}

function isPlaced({ start_at }: VoxCallRow): boolean {
  return start_at !== null;
}

function blockFirst({ behind, limit }: Asked, block: VoxCallRow[], keyMs: number, placed: Placed): Page {
  const at = behind === null ? 0 : behind.keyMs === keyMs ? indexBehind(block, behind.id) : block.length;
  const some = block.slice(at, at + limit);
  if (at + limit < block.length) return { rows: some, next: blockPlace(some, keyMs) };
  const rest = placed(behind?.keyMs === keyMs ? null : behind, limit - some.length);
  const rows = [...some, ...rest.rows];
  if (!rest.hasMore) return { rows, next: null };
  return { rows, next: rest.rows.length > 0 ? placeOf(rest.rows) : blockPlace(some, keyMs) };
}

function blockLast({ behind, limit }: Asked, block: VoxCallRow[], keyMs: number, placed: Placed): Page {
  const isInBlock = behind?.keyMs === keyMs;
  const first = isInBlock ? { rows: [], hasMore: false } : placed(behind, limit);
  if (first.hasMore) return { rows: first.rows, next: placeOf(first.rows) };
  const at = isInBlock ? indexBehind(block, behind.id) : 0;
  const some = block.slice(at, at + limit - first.rows.length);
  const rows = [...first.rows, ...some];
  if (at + some.length >= block.length) return { rows, next: null };
  return { rows, next: some.length > 0 ? blockPlace(some, keyMs) : placeOf(first.rows) };
}

function indexBehind(block: readonly VoxCallRow[], id: string): number {
  return block.findIndex((row) => row.id === id) + 1;
}

function blockPlace(rows: readonly VoxCallRow[], keyMs: number): Place {
  return { keyMs, id: rows.at(-1)?.id ?? '' };
}

function placeOf(rows: readonly VoxCallRow[]): Place {
  const last = rows.at(-1);
  return { keyMs: last?.start_at ?? 0, id: last?.id ?? '' };
}
