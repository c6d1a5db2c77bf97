import { expect, it } from 'vitest';
import { withoutSignature } from '../../../src/sources/recording-link.ts';

it.each([
  ['https://r.invalid/a.mp3', 'https://r.invalid/a.mp3'],
  ['https://r.invalid/a.mp3?format=mp3&lang=es#t=5', 'https://r.invalid/a.mp3?format=mp3&lang=es#t=5'],
  ['https://r.invalid/a.mp3?X-Amz-Signature=ab&x=1', 'https://r.invalid/a.mp3'],
  ['https://r.invalid/a.mp3?X-Goog-Date=1#t=5', 'https://r.invalid/a.mp3'],
  ['https://r.invalid/a.mp3?Expires=1&Key-Pair-Id=K', 'https://r.invalid/a.mp3'],
  ['https://r.invalid/a.mp3?x=1&sig=a?b', 'https://r.invalid/a.mp3'],
  ['https://r.invalid/a.mp3?access_token=a', 'https://r.invalid/a.mp3'],
  ['https://r.invalid/a.mp3?name=token', 'https://r.invalid/a.mp3?name=token'],
  ['https://r.invalid/token/sig.mp3', 'https://r.invalid/token/sig.mp3'],
  ['a path', 'a path'],
  ['', ''],
])('%s is stored as %s', (link, stored) => {
  expect(withoutSignature(link)).toBe(stored);
});
