import { describe, expect, it } from 'vitest';
import type { TranscriptItem } from '../../src/call.ts';
import { gapMs, totalOf } from '../../src/warehouse/derived.ts';

describe('the silence before an item', () => {
  const nothing = { startedAt: null, endedAt: null, offsetMs: null, durationMs: null };
  const item = (told: Partial<TranscriptItem>) => ({ ...nothing, ...told }) as TranscriptItem;

  it.each([
    ['by instants', { endedAt: 1_250 }, { startedAt: 2_000 }, 750],
    ['by offsets', { offsetMs: 0, durationMs: 1_500 }, { offsetMs: 2_100 }, 600],
    [
      'by instants where both are told',
      { endedAt: 100, offsetMs: 0, durationMs: 1 },
      { startedAt: 110, offsetMs: 99 },
      10,
    ],
    [
      'by offsets where an instant is missing',
      { endedAt: 100, offsetMs: 0, durationMs: 1 },
      { offsetMs: 9 },
      8,
    ],
    ['is negative where two speak at once', { offsetMs: 5_000, durationMs: 900 }, { offsetMs: 5_600 }, -300],
    ['may be none at all', { endedAt: 7 }, { startedAt: 7 }, 0],
    ['is not known after an item without a length', { offsetMs: 0 }, { offsetMs: 9 }, null],
    ['is not known before an item without a time', { offsetMs: 0, durationMs: 1 }, {}, null],
  ])('%s', (_, before, after, gap) => {
    expect(gapMs(item(before), item(after))).toBe(gap);
  });

  it('is not known before the first', () =>
    expect(gapMs(undefined, item({ startedAt: 5, offsetMs: 5 }))).toBe(null));
});

describe('the total of a call', () => {
  const cost = (component: string, amount: string) => ({ component, amount, currency: 'KRW' });

  it('is the component of that name, and no sum', () =>
    expect(totalOf([cost('carrier', '9'), cost('total', '200.00')])).toEqual(cost('total', '200.00')));
  it('is none where none is told', () => expect(totalOf([cost('carrier', '9')])).toBe(undefined));
});
