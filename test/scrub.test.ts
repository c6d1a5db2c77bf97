import fc from 'fast-check';
import { describe, expect, it, test } from 'vitest';
import { canonicalJson, type Json, parseJson } from '../src/json.ts';
import { REDACTED, redactText, scrubPayload } from '../src/scrub.ts';

/** Scrubs JSON text, and gives the result as one spelling. */
function scrubbed(text: string): string {
  return canonicalJson(scrubPayload(parseJson(text)).payload);
}

// Holds invariant 19.
describe('a secret is recognized by its key, however it is written', () => {
  it.each([
    'Authorization',
    'proxy-authorization',
    'apiKey',
    'api_key',
    'API-KEY',
    'x-api-key',
    'X_Api_Key',
    'accessToken',
    'refresh_token',
    'id_token',
    'token',
    'clientSecret',
    'client_secret',
    'secret',
    'password',
    'Cookie',
    'set-cookie',
    'private_key',
  ])('%s', (key) => {
    const payload = { tools: [{ headers: { [key]: 'abc123' } }] };
    expect(scrubbed(JSON.stringify(payload))).toBe(
      canonicalJson({ tools: [{ headers: { [key]: REDACTED } }] }),
    );
  });

  it.each([
    ['{"token_count":5,"tokens":"7","secretary":"김비서","author":"이작가","keyboard":"k"}'],
    ['{"password":""}'],
    ['{"password":null}'],
    ['{"token":true}'],
  ])('%s holds none', (text) => {
    expect(scrubbed(text)).toBe(canonicalJson(parseJson(text)));
  });

  it.each([
    ['{"cookie":["session=abc123"]}', `{"cookie":["${REDACTED}"]}`],
    ['{"authorization":{"value":"abc123"}}', `{"authorization":{"value":"${REDACTED}"}}`],
    ['{"password":123456}', `{"password":"${REDACTED}"}`],
  ])('%s: also where its value is a list, an object or a number', (text, expected) => {
    expect(scrubbed(text)).toBe(expected);
  });
});

// Holds invariant 19.
describe('a secret is recognized by its value, in the middle of a text', () => {
  it.each([
    ['curl -H "Authorization: Bearer eyJhbGciOi.J9-_x/+=" x', `curl -H "Authorization: ${REDACTED}" x`],
    ['Basic dXNlcjpwYXNzd29yZA==', REDACTED],
    ['authorization: bearer eyJhbGciOiJIUzI1NiJ9', `authorization: ${REDACTED}`],
    ['{"k":"sk_live_abcdefgh12345678"}', `{"k":"${REDACTED}"}`],
    ['rk_test_ABCDEFGH99 and pk_live_ABCDEFGH99', `${REDACTED} and ${REDACTED}`],
  ])('%s', (text, expected) => {
    expect(redactText(text)).toBe(expected);
    expect(scrubPayload(text).payload).toBe(expected);
  });

  it.each([
    '고객님, 안녕하세요',
    'a bearer of news',
    'Bearer: none',
    'The Basic subscription costs 9,900 won',
    'Bearer certificates are not accepted',
    'It was about the basic subscription.',
    'a basic check-in/check-out question',
    '기본형(Basic membership)과 다릅니다',
    'task_live_abcdefgh123',
    '',
  ])('not in: %s', (text) => {
    expect(redactText(text)).toBe(text);
  });
});

describe('what PostgreSQL refuses in text becomes U+FFFD', () => {
  it.each([
    ['U+0000', 'a\u0000b', 'a\uFFFDb', 1],
    ['a high surrogate at the end', '끝\uD83D', '끝\uFFFD', 1],
    ['a low surrogate at the start', '\uDE00x', '\uFFFDx', 1],
    ['two in the wrong order', '\uDE00\uD83D', '\uFFFD\uFFFD', 1],
    ['a pair', '😀', '😀', 0],
    ['a pair beside a lone one', '😀\uD83D😀', '😀\uFFFD😀', 1],
    ['Korean', '가나다', '가나다', 0],
    ['a written escape', '\\u0000', '\\u0000', 0],
  ])('%s', (_, text, clean, count) => {
    expect(scrubPayload(text)).toEqual({ payload: clean, cleanedTexts: count });
  });

  test('in keys too, at any depth, and every text is counted', () => {
    const { payload, cleanedTexts } = scrubPayload({ 'k\u0000': [{ '\uD83D': 'v\u0000\u0000' }, 'w\uDE00'] });
    expect(payload).toEqual({ 'k\uFFFD': [{ '\uFFFD': 'v\uFFFD\uFFFD' }, 'w\uFFFD'] });
    expect(cleanedTexts).toBe(4);
  });

  test('when it was written as an escape on the wire', () => {
    expect(scrubbed('{"content":"a\\u0000\\ud83d b"}')).toBe('{"content":"a\uFFFD\uFFFD b"}');
  });

  test('whatever the payload, every text of the result can be stored, and nothing else changes', () => {
    const text = fc.string({ unit: 'binary' });
    const { tree } = fc.letrec<{ tree: Json }>((tie) => ({
      tree: fc.oneof(
        { maxDepth: 4 },
        text,
        fc.constantFrom<Json>(null, true, 'a\u0000', '\uD800', '가'),
        fc.array(tie('tree'), { maxLength: 4 }),
        fc.dictionary(text, tie('tree'), { maxKeys: 4 }),
      ),
    }));
    fc.assert(
      fc.property(tree, (payload) => {
        const once = scrubPayload(payload);
        const written = JSON.stringify(once.payload);
        expect(written).not.toMatch(/\\u0000|\\ud[89a-f]/i);
        expect(scrubPayload(once.payload)).toEqual({ payload: once.payload, cleanedTexts: 0 });
      }),
    );
  });
});

test('numbers keep their digits', () => {
  expect(scrubbed('{"cost":200.10,"big":12345678901234567890}')).toBe(
    '{"big":12345678901234567890,"cost":200.10}',
  );
});

test('a number that jsonb cannot hold is kept as its text', () => {
  expect(scrubbed('{"n":[1e400,1e1000000]}')).toBe('{"n":[1e400,"1e1000000"]}');
});

test('a key __proto__ is stored like any other, and is not taken for fields of the record', () => {
  const { payload } = scrubPayload(parseJson('{"__proto__":{"id":"x"},"a":1}'));
  expect((payload as Record<string, unknown>).id).toBe(undefined);
  expect(canonicalJson(payload)).toBe('{"__proto__":{"id":"x"},"a":1}');
  expect(({} as Record<string, unknown>).id).toBe(undefined);
});

test('what was given is left as it was', () => {
  const given = { apiKey: 'abc', list: ['a\u0000'] };
  scrubPayload(given);
  expect(given).toEqual({ apiKey: 'abc', list: ['a\u0000'] });
});

test('a payload that is big and deep is scrubbed to its ends', () => {
  const deep = `${'[{"a":'.repeat(500)}{"apiKey":"x","t":"\\u0000"}${'}]'.repeat(500)}`;
  const { payload, cleanedTexts } = scrubPayload(parseJson(deep));
  expect(cleanedTexts).toBe(1);
  expect(canonicalJson(payload)).toContain(`{"apiKey":"${REDACTED}","t":"\uFFFD"}`);
  const items = Array.from({ length: 50_000 }, () => '{"token":"x"}').join(',');
  expect(scrubbed(`[${items}]`)).toBe(`[${Array(50_000).fill(`{"token":"${REDACTED}"}`).join(',')}]`);
});
