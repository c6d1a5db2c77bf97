import { expect, it, test } from 'vitest';
import { WORD_LENGTH_MAX } from '../../src/call.ts';
import { boundedName, cut } from '../../src/sources/bounds.ts';

it.each([
  ['a name', 'a name'],
  ['', ''],
  [null, null],
  ['x'.repeat(300), 'x'.repeat(300)],
  ['x'.repeat(301), 'x'.repeat(300)],
  ['가'.repeat(5_000), '가'.repeat(300)],
  ['🎓'.repeat(5_000), '🎓'.repeat(300)],
])('%#: a name is of three hundred characters at most', (name, bounded) => {
  expect(boundedName(name)).toBe(bounded);
});

test('a character is never cut in two', () => {
  expect(cut('a🎓b', 2)).toBe('a🎓');
  expect(cut('🎓🎓🎓', 1)).toBe('🎓');
});

// 2,704 bytes is the most that a row of an index may have.
test('the longest name fits into one row of an index with the longest id, the longest word and some numbers', () => {
  const name = Buffer.byteLength(boundedName('😀'.repeat(5_000)));
  const word = Buffer.byteLength('가'.repeat(WORD_LENGTH_MAX));
  expect(name + 2 * word + 200).toBeLessThan(2_704);
});
