/** Links as vendors tell them, and as they are stored, wherever they stand. */
export const LINKS: readonly (readonly [told: string, stored: string])[] = [
  ['https://r.invalid/a.mp3', 'https://r.invalid/a.mp3'],
  ['https://r.invalid/a.mp3?format=mp3&lang=es#t=5', 'https://r.invalid/a.mp3?format=mp3&lang=es#t=5'],
  ['https://r.invalid/a.mp3?X-Amz-Signature=ab&x=1', 'https://r.invalid/a.mp3?x=1'],
  ['https://r.invalid/a.mp3?x=1&X-Amz-Date=2&X-Amz-Signature=ab&y=%20', 'https://r.invalid/a.mp3?x=1&y=%20'],
  ['https://r.invalid/a.mp3?X-Goog-Date=1#t=5', 'https://r.invalid/a.mp3#t=5'],
  ['https://r.invalid/a.mp3?Expires=1&Key-Pair-Id=K', 'https://r.invalid/a.mp3'],
  ['https://r.invalid/a.mp3?Expires=1&lang=es', 'https://r.invalid/a.mp3?Expires=1&lang=es'],
  ['https://r.invalid/a.mp3?x=1&sig=a?b', 'https://r.invalid/a.mp3?x=1'],
  [
    'https://r.invalid/a.mp3?access_token=a&lang=es',
    'https://r.invalid/a.mp3?access_token=[REDACTED]&lang=es',
  ],
  ['https://r.invalid/a.mp3?name=token', 'https://r.invalid/a.mp3?name=token'],
  ['https://r.invalid/token/sig.mp3', 'https://r.invalid/token/sig.mp3'],
  ['a path', 'a path'],
  ['', ''],
];
