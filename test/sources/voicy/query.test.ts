import fc from 'fast-check';
import { describe, expect, it, test } from 'vitest';
import { type ListQuestion, listBody } from '../../../src/sources/voicy/query.ts';
import { START } from './fixtures.ts';

const ALL: ListQuestion = { window: null, openOnly: false, order: 'oldest_first', cursor: null };
const WITHOUT = { include_test_calls: false };
const ASCENDING = { sort_order: 'ascending', limit: 1_000 };
const PAST = Date.UTC(2015, 0, 1);
const FUTURE = Date.UTC(2100, 0, 1);

describe('the body of a list', () => {
  it.each<[string, Partial<ListQuestion>, unknown]>([
    ['everything, oldest first', {}, { filter_criteria: WITHOUT, ...ASCENDING }],
    [
      'everything, newest first',
      { order: 'newest_first' },
      { filter_criteria: WITHOUT, ...ASCENDING, sort_order: 'descending' },
    ],
    [
      'a window, its start a millisecond early',
      { window: { from: START, to: START + 5 } },
      {
        filter_criteria: {
          start_timestamp: { lower_threshold: START - 1, upper_threshold: START + 5 },
          ...WITHOUT,
        },
        ...ASCENDING,
      },
    ],
    [
      'a window without bounds, which has both all the same',
      { window: { from: null, to: null } },
      {
        filter_criteria: { start_timestamp: { lower_threshold: PAST, upper_threshold: FUTURE }, ...WITHOUT },
        ...ASCENDING,
      },
    ],
    [
      'open calls',
      { openOnly: true },
      { filter_criteria: { call_status: ['initiated', 'ringing', 'ongoing'], ...WITHOUT }, ...ASCENDING },
    ],
    [
      'a page behind a call',
      { cursor: 'call-9' },
      { filter_criteria: WITHOUT, ...ASCENDING, pagination_key: 'call-9' },
    ],
  ])('%s', (_, question, expected) => {
    expect(JSON.parse(listBody({ ...ALL, ...question }, false))).toEqual(expected);
  });

  test('with test calls says so', () => {
    expect(JSON.parse(listBody(ALL, true)).filter_criteria).toEqual({ include_test_calls: true });
  });

  test('never has one bound alone, nor a filter that the vendor has not documented', () => {
    const instant = fc.option(fc.integer({ min: 0, max: FUTURE }));
    const question: fc.Arbitrary<ListQuestion> = fc.record({
      window: fc.option(fc.record({ from: instant, to: instant })),
      openOnly: fc.boolean(),
      order: fc.constantFrom<ListQuestion['order'][]>('oldest_first', 'newest_first'),
      cursor: fc.option(fc.string({ minLength: 1 })),
    });
    const documented = ['start_timestamp', 'call_status', 'include_test_calls'];
    fc.assert(
      fc.property(question, fc.boolean(), (asked, withTestCalls) => {
        const body = JSON.parse(listBody(asked, withTestCalls));
        const { start_timestamp: bounds, include_test_calls } = body.filter_criteria;
        for (const name of Object.keys(body.filter_criteria)) expect(documented).toContain(name);
        expect(Object.keys(bounds ?? {})).toHaveLength(asked.window === null ? 0 : 2);
        expect(include_test_calls).toBe(withTestCalls);
        expect(body.pagination_key ?? null).toBe(asked.cursor);
      }),
    );
  });
});
