import { describe, expect, test } from 'vitest';
import type { DriftNote } from '../../src/call.ts';
import { boundedDrift } from '../../src/sync/bounded-drift.ts';

const notes = (kind: DriftNote['kind'], count: number): DriftNote[] =>
  Array.from({ length: count }, (_, i) => ({ kind, path: `p${i}`, value: '' }));

describe('what one record shows that is not known', () => {
  test('is told by its names while they are few, each once', () => {
    const [first, second] = notes('unknown_field', 2) as [DriftNote, DriftNote];
    expect(boundedDrift([first, second, first], 'c')).toEqual([
      { ...first, callId: 'c' },
      { ...second, callId: 'c' },
    ]);
    expect(boundedDrift(notes('unknown_field', 50), 'c')).toHaveLength(50);
    expect(boundedDrift([], 'c')).toEqual([]);
  });

  test('is counted where there are thousands, of each kind by itself', () => {
    const told = boundedDrift([...notes('unknown_field', 20_000), ...notes('unknown_value', 51)], 'c');
    expect(told).toHaveLength(102);
    expect(told.slice(-2)).toEqual([
      { kind: 'unknown_field', path: '(more)', value: '', callId: 'c', count: 19_950 },
      { kind: 'unknown_value', path: '(more)', value: '', callId: 'c', count: 1 },
    ]);
  });

  test('is not taken for another that only looks alike', () => {
    const pair: DriftNote[] = [
      { kind: 'unknown_value', path: 'a', value: 'b ' },
      { kind: 'unknown_value', path: 'a b', value: '' },
    ];
    expect(boundedDrift(pair, null)).toHaveLength(2);
  });
});
