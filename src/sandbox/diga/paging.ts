import { invalidPagination } from './errors.ts';
import type { QueryReader } from './query.ts';

/** Which page of something is asked for: behind an id, before an id, by its number, or the first. */
export interface Paging {
  after: string | null;
  before: string | null;
  page: number | null;
  limit: number;
  order: 'asc' | 'desc';
}

/** A page as every list of the vendor answers it. */
export interface Envelope<Row> {
  data: Row[];
  has_more: boolean;
  first_id: string | null;
  last_id: string | null;
  current_page: number | null;
  total_pages: number;
}

const MOST_PAGES = 1_000_000;

/** Reads what all lists understand. The whole query has to be finished with `soundPaging`. */
export function pagingOf(reader: QueryReader, usualLimit: number, mostRows: number): Paging {
  return {
    after: reader.uuid('after'),
    before: reader.uuid('before'),
    page: reader.integer('page', 1, MOST_PAGES),
    limit: reader.integer('limit', 1, mostRows) ?? usualLimit,
    order: reader.oneOf('order', ['asc', 'desc']) ?? 'desc',
  };
}

/** Refuses what was not understood, then pages that are asked for in two ways at once. */
export function soundPaging(reader: QueryReader, { after, before, page }: Paging): void {
  reader.finish();
  if (after !== null && before !== null)
    throw invalidPagination("Cannot specify both 'before' and 'after' parameters");
  if (page !== null && (after ?? before) !== null)
    throw invalidPagination("Cannot combine 'page' with 'before' or 'after'");
}

/** Puts rows into the vendor's envelope. */
export function envelope<Row>(
  data: Row[],
  idOf: (row: Row) => string,
  hasMore: boolean,
  total: number,
  { after, before, page, limit }: Paging,
): Envelope<Row> {
  const [first, last] = [data[0], data.at(-1)];
  return {
    data,
    has_more: hasMore,
    first_id: first === undefined ? null : idOf(first),
    last_id: last === undefined ? null : idOf(last),
    current_page: (after ?? before) === null ? (page ?? 1) : null,
    total_pages: Math.ceil(total / limit),
  };
}

/** A page of a short list, which is given oldest first. An id that is not in it is refused. */
export function pageOf<Row>(
  oldestFirst: readonly Row[],
  idOf: (row: Row) => string,
  paging: Paging,
): Envelope<Row> {
  const rows = paging.order === 'asc' ? [...oldestFirst] : [...oldestFirst].reverse();
  const { page, limit } = paging;
  const cursor = paging.after ?? paging.before;
  const at = cursor === null ? -1 : rows.findIndex((row) => idOf(row) === cursor);
  if (cursor !== null && at < 0) throw invalidPagination(`Unknown cursor ${cursor}`);
  const end = paging.before === null ? at + 1 + ((page ?? 1) - 1) * limit + limit : at;
  const start = Math.max(0, end - limit);
  const hasMore = paging.before === null ? end < rows.length : start > 0;
  return envelope(rows.slice(start, end), idOf, hasMore, rows.length, paging);
}
