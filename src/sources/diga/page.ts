import { TransientError } from '../../errors.ts';
import { isJsonObject, type Json } from '../../json.ts';

/** One of Diga's lists: its address, the most rows that it gives at once, and how a row names itself. */
export interface DigaList {
  path: string;
  pageSize: number;
  ids: readonly string[];
}

export const CALLS: DigaList = { path: '/v1/call/', pageSize: 1_000, ids: ['id'] };
/** An older generation called the id of a message `message_id`. */
export const MESSAGES: DigaList = {
  path: '/v1/call/{id}/message',
  pageSize: 1_000,
  ids: ['id', 'message_id'],
};
export const AGENTS: DigaList = { path: '/v1/agent/', pageSize: 100, ids: ['agent_id'] };
export const PHONES: DigaList = { path: '/v1/phone/', pageSize: 100, ids: ['id'] };

/** One page of any of Diga's lists. */
export interface DigaPage {
  rows: Json[];
  /** The id behind which the next page begins; null at the end of the list. */
  after: string | null;
}

/**
 * Reads the envelope that all lists come in. Whether there is more says `has_more`, and where that is missing, a full
 * page. @throws TransientError for a page that cannot be true
 */
export function readPage(json: Json, list: DigaList): DigaPage {
  if (!isJsonObject(json)) throw untrue(list, 'JSON without a list of data');
  // Nothing to list may be told as no list.
  const rows = json.data === null && json.has_more !== true ? [] : json.data;
  if (!Array.isArray(rows)) throw untrue(list, 'JSON without a list of data');
  const hasMore = json.has_more ?? rows.length >= list.pageSize;
  if (typeof hasMore !== 'boolean') throw untrue(list, 'a has_more that is neither true nor false');
  if (!hasMore) return { rows, after: null };
  if (rows.length === 0) throw untrue(list, 'an empty page with more behind it');
  const after = textOf(json.last_id) ?? lastIdOf(rows, list);
  if (after === null) throw untrue(list, 'that there is more, and not where');
  return { rows, after };
}

function lastIdOf(rows: readonly Json[], { ids }: DigaList): string | null {
  const idOf = (row: Json) =>
    isJsonObject(row) ? (ids.map((name) => textOf(row[name])).find((id) => id !== null) ?? null) : null;
  return rows.map(idOf).findLast((id) => id !== null) ?? null;
}

/** Text that is not empty; null for all else. */
export function textOf(value: Json | undefined): string | null {
  return typeof value === 'string' && value !== '' ? value : null;
}

function untrue({ path }: DigaList, what: string): TransientError {
  return new TransientError(`GET ${path} answered ${what}`);
}
