import { describe, expect, it, test } from 'vitest';
import type { ListQuery } from '../../../src/source.ts';
import { AGENTS } from '../../../src/sources/diga/page.ts';
import {
  directoryQueryString,
  listQueryString,
  messageQueryString,
} from '../../../src/sources/diga/query.ts';
import { partRefused } from '../../../src/sources/diga/refusal.ts';
import { QUERY } from './fixtures.ts';

const FROM = Date.parse('2026-09-14T08:00:00Z');

describe('the parameters of a list', () => {
  it.each<[string, Partial<ListQuery>, string]>([
    ['everything, oldest first', {}, 'order=asc&limit=1000'],
    ['everything, newest first', { order: 'newest_first' }, 'order=desc&limit=1000'],
    [
      'a window, in UTC and to the millisecond',
      { window: { from: FROM, to: FROM + 90_001 } },
      'start_created_date=2026-09-14T08%3A00%3A00.000Z&end_created_date=2026-09-14T08%3A01%3A30.001Z' +
        '&order=asc&limit=1000',
    ],
    [
      'a window without a start',
      { window: { from: null, to: FROM } },
      'end_created_date=2026-09-14T08%3A00%3A00.000Z&order=asc&limit=1000',
    ],
    [
      'a window without an end',
      { window: { from: FROM, to: null } },
      'start_created_date=2026-09-14T08%3A00%3A00.000Z&order=asc&limit=1000',
    ],
    ['a window without bounds', { window: { from: null, to: null } }, 'order=asc&limit=1000'],
    ['a cursor, as it was sent', { cursor: 'a+b &c' }, 'order=asc&limit=1000&after=a%2Bb+%26c'],
  ])('%s', (_, query, expected) => {
    expect(listQueryString({ ...QUERY, ...query })).toBe(expected);
  });

  test('never a status: open calls alone cannot be asked for', () => {
    expect(() => listQueryString({ ...QUERY, openOnly: true })).toThrow('open calls');
  });
});

test('messages are asked for as they were said, and names with as many rows as the vendor gives', () => {
  expect(messageQueryString(null)).toBe('order=asc&limit=1000');
  expect(messageQueryString('m 1')).toBe('order=asc&limit=1000&after=m+1');
  expect(directoryQueryString(AGENTS, null)).toBe('limit=100');
  expect(directoryQueryString(AGENTS, 'a')).toBe('limit=100&after=a');
});

describe('a part that is refused', () => {
  it.each([
    ['list', '/v1/call/', 403, /right calls\.view.*callhouse resync/],
    ['list', '/v1/call/', 404, /older generation.*callhouse resync/],
    ['transcript', '/v1/call/{id}/message', 403, /right messages\.view.*without transcripts/],
    ['transcript', '/v1/call/{id}/message', 405, /older generation.*without transcripts/],
  ] as const)('(%s, %s, %i) is told with what to do, in a few words', (part, path, status, told) => {
    const error = partRefused(part, path, { status, words: 'FORBIDDEN' });
    expect(error).toMatchObject({ part, status });
    expect(error.message).toContain('FORBIDDEN');
    expect(error.message).toMatch(told);
    expect(error.message.length).toBeLessThanOrEqual(200);
  });
});
