import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, it } from 'vitest';
import { DEFECTS } from './defects.ts';

const root = join(import.meta.dirname, '../..');

it('there are at least twenty defects, each with a name of its own', () => {
  expect(DEFECTS.length).toBeGreaterThanOrEqual(20);
  expect(new Set(DEFECTS.map(({ name }) => name)).size).toBe(DEFECTS.length);
});

it.each(DEFECTS)('the place of a defect is still there, once: $name', ({ edits }) => {
  for (const { file, find, replace } of edits) {
    const text = readFileSync(join(root, file), 'utf8');
    expect(text.split(find), `${file}: ${find}`).toHaveLength(2);
    expect(replace).not.toBe(find);
  }
});
