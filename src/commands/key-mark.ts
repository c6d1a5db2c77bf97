import { createHmac } from 'node:crypto';

/**
 * A mark by which a key is known again, and that tells nothing of it. It is another for each source, so that marks do
 * not show which sources share a key.
 */
export function markOfKey(apiKey: string, sourceId: number): string {
  return createHmac('sha256', apiKey).update(`callhouse:${sourceId}`).digest('hex').slice(0, 16);
}
