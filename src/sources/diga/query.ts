import type { ListQuery } from '../../source.ts';
import { CALLS, type DigaList, MESSAGES } from './page.ts';

/** Parameters that both generations of the API have. No status: words that were withdrawn would be refused. */
type ListParameter = 'start_created_date' | 'end_created_date' | 'order' | 'limit' | 'after';

/**
 * The query string of one page. Whether the vendor's bounds are inclusive is not known: the engine's windows overlap,
 * and a call that comes twice is harmless. Times are in UTC and say so.
 */
export function listQueryString({ window, openOnly, order, cursor }: ListQuery): string {
  if (openOnly) throw new Error('Diga cannot list open calls alone');
  const parameters: [ListParameter, string][] = [];
  if (window?.from != null) parameters.push(['start_created_date', new Date(window.from).toISOString()]);
  if (window?.to != null) parameters.push(['end_created_date', new Date(window.to).toISOString()]);
  parameters.push(['order', order === 'oldest_first' ? 'asc' : 'desc'], ['limit', String(CALLS.pageSize)]);
  if (cursor !== null) parameters.push(['after', cursor]);
  return new URLSearchParams(parameters).toString();
}

/** The query string of one page of messages: as they were said, where the vendor's default is the other way round. */
export function messageQueryString(after: string | null): string {
  return pageQueryString({ order: 'asc', limit: String(MESSAGES.pageSize) }, after);
}

/** The query string of one page of agents or numbers. */
export function directoryQueryString({ pageSize }: DigaList, after: string | null): string {
  return pageQueryString({ limit: String(pageSize) }, after);
}

function pageQueryString(parameters: Record<string, string>, after: string | null): string {
  return new URLSearchParams(after === null ? parameters : { ...parameters, after }).toString();
}
