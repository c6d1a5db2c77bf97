import type { ListQuery } from '../../source.ts';
import { OPEN_STATUSES } from './words.ts';

/**
 * The parameters of `GET /calls` that this vendor has accepted from the start. It refuses a request with any
 * other name, so nothing outside this list is ever sent.
 */
export const LIST_PARAMETERS = [
  'start_at_after',
  'start_at_before',
  'status',
  'sort_order',
  'limit',
  'cursor',
] as const;
type ListParameter = (typeof LIST_PARAMETERS)[number];

export const PAGE_SIZE = 100;

/**
 * The query string of one page. The vendor's bounds are inclusive, ours are half-open: a call on the bound comes
 * in both windows, which is harmless, where `to − 1` could lose one that the vendor keeps finer than milliseconds.
 * Several statuses repeat the plain name.
 */
export function listQueryString({ window, openOnly, order, cursor }: ListQuery): string {
  const parameters: [ListParameter, string][] = [];
  if (window?.from != null) parameters.push(['start_at_after', String(window.from)]);
  if (window?.to != null) parameters.push(['start_at_before', String(window.to)]);
  if (openOnly)
    parameters.push(...OPEN_STATUSES.map((status): [ListParameter, string] => ['status', status]));
  parameters.push(['sort_order', order === 'oldest_first' ? 'asc' : 'desc'], ['limit', String(PAGE_SIZE)]);
  if (cursor !== null) parameters.push(['cursor', cursor]);
  return new URLSearchParams(parameters).toString();
}
