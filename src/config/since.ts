import type { Instant } from '../call.ts';

/** Start of history: all of it, an instant, or so long before now. */
export type Since = { kind: 'all' } | { kind: 'instant'; at: Instant } | { kind: 'age'; ms: number };

/** An ISO date or date-time. A date alone, or a time without an offset, is UTC. Null when it is neither. */
export function parseInstant(text: string): Instant | null {
  if (!/^\d{4}-\d{2}-\d{2}(T\d{2}:\d{2}(:\d{2}(\.\d+)?)?(Z|[+-]\d{2}:?\d{2})?)?$/.test(text)) return null;
  const [year = 0, month = 0, day = 0] = text.slice(0, 10).split('-').map(Number);
  // JavaScript rolls 30 February over into March.
  if (new Date(Date.UTC(year, month - 1, day)).getUTCDate() !== day) return null;
  const hasZone = /(Z|[+-]\d{2}:?\d{2})$/.test(text.slice(10));
  const at = Date.parse(text.length > 10 && !hasZone ? `${text}Z` : text);
  return Number.isNaN(at) ? null : at;
}

/** The instant at which history begins; null is the beginning of time. */
export function resolveSince(since: Since, now: Instant): Instant | null {
  if (since.kind === 'all') return null;
  return since.kind === 'instant' ? since.at : now - since.ms;
}
