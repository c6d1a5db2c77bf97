import { describe, expect, it, test } from 'vitest';
import { told } from '../src/told.ts';

// Holds invariant 19.
describe('what a vendor wrote is told without', () => {
  it.each([
    ['a phone number', 'number 01012345678 is not yours', 'number [NUMBER] is not yours'],
    ['one with its country', 'to +821012345678', 'to [NUMBER]'],
    ['one with hyphens', '010-1234-5678', '[NUMBER]'],
    ['one with blanks and brackets', 'call +82 (0)10 1234 5678 now', 'call [NUMBER] now'],
    ['one with dots', '02.123.4567', '[NUMBER]'],
    ['one with other hyphens and blanks', '+972\u00a050\u2013123\u20114567', '[NUMBER]'],
    ['one in wide digits', '０１０１２３４５６７８', '[NUMBER]'],
    ['one within a word', 'user1012345678 and sip01012345678', 'user[NUMBER] and sip[NUMBER]'],
    ['a short number', 'PIN 4821', 'PIN [NUMBER]'],
    ['an address of a machine', 'from 192.168.100.7', 'from [NUMBER]'],
    ['an e-mail address', 'kim.minjun+a@example.co.kr is unknown', '[EMAIL] is unknown'],
    ['an address of SIP', 'sip:kim@01012345678.example.com', 'sip:[EMAIL]'],
    ['a credential', 'not Bearer abcdefgh12345678', 'not [REDACTED]'],
    ['a key, however short', 'key voicy_sk_abc is revoked', 'key [REDACTED] is revoked'],
    ['lines', 'one\n\n\ttwo\u0000\u001b[31m', 'one two [31m'],
  ])('%s', (_, text, clean) => {
    expect(told(text, 200)).toBe(clean);
  });
});

test.each([
  'limit must be 1-100, is 250',
  'call 3f2b0c12-1234-4567-8901-a1b2c3d4e5f6 not found',
  '요청 한도를 초과했습니다. 잠시 후 다시 시도해 주세요.',
  'E404: risk_level and task_id are not allowed; 120 a minute, 2.5 s',
])('%j stays as it is', (text) => {
  expect(told(text, 200)).toBe(text);
});

describe('what is longer is cut', () => {
  test('and says so', () => {
    expect(told('r'.repeat(500), 200)).toBe(`${'r'.repeat(199)}…`);
    expect(told('r'.repeat(200), 200)).toBe('r'.repeat(200));
  });

  test('behind no half of a character, and behind no half of a secret', () => {
    expect(told('ab😀cd', 4)).toBe('ab…');
    expect(told('a key sk_live_abcdefgh12345678', 20)).toBe('a key [REDACTED]');
  });

  test('however long it is, in no time', () => {
    const startedAt = performance.now();
    for (const text of ['1 ', 'a', 'a@', '1-', 'sk_', '"a":"', 'basic ']) told(text.repeat(10_000_000), 200);
    expect(performance.now() - startedAt).toBeLessThan(2_000);
  });
});
