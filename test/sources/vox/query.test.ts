import fc from 'fast-check';
import { describe, expect, it, test } from 'vitest';
import type { ListQuery } from '../../../src/source.ts';
import { LIST_PARAMETERS, listQueryString } from '../../../src/sources/vox/query.ts';

const ALL: ListQuery = {
  window: null,
  openOnly: false,
  order: 'oldest_first',
  cursor: null,
  urgency: 'live',
};

describe('the parameters of a list', () => {
  it.each<[string, Partial<ListQuery>, string]>([
    ['everything, oldest first', {}, 'sort_order=asc&limit=100'],
    ['everything, newest first', { order: 'newest_first' }, 'sort_order=desc&limit=100'],
    [
      'a window, its end not taken one lower',
      { window: { from: 1_795_143_600_000, to: 1_795_143_700_000 } },
      'start_at_after=1795143600000&start_at_before=1795143700000&sort_order=asc&limit=100',
    ],
    [
      'a window without a start',
      { window: { from: null, to: 5 } },
      'start_at_before=5&sort_order=asc&limit=100',
    ],
    [
      'a window without an end',
      { window: { from: 0, to: null } },
      'start_at_after=0&sort_order=asc&limit=100',
    ],
    ['a window without bounds', { window: { from: null, to: null } }, 'sort_order=asc&limit=100'],
    [
      'open calls, the plain name repeated',
      { openOnly: true },
      'status=queued&status=ongoing&sort_order=asc&limit=100',
    ],
    [
      'a cursor, as it was sent',
      { cursor: 'a+b/c=&d 가' },
      'sort_order=asc&limit=100&cursor=a%2Bb%2Fc%3D%26d+%EA%B0%80',
    ],
  ])('%s', (_, query, expected) => {
    expect(listQueryString({ ...ALL, ...query })).toBe(expected);
  });

  test('none but those that the vendor has documented from the start, each once but for status', () => {
    const instant = fc.option(fc.integer({ min: 0, max: 4_102_444_800_000 }));
    const query: fc.Arbitrary<ListQuery> = fc.record({
      window: fc.option(fc.record({ from: instant, to: instant })),
      openOnly: fc.boolean(),
      order: fc.constantFrom<ListQuery['order'][]>('oldest_first', 'newest_first'),
      cursor: fc.option(fc.string({ minLength: 1 })),
      urgency: fc.constantFrom<ListQuery['urgency'][]>('live', 'background'),
    });
    const documented = ['start_at_after', 'start_at_before', 'status', 'sort_order', 'limit', 'cursor'];
    expect(LIST_PARAMETERS).toEqual(documented);
    fc.assert(
      fc.property(query, (asked) => {
        const sent = new URLSearchParams(listQueryString(asked));
        for (const name of sent.keys()) {
          expect(documented).toContain(name);
          if (name !== 'status') expect(sent.getAll(name)).toHaveLength(1);
        }
        expect(sent.get('cursor')).toBe(asked.cursor);
        expect(sent.get('start_at_after')).toBe(asked.window?.from?.toString() ?? null);
        expect(sent.get('start_at_before')).toBe(asked.window?.to?.toString() ?? null);
        expect(sent.getAll('status')).toEqual(asked.openOnly ? ['queued', 'ongoing'] : []);
      }),
    );
  });
});
